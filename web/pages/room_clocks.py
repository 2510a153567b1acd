"""A room's clock on pages: why a time is due, and what its people may do about it."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from api.deps import Care
from domain.access import Action
from domain.errors import NotFound
from domain.explanations import Reason, explain
from records import board, clocks, relations
from records.assignments import could_take
from records.calendars import room_schedule
from web.pages.clocks import row_of
from web.pages.frame import InFrame, PageRoute
from web.views.clocks import ClockView, Stretch
from web.views.shell import Choice

router = APIRouter(route_class=PageRoute)

SKIPPED = {
    Reason.PAUSE: "On hold",
    Reason.LEAVE: "Therapist away",
    Reason.HOLIDAY: "Holiday",
    Reason.OUTSIDE_HOURS: "Outside working hours",
}


@router.get("/board/clocks/{clock_id}")
async def show_clock(clock_id: UUID, frame: InFrame, tx: Care) -> Response:
    """What counted, what was skipped, and who else could answer."""
    clock = await clocks.find(tx, clock_id)
    await relations.visible(tx, clock["room_id"], Action.READ_CLOCK)
    moving = await relations.visible(tx, clock["room_id"], Action.REASSIGN)
    rows = await board.board(tx, board.BoardFilter(clock["state"], room=clock["room_id"], limit=10_000))
    row = next((each for each in rows if each["clock_id"] == clock_id), None)
    if row is None:
        raise NotFound
    found = await room_schedule(tx, clock["room_id"], clock["therapist_id"], clock["opened_at"])
    told = explain(clocks.policy_of(clock), found.schedule, clock["opened_at"], tx.now)
    stretches = tuple(
        Stretch(
            part.start,
            part.end,
            part.counted,
            SKIPPED.get(part.reason, ""),
            part.duration.total_seconds() / 60,
        )
        for part in told.segments
    )
    view = ClockView(
        row=row_of(row, tx),
        policy=clock["policy_name"].replace("_", " ").replace("-", " ").capitalize(),
        calendar=f"calendar version {found.version}",
        stretches=stretches,
        sentence=told.sentence,
        reassign_to=tuple(
            Choice(str(row["id"]), f"{row['name']}, {_places(row['places'])}")
            for row in await could_take(tx, moving)
        ),
    )
    return frame.page("staff/clock.html", view, "/board")


def _places(count: int) -> str:
    return "1 free place" if count == 1 else f"{count} free places"
