"""Sponsors (employers, schools, member organisations): who may come, how many sessions, until when, what is told.

A sponsor hears how much was used and never by whom: a figure of fewer than five people is hidden, and so is any that
would give it away by subtraction (small-cell suppression, NCHS and CMS cell-size practice).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from domain.errors import FieldError, Invalid
from domain.insured import Relationship


class SponsorKind(StrEnum):
    EMPLOYER = "employer"
    SCHOOL = "school"
    MEMBER_ORGANISATION = "member_organisation"


LEAST_SHOWN: Final = 5
RUNS_OUT_WITHIN: Final = timedelta(days=14)
"""How long before its last day the holder of an authorisation is told."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a sponsor grants from a day on. `valid_days` counts the first one, of an authorisation we give ourselves;
    with `needs_authorisation` the sponsor gives it, through the roster.
    """

    sessions_each: int
    effective_from: date
    valid_days: int = 365
    covers_dependants: bool = False
    needs_roster: bool = False
    needs_authorisation: bool = False

    def __post_init__(self) -> None:
        errors = []
        if not 1 <= self.sessions_each <= 1_000:
            errors.append(FieldError("sessions_each", "out_of_range"))
        if not 1 <= self.valid_days <= 3_660:
            errors.append(FieldError("valid_days", "out_of_range"))
        if self.needs_authorisation and not self.needs_roster:
            errors.append(FieldError("needs_authorisation", "needs_a_roster"))
        if errors:
            raise Invalid(*errors)


@dataclass(frozen=True, slots=True)
class Member:
    """A person of a roster, without a name. Days are inclusive; `authorised_until` None: no authorisation."""

    relationship: Relationship
    active_from: date
    active_to: date | None = None
    authorised_sessions: int = 0
    authorised_until: date | None = None


def admits(terms: Terms, member: Member | None, on: date) -> bool:
    """Whether somebody who typed the sponsor's code may come on a day; `member`: who they are on its roster."""
    if not terms.needs_roster:
        return True
    if member is None or not _within(member.active_from, on, member.active_to):
        return False
    if member.relationship is not Relationship.SELF and not terms.covers_dependants:
        return False
    return not terms.needs_authorisation or _authorised(member, on)


def _authorised(member: Member, on: date) -> bool:
    return (
        member.authorised_sessions > 0
        and member.authorised_until is not None
        and on <= member.authorised_until
    )


@dataclass(frozen=True, slots=True)
class Grant:
    """Sessions from one day to another, both included."""

    sessions: int
    valid_from: date
    valid_to: date


def grant_of(terms: Terms, member: Member | None, on: date, sponsor_ends: date | None) -> Grant:
    """What somebody whom `admits` let in is granted on a day, never beyond the sponsor's own last day."""
    if terms.needs_authorisation and member is not None and member.authorised_until is not None:
        sessions, until = member.authorised_sessions, member.authorised_until
    else:
        sessions, until = terms.sessions_each, on + timedelta(days=terms.valid_days - 1)
    ends = [day for day in (until, sponsor_ends, member.active_to if member else None) if day is not None]
    return Grant(sessions, on, min(ends))


@dataclass(frozen=True, slots=True)
class Account:
    """An authorisation with what the ledger says is left of it."""

    valid_from: date
    valid_to: date
    left: int

    def usable(self, on: date) -> bool:
        """Whether a session of this day can be paid by it."""
        return self.left > 0 and _within(self.valid_from, on, self.valid_to)


def to_use(accounts: Iterable[Account], on: date) -> Account | None:
    """Of several the one that runs out first, so that no session lapses that could be used."""
    return min((each for each in accounts if each.usable(on)), key=lambda each: each.valid_to, default=None)


def _within(first: date, day: date, last: date | None) -> bool:
    return first <= day and (last is None or day <= last)


def shown_counts(counts: Mapping[str, int], least: int = LEAST_SHOWN) -> dict[str, int | None]:
    """Counts of people by group, for a sponsor to read beside their sum; None where hidden.

    A group of one to four is hidden. If only one is, the sum would tell it: the smallest of the others is hidden with
    it. An empty group says nothing about anybody and is shown, unless it is needed to hide another one.
    """
    hidden = {name for name, count in counts.items() if 0 < count < least}
    if len(hidden) == 1 or (hidden and sum(counts[name] for name in hidden) < least):
        others = sorted((count == 0, count, name) for name, count in counts.items() if name not in hidden)
        hidden |= {name for _, _, name in others[:1]}
    return {name: None if name in hidden else count for name, count in counts.items()}


def shown_total(counts: Mapping[str, int], least: int = LEAST_SHOWN) -> int | None:
    """The sum beside `shown_counts`; None where it would tell a hidden group, or is one itself."""
    whole = sum(counts.values())
    shown = shown_counts(counts, least)
    hidden = [name for name, count in shown.items() if count is None]
    unsafe = 0 < whole < least or len(hidden) == 1 or 0 < sum(counts[name] for name in hidden) < least
    return None if unsafe else whole
