"""The promise in the words that people read: due times with their zone, and how long is left."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from domain.zones import zone

_MINUTE: Final = timedelta(minutes=1)
_SECOND: Final = timedelta(seconds=1)
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Pronoun(StrEnum):
    """How a therapist is spoken of; `they` where it is not known."""

    SHE = "she"
    HE = "he"
    THEY = "they"


def promise(
    due_at: datetime,
    reader_tz: str,
    therapist_tz: str,
    pronoun: Pronoun = Pronoun.THEY,
    now: datetime | None = None,
) -> str:
    """When an answer is due, in the reader's zone, with the therapist's beside it where the clocks differ.

    As "Mon 11:00 AM PDT (2:00 PM where she is)". The date is added where `now` is given and the weekday alone
    would be ambiguous. Raises `Invalid` for an unknown zone.
    """
    here, there = due_at.astimezone(zone(reader_tz)), due_at.astimezone(zone(therapist_tz))
    dated = now is not None and abs(due_at - now) >= timedelta(days=6)
    words = f"{day_and_time(here, dated=dated)} {zone_name(here)}"
    if here.utcoffset() == there.utcoffset():
        return words
    their_time = (
        time_of_day(there)
        if here.date() == there.date()
        else f"{_DAYS[there.weekday()]} {time_of_day(there)}"
    )
    verb = "are" if pronoun is Pronoun.THEY else "is"
    return f"{words} ({their_time} where {pronoun} {verb})"


def relative(due_at: datetime, now: datetime) -> str:
    """How long until or since the due time, rounded down: "due in 17 min", "22 min overdue"."""
    left = due_at - now
    if left > timedelta():
        return f"due in {rough(left)}"
    return "due now" if left > -_SECOND else f"{rough(-left)} overdue"


def rough(duration: timedelta) -> str:
    """A duration in at most two units, rounded down: "42 s", "17 min", "3 h 5 min", "2 d 4 h"."""
    seconds = duration // _SECOND
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if minutes == 0:
        return f"{seconds} s"
    if hours == 0:
        return f"{minutes} min"
    if days == 0:
        return _two(f"{hours} h", minutes % 60, "min")
    return _two(f"{days} d", hours % 24, "h")


def exact(duration: timedelta) -> str:
    """A duration in minutes, with seconds where there are any: "90 min", "1 min 30 s", "6 s"."""
    minutes, rest = divmod(duration, _MINUTE)
    seconds = f"{rest.total_seconds():g} s"
    if not rest:
        return f"{minutes} min"
    return f"{minutes} min {seconds}" if minutes else seconds


def day_and_time(local: datetime, *, dated: bool) -> str:
    """A local time as "Mon 9:00 AM", or with its date as "Mon May 11, 9:00 AM"."""
    day = _DAYS[local.weekday()]
    if dated:
        day = f"{day} {_MONTHS[local.month - 1]} {local.day},"
    return f"{day} {time_of_day(local)}"


def time_of_day(local: datetime) -> str:
    """A local time on the twelve-hour clock: "9:00 AM"; seconds only where there are any."""
    seconds = f":{local.second:02}" if local.second else ""
    return f"{local.hour % 12 or 12}:{local.minute:02}{seconds} {'AM' if local.hour < 12 else 'PM'}"


def zone_name(local: datetime) -> str:
    """The zone's abbreviation at that time ("PDT"), or its distance from UTC where it has none ("UTC-03")."""
    name = local.tzname() or ""
    return f"UTC{name}" if name[:1] in "+-" else name


def _two(first: str, rest: int, unit: str) -> str:
    return f"{first} {rest} {unit}" if rest else first
