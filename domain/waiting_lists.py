"""A waiting list: many clients, few places, and who could take whom; and the assignments that come of it.

The best assignment places as many clients as there can be, and among those as many as wait longest and fit best.
Assigning in turn, each client to their best therapist who has a place left, is what happens without it.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from domain.ids import ClientId, TherapistId

SCORE: Final = 10_000
"""What a score of 1 is worth, in whole numbers."""
A_DAY: Final = 100
"""What a day of waiting is worth, as much as a hundredth of a score [policy]. It decides who is placed where not
all can be; with whom, the score alone decides."""
MOST_DAYS: Final = 30


@dataclass(frozen=True, slots=True)
class WaitingList:
    """Clients and therapists by number, and every pair that no hard filter forbids.

    `places` are each therapist's free places. `client_of`, `therapist_of` and `worth` are one list of pairs: whose,
    with whom, and how much it is worth (more than nothing).
    """

    clients: tuple[ClientId, ...]
    therapists: tuple[TherapistId, ...]
    places: array[int]
    client_of: array[int]
    therapist_of: array[int]
    worth: array[int]

    def pairs(self) -> Iterator[tuple[int, int, int]]:
        """Every pair: client, therapist, worth."""
        return zip(self.client_of, self.therapist_of, self.worth, strict=True)


@dataclass(frozen=True, slots=True)
class Assignment:
    """`pair_of` each client, in their order: the number of the pair in the list, None for who has no place."""

    pair_of: tuple[int | None, ...]

    @property
    def placed(self) -> int:
        """How many have a therapist."""
        return sum(1 for pair in self.pair_of if pair is not None)

    def worth(self, waiting: WaitingList) -> int:
        """What all of it is worth together."""
        return sum(waiting.worth[pair] for pair in self.pair_of if pair is not None)


def worth_of_waiting(waited: timedelta) -> int:
    """What having waited so long is worth; never nothing, so that no pair is."""
    return 1 + A_DAY * min(max(waited.days, 0), MOST_DAYS)


def in_turn(waiting: WaitingList) -> Assignment:
    """One client after the other, in the list's order: their best therapist who has a place left."""
    left = list(waiting.places)
    wanted: list[list[int]] = [[] for _ in waiting.clients]
    for pair, client in enumerate(waiting.client_of):
        wanted[client].append(pair)
    return Assignment(tuple(_first_free(waiting, pairs, left) for pairs in wanted))


def _first_free(waiting: WaitingList, pairs: Sequence[int], left: list[int]) -> int | None:
    free = [pair for pair in pairs if left[waiting.therapist_of[pair]]]
    if not free:
        return None
    best = max(free, key=lambda pair: waiting.worth[pair])
    left[waiting.therapist_of[best]] -= 1
    return best
