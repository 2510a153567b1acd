"""Time zones and wall clocks: the only place where local time becomes an instant.

Zones come from the pinned `tzdata` package, never from the machine, so that every process of the clinic
agrees; `TZDATA_VERSION` belongs to the version of any calendar that was read with it.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from importlib.metadata import version
from importlib.resources import files
from typing import Final
from zoneinfo import ZoneInfo

from domain.errors import FieldError, Invalid

TZDATA_VERSION: Final = version("tzdata")

_SECOND = timedelta(seconds=1)


@lru_cache(maxsize=1)
def _zone_names() -> frozenset[str]:
    return frozenset(files("tzdata").joinpath("zones").read_text("ascii").split()) - {"Factory"}


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    """The IANA zone of this name. Raises `Invalid` (`unknown_zone`); it is never taken for UTC."""
    if name not in _zone_names():
        raise Invalid(FieldError("tz", "unknown_zone"), code="unknown_zone")
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as data:
        return ZoneInfo.from_file(data, key=name)


def is_zone(name: str) -> bool:
    """Whether the pinned database knows a zone of this name."""
    return name in _zone_names()


def date_everywhere(instant: datetime) -> date:
    """The date that has begun in every state: what holds from it on holds for everybody at once.

    In Hawaii days begin last. The date of UTC is there tomorrow's for ten hours of each day.
    """
    return instant.astimezone(zone("Pacific/Honolulu")).date()


def resolve(local: datetime, tz: ZoneInfo) -> datetime:
    """The earliest instant (UTC) at which the wall clock of `tz` reads `local` (naive) or later.

    Where clocks jump over `local` that is the moment of the jump; where they read it twice, the first time.
    """
    instant = local.replace(tzinfo=tz, fold=0).astimezone(UTC)
    if instant.astimezone(tz).replace(tzinfo=None) == local:
        return instant
    # zoneinfo answers a skipped time with the old offset, which lies after the jump; fold=1 lies before it.
    before, after = local.replace(tzinfo=tz, fold=1).astimezone(UTC), instant
    while after - before > _SECOND:
        middle = before + (after - before) // _SECOND // 2 * _SECOND
        if middle.astimezone(tz).replace(tzinfo=None) >= local:
            after = middle
        else:
            before = middle
    return after
