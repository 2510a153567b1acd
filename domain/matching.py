"""Who could be this client's therapist: hard filters first, then a score with its reasons, then three to
show.

The filters are never weighed against anything. The score orders who is left; the three shown keep one place
for a therapist who is under half of target load. Protected traits are never inferred: only what people said
of themselves is compared, and only what the client asked for.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from domain.ids import ClientId, TherapistId
from domain.match_filters import Rejection, refusals
from domain.match_profiles import Seeker, TherapistProfile
from domain.match_terms import WEIGHTS, Means, Terms, means_of, reasons_for, terms_of

SHOWN = 3
FAIRNESS_SHARE_OF_TARGET = 0.5
OFFER_WINDOW = timedelta(hours=4)  # working time of the therapist who is asked
MISSES_BEFORE_A_PERSON = 3  # declined or expired offers, then the matcher takes over


@dataclass(frozen=True, slots=True)
class Candidate:
    """An eligible therapist. `score` is between 0 and 1; `reasons` are at most three, in plain words."""

    therapist_id: TherapistId
    score: float
    terms: Terms
    reasons: tuple[str, ...]
    fairness_slot: bool = False


@dataclass(frozen=True, slots=True)
class Ranking:
    """`candidates` are the three to show, `eligible` all who passed, best first; `rejected` everyone else."""

    candidates: tuple[Candidate, ...]
    eligible: tuple[Candidate, ...]
    rejected: tuple[Rejection, ...]


def rank(seeker: Seeker, therapists: Iterable[TherapistProfile], on_date: date) -> Ranking:
    """Rank everyone for care that begins on `on_date` (calendar of the client's state). The same input gives
    the same
    ranking, in whatever order the therapists come."""
    everyone = sorted(therapists, key=lambda therapist: therapist.therapist_id.int)
    rejected = [
        Rejection.of(therapist.therapist_id, codes, seeker)
        for therapist in everyone
        if (codes := refusals(seeker, therapist, on_date))
    ]
    refused = {rejection.therapist_id for rejection in rejected}
    eligible = [therapist for therapist in everyone if therapist.therapist_id not in refused]
    scored = score_all(seeker, eligible, means_of(everyone))
    order = sorted(
        scored, key=lambda candidate: (-candidate.score, _tie(seeker.client_id, candidate.therapist_id))
    )
    under = {therapist.therapist_id for therapist in eligible if _under_half_of_target(therapist)}
    return Ranking(_to_show(order, under), tuple(order), tuple(rejected))


def score_all(seeker: Seeker, eligible: Sequence[TherapistProfile], means: Means) -> list[Candidate]:
    """The inner loop: every eligible therapist scored. Terms are numbers in the order of `WEIGHTS`, so that a
    matrix may
    take their place."""
    return [_score(seeker, therapist, means) for therapist in eligible]


def _score(seeker: Seeker, therapist: TherapistProfile, means: Means) -> Candidate:
    terms = terms_of(seeker, therapist, means)
    score = round(sum(weight * term for weight, term in zip(WEIGHTS, terms, strict=True)), 4)
    return Candidate(therapist.therapist_id, score, terms, reasons_for(seeker, therapist, terms))


def _under_half_of_target(therapist: TherapistProfile) -> bool:
    return therapist.load < FAIRNESS_SHARE_OF_TARGET * therapist.target_load


def _to_show(order: Sequence[Candidate], under: set[TherapistId]) -> tuple[Candidate, ...]:
    shown = list(order[:SHOWN])
    if any(candidate.therapist_id in under for candidate in shown):
        return tuple(shown)
    lifted = next((candidate for candidate in order[SHOWN:] if candidate.therapist_id in under), None)
    if lifted:
        shown[-1] = replace(lifted, fairness_slot=True)
    return tuple(shown)


def _tie(client_id: ClientId, therapist_id: TherapistId) -> bytes:
    """Equal scores: an order that is stable for a client and favours nobody across clients."""
    pair: tuple[UUID, UUID] = (client_id, therapist_id)
    return hashlib.sha256(pair[0].bytes + pair[1].bytes).digest()
