"""Those who wait count for as long as they have waited."""

import json
from collections import Counter
from itertools import pairwise
from math import ceil
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.survival import Curve, kaplan_meier, together

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "kaplan_meier.json").read_text())
Items = list[tuple[int, bool]]
ITEMS = st.lists(st.tuples(st.integers(0, 500), st.booleans()), min_size=1, max_size=120)
SHARES = st.sampled_from([0.1, 0.25, 0.5, 0.75, 0.9, 1.0])


def curve(items: Items) -> Curve:
    return kaplan_meier(
        Counter(at for at, answered in items if answered),
        Counter(at for at, answered in items if not answered),
    )


@pytest.mark.parametrize("case", VECTORS, ids=lambda case: case["id"])
def test_every_vector_holds(case: dict[str, Any]) -> None:
    found = curve(list(zip(case["durations_min"], map(bool, case["answered"]), strict=True)))
    table = [(step.at, step.at_risk, step.events, pytest.approx(step.waiting)) for step in found.steps]
    assert [tuple(row) for row in case["expected"]["table_t_atrisk_events_S"]] == table
    assert found.quantile(0.5) == case["expected"]["km_p50"]
    assert found.quantile(0.9) == case["expected"]["km_p90"]


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=300), SHARES)
def test_with_nobody_waiting_it_is_the_plain_quantile(durations: list[int], share: float) -> None:
    found = curve([(each, True) for each in durations])
    place = ceil(share * len(durations) - 1e-9)
    assert found.quantile(share) == sorted(durations)[place - 1]


@given(ITEMS, st.integers(0, 1_000))
def test_the_order_in_which_items_come_says_nothing(items: Items, seed: int) -> None:
    mixed = items[:]
    Random(seed).shuffle(mixed)
    assert curve(mixed) == curve(items)


@given(ITEMS)
def test_the_share_that_waits_only_falls_and_stays_a_share(items: Items) -> None:
    shares = [1.0, *(step.waiting for step in curve(items).steps)]
    assert all(0 <= later < earlier for earlier, later in pairwise(shares))
    assert [step.at for step in curve(items).steps] == sorted({at for at, answered in items if answered})


@given(ITEMS, SHARES)
def test_a_message_that_waits_never_makes_the_answers_look_quicker(items: Items, share: float) -> None:
    before = curve(items).quantile(share)
    longest = max(at for at, _ in items)
    after = curve([*items, (longest + 1, False)]).quantile(share)
    assert after is None or (before is not None and after >= before)


@given(ITEMS)
def test_the_table_is_the_product_limit_by_hand(items: Items) -> None:
    share = 1.0
    for step in curve(items).steps:
        at_risk = sum(at >= step.at for at, _ in items)
        events = sum(at == step.at and answered for at, answered in items)
        share *= 1 - events / at_risk
        assert (step.at_risk, step.events) == (at_risk, events)
        assert step.waiting == pytest.approx(share, abs=1e-9)


def test_a_share_that_is_met_exactly_is_reached_whatever_floats_lose() -> None:
    found = kaplan_meier(dict.fromkeys(range(100_000), 1), {})
    assert (found.quantile(0.5), found.quantile(0.9)) == (49_999, 89_999)


def test_nothing_answered_reaches_nothing() -> None:
    assert kaplan_meier({}, {5: 3}).quantile(0.5) is None
    assert kaplan_meier({}, {}).steps == ()


def test_groups_are_counted_together() -> None:
    assert together([{1: 2, 3: 1}, {3: 4}, {}]) == {1: 2, 3: 5}
