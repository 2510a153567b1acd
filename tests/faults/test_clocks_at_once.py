"""Many clocks due in the same second: the board is right at once, every rung fires, and none is early."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from livestack import data_folder

from bench.clocks_at_once import CLOCKS, GOAL, measure, report

pytestmark = pytest.mark.timeout(1_800)

LONG = os.environ.get("KINDROOM_FAULTS") == "long"


@pytest.fixture
def folder() -> Iterator[Path]:
    """The stack's data directory."""
    with data_folder("at-once") as path:
        yield path


async def test_clocks_due_at_once_are_shown_at_once_and_all_ring(folder: Path) -> None:
    """The long run has two thousand, and compares with the least that a durable alarm can be."""
    found = await measure(folder, CLOCKS if LONG else 60, yardstick=LONG)
    print(report(found), flush=True)
    assert (found.overdue_before, found.overdue_after) == (0, found.clocks)
    assert {rung: (late.fired, late.early) for rung, late in found.rungs.items()} == dict.fromkeys(
        ("nudge", "breach", "cover"), (found.clocks, 0)
    )
    if found.ratio is not None:
        assert found.ratio <= GOAL
