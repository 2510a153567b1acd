"""Who may answer in a room for a while, and in which order they are asked.

The filters are those of matching (`domain.match_filters`) less what concerns new clients only; licence and
credential hold on every day of the window, by the calendar of the state the client is in.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from domain.assignments import Needs
from domain.ids import ClientId, TherapistId
from domain.licences import licensed_throughout
from domain.match_filters import ABOUT_NEW_CLIENTS, Refusal, refusals
from domain.match_profiles import Seeker, TherapistProfile

_ANYBODY: Final = ClientId(UUID(int=0))
_OF_THE_PERSON: Final = frozenset({Refusal.AGE_OUTSIDE_BAND, Refusal.LANGUAGE, Refusal.ACUITY_OUTSIDE_SCOPE})


class CoverRefusal(StrEnum):
    """What stands against cover beside the filters of matching."""

    SAME_THERAPIST = "same_therapist"
    ON_LEAVE = "on_leave"
    NO_HOURS = "no_hours"


@dataclass(frozen=True, slots=True)
class Days:
    """The first and the last day of a cover, both included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class CoverCandidate:
    """A therapist considered for a room. `shared`: how much of a week both work at the same time."""

    therapist_id: TherapistId
    shared: timedelta
    load: int
    places: int
    refused: tuple[str, ...] = ()

    @property
    def eligible(self) -> bool:
        """Whether no hard filter stands against it."""
        return not self.refused


def plain_refusals(
    state: str | None, payer_id: str | None, therapist: TherapistProfile, days: Days
) -> tuple[Refusal, ...]:
    """The hard filters that need nothing of what the client told in confidence: checked again at every yes."""
    licensed = state is not None and licensed_throughout(therapist.licences, state, days.first, days.last)
    listed = payer_id is None or any(
        each.holds(payer_id, days.first) and each.holds(payer_id, days.last) for each in therapist.credentials
    )
    failed = {
        Refusal.NO_LICENCE: not licensed,
        Refusal.NO_CREDENTIAL: not listed,
        Refusal.NO_CAPACITY: therapist.load >= therapist.most_load,
        Refusal.MESSAGING_OFF: not therapist.messaging_on,
    }
    return tuple(refusal for refusal, stands in failed.items() if stands)


def unsuited(needs: Needs, therapist: TherapistProfile, day: date) -> tuple[Refusal, ...]:
    """The hard filters of what the client told in confidence, for somebody who may know only what is kept of it."""
    seeker = Seeker(
        client_id=_ANYBODY,
        state="",
        age=needs.age_on(day),
        language=needs.language,
        acuity=needs.acuity,
        payer_id=None,
    )
    return tuple(each for each in refusals(seeker, therapist, day) if each in _OF_THE_PERSON)


def cover_refusals(
    seeker: Seeker, age_at_end: int, therapist: TherapistProfile, days: Days
) -> tuple[Refusal, ...]:
    """Every hard filter that fails on the first or on the last day of the window; `seeker.age` is of the first."""
    found = [
        *plain_refusals(seeker.state, seeker.payer_id, therapist, days),
        *refusals(seeker, therapist, days.first),
        *refusals(replace(seeker, age=age_at_end), therapist, days.last),
    ]
    return tuple(each for each in Refusal if each in found and each not in ABOUT_NEW_CLIENTS)


def in_order(candidates: Iterable[CoverCandidate]) -> list[CoverCandidate]:
    """Who shares most working time first, then who has least to do; whoever cannot be comes last."""
    return sorted(
        candidates, key=lambda each: (not each.eligible, -each.shared, each.load, str(each.therapist_id))
    )
