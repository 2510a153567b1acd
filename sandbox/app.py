"""The sandbox over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import APIRouter, FastAPI, Query, Request, Response
from fastapi.responses import JSONResponse

from sandbox.control import control_routes, page_routes
from sandbox.core_door import core_routes
from sandbox.desk import RETRY, Desk, error, iso
from sandbox.exchange_routes import exchange_routes
from sandbox.exchanges import Wire
from sandbox.mailbox import Report
from sandbox.settings import Settings
from sandbox.x12 import Unreadable, decoded

X12 = "application/edi-x12"


def create(settings: Settings) -> FastAPI:
    """The sandbox as an ASGI app."""
    desk = Desk(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        desk.store.close()

    app = FastAPI(title="Payer sandbox", lifespan=lifespan, docs_url=None, redoc_url=None)
    for routes in (_x12_routes, core_routes, control_routes, page_routes, exchange_routes):
        app.include_router(routes(desk))
    return app


def _x12_routes(desk: Desk) -> APIRouter:
    routes = APIRouter()

    @routes.post("/x12/realtime")
    async def realtime(request: Request) -> Response:
        entry = desk.exchanges.begin("raw", "POST /x12/realtime")
        entry.request = Wire(await request.body())
        return entry.keep(await desk.open_door() or await _asked(desk, entry.request.content))

    @routes.post("/x12/claims", status_code=202)
    async def submit(request: Request) -> Response:
        entry = desk.exchanges.begin("raw", "POST /x12/claims")
        entry.request = Wire(await request.body())
        return entry.keep(await desk.open_door() or _submitted(desk, entry.request.content))

    @routes.get("/x12/reports")
    async def reports(
        after: Annotated[str, Query(max_length=18, pattern=r"^\d*$")] = "",
        limit: Annotated[int, Query(ge=1, le=200)] = 100,
    ) -> Response:
        entry = desk.exchanges.begin("raw", "GET /x12/reports")
        closed = await desk.open_door()
        if closed:
            return entry.keep(closed)
        place = int(after or 0)
        found = desk.mailbox.read(place, limit)
        response = JSONResponse(
            {"items": [_item(each) for each in found], "next": str(found[-1].place if found else place)}
        )
        for each in desk.first_fetched(found):
            entry.keep(response, Wire(each.content.encode()))
        return response

    return routes


async def _asked(desk: Desk, question: bytes) -> Response:
    try:
        answer = await desk.ask(decoded(question))
    except Unreadable:
        return error(400, "no_interchange")
    return Response(answer.content, answer.http, RETRY if answer.http == 503 else None, X12)


def _submitted(desk: Desk, file: bytes) -> Response:
    try:
        receipt = desk.intake.receive(decoded(file))
    except Unreadable:
        return error(400, "no_interchange")
    return JSONResponse({"receipt_id": receipt.receipt_id, "received_at": iso(receipt.received_at)}, 202)


def _item(report: Report) -> dict[str, str]:
    return {
        "id": report.id,
        "kind": report.kind,
        "created_at": iso(report.created_at),
        "content": report.content,
    }
