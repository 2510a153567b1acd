"""Finding again: words, a day, and what was starred. The words travel in a body, never in an address."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from fastapi import APIRouter, Request, Response

from api.deps import Care
from domain.access import Action, ReadableRoomId, RelatedRoom, can
from domain.errors import Invalid
from records import marks, relations
from records.database import Row
from records.searches import Found as Hit
from records.searches import search
from web.pages.forms import text_of
from web.pages.frame import Frame, InFrame
from web.pages.headers import header_of, place_of
from web.pages.messages import shown
from web.pages.refusals import PageRoute
from web.views.messages import UNOPENED, FindView, Found, Message, Month, Piece, pieces

router = APIRouter(route_class=PageRoute)

MOST = 100


@router.get("/rooms/{room_id}/find")
async def show_find(room_id: UUID, frame: InFrame, tx: Care) -> Response:
    """The form, the days, and what the reader starred."""
    room = await relations.readable(tx, room_id, Action.SEARCH_ROOM)
    header = await header_of(tx, room_id)
    starred = await marks.starred(tx, room, limit=MOST) if _may_star(room) else []
    view = find_view(frame, room, header, starred=tuple(shown(each, frame, header) for each in starred))
    return frame.page("room/find.html", view, place_of(frame, room_id))


@router.post("/rooms/{room_id}/find")
async def find(room_id: UUID, request: Request, frame: InFrame, tx: Care) -> Response:
    """What has the words, newest first."""
    form = await request.form()
    room = await relations.readable(tx, room_id, Action.SEARCH_ROOM)
    header = await header_of(tx, room_id)
    typed = text_of(form, "q", most=200)
    try:
        hits = await search(tx, room, typed, MOST) if len(typed) > 1 else None
    except Invalid:
        hits = None
    found = None if hits is None else tuple(_found(each, frame, header) for each in hits)
    problem = "Type at least two letters." if found is None else ""
    view = find_view(frame, room, header, q=typed, found=found, problem=problem)
    return frame.page("room/find.html", view, place_of(frame, room_id), 422 if problem else 200)


def find_view(
    frame: Frame,
    room: ReadableRoomId,
    header: Row,
    *,
    q: str = "",
    found: tuple[Found, ...] | None = None,
    starred: tuple[Message, ...] = (),
    problem: str = "",
) -> FindView:
    """What the form needs: the days of the room in the reader's zone."""
    local = frame.shell.reader.local
    first = local(header["opened_at"]).date()
    last = max(first, local(header["last_sent_at"] or header["opened_at"]).date())
    return FindView(
        str(room.id),
        q,
        found,
        starred,
        _may_star(room),
        first.isoformat(),
        last.isoformat(),
        tuple(_months(first, last)),
        problem,
    )


def _may_star(room: ReadableRoomId) -> bool:
    return can(room.actor, Action.STAR, RelatedRoom(room.id, room.relation)).allowed


def _months(first: date, last: date) -> Iterator[Month]:
    """Newest first."""
    at = last.replace(day=1)
    while at >= first.replace(day=1):
        yield Month(at.isoformat(), f"{at:%B} {at.year}")
        at = (at.replace(day=1, month=at.month - 1)) if at.month > 1 else date(at.year - 1, 12, 1)


def _found(hit: Hit, frame: Frame, header: Row) -> Found:
    mine = hit.sender_id == frame.signed_in().account_id
    by_client = hit.sender_id == header["client_id"]
    name = header["client_code"] if by_client else header["therapist_name"]
    if not by_client and hit.sender_id != header["therapist_id"]:
        name = "A colleague of the clinic"
    return Found(
        str(hit.message_id),
        hit.seq,
        hit.sent_at,
        "You" if mine else str(name),
        pieces(hit.snippet.text, hit.snippet.marks) if hit.snippet else (Piece(UNOPENED),),
    )
