"""The sandbox over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import APIRouter, FastAPI, HTTPException, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from sandbox import core
from sandbox.control import control_routes, page_routes
from sandbox.desk import RETRY, Desk, error, iso
from sandbox.realtime import Answer
from sandbox.settings import Settings
from sandbox.x12 import Unreadable

X12 = "application/edi-x12"


def _text(body: bytes) -> str:
    """X12 as text: UTF-8, else Latin-1, which every byte has a place in."""
    try:
        return body.decode()
    except UnicodeDecodeError:
        return body.decode("latin-1")


def create(settings: Settings) -> FastAPI:
    """The sandbox as an ASGI app."""
    desk = Desk(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        desk.store.close()

    app = FastAPI(title="Payer sandbox", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.include_router(_x12_routes(desk))
    app.include_router(control_routes(desk))
    app.include_router(page_routes(desk))
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
            return error(400, "no_interchange")
        return Response(answer.content, answer.http, RETRY if answer.http == 503 else None, X12)

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
            return error(400, "no_interchange")
        return JSONResponse({"receipt_id": receipt.receipt_id, "received_at": iso(receipt.received_at)}, 202)

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
                "created_at": iso(entry.created_at),
                "content": entry.content,
            }
            for entry in found
        ]
        return JSONResponse({"items": items, "next": str(found[-1].place if found else place)})

    return routes


async def _core_answer(desk: Desk, request: Request) -> Response:
    fields = await _form(request)
    fault = core.check(fields, desk.settings.credentials)
    if fault is None:
        try:
            answer = await desk.ask(fields["Payload"])
        except Unreadable:
            fault = core.EnvelopeError("PayloadIllegal", "The payload is not an X12 interchange.")
        else:
            return _core_payload(fields, answer)
    kind, body = core.multipart(core.answer_fields(fields, "CoreEnvelopeError", "", fault))
    return Response(body, 200, media_type=kind)


def _core_payload(fields: dict[str, str], answer: Answer) -> Response:
    if answer.http == 503:
        return error(503, "down")
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
