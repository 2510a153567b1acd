"""Supervision: reassignment."""

from uuid import UUID

from fastapi import APIRouter, Response

from api.deps import Care, InServices
from api.schemas import Input, ShortText
from domain.access import Action
from records import relations
from records.assignments import reassign

router = APIRouter(prefix="/v1", tags=["supervision"])


class ReassignIn(Input):
    """Who takes the room over, and why."""

    therapist_id: UUID
    reason: ShortText


@router.post("/rooms/{room_id}/reassign", status_code=204)
async def reassign_room(room_id: UUID, body: ReassignIn, tx: Care, services: InServices) -> Response:
    """The room goes to another therapist; client told at once; its clock moves with it."""
    room = await relations.visible(tx, room_id, Action.REASSIGN)
    before = await reassign(tx, room, body.therapist_id)
    for account_id in (*before, body.therapist_id):
        services.hub.end_streams_of(account_id)
    return Response(status_code=204)
