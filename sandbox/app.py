"""The sandbox over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, HTTPException, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, JSONResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from sandbox import core, page
from sandbox.clothes import instant
from sandbox.faults import Fault, Faults, Standing
from sandbox.intake import Intake
from sandbox.mailbox import Mailbox
from sandbox.realtime import Answer, RealTime
from sandbox.settings import Settings
from sandbox.store import Store
from sandbox.x12 import Unreadable

X12 = "application/edi-x12"
_SLOW_MS = 25_000
_RETRY = {"Retry-After": "5"}
_POLICY = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'"
}


class FaultOrder(BaseModel):
    """A fault to set: how often and until when it strikes (neither: until cleared)."""

    model_config = ConfigDict(extra="forbid")
    fault: Fault
    count: Annotated[int | None, Field(ge=1)] = None
    until: AwareDatetime | None = None
    delay_ms: Annotated[int | None, Field(ge=0, le=120_000)] = None


class Advance(BaseModel):
    """Move the sandbox's own time on."""

    model_config = ConfigDict(extra="forbid")
    seconds: Annotated[float, Field(ge=0, le=366 * 86400)]


def _iso(seconds: float) -> str:
    return instant(seconds).astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _text(body: bytes) -> str:
    """X12 as text: UTF-8, else Latin-1, which every byte has a place in."""
    try:
        return body.decode()
    except UnicodeDecodeError:
        return body.decode("latin-1")


def _error(status: int, code: str) -> JSONResponse:
    return JSONResponse({"error": code}, status, headers=_RETRY if status == 503 else None)


class Desk:
    """The parts of a running sandbox."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.store = Store(settings.data)
        self.faults = Faults(self.store)
        self.mailbox = Mailbox(self.store)
        self.realtime = RealTime(settings.rules, self.store, self.faults)
        self.intake = Intake(settings.rules, self.store, self.faults, settings.after_s)

    async def open_door(self) -> Response | None:
        """The answer of a payer that is down, after the wait of one that is slow; None when the
        door is open.
        """
        if await run_in_threadpool(self.faults.take, Fault.DOWN):
            return _error(503, "down")
        slow = await run_in_threadpool(self.faults.take, Fault.SLOW)
        if slow:
            await asyncio.sleep((_SLOW_MS if slow.delay_ms is None else slow.delay_ms) / 1000)
        return None

    async def ask(self, text: str) -> Answer:
        """One real-time answer after the time the payer takes for it."""
        answer = await run_in_threadpool(self.realtime.answer, text)
        wait = self.settings.latency.draw() if answer.latency_ms is None else answer.latency_ms / 1000
        await asyncio.sleep(wait)
        return answer


def create(settings: Settings) -> FastAPI:
    """The sandbox as an ASGI app."""
    desk = Desk(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        desk.store.close()

    app = FastAPI(title="Payer sandbox", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.include_router(_x12_routes(desk))
    app.include_router(_control_routes(desk))
    app.include_router(_page_routes(desk))
    return app


def _x12_routes(desk: Desk) -> APIRouter:
    routes = APIRouter()

    @routes.post("/x12/realtime")
    async def realtime(request: Request) -> Response:
        closed = await desk.open_door()
        if closed:
            return closed
        try:
            answer = await desk.ask(_text(await request.body()))
        except Unreadable:
            return _error(400, "no_interchange")
        return Response(answer.content, answer.http, _RETRY if answer.http == 503 else None, X12)

    @routes.post("/core/realtime")
    async def core_realtime(request: Request) -> Response:
        closed = await desk.open_door()
        if closed:
            return closed
        return await _core_answer(desk, request)

    @routes.post("/x12/claims", status_code=202)
    async def submit(request: Request) -> Response:
        closed = await desk.open_door()
        if closed:
            return closed
        try:
            receipt = await run_in_threadpool(desk.intake.receive, _text(await request.body()))
        except Unreadable:
            return _error(400, "no_interchange")
        return JSONResponse({"receipt_id": receipt.receipt_id, "received_at": _iso(receipt.received_at)}, 202)

    @routes.get("/x12/reports")
    async def reports(
        after: Annotated[str, Query(max_length=18, pattern=r"^\d*$")] = "",
        limit: Annotated[int, Query(ge=1, le=200)] = 100,
    ) -> Response:
        closed = await desk.open_door()
        if closed:
            return closed
        place = int(after or 0)
        found = await run_in_threadpool(desk.mailbox.read, place, limit)
        items = [
            {
                "id": entry.id,
                "kind": entry.kind,
                "created_at": _iso(entry.created_at),
                "content": entry.content,
            }
            for entry in found
        ]
        return JSONResponse({"items": items, "next": str(found[-1].place if found else place)})

    return routes


async def _core_answer(desk: Desk, request: Request) -> Response:
    fields = await _form(request)
    error = core.check(fields, desk.settings.credentials)
    if error is None:
        try:
            answer = await desk.ask(fields["Payload"])
        except Unreadable:
            error = core.EnvelopeError("PayloadIllegal", "The payload is not an X12 interchange.")
        else:
            return _core_payload(fields, answer)
    kind, body = core.multipart(core.answer_fields(fields, "CoreEnvelopeError", "", error))
    return Response(body, 200, media_type=kind)


def _core_payload(fields: dict[str, str], answer: Answer) -> Response:
    if answer.http == 503:
        return _error(503, "down")
    payload_type = core.answer_type(fields["PayloadType"], answer.kind)
    kind, body = core.multipart(core.answer_fields(fields, payload_type, answer.content, None))
    return Response(body, answer.http, media_type=kind)


async def _form(request: Request) -> dict[str, str]:
    """The fields of a multipart request; a field sent as a file is read as text."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise HTTPException(400, "multipart_form_data_needed")
    fields: dict[str, str] = {}
    async with request.form() as form:
        for name, value in form.items():
            fields[name] = value if isinstance(value, str) else _text(await value.read())
    return fields


def _standing(entry: Standing) -> dict[str, Any]:
    return {
        "fault": entry.fault.value,
        "count": entry.count,
        "until": None if entry.until is None else _iso(entry.until),
        "delay_ms": entry.delay_ms,
        "taken": entry.taken,
    }


def _control_routes(desk: Desk) -> APIRouter:
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
        return {"now": _iso(desk.store.advance(order.seconds))}

    return routes


def _page_routes(desk: Desk) -> APIRouter:
    routes = APIRouter()

    @routes.get("/healthz")
    def healthz() -> dict[str, str]:
        return {"status": "ok", "now": _iso(desk.store.now())}

    @routes.get("/", response_class=HTMLResponse)
    def overview() -> HTMLResponse:
        return HTMLResponse(page.render(desk.store, desk.faults.standing()), headers=_POLICY)

    @routes.get("/style.css")
    def style() -> Response:
        return Response(page.STYLE, media_type="text/css")

    return routes
