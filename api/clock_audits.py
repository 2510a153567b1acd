"""What proves that nobody is forgotten: figures that are zero, and when the audit last looked."""

from dataclasses import asdict
from datetime import datetime

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from api.deps import Care, allowed
from domain.access import Action
from records.clock_audits import health

router = APIRouter(prefix="/v1", tags=["supervision"])


class HealthOut(BaseModel):
    """Zero, or somebody waits; but for notes on their way (`outbox_depth`), which take a second. `stuck_journeys`:
    as many as `GET /v1/stuck-journeys` lists when nothing else is asked for, past due.

    `missing_workflows` is of the last daily count. `audit_is_silent`: no audit for five minutes, so that the
    zeros say nothing.
    """

    waiting_without_clock: int
    clocks_without_workflow: int
    outbox_depth: int
    outbox_oldest_seconds: float
    outbox_parked: int
    stuck_journeys: int
    blocked_covers: int
    stale_clocks: int
    contradicted_clocks: int
    damaged_rooms: int
    missing_workflows: int | None
    repaired_in_a_day: int
    last_audit_at: datetime | None
    audit_is_silent: bool


@router.get("/supervision/health", dependencies=[Depends(allowed(Action.READ_SUPERVISION_HEALTH))])
async def read_health(tx: Care) -> HealthOut:
    """The figures of now."""
    return HealthOut(**asdict(await health(tx)))
