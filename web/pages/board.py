"""The supervisors' board: rows by any order, views of one's own, and what to do about a row."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from urllib.parse import parse_qsl
from uuid import UUID

from fastapi import APIRouter, Request, Response

from api.deps import Care
from domain.access import CLINIC, Action, require
from domain.errors import NotFound
from records import board, board_choices, board_consults, board_views, clock_audits, clocks, relations, undo
from records.board import MOST_COUNTED
from records.board_cursors import Sort
from records.database import Row, Transaction
from web.pages.board_address import Address, sort_word
from web.pages.forms import many_of, text_of
from web.pages.frame import InFrame, go, own_path
from web.pages.promises import soon_at
from web.pages.refusals import PageRoute
from web.views.clocks import BoardView, Chosen, ClockRow, Column, ConsultRow, Filter, SavedView, Undo
from web.views.shell import Choice

router = APIRouter(route_class=PageRoute)

PAGE = 100
VIEWS = (
    ("running", "Waiting"),
    ("overdue", "Overdue"),
    ("held", "Held"),
    ("breached", "Breached"),
    ("met", "Answered in time"),
    ("late", "Answered late"),
    ("waived", "No reply needed"),
    ("cancelled", "Ended"),
)
COLUMNS = {
    Sort.DUE_AT: "Due",
    Sort.CLIENT_CODE: "Client",
    Sort.THERAPIST: "Therapist",
    Sort.OPENED_AT: "Waiting since",
    Sort.RUNG: "Told so far",
}
COUNTED = ("running", "overdue", "held")
RUNGS = {
    "nudge": "Therapist reminded",
    "breach": "Therapist, supervisor and client told",
    "cover": "Cover offered",
}
CONSULT_RUNGS = {
    "nudge": "Supervisors reminded",
    "breach": "Supervisors and therapist told",
    "cover": "Clinical director told",
}


@router.get("/board")
async def show_board(request: Request, frame: InFrame, tx: Care) -> Response:
    """A page of rows. Everything that filters and sorts stands in the address."""
    require(frame.signed_in(), Action.READ_BOARD, CLINIC)
    address = Address.of(request.query_params)
    chosen = address.filter(tx.now)
    page = await board.board(tx, chosen, PAGE, address.cursor or None)
    counts = Counter(await board.counts(tx, chosen)) + Counter(await board_consults.counts(tx, chosen))
    consults = [] if address.cursor else await board_consults.consults(tx, chosen)
    deed = await undo.latest(tx)
    view = BoardView(
        rows=tuple(row_of(row, tx) for row in page.rows),
        consults=tuple(_consult(row, tx) for row in consults),
        filters=tuple(
            Filter(
                name,
                address.href(state=key),
                _count(counts[key] if key in COUNTED else None),
                key == address.state,
            )
            for key, name in VIEWS
        ),
        columns={sort.value: _column(address, sort, name) for sort, name in COLUMNS.items()},
        therapists=tuple(Choice(str(row["id"]), row["name"]) for row in await board_choices.therapists(tx)),
        teams=tuple(Choice(team, team) for team in await board_choices.teams(tx)),
        policies=tuple(Choice(name, policy_words(name)) for name in await board_choices.policies(tx)),
        chosen=Chosen(
            who=address.who,
            team=address.team,
            policy=address.policy,
            kind=address.kind,
            within=address.within,
            gap=address.gap,
            acknowledged=address.acknowledged,
            code=address.code,
            kept={"state": address.state, "sort": address.sort},
        ),
        address=address.href(),
        query=address.kept(),
        saved=tuple(_saved(row, address) for row in await board_views.views(tx)),
        next_href=address.href(cursor=page.next_cursor) if page.next_cursor else "",
        first_href=address.href(cursor="") if address.cursor else "",
        waiting_without_clock=await clock_audits.waiting_when_last_looked(tx),
        undo=Undo(str(deed["id"]), deed["rooms"], deed["done_at"]) if deed else None,
    )
    return frame.page("staff/board.html", view, "/board")


@router.post("/board/clocks/{clock_id}/acknowledge")
async def acknowledge(clock_id: UUID, request: Request, tx: Care) -> Response:
    """A supervisor has seen it."""
    form = await request.form()
    clock = await clocks.find(tx, clock_id)
    await relations.visible(tx, clock["room_id"], Action.ACKNOWLEDGE_CLOCK)
    await clocks.acknowledge(tx, clock_id)
    return go(own_path(text_of(form, "next", most=1_000), "/board"), "seen")


@router.post("/board/acknowledge")
async def acknowledge_many(request: Request, frame: InFrame, tx: Care) -> Response:
    """The same for every chosen row; in order of id, so that two people who do it at once never wait in a ring."""
    require(frame.signed_in(), Action.READ_BOARD, CLINIC)
    form = await request.form()
    for clock_id in sorted(set(clock_ids(many_of(form, "clock")))):
        await clocks.acknowledge(tx, clock_id)
    return go(own_path(text_of(form, "next", most=1_000), "/board"), "seen")


@router.post("/board/views")
async def save_view(request: Request, frame: InFrame, tx: Care) -> Response:
    """Keep the filters and the order of the address under a name."""
    require(frame.signed_in(), Action.READ_BOARD, CLINIC)
    form = await request.form()
    address = Address.of(dict(parse_qsl(text_of(form, "query", most=600))))
    await board_views.save(tx, text_of(form, "name", least=1, most=60), address.kept())
    return go(address.href(), "saved")


@router.post("/board/views/{view_id}")
async def rename_view(view_id: UUID, request: Request, frame: InFrame, tx: Care) -> Response:
    """Another name."""
    require(frame.signed_in(), Action.READ_BOARD, CLINIC)
    form = await request.form()
    await board_views.rename(tx, view_id, text_of(form, "name", least=1, most=60))
    return go(own_path(text_of(form, "next", most=1_000), "/board"), "saved")


@router.post("/board/views/{view_id}/delete")
async def delete_view(view_id: UUID, request: Request, frame: InFrame, tx: Care) -> Response:
    """Forget it."""
    require(frame.signed_in(), Action.READ_BOARD, CLINIC)
    form = await request.form()
    await board_views.delete(tx, view_id)
    return go(own_path(text_of(form, "next", most=1_000), "/board"), "saved")


def clock_ids(texts: tuple[str, ...]) -> list[UUID]:
    """The ids of the chosen rows, each once. Raises NotFound for what is none."""
    try:
        return list(dict.fromkeys(UUID(text) for text in texts))
    except ValueError as error:
        raise NotFound from error


def _tone(row: Row, soon: datetime | None, now: datetime) -> str:
    """How urgent a promise is: only one that runs can be late, or soon be."""
    if row["state"] != "running" or row["held"]:
        return ""
    if row["overdue"]:
        return "late"
    return "soon" if soon and soon <= now else ""


def row_of(row: Row, tx: Transaction) -> ClockRow:
    """The row as it is shown. Overdue is derived, never stored."""
    soon = soon_at(row["opened_at"], row["due_at"])
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
        rung=RUNGS.get(row["rung"] or "", ""),
        coverage_gap=row["coverage_gap"],
        acknowledged_by=row["acknowledged_by"] or "",
        tone=_tone(row, soon, tx.now),
    )


def _consult(row: Row, tx: Transaction) -> ConsultRow:
    soon = soon_at(row["asked_at"], row["due_at"])
    return ConsultRow(
        consult_id=str(row["consult_id"]),
        client_code=row["client_code"],
        therapist=row["therapist"],
        asked_at=row["asked_at"],
        state=row["state"],
        due_at=row["due_at"],
        soon_at=soon,
        held=row["held"] or "",
        rung=CONSULT_RUNGS.get(row["rung"] or "", ""),
        tone=_tone(row, soon, tx.now),
    )


def policy_words(name: str) -> str:
    """A policy's name as it is shown."""
    return name.replace("_", " ").replace("-", " ").capitalize()


def _column(address: Address, sort: Sort, name: str) -> Column:
    """A head sorts ascending first; pressed again, the other way round."""
    word = sort_word(sort)
    now = {word: "ascending", f"-{word}": "descending"}.get(address.sort, "none")
    return Column(name, address.href(sort=f"-{word}" if now == "ascending" else word), now)


def _saved(row: Row, address: Address) -> SavedView:
    query = row["query"]
    return SavedView(
        str(row["id"]), row["name"], f"/board?{query}" if query else "/board", query == address.kept()
    )


def _count(count: int | None) -> str | None:
    if count is None:
        return None
    return f"{MOST_COUNTED:,}+" if count > MOST_COUNTED else f"{count:,}"
