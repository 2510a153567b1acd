"""How something dated stands today, and who said it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from records.database import Row
from web.views.payers import Said

_ENDED, _TAKEN_BACK = ("Earlier", "", "clock"), ("Taken back", "", "x")
_NOW, _TO_COME = ("In force", "good", "check"), ("To come", "soon", "clock")


def said_in_turn(rows: Iterable[Row], today: date) -> list[Said]:
    """Of dated rows of one thing, the newest first: the first that has begun, and stands, is in force.

    `today` is an instant where the rows begin at instants.
    """
    said, seen = [], False
    for row in rows:
        now = not seen and row["superseded_at"] is None and row["effective_from"] <= today
        seen = seen or now
        said.append(said_of(row, today, now=now))
    return said


def said_of(row: Row, today: date, *, now: bool | None = None) -> Said:
    """Of a dated row. `now`: whether it is the one in force, where another one may have followed it."""
    until = row.get("effective_to")
    if row["superseded_at"] is not None:
        state = _TAKEN_BACK
    elif row["effective_from"] > today:
        state = _TO_COME
    elif now is False or (until is not None and until < today):
        state = _ENDED
    else:
        state = _NOW
    return Said(*state, by=row["entered_by_name"] or "The beginning", at=row["entered_at"])
