"""The supervisors' board, and what to do about a row of it."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from api.deps import Care, InServices
from domain.access import CLINIC, Action, require
from domain.errors import FieldError, Invalid
from records import board, clock_audits, clocks, relations
from records.assignments import reassign
from records.database import Row, Transaction
from web.pages.forms import text_of
from web.pages.frame import InFrame, PageRoute, go, own_path
from web.pages.promises import soon_at
from web.views.clocks import BoardView, ClockRow, Filter
from web.views.shell import Choice

router = APIRouter(route_class=PageRoute)

PAGE = 100
State = Literal["running", "overdue", "held", "breached", "met", "late", "waived", "cancelled"]
VIEWS: tuple[tuple[State, str], ...] = (
    ("running", "Waiting"),
    ("overdue", "Overdue"),
    ("held", "Held"),
    ("breached", "Breached"),
    ("met", "Answered in time"),
    ("late", "Answered late"),
)
RUNGS = {
    "nudge": "Therapist reminded",
    "breach": "Therapist, supervisor and client told",
    "cover": "Cover offered",
    "rematch": "Client may change therapist",
}


@router.get("/board")
async def show_board(
    frame: InFrame,
    tx: Care,
    state: State = "running",
    who: Annotated[str, Query(max_length=36)] = "",
    start: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> Response:
    """Rows by due time. Everything that filters stands in the address."""
    require(frame.signed_in(), Action.READ_BOARD, CLINIC)
    therapist = _uuid(who)
    rows = await board.board(tx, board.BoardFilter(state, therapist, None, None, "due_at", PAGE + 1, start))
    counts = await board.counts(tx, therapist)
    address = _address(state, who)
    view = BoardView(
        rows=tuple(row_of(row, tx) for row in rows[:PAGE]),
        filters=tuple(Filter(name, _address(key, who), counts.get(key), key == state) for key, name in VIEWS),
        therapists=tuple(Choice(str(row["id"]), row["name"]) for row in await board.therapists(tx)),
        therapist=who,
        state=state,
        address=address if start == 0 else f"{address}&start={start}",
        next_href=f"{address}&start={start + PAGE}" if len(rows) > PAGE else "",
        waiting_without_clock=await clock_audits.waiting_when_last_looked(tx),
    )
    return frame.page("staff/board.html", view, "/board")


@router.post("/board/clocks/{clock_id}/acknowledge")
async def acknowledge(clock_id: UUID, request: Request, tx: Care) -> Response:
    """A supervisor has seen it."""
    form = await request.form()
    clock = await clocks.find(tx, clock_id)
    await relations.visible(tx, clock["room_id"], Action.ACKNOWLEDGE_CLOCK)
    await clocks.acknowledge(tx, clock_id)
    return go(own_path(text_of(form, "next", most=500), "/board"), "seen")


@router.post("/board/rooms/{room_id}/reassign")
async def move_room(room_id: UUID, request: Request, tx: Care, services: InServices) -> Response:
    """The room goes to another therapist; the client is told at once."""
    form = await request.form()
    room = await relations.visible(tx, room_id, Action.REASSIGN)
    therapist = _uuid(text_of(form, "therapist_id", least=1))
    text_of(form, "reason", least=1, most=1_000)
    if therapist is None:
        raise Invalid(FieldError("therapist_id", "missing"))
    before = await reassign(tx, room, therapist)
    for account_id in (*before, therapist):
        services.hub.end_streams_of(account_id)
    return go("/board", "moved")


def row_of(row: Row, tx: Transaction) -> ClockRow:
    """The row as it is shown. Overdue is derived, never stored."""
    soon = soon_at(row["opened_at"], row["due_at"])
    running = row["state"] == "running" and not row["held"]
    return ClockRow(
        clock_id=str(row["clock_id"]),
        room_id=str(row["room_id"]),
        client_code=row["client_code"],
        therapist=row["therapist"],
        opened_at=row["opened_at"],
        state=row["state"],
        due_at=row["due_at"],
        soon_at=soon,
        held=row["held"] or "",
        rung=RUNGS.get(row["rung"] or "", row["rung"] or ""),
        coverage_gap=bool(row["coverage_gap"]),
        acknowledged_by=row["acknowledged_by"] or "",
        tone=("late" if row["overdue"] else "soon" if soon and soon <= tx.now else "") if running else "",
    )


def _address(state: str, who: str) -> str:
    return "/board?" + urlencode({"state": state, **({"who": who} if who else {})})


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError as error:
        raise Invalid(FieldError("who", "not_an_id")) from error
