"""A room's clock: what its people may do about it, and why a time is due."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response

from api.deps import Care
from api.schemas import Input
from domain.access import Action
from domain.explanations import explain, explanation_to_json
from domain.response_items import NoReplyReason
from records import clocks, relations, room_clocks
from records.calendars import room_schedule

router = APIRouter(prefix="/v1", tags=["clocks"])


class WaiveIn(Input):
    """Why no reply is needed."""

    reason: NoReplyReason


@router.get("/clocks/{clock_id}/explanation")
async def explain_clock(clock_id: UUID, tx: Care) -> dict[str, Any]:
    """Segments counted and skipped, with calendar version and policy, and the sum in a sentence."""
    clock = await clocks.find(tx, clock_id)
    await relations.visible(tx, clock["room_id"], Action.READ_CLOCK)
    found = await room_schedule(tx, clock["room_id"], clock["therapist_id"], clock["opened_at"])
    policy = clocks.policy_of(clock)
    told = explain(policy, found.schedule, clock["opened_at"], tx.now)
    return {
        "clock_id": str(clock_id),
        "policy": clock["policy_name"],
        "calendar_version": found.version,
        "projected_under": clock["calendar_version"],
        **explanation_to_json(told),
    }


@router.post("/rooms/{room_id}/clock/waive", status_code=204)
async def waive(room_id: UUID, body: WaiveIn, tx: Care) -> Response:
    """The therapist says that no reply is needed, and why. Audited; refused where risk is open."""
    room = await relations.visible(tx, room_id, Action.WAIVE_CLOCK)
    await room_clocks.waive(tx, room, body.reason)
    return Response(status_code=204)


@router.post("/rooms/{room_id}/clock/close-question", status_code=204)
async def close_question(room_id: UUID, tx: Care) -> Response:
    """The client needs no answer any more."""
    room = await relations.visible(tx, room_id, Action.CLOSE_QUESTION)
    await room_clocks.close_question(tx, room)
    return Response(status_code=204)
