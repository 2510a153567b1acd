"""Load by therapist and hour, and the rooms with nobody there."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Response

from api.deps import Care
from api.loads import cursor_after, place_of
from domain.access import CLINIC, Action, require
from domain.errors import FieldError, Invalid
from records import board_choices, loads
from records.database import Row
from records.loads import MOST_GAPS, LoadFilter
from web.heat import heat_map
from web.pages.frame import InFrame
from web.pages.refusals import PageRoute
from web.views.loads import Gap, LoadView
from web.views.shell import Choice

router = APIRouter(route_class=PageRoute)

PAGE = 20


@router.get("/board/load")
async def show_load(
    frame: InFrame,
    tx: Care,
    team: Annotated[str, Query(max_length=100)] = "",
    who: Annotated[str, Query(max_length=36)] = "",
    cursor: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """Gaps first, then the week. Everything that filters stands in the address."""
    require(frame.signed_in(), Action.READ_BOARD, CLINIC)
    chosen = LoadFilter(team or None, _uuid(who))
    zone = frame.shell.zone
    # A whole hour of the reader's clock: cells are then hours as the reader counts them.
    local = tx.now.astimezone(ZoneInfo(zone))
    start = tx.now.replace(microsecond=0) - (local - local.replace(minute=0, second=0, microsecond=0))
    start = start.replace(second=0)
    found = await loads.loads(tx, chosen, start, PAGE + 1, place_of(cursor))
    gaps = await loads.gaps(tx, chosen)
    more = cursor_after(found[PAGE - 1]) if len(found) > PAGE else ""
    kept = {name: value for name, value in (("team", team), ("who", who)) if value}
    view = LoadView(
        gaps=tuple(_gap(row) for row in gaps[:MOST_GAPS]),
        more_gaps=len(gaps) > MOST_GAPS,
        heat=heat_map(found[:PAGE], start, zone),
        teams=tuple(Choice(name, name) for name in await board_choices.teams(tx)),
        therapists=tuple(Choice(str(row["id"]), row["name"]) for row in await board_choices.therapists(tx)),
        team=team,
        who=who,
        next_href="/board/load?" + urlencode({**kept, "cursor": more}) if more else "",
    )
    return frame.page("staff/load.html", view, "/board")


def _gap(row: Row) -> Gap:
    clock = row["clock_id"]
    return Gap(
        client_code=row["client_code"],
        therapist=row["therapist"],
        href=f"/board/clocks/{clock}" if clock else "",
        kind=row["kind"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        due_at=row["due_at"],
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError as error:
        raise Invalid(FieldError("who", "not_an_id")) from error
