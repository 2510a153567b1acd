"""Where a therapist may give care, and on which days. Nothing overrides a licence.

A compact (Counseling Compact, PSYPACT) lets someone practise only by a privilege issued to that person; that
a state has enacted the compact says nothing, and is not stored.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from domain import states
from domain.zones import resolve

WARNING_DAYS = (60, 30, 7)


class LicenceKind(StrEnum):
    STATE_LICENCE = "state_licence"
    COMPACT_PRIVILEGE = "compact_privilege"


class LicenceStatus(StrEnum):
    """As the board's register has it."""

    ACTIVE = "active"
    PENDING = "pending"
    SUSPENDED = "suspended"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Licence:
    """A right to practise in one state (two-letter postal code). It ends on `expires_on`: that day it no
    longer
    holds."""

    state: str
    issued_on: date
    expires_on: date
    kind: LicenceKind = LicenceKind.STATE_LICENCE
    status: LicenceStatus = LicenceStatus.ACTIVE

    def holds(self, state: str, on: date) -> bool:
        """Whether it lets care be given to someone who is in `state` on the date (that state's calendar)."""
        in_time = self.issued_on <= on < self.expires_on
        return self.state == state and self.status is LicenceStatus.ACTIVE and in_time


def licence_for(licences: Iterable[Licence], state: str, on: date) -> Licence | None:
    """The licence that holds in the state on the date, the longest one; None when there is none."""
    holding = [licence for licence in licences if licence.holds(state, on)]
    return max(holding, key=lambda licence: licence.expires_on, default=None)


def licensed_throughout(licences: Iterable[Licence], state: str, first: date, last: date) -> bool:
    """Whether every single day from `first` to `last`, both included, is licensed."""
    held = list(licences)
    day = first
    while day <= last:
        licence = licence_for(held, state, day)
        if licence is None:
            return False
        day = licence.expires_on
    return True


def licensed_until(licences: Iterable[Licence], state: str, on: date) -> date:
    """The first day from `on` on that is not licensed in the state: `on` itself where none holds that day."""
    held = list(licences)
    while (licence := licence_for(held, state, on)) is not None:
        on = licence.expires_on
    return on


def closure(licences: Iterable[Licence], state: str, now: datetime) -> datetime:
    """The instant (UTC) from which these licences let nobody be cared for in the state; `now` where they do not now.

    A licence ends as its last day does in the state the client is in. Raises Invalid (`unknown_state`).
    """
    zone = states.state(state).zone
    today = now.astimezone(zone).date()
    ends = licensed_until(licences, state, today)
    return now if ends == today else resolve(datetime.combine(ends, time()), zone)


def warning_due(expires_on: date, today: date) -> int | None:
    """The warning that stands on `today`: 60, 30 or 7 days before expiry, 0 from that day on, else None.

    A missed day does not skip a warning: the nearest that has been reached is the one that stands.
    """
    left = (expires_on - today).days
    if left <= 0:
        return 0
    return min((days for days in WARNING_DAYS if left <= days), default=None)
