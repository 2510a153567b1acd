"""What somebody was told: by day, each with the way to where they act on it; and the bell that counts the unread."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from api.deps import Care, SignedIn, own
from api.notice_words import place_of, text_of
from domain.access import CLINIC, Action, Actor, can
from domain.errors import NotFound
from records import notice_lists
from records.database import Row
from web.pages.forms import text_of as field_of
from web.pages.frame import Frame, InFrame, go, plain_shell
from web.pages.refusals import PageRoute
from web.templating import render
from web.views.clocks import Filter
from web.views.notices import BellView, Day, Notice, NoticesView

router = APIRouter(route_class=PageRoute)

HERE = "/notices"
PAGE = 50
MINE = Depends(own(Action.READ_NOTICES))


@router.get(HERE, dependencies=[MINE])
async def show_notices(
    frame: InFrame, tx: Care, actor: SignedIn, unread: bool = False, cursor: UUID | None = None
) -> Response:
    """The newest first."""
    rows = await notice_lists.listed(tx, unread=unread, limit=PAGE + 1, after=cursor)
    shown = [_notice(row, actor) for row in rows[:PAGE]]
    narrowed = f"{HERE}?unread=true" if unread else HERE
    joint = "&" if unread else "?"
    view = NoticesView(
        days=_by_day(frame, shown),
        filters=(
            Filter("All", HERE, None, not unread),
            Filter("Unread", f"{HERE}?unread=true", None, unread),
        ),
        address=f"{narrowed}{joint}cursor={cursor}" if cursor else narrowed,
        newest=shown[0].notice_id if shown and frame.shell.unread and not cursor else "",
        only_unread=unread,
        next_href=f"{narrowed}{joint}cursor={shown[-1].notice_id}" if len(rows) > PAGE else "",
    )
    return frame.page("notices.html", view, HERE)


@router.get("/notices/bell", dependencies=[MINE])
async def show_bell(request: Request, tx: Care, actor: SignedIn, here: bool = False) -> Response:
    """The bell counts anew: one count, nothing else of the page."""
    counted = replace(plain_shell(request, actor), unread=await notice_lists.unread_count(tx))
    shell = replace(counted, here=HERE) if here else counted
    return Response(render("_bell.html", BellView(), shell), media_type="text/html")


@router.get("/on-call", dependencies=[MINE])
async def from_page(actor: SignedIn) -> Response:
    """Where the letter of a page leads: to the queue, or for whoever is in charge of the room, by their notice."""
    return go("/flags" if can(actor, Action.READ_RISK_FLAGS, CLINIC).allowed else HERE)


@router.post("/notices/read", dependencies=[MINE])
async def read_all(request: Request, tx: Care) -> Response:
    """All that were told up to the newest one shown: what came meanwhile stays unread."""
    await notice_lists.mark_read_up_to(tx, _id(field_of(await request.form(), "up_to")))
    return go(HERE, "all_read")


@router.post("/notices/{notice_id}/open", dependencies=[MINE])
async def open_notice(notice_id: UUID, tx: Care, actor: SignedIn) -> Response:
    """One has read it, and goes to where they act on it."""
    row = await notice_lists.found(tx, notice_id)
    await notice_lists.mark_read(tx, [notice_id])
    return go(_place(row, actor))


def _by_day(frame: Frame, notices: list[Notice]) -> tuple[Day, ...]:
    days = groupby(notices, lambda each: frame.shell.reader.local(each.told_at).date())
    found = (tuple(items) for _, items in days)
    return tuple(Day(items[0].told_at, items) for items in found)


def _notice(row: Row, actor: Actor) -> Notice:
    return Notice(
        notice_id=str(row["id"]),
        text=text_of(row["template"]),
        href=_place(row, actor),
        told_at=row["created_at"],
        unread=row["read_at"] is None,
    )


def _place(row: Row, actor: Actor) -> str:
    return place_of(actor, row["template"], row["place_room_id"], row["subject_id"])


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound from error
