"""What excludes a therapist for a client. Every reason has a stable code and plain words; none can be
outweighed.

The same filters guard reassignment, cover and bulk moves.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.ids import TherapistId
from domain.licences import licence_for
from domain.match_profiles import Seeker, TherapistProfile


class Refusal(StrEnum):
    """Why this therapist cannot be this client's."""

    NO_LICENCE = "no_licence"
    NO_CREDENTIAL = "no_credential"
    AGE_OUTSIDE_BAND = "age_outside_band"
    LANGUAGE = "language"
    NO_CAPACITY = "no_capacity"
    ACUITY_OUTSIDE_SCOPE = "acuity_outside_scope"
    BLOCKED = "blocked"
    MESSAGING_OFF = "messaging_off"
    NOT_ACCEPTING = "not_accepting"
    MUST_UNMET = "must_unmet"
    ALREADY_ASKED = "already_asked"


ABOUT_NEW_CLIENTS = frozenset({Refusal.NOT_ACCEPTING, Refusal.ALREADY_ASKED, Refusal.MUST_UNMET})
"""Reasons that stand against a new match only; cover and urgent reassignment look past them."""


def refusals(seeker: Seeker, therapist: TherapistProfile, on_date: date) -> tuple[Refusal, ...]:
    """Every hard filter that the pair fails on the date (in the client's state); empty when eligible."""
    payer = seeker.payer_id
    failed = {
        Refusal.NO_LICENCE: licence_for(therapist.licences, seeker.state, on_date) is None,
        Refusal.NO_CREDENTIAL: payer is not None
        and not any(credential.holds(payer, on_date) for credential in therapist.credentials),
        Refusal.AGE_OUTSIDE_BAND: not therapist.ages[0] <= seeker.age <= therapist.ages[1],
        Refusal.LANGUAGE: seeker.language not in therapist.languages,
        Refusal.NO_CAPACITY: therapist.load >= therapist.most_load,
        Refusal.ACUITY_OUTSIDE_SCOPE: seeker.acuity > therapist.acuity_scope,
        Refusal.BLOCKED: therapist.therapist_id in seeker.blocked,
        Refusal.MESSAGING_OFF: not therapist.messaging_on,
        Refusal.NOT_ACCEPTING: not therapist.accepting,
        Refusal.MUST_UNMET: any(wish.must and not therapist.meets(wish) for wish in seeker.wishes),
        Refusal.ALREADY_ASKED: therapist.therapist_id in seeker.already_asked,
    }
    return tuple(refusal for refusal, stands in failed.items() if stands)


def refusal_words(refusal: Refusal, seeker: Seeker) -> str:
    """The reason as staff read it."""
    words = {
        Refusal.NO_LICENCE: f"no licence in {seeker.state}",
        Refusal.NO_CREDENTIAL: f"not credentialed with payer {seeker.payer_id}",
        Refusal.AGE_OUTSIDE_BAND: f"does not see clients aged {seeker.age}",
        Refusal.LANGUAGE: f"does not work in {seeker.language}",
        Refusal.NO_CAPACITY: "no free place",
        Refusal.ACUITY_OUTSIDE_SCOPE: "needs more than this therapist takes on",
        Refusal.BLOCKED: "blocked or in conflict",
        Refusal.MESSAGING_OFF: "does not offer messaging",
        Refusal.NOT_ACCEPTING: "takes no new clients now",
        Refusal.MUST_UNMET: "does not meet what the client insists on",
        Refusal.ALREADY_ASKED: "was asked already in this search",
    }
    return words[refusal]


@dataclass(frozen=True, slots=True)
class Rejection:
    """A therapist who cannot be, with every reason as code and, in the same order, in words."""

    therapist_id: TherapistId
    codes: tuple[Refusal, ...]
    words: tuple[str, ...]

    @classmethod
    def of(cls, therapist_id: TherapistId, codes: tuple[Refusal, ...], seeker: Seeker) -> "Rejection":
        return cls(therapist_id, codes, tuple(refusal_words(code, seeker) for code in codes))
