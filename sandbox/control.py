"""Steering the sandbox: faults, its own time, how long it takes to answer; by JSON, and by the forms of its page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from sandbox.desk import Desk, iso
from sandbox.faults import Fault, Standing
from sandbox.html import STYLE
from sandbox.page import overview_page

_YEAR_S = 366 * 86400
_LONGEST_MS = 120_000


class FaultOrder(BaseModel):
    """A fault to set: how often and until when it strikes (neither: until cleared)."""

    model_config = ConfigDict(extra="forbid")
    fault: Fault
    count: Annotated[int | None, Field(ge=1)] = None
    until: AwareDatetime | None = None
    delay_ms: Annotated[int | None, Field(ge=0, le=_LONGEST_MS)] = None


class Advance(BaseModel):
    """Move the sandbox's own time on."""

    model_config = ConfigDict(extra="forbid")
    seconds: Annotated[float, Field(ge=0, le=_YEAR_S)]


class LatencyOrder(BaseModel):
    """How long ordinary answers take, in milliseconds: the median, and what 95 of 100 stay under."""

    model_config = ConfigDict(extra="forbid")
    p50_ms: Annotated[float, Field(ge=0, le=_LONGEST_MS)]
    p95_ms: Annotated[float, Field(ge=0, le=_LONGEST_MS)]


def _standing(entry: Standing) -> dict[str, Any]:
    return {
        "fault": entry.fault.value,
        "count": entry.count,
        "until": None if entry.until is None else iso(entry.until),
        "delay_ms": entry.delay_ms,
        "taken": entry.taken,
    }


def control_routes(desk: Desk) -> APIRouter:
    """`/control/...`, for programs."""
    routes = APIRouter(prefix="/control")

    def listed() -> dict[str, Any]:
        return {"items": [_standing(entry) for entry in desk.faults.standing()]}

    @routes.get("/faults")
    def get_faults() -> dict[str, Any]:
        return listed()

    @routes.post("/faults")
    def set_fault(order: FaultOrder) -> dict[str, Any]:
        until = order.until.timestamp() if order.until else None
        desk.faults.set(order.fault, order.count, until, order.delay_ms)
        return listed()

    @routes.delete("/faults")
    def clear_faults(fault: Fault | None = None) -> dict[str, Any]:
        desk.faults.clear(fault)
        return listed()

    @routes.post("/clock")
    def advance(order: Advance) -> dict[str, str]:
        return {"now": iso(desk.store.advance(order.seconds))}

    @routes.get("/latency")
    def get_latency() -> dict[str, float]:
        now = desk.latency()
        return {"p50_ms": now.p50, "p95_ms": now.p95}

    @routes.post("/latency")
    def set_latency(order: LatencyOrder) -> dict[str, float]:
        now = desk.set_latency(order.p50_ms, order.p95_ms)
        return {"p50_ms": now.p50, "p95_ms": now.p95}

    return routes


def same_site(request: Request) -> None:
    """A form comes from this page or from no page at all: no other site steers a sandbox on somebody's machine."""
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise HTTPException(403, "another_origin")


def page_routes(desk: Desk) -> APIRouter:
    """The page and its forms."""
    routes = APIRouter()

    @routes.get("/healthz")
    def healthz() -> dict[str, str]:
        return {"status": "ok", "now": iso(desk.store.now())}

    @routes.get("/", response_class=HTMLResponse)
    def overview() -> HTMLResponse:
        return overview_page(desk)

    @routes.get("/style.css")
    def style() -> Response:
        return Response(STYLE, media_type="text/css")

    @routes.post("/faults")
    def set_fault(
        request: Request,
        fault: Annotated[Fault, Form()],
        count: Annotated[str, Form(pattern=r"^([1-9]\d{0,5})?$")] = "",
        minutes: Annotated[str, Form(pattern=r"^([1-9]\d{0,5})?$")] = "",
        delay_ms: Annotated[str, Form(pattern=r"^\d{0,5}$")] = "",
    ) -> Response:
        same_site(request)
        until = datetime.fromtimestamp(desk.store.now(), UTC) + timedelta(minutes=int(minutes or 0))
        desk.faults.set(
            fault,
            int(count) if count else None,
            until.timestamp() if minutes else None,
            int(delay_ms) if delay_ms else None,
        )
        return RedirectResponse(".", 303)

    @routes.post("/clear")
    def clear_fault(request: Request, fault: Annotated[Fault | None, Form()] = None) -> Response:
        same_site(request)
        desk.faults.clear(fault)
        return RedirectResponse(".", 303)

    @routes.post("/latency")
    def set_latency(request: Request, order: Annotated[LatencyOrder, Form()]) -> Response:
        same_site(request)
        desk.set_latency(order.p50_ms, order.p95_ms)
        return RedirectResponse(".", 303)

    @routes.post("/clock")
    def advance(request: Request, days: Annotated[float, Form(ge=0, le=366)]) -> Response:
        same_site(request)
        desk.store.advance(days * 86400)
        return RedirectResponse(".", 303)

    return routes
