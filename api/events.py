"""The live stream: `hello` on every connect, then what changed, as ids and numbers. Devices catch up by seq."""

import json
import random
from collections.abc import AsyncIterator

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from api.deps import InServices, SignedIn
from api.hub import Stream
from api.services import Services
from domain.access import Role
from records.database import Row
from records.rooms import last_seqs

router = APIRouter(prefix="/v1", tags=["events"])

_STAFF = {Role.SUPERVISOR, Role.ADMINISTRATOR, Role.BILLING}


@router.get("/events", response_class=StreamingResponse)
async def events(services: InServices, actor: SignedIn) -> StreamingResponse:
    """Server-sent events for one device.

    The stream is registered before the rooms' last seqs are read, so what commits in between is heard, not lost.
    """
    async with services.care.transaction(actor) as tx:
        rooms = await last_seqs(tx)
    stream = services.hub.open(
        actor.account_id,
        frozenset(row["id"] for row in rooms),
        staff=actor.role in _STAFF,
        session_id=actor.session_id,
        role=actor.role.value,
    )
    try:
        async with services.care.transaction(actor) as tx:
            rooms = await last_seqs(tx)
            now = tx.now
    except BaseException:
        services.hub.close(stream)
        raise
    services.hub.know({row["id"]: row["last_seq"] for row in rooms})
    hello: dict[str, object] = {"server_time": now.isoformat(), "rooms": [_room(row) for row in rooms]}
    return StreamingResponse(
        _chunks(services, stream, hello),
        media_type="text/event-stream",
        headers={"cache-control": "no-store", "x-accel-buffering": "no"},
    )


def _room(row: Row) -> dict[str, object]:
    return {"room_id": str(row["id"]), "last_seq": row["last_seq"]}


async def _chunks(services: Services, stream: Stream, hello: dict[str, object]) -> AsyncIterator[bytes]:
    try:
        retry = random.randint(500, 2_500)  # devices of a lost process do not all come back at once
        yield f"retry: {retry}\nevent: hello\ndata: {json.dumps(hello, separators=(',', ':'))}\n\n".encode()
        async for chunk in services.hub.read(stream):
            yield chunk
    finally:
        services.hub.close(stream)
