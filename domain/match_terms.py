"""The seven terms of the matching score, each between 0 and 1, and the plain reasons they give."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from domain.match_profiles import Count, Seeker, TherapistProfile
from domain.week_hours import length, overlap


class Terms(NamedTuple):
    specialty: float
    modality: float
    hours: float
    preferences: float
    headroom: float
    reliability: float
    outcomes: float


class Standing(NamedTuple):
    """The last three of them, in the same order."""

    headroom: float
    reliability: float
    outcomes: float


WEIGHTS = Terms(
    specialty=0.30,
    modality=0.15,
    hours=0.15,
    preferences=0.15,
    headroom=0.10,
    reliability=0.10,
    outcomes=0.05,
)

NOTHING_ASKED = 1.0  # a wish that was not stated is not unmet
SHRINKAGE = 20.0  # how many cases the mean of all counts for
OUTCOME_CASES = 15  # fewer say nothing
FEW_PROMISES = 30  # under this a share of promises is not shown to anyone
EVEN = 0.5  # the mean where nobody has any cases
MOST_REASONS = 3
_PLAIN = {
    "cbt": "exercises between messages",
    "psychodynamic": "looking at where things come from",
    "supportive": "someone who listens and stays",
    "woman": "a woman",
    "man": "a man",
    "nonbinary": "a nonbinary person",
    "depression": "low mood",
    "self_esteem": "how you see yourself",
    "substance_use": "alcohol or drugs",
    "work": "work or study",
}
"""What was chosen at intake, in the words of the choice."""

_TERMS_OF_THEIR_OWN = frozenset({"modality", "language"})  # a score term, and a filter


@dataclass(frozen=True, slots=True)
class Means:
    """The means of all therapists, towards which small numbers are drawn."""

    reliability: float
    outcomes: float


def means_of(therapists: Iterable[TherapistProfile]) -> Means:
    """Pooled over everyone passed in, eligible or not: the mean is the clinic's, not the list's."""
    everyone = list(therapists)
    return Means(
        reliability=_pooled(therapist.promises_kept for therapist in everyone),
        outcomes=_pooled(_counted(therapist.outcomes) for therapist in everyone),
    )


def terms_of(seeker: Seeker, therapist: TherapistProfile, means: Means) -> Terms:
    """How well the pair fits, term by term."""
    return Terms(
        specialty=_met(len(seeker.focus & therapist.specialties), len(seeker.focus)),
        modality=_wishes_met(seeker, therapist, "modality"),
        hours=_hours(seeker, therapist),
        preferences=_wishes_met(seeker, therapist, None),
        **standing_terms(therapist, means)._asdict(),
    )


def standing_terms(therapist: TherapistProfile, means: Means) -> Standing:
    """The terms that are the therapist's own, whoever looks."""
    return Standing(
        headroom=_headroom(therapist),
        reliability=shrunk(therapist.promises_kept, means.reliability),
        outcomes=shrunk(_counted(therapist.outcomes), means.outcomes),
    )


def shrunk(count: Count, mean: float) -> float:
    """The share, drawn to the mean as if that many more cases had gone the average way."""
    return (count.good + SHRINKAGE * mean) / (count.of + SHRINKAGE)


def reasons_for(seeker: Seeker, therapist: TherapistProfile, terms: Terms) -> tuple[str, ...]:
    """At most three reasons that the client can check, those that weigh most first.

    Outcomes give none: uncontrolled figures of one therapist would read as a promise.
    """
    said = {
        "specialty": _specialty_words(seeker, therapist),
        "modality": _wish_words(seeker, therapist, "modality", "Works as you wished: {}"),
        "hours": _hours_words(seeker, therapist),
        "preferences": _wish_words(seeker, therapist, None, "As you wished: {}"),
        "headroom": "Has time for new clients now" if terms.headroom >= EVEN else None,
        "reliability": _promise_words(therapist),
    }
    weight = {name: getattr(WEIGHTS, name) * getattr(terms, name) for name in said}
    strongest = sorted((name for name in said if said[name]), key=lambda name: -weight[name])
    return tuple(words for name in strongest[:MOST_REASONS] if (words := said[name]))


def _counted(outcomes: Count) -> Count:
    return outcomes if outcomes.of >= OUTCOME_CASES else Count()


def _pooled(counts: Iterable[Count]) -> float:
    pool = list(counts)
    of = sum(count.of for count in pool)
    return sum(count.good for count in pool) / of if of else EVEN


def _met(met: int, asked: int) -> float:
    return met / asked if asked else NOTHING_ASKED


def _wishes_met(seeker: Seeker, therapist: TherapistProfile, kind: str | None) -> float:
    met = [therapist.meets(wish) for wish in seeker.wishes if is_of(wish.kind, kind)]
    return _met(sum(met), len(met))


def is_of(kind: str, wanted: str | None) -> bool:
    """Whether a wish of this kind counts for the term of the `wanted` kind; None: for preferences at large."""
    return kind == wanted if wanted else kind not in _TERMS_OF_THEIR_OWN


def _hours(seeker: Seeker, therapist: TherapistProfile) -> float:
    if not seeker.hours:
        return NOTHING_ASKED
    return overlap(seeker.hours, therapist.hours) / length(seeker.hours)


def _headroom(therapist: TherapistProfile) -> float:
    if therapist.target_load <= 0:
        return 0.0
    return min(1.0, max(0.0, 1 - therapist.load / therapist.target_load))


def _specialty_words(seeker: Seeker, therapist: TherapistProfile) -> str | None:
    shared = sorted(seeker.focus & therapist.specialties)
    return f"Works with {_listed(shared)}" if shared else None


def _wish_words(seeker: Seeker, therapist: TherapistProfile, kind: str | None, form: str) -> str | None:
    met = [wish.value for wish in seeker.wishes if is_of(wish.kind, kind) and therapist.meets(wish)]
    return form.format(_listed(met)) if met else None


def _hours_words(seeker: Seeker, therapist: TherapistProfile) -> str | None:
    shared = overlap(seeker.hours, therapist.hours) // timedelta(hours=1)
    wanted = -(-length(seeker.hours) // timedelta(hours=1))
    return f"Works {shared} of the {wanted} hours a week that suit you" if 2 * shared >= wanted > 0 else None


def _promise_words(therapist: TherapistProfile) -> str | None:
    kept = therapist.promises_kept
    if kept.of < FEW_PROMISES or kept.good / kept.of < 0.9:
        return None
    return f"Answered {kept.good} of {kept.of} messages in time"


def _listed(values: list[str]) -> str:
    plain = [_PLAIN.get(value, value.replace("_", " ")) for value in values]
    return plain[0] if len(plain) == 1 else f"{', '.join(plain[:-1])} and {plain[-1]}"
