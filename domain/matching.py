"""Who could be a client's therapist, for one client or for a thousand: hard filters first, then a score with its
reasons, then three to show.

The rules of one pair are `domain.match_filters` and `domain.match_terms`. Here the therapists stand in columns, made
from those rules once and kept while clients come one after the other. The filters are never weighed against anything.
The three shown keep one place for a therapist who is under half of target load. Protected traits are never inferred:
only what people said of themselves is compared, and only what the client asked for.
"""

import hashlib
from array import array
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, TypeVar
from uuid import UUID

import numpy as np
import numpy.typing as npt

from domain.ids import ClientId, TherapistId
from domain.licences import Licence
from domain.match_filters import Refusal, Rejection
from domain.match_profiles import Credential, Search, Seeker, TherapistProfile, Wish
from domain.match_states import SHOWN
from domain.match_terms import (
    NOTHING_ASKED,
    WEIGHTS,
    Terms,
    is_of,
    means_of,
    reasons_for,
    standing_terms,
)
from domain.waiting_lists import SCORE, WaitingList, worth_of_waiting
from domain.week_hours import HALF_HOURS_A_WEEK

FAIRNESS_SHARE_OF_TARGET: Final = 0.5
DIGITS: Final = 4  # of a score: what differs by less is the same

Flags = npt.NDArray[np.bool_]
Figures = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]
Held = TypeVar("Held")


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
    """Rank everyone for one client, for care that begins on `on_date` (calendar of the client's state).

    The same input gives the same ranking, in whatever order the therapists come.
    """
    return Pool(therapists).rank(Search(seeker, on_date))


class Pool:
    """Everyone who works here, in columns: laid out once, asked for any number of clients."""

    def __init__(self, therapists: Iterable[TherapistProfile]) -> None:
        self._everyone = sorted(therapists, key=lambda therapist: therapist.therapist_id.int)
        self._place = {therapist.therapist_id: n for n, therapist in enumerate(self._everyone)}
        self._nobody = self._flags(lambda _: False)
        self._full = self._flags(lambda each: each.load >= each.most_load)
        self._messaging_off = self._flags(lambda each: not each.messaging_on)
        self._not_accepting = self._flags(lambda each: not each.accepting)
        self._under_half = self._flags(_under_half_of_target)
        self._youngest = self._figures(lambda each: each.ages[0])
        self._oldest = self._figures(lambda each: each.ages[1])
        self._scope = self._figures(lambda each: each.acuity_scope)
        self._hours = _in_words(each.hours for each in self._everyone)
        means = means_of(self._everyone)
        standing = [standing_terms(each, means) for each in self._everyone]
        self._standing = np.array(standing, dtype=np.float64).reshape(-1, 3).T
        self._licences = _by_key(self._everyone, lambda each: ((held.state, held) for held in each.licences))
        self._credentials = _by_key(
            self._everyone, lambda each: ((held.payer_id, held) for held in each.credentials)
        )
        self._columns: dict[object, Flags] = {}
        self._overlaps: dict[int, Figures] = {}

    def rank(self, search: Search) -> Ranking:
        """Everyone, with every reason."""
        seeker = search.seeker
        refused = self._refused(search)
        who, terms, scores = self._scored(seeker, refused)
        order = self._best(seeker, who, scores, len(who))
        shown, lifted = self._to_show(seeker, who, scores)
        eligible = {n: self._candidate(seeker, who[n], scores[n], terms[:, n]) for n in order}
        return Ranking(
            candidates=tuple(
                self._candidate(seeker, who[n], scores[n], terms[:, n], n == lifted) for n in shown
            ),
            eligible=tuple(eligible.values()),
            rejected=tuple(self._rejections(seeker, refused)),
        )

    def shortlist(self, search: Search) -> tuple[Candidate, ...]:
        """The three to show and nothing else."""
        seeker = search.seeker
        who, terms, scores = self._scored(seeker, self._refused(search))
        shown, lifted = self._to_show(seeker, who, scores)
        return tuple(self._candidate(seeker, who[n], scores[n], terms[:, n], n == lifted) for n in shown)

    def candidate(self, search: Search, therapist_id: TherapistId) -> Candidate:
        """One therapist as a candidate, whoever else there is. That no filter stops them is the caller's to know."""
        place = self._place[therapist_id]
        terms, scores = self._terms(search.seeker, np.array([place]))
        return self._candidate(search.seeker, place, scores[0], terms[:, 0])

    def waiting_list(self, searches: Sequence[Search], waited: Sequence[timedelta]) -> WaitingList:
        """Every pair that passes the filters, with its worth, for clients in the order given.

        `waited`: how long each has looked.
        """
        clients, therapists, worths = array("i"), array("i"), array("i")
        for n, (search, since) in enumerate(zip(searches, waited, strict=True)):
            who, _, scores = self._scored(search.seeker, self._refused(search))
            clients.extend([n] * len(who))
            therapists.frombytes(who.astype(np.intc).tobytes())
            worth = np.rint(SCORE * scores) + worth_of_waiting(since)
            worths.frombytes(worth.astype(np.intc).tobytes())
        return WaitingList(
            clients=tuple(search.seeker.client_id for search in searches),
            therapists=tuple(each.therapist_id for each in self._everyone),
            places=array("i", (max(0, each.most_load - each.load) for each in self._everyone)),
            client_of=clients,
            therapist_of=therapists,
            worth=worths,
        )

    def _refused(self, search: Search) -> dict[Refusal, Flags]:
        """Who fails which filter: `domain.match_filters.refusals` for everyone, in the same order."""
        seeker, on = search.seeker, search.on
        payer = seeker.payer_id
        return {
            Refusal.NO_LICENCE: ~self._licensed(seeker.state, on),
            Refusal.NO_CREDENTIAL: self._nobody if payer is None else ~self._credentialed(payer, on),
            Refusal.AGE_OUTSIDE_BAND: (self._youngest > seeker.age) | (self._oldest < seeker.age),
            Refusal.LANGUAGE: ~self._meets(Wish("language", seeker.language)),
            Refusal.NO_CAPACITY: self._full,
            Refusal.ACUITY_OUTSIDE_SCOPE: self._scope < seeker.acuity,
            Refusal.BLOCKED: self._these(seeker.blocked),
            Refusal.MESSAGING_OFF: self._messaging_off,
            Refusal.NOT_ACCEPTING: self._not_accepting,
            Refusal.MUST_UNMET: self._must_unmet(seeker),
            Refusal.ALREADY_ASKED: self._these(seeker.already_asked),
        }

    def _rejections(self, seeker: Seeker, refused: dict[Refusal, Flags]) -> Iterable[Rejection]:
        for n in np.flatnonzero(np.logical_or.reduce(list(refused.values()))):
            codes = tuple(refusal for refusal, flags in refused.items() if flags[n])
            yield Rejection.of(self._everyone[n].therapist_id, codes, seeker)

    def _scored(self, seeker: Seeker, refused: dict[Refusal, Flags]) -> tuple[Places, Figures, Figures]:
        """Who is eligible, their terms (a row each, in the order of `WEIGHTS`), their scores."""
        who = np.flatnonzero(~np.logical_or.reduce(list(refused.values())))
        return who, *self._terms(seeker, who)

    def _terms(self, seeker: Seeker, who: Places) -> tuple[Figures, Figures]:
        terms = np.vstack(
            [
                self._specialty(seeker, who),
                self._wishes_met(seeker, who, "modality"),
                self._hours_met(seeker)[who],
                self._wishes_met(seeker, who, None),
                self._standing[:, who],
            ]
        )
        return terms, np.round(np.array(WEIGHTS) @ terms, DIGITS)

    def _to_show(self, seeker: Seeker, who: Places, scores: Figures) -> tuple[list[int], int | None]:
        """The best three, the last one giving way to somebody under half of target load; and who that is."""
        best = self._best(seeker, who, scores, SHOWN)
        under = np.flatnonzero(self._under_half[who])
        if not under.size or any(self._under_half[who[n]] for n in best):
            return best, None
        lifted = int(under[self._best(seeker, who[under], scores[under], 1)[0]])
        return [*best[:-1], lifted], lifted

    def _best(self, seeker: Seeker, who: Places, scores: Figures, most: int) -> list[int]:
        """The highest scores, best first; equal ones in an order that favours nobody across clients."""
        near = list(range(len(who)))
        if most < len(who):
            least = np.partition(scores, -most)[-most]
            near = np.flatnonzero(scores >= least).tolist()
        ids = {n: self._everyone[who[n]].therapist_id for n in near}
        return sorted(ids, key=lambda n: (-scores[n], _tie(seeker.client_id, ids[n])))[:most]

    def _candidate(
        self, seeker: Seeker, place: int, score: float, terms: Figures, fairness_slot: bool = False
    ) -> Candidate:
        therapist, found = self._everyone[place], Terms(*terms.tolist())
        reasons = reasons_for(seeker, therapist, found)
        return Candidate(therapist.therapist_id, float(score), found, reasons, fairness_slot)

    def _specialty(self, seeker: Seeker, who: Places) -> Figures:
        shared = [self._works_with(each)[who] for each in seeker.focus]
        return _share(shared, len(who))

    def _wishes_met(self, seeker: Seeker, who: Places, kind: str | None) -> Figures:
        return _share([self._meets(wish)[who] for wish in seeker.wishes if is_of(wish.kind, kind)], len(who))

    def _hours_met(self, seeker: Seeker) -> Figures:
        wanted = seeker.hours
        if wanted not in self._overlaps:
            both = np.bitwise_count(self._hours & _in_words([wanted])).sum(axis=1)
            self._overlaps[wanted] = (
                both / wanted.bit_count() if wanted else np.full(len(self._everyone), NOTHING_ASKED)
            )
        return self._overlaps[wanted]

    def _licensed(self, state: str, on: date) -> Flags:
        held: list[tuple[int, Licence]] = self._licences.get(state, [])
        return self._holding(
            (Refusal.NO_LICENCE, state, on), (n for n, each in held if each.holds(state, on))
        )

    def _credentialed(self, payer: str, on: date) -> Flags:
        held: list[tuple[int, Credential]] = self._credentials.get(payer, [])
        return self._holding(
            (Refusal.NO_CREDENTIAL, payer, on), (n for n, each in held if each.holds(payer, on))
        )

    def _holding(self, key: object, places: Iterable[int]) -> Flags:
        if key not in self._columns:
            column = self._nobody.copy()
            column[list(places)] = True
            self._columns[key] = column
        return self._columns[key]

    def _must_unmet(self, seeker: Seeker) -> Flags:
        unmet = [~self._meets(wish) for wish in seeker.wishes if wish.must]
        return np.logical_or.reduce(unmet) if unmet else self._nobody

    def _meets(self, wish: Wish) -> Flags:
        return self._column(("wish", wish.kind, wish.value), lambda each: each.meets(wish))

    def _works_with(self, focus: str) -> Flags:
        return self._column(("focus", focus), lambda each: focus in each.specialties)

    def _column(self, key: object, holds: Callable[[TherapistProfile], bool]) -> Flags:
        if key not in self._columns:
            self._columns[key] = self._flags(holds)
        return self._columns[key]

    def _these(self, therapists: Collection[TherapistId]) -> Flags:
        if not therapists:
            return self._nobody
        column = self._nobody.copy()
        column[[self._place[each] for each in therapists if each in self._place]] = True
        return column

    def _flags(self, holds: Callable[[TherapistProfile], bool]) -> Flags:
        return np.fromiter(map(holds, self._everyone), np.bool_, len(self._everyone))

    def _figures(self, figure: Callable[[TherapistProfile], float]) -> Figures:
        return np.fromiter(map(figure, self._everyone), np.float64, len(self._everyone))


def _by_key(
    everyone: Sequence[TherapistProfile], held: Callable[[TherapistProfile], Iterable[tuple[str, Held]]]
) -> dict[str, list[tuple[int, Held]]]:
    found: dict[str, list[tuple[int, Held]]] = {}
    for n, therapist in enumerate(everyone):
        for key, each in held(therapist):
            found.setdefault(key, []).append((n, each))
    return found


def _in_words(weeks: Iterable[int]) -> npt.NDArray[np.uint64]:
    """Weeks of half-hours as rows of 64-bit words, which a processor counts at once."""
    size = -(-HALF_HOURS_A_WEEK // 64) * 8
    return np.frombuffer(b"".join(week.to_bytes(size, "little") for week in weeks), np.uint64).reshape(
        -1, size // 8
    )


def _share(met: Sequence[Flags], many: int) -> Figures:
    if not met:
        return np.full(many, NOTHING_ASKED)
    share: Figures = np.asarray(met, dtype=np.float64).mean(axis=0)
    return share


def _under_half_of_target(therapist: TherapistProfile) -> bool:
    return therapist.load < FAIRNESS_SHARE_OF_TARGET * therapist.target_load


def _tie(client_id: ClientId, therapist_id: TherapistId) -> bytes:
    """Equal scores: an order that is stable for a client and favours nobody across clients."""
    pair: tuple[UUID, UUID] = (client_id, therapist_id)
    return hashlib.sha256(pair[0].bytes + pair[1].bytes).digest()
