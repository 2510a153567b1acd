"""Times as people read them: relative and exact together, the zone always named.

`web/static/js/time.js` says the same words as `span_words`; a browser test holds the two together.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from domain.promises import time_of_day, zone_name

MINUTE, HOUR, DAY = 60, 3600, 86400


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose eyes: the instant the page is made (UTC) and the zone times are told in (IANA name)."""

    now: datetime
    zone: str

    def local(self, instant: datetime, zone: str | None = None) -> datetime:
        """The instant on the wall clock of the reader, or of `zone`."""
        return instant.astimezone(ZoneInfo(zone or self.zone))


def span_words(seconds: float) -> str:
    """A length of time in at most two units: `42 s`, `6 min 4 s`, `17 min`, `3 h 59 min`, `2 days 4 h`."""
    whole = int(abs(seconds))
    if whole < MINUTE:
        return f"{whole} s"
    if whole < 10 * MINUTE:
        return f"{whole // MINUTE} min {whole % MINUTE} s"
    if whole < HOUR:
        return f"{whole // MINUTE} min"
    if whole < DAY:
        return f"{whole // HOUR} h {whole % HOUR // MINUTE} min"
    days, hours = divmod(whole // HOUR, 24)
    unit = "day" if days == 1 else "days"
    return f"{days} {unit} {hours} h" if days < 7 and hours else f"{days} {unit}"


def due_words(instant: datetime, now: datetime) -> str:
    """`due in 17 min` or `22 min overdue`."""
    left = (instant - now).total_seconds()
    return f"due in {span_words(left)}" if left > 0 else f"{span_words(left)} overdue"


def ago_words(instant: datetime, now: datetime) -> str:
    """`5 min 10 s ago`, `just now`, or `in 2 h 0 min` for what is to come."""
    left = (instant - now).total_seconds()
    if abs(left) < MINUTE:
        return "just now"
    return f"in {span_words(left)}" if left > 0 else f"{span_words(left)} ago"


def clock_words(local: datetime) -> str:
    """`3:20 PM`: to the minute, for people."""
    return time_of_day(local.replace(second=0, microsecond=0))


def day_words(local: datetime, now_local: datetime) -> str:
    """`today`, `tomorrow`, `yesterday`, `Mon` within six days, else `Mon, Nov 30`, with the year when it
    differs.
    """
    apart = (local.date() - now_local.date()).days
    near = {0: "today", 1: "tomorrow", -1: "yesterday"}
    if apart in near:
        return near[apart]
    if 1 < apart < 7:
        return f"{local:%a}"
    day = f"{local:%a}, {local:%b} {local.day}"
    return day if local.year == now_local.year else f"{day}, {local.year}"


def exact_words(instant: datetime, reader: Reader, zone: str | None = None) -> str:
    """`3:20 PM EST` on the reader's own day, else with the day before it: `Mon 11:00 AM EST`."""
    local = reader.local(instant, zone)
    time = f"{clock_words(local)} {zone_name(local)}"
    day = day_words(local, reader.local(reader.now, zone))
    if day == "today":
        return time
    return f"{day}{',' if ',' in day or day in ('tomorrow', 'yesterday') else ''} {time}"


def date_words(instant: datetime, reader: Reader) -> str:
    """`Nov 22, 2026` on the reader's calendar."""
    local = reader.local(instant)
    return f"{local:%b} {local.day}, {local.year}"


def heading_words(instant: datetime, reader: Reader) -> str:
    """A day's heading in a conversation: `Today`, `Yesterday`, `Saturday, November 21`."""
    local = reader.local(instant)
    apart = (local.date() - reader.local(reader.now).date()).days
    if apart == 0:
        return "Today"
    if apart == -1:
        return "Yesterday"
    day = f"{local:%A}, {local:%B} {local.day}"
    return day if local.year == reader.local(reader.now).year else f"{day}, {local.year}"


def iso(instant: datetime) -> str:
    """The instant for a machine: UTC, `Z`."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
