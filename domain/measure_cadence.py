"""Which questionnaires go along with a regular check-in: outcome measures every 21 days, the alliance at weeks 3 and 8.

The clinic's policy. Routine outcome measurement compares with the baseline of the way in; the bond between client and
therapist is asked about early, when it can still be mended (Hatcher and Gillaspy 2006, WAI-SR). Screeners are asked
once, on the way in.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta, tzinfo
from typing import Final

REPEATED: Final = ("PHQ-9", "GAD-7", "PCL-5")
"""Measures of change, asked again through care."""

AGAIN_AFTER: Final = timedelta(days=21)
ALLIANCE: Final = "WAI-SR"
ALLIANCE_AFTER: Final = (timedelta(weeks=3), timedelta(weeks=8))
"""Since the room was opened. One that fell into a pause is asked once it is over."""


def due(
    switched_on: Iterable[str], opened: datetime, now: datetime, zone: tzinfo, last: Mapping[str, datetime]
) -> tuple[str, ...]:
    """Those that go along with a check-in asked `now`, in the site's order. `last`: when each was taken last, or
    asked along with a check-in of this room; days are the client's (`zone`).
    """
    first, today = _day(opened, zone), _day(now, zone)
    days = {name: _day(at, zone) for name, at in last.items()}
    return tuple(name for name in switched_on if _due(name, first, today, days.get(name)))


def _due(name: str, first: date, today: date, last: date | None) -> bool:
    if name == ALLIANCE:
        return any(
            today - first >= after and (last is None or last - first < after) for after in ALLIANCE_AFTER
        )
    return name in REPEATED and (last is None or today - last >= AGAIN_AFTER)


def _day(at: datetime, zone: tzinfo) -> date:
    return at.astimezone(zone).date()
