"""Breach review: broken promises and picked answers by age, each with a cause once somebody has looked."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from api.deps import Care
from api.reviews import cursor_after, place_of
from domain.access import CLINIC, Action, require
from domain.breaches import BreachReason
from domain.errors import FieldError, Invalid
from records import clocks, relations, reviews
from records.database import Row
from records.reviews import ReviewFilter
from web import choices
from web.pages.forms import text_of
from web.pages.frame import InFrame, go, own_path
from web.pages.refusals import PageRoute
from web.views.clocks import Filter
from web.views.reviews import Count, Item, ReviewView

router = APIRouter(route_class=PageRoute)

PAGE = 50
SHOWN = {"no": False, "yes": True, "all": None}
NAMES = {"no": "To look at", "yes": "Looked at", "all": "All"}
WORDS = {choice.value: choice.label for choice in choices.BREACH_REASON}
SAMPLED = {"short": "A very short answer", "last_tenth": "Answered in the last tenth of the time"}


@router.get("/board/breaches")
async def show_breaches(
    frame: InFrame,
    tx: Care,
    reviewed: Annotated[str, Query(max_length=3)] = "no",
    cursor: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """The queue, the oldest first."""
    require(frame.signed_in(), Action.READ_BOARD, CLINIC)
    if reviewed not in SHOWN:
        raise Invalid(FieldError("reviewed", "unknown"))
    rows = await reviews.queue(tx, ReviewFilter(SHOWN[reviewed]), PAGE + 1, place_of(cursor))
    counted = await reviews.tallies(tx)
    more = cursor_after(rows[PAGE - 1]) if len(rows) > PAGE else ""
    view = ReviewView(
        items=tuple(_item(row) for row in rows[:PAGE]),
        filters=tuple(Filter(name, _address(key), None, key == reviewed) for key, name in NAMES.items()),
        reasons=_counts(counted["reasons"], WORDS),
        therapists=_counts(counted["therapists"], {}),
        choices=choices.BREACH_REASON,
        address=_address(reviewed, cursor),
        next_href=_address(reviewed, more) if more else "",
    )
    return frame.page("staff/breaches.html", view, "/board")


@router.post("/board/clocks/{clock_id}/review")
async def review(clock_id: UUID, request: Request, tx: Care) -> Response:
    """Write down what was found."""
    form = await request.form()
    clock = await clocks.find(tx, clock_id)
    await relations.visible(tx, clock["room_id"], Action.ACKNOWLEDGE_CLOCK)
    reason = text_of(form, "reason", most=40)
    if reason not in list(BreachReason):
        raise Invalid(FieldError("reason", "missing"))
    await reviews.review(tx, clock_id, BreachReason(reason), text_of(form, "note", most=2_000))
    return go(own_path(text_of(form, "next", most=1_000), "/board/breaches"), "saved")


def _item(row: Row) -> Item:
    return Item(
        clock_id=str(row["clock_id"]),
        client_code=row["client_code"],
        therapist=row["therapist"],
        since=row["since"],
        what="Promise broken" if row["breached_at"] else SAMPLED.get(row["sampled"], "Picked for a look"),
        opened_at=row["opened_at"],
        due_at=row["due_at"],
        closed_at=row["closed_at"],
        reason=WORDS.get(row["reason"] or "", ""),
        note=row["note"] or "",
        reviewed_by=row["reviewed_by"] or "",
        reviewed_at=row["reviewed_at"],
    )


def _counts(rows: list[Row], words: dict[str, str]) -> tuple[Count, ...]:
    most = max((row["n"] for row in rows), default=1)
    return tuple(
        Count(words.get(name, name), row["n"], row["n"] / most)
        for row in rows[:12]
        if (name := str(row["name"]))
    )


def _address(reviewed: str, cursor: str = "") -> str:
    return "/board/breaches?" + urlencode({"reviewed": reviewed, **({"cursor": cursor} if cursor else {})})
