"""Is the program alive, can it serve, and what do its counters say. No health fact is in any of them."""

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest

from api.deps import InServices
from domain.errors import Unavailable
from records.clock_audits import health

router = APIRouter(tags=["operations"])

_FIGURES = {
    name: Gauge(f"kindroom_{name}", help_text)
    for name, help_text in (
        ("waiting_without_clock", "Open rooms whose client waits without a promise"),
        ("clocks_without_workflow", "Alarms that should have rung 30 seconds ago"),
        ("outbox_depth", "Notes to Temporal not sent yet"),
        ("outbox_oldest_seconds", "Age of the oldest of them"),
        ("outbox_parked", "Notes that a person must look at"),
        ("stuck_journeys", "Clients on the way whose next step is past due"),
        ("stale_clocks", "Running clocks on an older version of their calendar"),
        ("contradicted_clocks", "Running clocks whose question is answered or whose room is closed"),
        ("damaged_rooms", "Rooms in which something could not be opened in 24 hours"),
        ("missing_workflows", "Open rooms without a workflow at the last daily count"),
        ("repaired_in_a_day", "Promises that the audit repaired in 24 hours"),
    )
}
_LAST_AUDIT = Gauge("kindroom_last_audit_timestamp_seconds", "When the clock audit last ran")


@router.get("/healthz", include_in_schema=False)
async def alive() -> dict[str, str]:
    """The process answers."""
    return {"status": "alive"}


@router.get("/readyz", include_in_schema=False)
async def ready(services: InServices) -> JSONResponse:
    """Each engine by name. PostgreSQL is needed to serve; without Temporal posts succeed and promises wait."""
    engines = {"postgres": await _postgres(services), "temporal": await services.temporal_ready()}
    status = 200 if engines["postgres"] else 503
    headers = {} if engines["postgres"] else {"Retry-After": "5"}
    return JSONResponse({"engines": engines}, status, headers)


@router.get("/metrics", include_in_schema=False)
async def metrics(services: InServices) -> Response:
    """Prometheus counters; the promise figures are read fresh from PostgreSQL."""
    async with services.care.transaction() as tx:
        figures = await health(tx)
    for name, gauge in _FIGURES.items():
        gauge.set(getattr(figures, name) or 0)
    _LAST_AUDIT.set(figures.last_audit_at.timestamp() if figures.last_audit_at else 0)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


async def _postgres(services: InServices) -> bool:
    try:
        async with services.care.transaction() as tx:
            return await tx.one("SELECT 1 AS ok") is not None
    except Unavailable:
        return False
