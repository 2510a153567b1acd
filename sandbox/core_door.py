"""The door for real-time questions in the CORE envelope."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, HTTPException, Request, Response

from sandbox import core
from sandbox.desk import Desk, error
from sandbox.exchanges import Entry, Wire
from sandbox.realtime import Answer
from sandbox.x12 import Unreadable, decoded


def core_routes(desk: Desk) -> APIRouter:
    """`/core/realtime`."""
    routes = APIRouter()

    @routes.post("/core/realtime")
    async def core_realtime(request: Request) -> Response:
        entry = desk.exchanges.begin("CORE", "POST /core/realtime")
        fields = await _form(request)
        if fields is not None:
            entry.request = Wire(
                _as_sent(fields.get("Payload", ""), await request.body()), core.shown(fields)
            )
        closed = await desk.open_door()
        if closed:
            return entry.keep(closed)
        if fields is None:
            return entry.keep(error(400, "multipart_form_data_needed"))
        return await _answer(desk, entry, fields)

    return routes


async def _answer(desk: Desk, entry: Entry, fields: dict[str, str]) -> Response:
    fault = core.check(fields, desk.settings.credentials)
    if fault is None:
        try:
            return _payload(entry, fields, await desk.ask(fields["Payload"]))
        except Unreadable:
            fault = core.EnvelopeError("PayloadIllegal", "The payload is not an X12 interchange.")
    return _enveloped(entry, core.answer_fields(fields, "CoreEnvelopeError", "", fault), 200)


def _payload(entry: Entry, fields: dict[str, str], answer: Answer) -> Response:
    if answer.http == 503:
        return entry.keep(error(503, "down"))
    payload_type = core.answer_type(fields["PayloadType"], answer.kind)
    return _enveloped(entry, core.answer_fields(fields, payload_type, answer.content, None), answer.http)


def _enveloped(entry: Entry, fields: Mapping[str, str], status: int) -> Response:
    kind, body = core.multipart(fields)
    reply = Wire(fields.get("Payload", "").encode(), core.shown(fields))
    return entry.keep(Response(body, status, media_type=kind), reply)


async def _form(request: Request) -> dict[str, str] | None:
    """The fields of a multipart request; a field sent as a file is read as text. None when it is no such request."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return None
    await request.body()  # read once, for the fields and for the bytes
    fields: dict[str, str] = {}
    try:
        async with request.form() as form:
            for name, value in form.items():
                fields[name] = value if isinstance(value, str) else decoded(await value.read())
    except HTTPException:
        return None
    return fields


def _as_sent(payload: str, body: bytes) -> bytes:
    """The bytes of the payload: it was read as UTF-8, or as Latin-1 where it is none."""
    sent = payload.encode()
    return sent if sent in body else payload.encode("latin-1", "replace")
