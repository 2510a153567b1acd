"""A waiting list assigned at once, beside one client after the other; and the therapists asked from it."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from api.deps import Care, allowed
from api.report_files import as_file
from domain.access import Action
from domain.errors import FieldError, Invalid
from domain.match_filters import Refusal
from domain.match_states import MatchStatus
from records import waiting_lists
from records.database import Row
from records.waiting_lists import MOST_ASKED, Run
from reports.waiting_list_report import FORMULA, report_of
from web.pages.forms import many_of
from web.pages.frame import InFrame, go
from web.pages.match_desk import SHORT, STATUS, menu_place
from web.pages.refusals import PageRoute
from web.views.figures import Files
from web.views.match_desk import WaitingListView, WaitingRow

router = APIRouter(route_class=PageRoute, dependencies=[Depends(allowed(Action.READ_MATCH_DESK))])

LISTS = "/waiting-lists"
REFUSED = {
    "already_matched": "found meanwhile",
    "offer_open": "somebody is asked already",
    "not_ranked": "looked for anew meanwhile",
}


@router.post(LISTS)
async def ask(tx: Care) -> Response:
    """Have everyone who waits assigned at once."""
    return go(f"{LISTS}/{await waiting_lists.ask(tx)}")


@router.get(LISTS + "/{run_id}")
async def show_list(
    run_id: UUID,
    frame: InFrame,
    tx: Care,
    form: Annotated[Literal["", "csv", "xlsx", "html"], Query(alias="format")] = "",
) -> Response:
    """Who waits, who could be theirs; and the same as a file."""
    found = await waiting_lists.find(tx, run_id)
    if form:
        return as_file(report_of(found, tx.now), form)
    return frame.page("staff/waiting_list.html", _view(found), menu_place(frame))


@router.post(LISTS + "/{run_id}/offers")
async def ask_therapists(run_id: UUID, request: Request, tx: Care) -> Response:
    """Ask the proposed therapists of the rows that were ticked; what stops one stands in its row."""
    try:
        chosen = [UUID(each) for each in many_of(await request.form(), "match_id")]
    except ValueError:
        raise Invalid(FieldError("match_id", "not_an_id")) from None
    if not chosen:
        return go(f"{LISTS}/{run_id}", "none_chosen")
    answers = await waiting_lists.ask_therapists(tx, run_id, chosen[:MOST_ASKED])
    return go(f"{LISTS}/{run_id}", "desk_some_refused" if any(answers.values()) else "desk_asked")


def _view(found: Run) -> WaitingListView:
    run_id = found.row["id"]
    return WaitingListView(
        run_id=str(run_id),
        asked_at=found.row["asked_at"],
        asked_by=found.row["asked_by_name"],
        ready=found.row["state"] == "ready",
        rows=tuple(_row(line) for line in found.lines),
        placed=found.placed,
        in_turn=found.placed_in_turn,
        places=found.row["places"] or 0,
        files=Files(*(f"{LISTS}/{run_id}?format={form}" for form in ("csv", "xlsx", "html"))),
        formula=FORMULA,
    )


def _row(line: Row) -> WaitingRow:
    waits = line["status"] == MatchStatus.HUMAN
    return WaitingRow(
        match_id=str(line["match_id"]),
        client_code=line["client_code"],
        state=line["state"] or "",
        since=line["since"],
        eligible=line["eligible"],
        best=line["therapist"] or "",
        score=line["score"],
        in_turn=line["in_turn"] or "",
        may_ask=waits and line["therapist_id"] is not None and line["asked_at"] is None,
        standing=_standing(line),
    )


def _standing(line: Row) -> str:
    """What became of it since; empty while nothing has."""
    if code := line["refused"]:
        why = SHORT[Refusal(code)] if code in set(Refusal) else REFUSED.get(code, "not possible any more")
        return f"Not asked: {why}"
    status = MatchStatus(line["status"])
    return "" if status is MatchStatus.HUMAN else STATUS[status]
