"""Sample hours, time off and cover, as their pages show them."""

from __future__ import annotations

from datetime import datetime, timedelta

from web.views import working_time as views
from web.views.shell import Choice, Form

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
ZONE = "America/New_York"


def hours(errors: dict[str, str] | None = None) -> views.HoursView:
    """A week with a split Monday, and one day off to come."""
    days = tuple(
        views.DayHours(
            name[:3].lower(),
            name,
            tuple((f"{name[:3].lower()}_{n}_from", f"{name[:3].lower()}_{n}_to") for n in (0, 1)),
        )
        for name in WEEKDAYS
    )
    values = {"tz": ZONE, "state": "NY", "mon_0_from": "09:00", "mon_0_to": "12:00", "mon_1_from": "13:00"}
    form = Form(values | {"mon_1_to": "17:00"}, {"public": ("US",)}, errors or {})
    off = (Choice("2026-12-24", "Thu, Dec 24, 2026"),)
    return views.HoursView(form, days, (ZONE, "America/Chicago"), off, ("2026-11-02",), (), "35", 20, 17)


def rows(now: datetime, ident: str) -> tuple[views.LeaveRow, ...]:
    """Leave to come, leave now and leave that was."""
    begins, ends = "2026-12-01T09:00", "2026-12-15T09:00"
    day = timedelta(days=1)
    return (
        views.LeaveRow(ident, now + 9 * day, now + 23 * day, "ahead", 12, 3, 2, begins, ends),
        views.LeaveRow(ident.replace("1", "2"), now - day, now + day, "away", 1, 0, 0, begins, ends),
        views.LeaveRow(
            ident.replace("1", "3"), now - 90 * day, now - 80 * day, "over", 12, 0, 0, begins, ends
        ),
    )


def leave(now: datetime, ident: str) -> views.LeaveView:
    """The page with a form that was refused."""
    form = Form({"note": "Calls on Tuesdays."}, errors={"to": "The end comes before the beginning."})
    return views.LeaveView(form, rows(now, ident), (Choice(ident, "Sam Ortiz"),), ZONE)


def story(now: datetime, ident: str) -> views.StoryView:
    """What happened in two rooms."""
    rooms = (
        views.RoomStory(ident, "K-7Q2M", 6, 5, "Sam Ortiz"),
        views.RoomStory(ident, "K-2B9X", 0, 0, ""),
    )
    return views.StoryView(rows(now, ident)[2], rooms, "K-7Q2M writes at night; mornings are fine to answer.")


def covers(now: datetime, ident: str) -> views.CoversView:
    """One leave and one late answer to take, one room covered now."""
    day = timedelta(days=1)
    asks = (
        views.CoverAsk(
            ident,
            "K-2B9X",
            "New York",
            "Dr. Mei Lin",
            now,
            now + 3 * day,
            now + timedelta(hours=3),
            now - day,
        ),
        views.CoverAsk(
            ident.replace("1", "2"), "K-7Q2M", "", "Sam Ortiz", now + 9 * day, now + 23 * day, now + day
        ),
    )
    covered = (
        views.Covered(ident, "K-4T8W", "Sam Ortiz", now - day, now + 6 * day, begun=True),
        views.Covered(ident, "K-9C1D", "Sam Ortiz", now + day, now + 6 * day, begun=False),
    )
    return views.CoversView(asks, covered, (views.HandOver("Sam Ortiz", "K-4T8W has a hard week."),))


def away(now: datetime, ident: str) -> tuple[views.AwayRow, ...]:
    """Somebody away with a gap, somebody to leave, all covered."""
    day = timedelta(days=1)
    return (
        views.AwayRow(ident, "Dr. Mei Lin", now - day, now + 13 * day, True, 12, 2, 1),
        views.AwayRow(ident.replace("1", "2"), "Sam Ortiz", now + 9 * day, now + 23 * day, False, 8, 0, 0),
    )


def leave_cover(now: datetime, ident: str) -> views.LeaveCoverView:
    """Rooms in every state that they can be in."""
    row, day = away(now, ident)[0], timedelta(days=1)
    asked = (
        views.Asked("Sam Ortiz", "Said no", "", None),
        views.Asked("Ada Cole", "Asked", "soon", now + timedelta(hours=5)),
    )
    choices = (Choice(ident, "Ada Cole: 32 h a week at the same time, 4 free places"),)
    unfit = (
        views.Unfit("Jo Park", ("No licence where the client is, through the last day", "No free place")),
    )
    held = (views.Covered(ident, "K-4T8W", "Sam Ortiz", now - day, now + 13 * day, begun=False),)
    return views.LeaveCoverView(
        row,
        False,
        (
            views.RoomCover(ident, "K-2B9X", False, (), asked, choices, unfit, looked=True),
            views.RoomCover(ident.replace("1", "2"), "K-7Q2M", False, (), (), (), unfit, looked=True),
            views.RoomCover(ident.replace("1", "3"), "K-9C1D", False, (), (), (), (), looked=False),
            views.RoomCover(ident.replace("1", "4"), "K-4T8W", True, held, (), (), (), looked=True),
        ),
    )
