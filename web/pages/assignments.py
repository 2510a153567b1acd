"""Rooms that go to another therapist: chosen on the board, shown before and after, moved, taken back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request, Response

from api.assignments import MoveOut, move_all, moves_out, put_back_out, undo_all
from api.deps import Care, InServices, SignedIn
from domain.access import CLINIC, Action, require
from domain.assignments import GIVEN_REASONS, AssignmentReason
from domain.errors import FieldError, Invalid
from records import board, board_choices, relations, undo
from records.assignments import reassign
from records.moves import Wanted, plan_moves
from web import choices
from web.pages.board import clock_ids
from web.pages.forms import many_of, text_of
from web.pages.frame import InFrame, go, own_path
from web.pages.refusals import PageRoute
from web.times import span_words
from web.views.clocks import MoveRow, MoveView
from web.views.shell import Choice

router = APIRouter(route_class=PageRoute)

AUTO = "auto"
MOST = 200
REFUSED = {
    "no_licence": "No licence where the client is",
    "blocked": "Kept apart from this client",
    "no_credential": "Not listed with the client's payer",
    "age_outside_band": "Does not see clients of this age",
    "language": "Does not work in the client's language",
    "acuity_outside_scope": "Needs more than they take on",
    "no_capacity": "No free place",
    "messaging_off": "Does not offer messaging",
    "on_leave": "Away now",
    "no_hours": "No open hours in sight",
    "already_assigned": "Already there",
    "clock_ended": "Answered or ended meanwhile",
    "room_closed": "The room is closed",
    "not_found": "Not here any more",
    "nobody_free": "Nobody may take it and has a free place",
    "moved_since": "Moved again since then",
}


@router.post("/board/move")
async def move(request: Request, frame: InFrame, tx: Care, actor: SignedIn, services: InServices) -> Response:
    """Choose a therapist, see what comes of it, move. `step`: empty, preview or move."""
    require(frame.signed_in(), Action.REASSIGN, CLINIC)
    form = await request.form()
    chosen = clock_ids(many_of(form, "clock"))[:MOST]
    back = own_path(text_of(form, "next", most=1_000), "/board")
    if not chosen:
        return go(back, "none_chosen")
    step = text_of(form, "step", most=10)
    therapist = text_of(form, "therapist_id", most=36)
    reason = text_of(form, "reason", most=20)
    if step in ("preview", "move"):
        to = _therapist(therapist)
        why = _reason(reason)
        wanted = [Wanted(clock_id, to) for clock_id in chosen]
        if step == "move":
            done = await move_all(services, actor, wanted, why)
            if done.action_id is not None and not any(row.refused for row in done.items):
                return go(f"{back}{'&' if '?' in back else '?'}undo={done.action_id}", "moved_many")
            stage, rows = "done", done.items
            undoable = str(done.action_id or "")
        else:
            stage, rows, undoable = "preview", moves_out(await plan_moves(tx, wanted)), ""
    else:
        stage, rows, undoable = "choose", [_as_it_is(row) for row in await board.rows_of(tx, chosen)], ""
    people = await board_choices.therapists(tx)
    names = {row["id"]: row["name"] for row in people}
    view = MoveView(
        stage=stage,
        clock_ids=tuple(str(clock_id) for clock_id in chosen),
        rows=tuple(_rows(rows, names)),
        therapists=tuple(Choice(str(row["id"]), row["name"]) for row in people),
        reasons=choices.ASSIGNMENT_REASON,
        back=back,
        therapist=therapist or AUTO,
        reason=reason,
        movable=sum(row.refused is None for row in rows),
        undo=undoable,
    )
    return frame.page("staff/move.html", view, "/board")


@router.post("/board/undo/{action_id}")
async def take_back(
    action_id: UUID, request: Request, frame: InFrame, tx: Care, actor: SignedIn, services: InServices
) -> Response:
    """Put the rooms back. What moved on since is shown."""
    require(frame.signed_in(), Action.REASSIGN, CLINIC)
    form = await request.form()
    back = own_path(text_of(form, "next", most=1_000), "/board")
    done = put_back_out(await undo_all(services, actor, action_id))
    if not any(row.refused for row in done):
        return go(back, "undone")
    names = {row["id"]: row["name"] for row in await board_choices.therapists(tx)}
    view = MoveView(
        stage="undone",
        clock_ids=(),
        rows=tuple(_rows(done, names)),
        therapists=(),
        reasons=(),
        back=back,
        movable=sum(row.refused is None for row in done),
    )
    return frame.page("staff/move.html", view, "/board")


@router.post("/board/rooms/{room_id}/reassign")
async def move_room(room_id: UUID, request: Request, tx: Care) -> Response:
    """One room goes to another therapist; the client is told at once."""
    form = await request.form()
    room = await relations.visible(tx, room_id, Action.REASSIGN)
    therapist = _therapist(text_of(form, "therapist_id", least=1, most=36))
    if therapist is None:
        raise Invalid(FieldError("therapist_id", "missing"))
    action_id = await undo.begin(tx)
    await reassign(tx, room, therapist, _reason(text_of(form, "reason", most=20)), action_id)
    return go(f"/board?undo={action_id}", "moved")


def _therapist(text: str) -> UUID | None:
    """The one who is named; None for whoever may."""
    if text == AUTO:
        return None
    try:
        return UUID(text)
    except ValueError as error:
        raise Invalid(FieldError("therapist_id", "missing")) from error


def _reason(text: str) -> AssignmentReason:
    if text not in GIVEN_REASONS:
        raise Invalid(FieldError("reason", "missing"))
    return AssignmentReason(text)


def _as_it_is(row: dict[str, object]) -> MoveOut:
    """A chosen row before anything is asked for."""
    return MoveOut.model_validate(
        {
            **{name: row[name] for name in ("clock_id", "room_id", "client_code")},
            "therapist_before": row["therapist_id"],
            "therapist_after": None,
            "due_before": row["due_at"],
            "due_after": None,
            "refused": None if row["state"] == "running" else "clock_ended",
        }
    )


def _rows(rows: Sequence[MoveOut], names: dict[UUID, str]) -> Iterable[MoveRow]:
    for row in rows:
        yield MoveRow(
            clock_id=str(row.clock_id or ""),
            client_code=row.client_code or "",
            before=names.get(row.therapist_before, "") if row.therapist_before else "",
            after=names.get(row.therapist_after, "") if row.therapist_after else "",
            due_before=row.due_before,
            due_after=row.due_after,
            change=_change(row.due_before, row.due_after) if row.therapist_after else "",
            refused=REFUSED.get(row.refused, "Not possible") if row.refused else "",
        )


def _change(before: datetime | None, after: datetime | None) -> str:
    if before is None or after is None:
        return "" if after is None else "gets a due time"
    moved = (after - before).total_seconds()
    if moved == 0:
        return "the same"
    return f"{span_words(moved)} {'later' if moved > 0 else 'earlier'}"
