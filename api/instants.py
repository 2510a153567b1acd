"""Instants as they are sent."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime

_EARLIEST, _LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def _within(at: datetime) -> datetime:
    if not _EARLIEST <= at < _LATEST:
        raise ValueError("out of range")
    return at.astimezone(UTC)


Instant = Annotated[AwareDatetime, AfterValidator(_within)]
"""An instant with its offset, as UTC, from 1900 up to 2200: at the ends of the calendar arithmetic fails."""
