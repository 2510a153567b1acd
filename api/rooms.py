"""Rooms: their headers and promises, who opened them, a supervisor's recorded purpose."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, StringConstraints

from api.deps import Care
from api.instants import Instant
from api.promises import PromiseOut, promise_of
from api.response_terms import OwedKind
from api.schemas import Input, InWindow, Limit, ShortText, Text
from domain.access import Action
from domain.purposes import LEAST_REASON, words_of
from records import relations, response_terms, room_access, rooms
from records.access_log import Line, access_log
from records.database import Row

router = APIRouter(prefix="/v1/rooms", tags=["rooms"])


class TherapistOut(BaseModel):
    """Who answers."""

    therapist_id: UUID
    name: str
    credential: str
    pronoun: str


class RoomOut(BaseModel):
    """A room's header: never a word of its content."""

    room_id: UUID
    client_code: str
    therapist: TherapistOut
    state: str
    unread: int
    last_seq: int
    read_seq: int
    read_by_others: int
    last_sent_at: datetime | None
    promise: PromiseOut


class RoomsOut(BaseModel):
    """The rooms of whoever asks."""

    items: list[RoomOut]
    next_cursor: str | None = None


class AccessLine(BaseModel):
    """What one person did in the room on one day, `times` over, the last time at `at`.

    `purpose` (a code, and in words) and `reason` are of the opening under which it was done, if it needed one.
    """

    at: datetime
    first_at: datetime
    times: int
    who: str
    role: str
    action: str
    purpose: str | None
    purpose_words: str | None
    reason: str | None
    break_glass: bool
    review: str | None


class AccessLogOut(BaseModel):
    """Who opened the room, newest first."""

    items: list[AccessLine]
    next_cursor: str | None = None


class AccessIn(Input):
    """Why a supervisor opens a room. The client can read it.

    `purpose` is a code (late_reply, risk_review, cover, complaint, quality, records, access_review, other); one in
    other words goes before the reason.
    """

    purpose: ShortText
    reason: Annotated[Text, StringConstraints(min_length=LEAST_REASON, max_length=2_000)]


class RoomPolicyIn(Input):
    """The response policy of this room for items of a kind, or of every kind; null: the wider terms hold again."""

    name: ShortText | None = None
    kind: OwedKind | None = None
    effective_from: Instant | None = None


def room_out(row: Row, now: datetime) -> RoomOut:
    """The header on the wire."""
    return RoomOut(
        room_id=row["id"],
        client_code=row["client_code"],
        therapist=TherapistOut(
            therapist_id=row["therapist_id"],
            name=row["therapist_name"],
            credential=row["credential"],
            pronoun=row["pronoun"],
        ),
        state=row["state"],
        unread=row["unread"],
        last_seq=row["last_seq"],
        read_seq=row["read_seq"],
        read_by_others=row["read_by_others"],
        last_sent_at=row["last_sent_at"],
        promise=promise_of(row, now),
    )


@router.get("")
async def list_rooms(tx: Care, window: InWindow) -> RoomsOut:
    """The rooms that the person may open now."""
    return RoomsOut(**window.of([room_out(row, tx.now) for row in await rooms.headers(tx)]))


@router.get("/{room_id}")
async def read_room(room_id: UUID, tx: Care) -> RoomOut:
    """One room's header."""
    room = await relations.visible(tx, room_id)
    return room_out(await rooms.header(tx, room), tx.now)


@router.get("/{room_id}/access-log")
async def read_access_log(
    room_id: UUID,
    tx: Care,
    limit: Limit = 200,
    cursor: Annotated[int | None, Query(ge=1, le=2**62)] = None,
) -> AccessLogOut:
    """Who opened the room, when, why."""
    room = await relations.visible(tx, room_id, Action.READ_ACCESS_LOG)
    found = await access_log(tx, room, limit=limit + 1, before=cursor)
    shown = found[:limit]
    following = str(shown[-1].cursor) if len(found) > limit else None
    return AccessLogOut(items=[_access_line(line) for line in shown], next_cursor=following)


def _access_line(line: Line) -> AccessLine:
    return AccessLine(
        at=line.at,
        first_at=line.first_at,
        times=line.times,
        who=line.who,
        role=line.role,
        action=line.action,
        purpose=line.purpose,
        purpose_words=words_of(line.purpose) if line.purpose else None,
        reason=line.reason and str(line.reason),
        break_glass=line.break_glass,
        review=line.review,
    )


@router.post("/{room_id}/access", status_code=204)
async def open_with_purpose(room_id: UUID, body: AccessIn, tx: Care) -> Response:
    """A supervisor opens the room for 60 minutes with a recorded purpose."""
    room = await relations.visible(tx, room_id, Action.OPEN_WITH_PURPOSE)
    await room_access.open_with_purpose(tx, room, body.purpose, body.reason)
    return Response(status_code=204)


@router.put("/{room_id}/policy", status_code=204)
async def set_room_policy(room_id: UUID, body: RoomPolicyIn, tx: Care) -> Response:
    """Put the room on a response policy of its own, now or from a later instant; its running clock moves then."""
    room = await relations.visible(tx, room_id, Action.SET_ROOM_POLICY)
    await response_terms.set_terms(
        tx,
        response_terms.Reach(room_id=room.id),
        policy_name=body.name,
        kind=body.kind,
        effective_from=body.effective_from,
    )
    return Response(status_code=204)
