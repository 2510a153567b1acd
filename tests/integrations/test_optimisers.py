"""Whoever assigns a waiting list keeps to its pairs and places; and the best assignment is the best there is."""

from array import array
from itertools import product
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.ids import ClientId, TherapistId
from domain.waiting_lists import Assignment, WaitingList
from integrations.optimiser.in_turn import InTurn
from integrations.optimiser.min_cost_flow import MinCostFlow
from integrations.optimiser.port import Optimiser

ADAPTERS: list[Optimiser] = [InTurn(), MinCostFlow()]


def waiting(places: list[int], pairs: dict[tuple[int, int], int], clients: int) -> WaitingList:
    """Clients and therapists by number; pairs with their worth."""
    return WaitingList(
        clients=tuple(ClientId(UUID(int=n)) for n in range(clients)),
        therapists=tuple(TherapistId(UUID(int=n)) for n in range(len(places))),
        places=array("i", places),
        client_of=array("i", (client for client, _ in pairs)),
        therapist_of=array("i", (therapist for _, therapist in pairs)),
        worth=array("i", pairs.values()),
    )


@st.composite
def small_lists(draw: st.DrawFn) -> WaitingList:
    clients, therapists = draw(st.integers(0, 4)), draw(st.integers(0, 3))
    every = list(product(range(clients), range(therapists)))
    chosen = draw(st.lists(st.sampled_from(every), unique=True)) if every else []
    worth = st.integers(1, 13_000)
    places = draw(st.lists(st.integers(0, 2), min_size=therapists, max_size=therapists))
    return waiting(places, {pair: draw(worth) for pair in chosen}, clients)


@pytest.mark.parametrize("adapter", ADAPTERS, ids=lambda each: type(each).__name__)
@given(given_list=small_lists())
@settings(max_examples=60)
def test_nobody_gets_a_therapist_they_may_not_have_and_no_place_is_given_twice(
    adapter: Optimiser, given_list: WaitingList
) -> None:
    found = adapter.assign(given_list)
    assert len(found.pair_of) == len(given_list.clients)
    taken = [0] * len(given_list.therapists)
    for client, pair in enumerate(found.pair_of):
        if pair is not None:
            assert given_list.client_of[pair] == client
            taken[given_list.therapist_of[pair]] += 1
    assert all(used <= places for used, places in zip(taken, given_list.places, strict=True))
    if adapter.best:
        assert (found.placed, found.worth(given_list)) == best_of(given_list)


def best_of(given_list: WaitingList) -> tuple[int, int]:
    """By trying everything."""
    own: list[list[int | None]] = [
        [None, *(pair for pair, whose in enumerate(given_list.client_of) if whose == client)]
        for client in range(len(given_list.clients))
    ]
    return max(
        (len(used), sum(given_list.worth[pair] for pair in used))
        for each in product(*own)
        if fits(given_list, used := [pair for pair in each if pair is not None])
    )


def fits(given_list: WaitingList, used: list[int]) -> bool:
    taken = [given_list.therapist_of[pair] for pair in used]
    return all(taken.count(n) <= places for n, places in enumerate(given_list.places))


def test_who_comes_first_does_not_take_the_only_place_that_somebody_else_can_have() -> None:
    scarce = waiting([1, 1], {(0, 0): 9_000, (0, 1): 8_000, (1, 0): 9_000}, 2)
    assert InTurn().assign(scarce) == Assignment((0, None))
    assert MinCostFlow().assign(scarce) == Assignment((1, 2))
