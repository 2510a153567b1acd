"""Sample pages of leaving, retention and holds."""

from __future__ import annotations

from datetime import datetime, timedelta

from web.views import leaving as views
from web.views.shell import Choice, Form

DAY = timedelta(days=1)


def leaving(now: datetime, ident: str) -> views.LeavingView:
    """In care, with a password that was refused."""
    form = Form(errors={"password": "That was not your password."})
    return views.LeavingView("", "November 23, 2032", now + 2_192 * DAY, room_id=ident, form=form)


def no_care(now: datetime) -> views.LeavingView:
    """Never in a room."""
    return views.LeavingView("", "", now)


def sealed(now: datetime) -> views.LeavingView:
    """Asked long ago, its day has come, and a hold keeps it."""
    return views.LeavingView(
        "waiting",
        "November 20, 2026",
        now - DAY,
        closed_at=now - 2_200 * DAY,
        asked_at=now - 2_200 * DAY,
        kept_back=True,
    )


def records(now: datetime, ident: str) -> views.SealedRoomsView:
    """Two rooms, one without a date."""
    return views.SealedRoomsView(
        (
            views.SealedRoom(ident, "K-44FD", now - 3 * DAY, "November 23, 2032"),
            views.SealedRoom(ident.replace("1", "2"), "K-9L1C", now, ""),
        )
    )


def retention(now: datetime, ident: str) -> views.RetentionView:
    """Every kind of row, and both forms refused."""
    waiting = (
        views.WaitingErasure("K-7Q2M", now - 2_300 * DAY, "November 20, 2026", True, True, False, False),
        views.WaitingErasure("K-2B9X", now - 2_300 * DAY, "November 20, 2026", True, False, True, False),
        views.WaitingErasure("K-44FD", now - 3 * DAY, "November 23, 2032", False, False, False, False),
        views.WaitingErasure("K-9L1C", now, "", True, False, False, True),
    )
    return views.RetentionView(
        waiting=waiting,
        holds=(
            views.Hold(ident, ident, "K-7Q2M", "Subpoena of the county court.", "Ada Byrne", now - 90 * DAY),
        ),
        rules=(
            views.Rule("California", 7, 25, "January 1, 2000", "Cal. Bus. & Prof. Code 2919", False),
            views.Rule("Florida", 8, None, "July 1, 2027", "A rule to come", True),
        ),
        done=(views.Shredded("E-5c0f", now - 5 * DAY, 4, 12),),
        states=(Choice("CA", "California"), Choice("*", "Every other state")),
        hold=Form({"code": "K-0000"}, errors={"code": "There is no client with this code."}),
        rule=Form({"years": "x"}, errors={"years": "Give a whole number of years."}),
    )
