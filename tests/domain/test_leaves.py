"""One step of a leave is due at any instant, each once, in the order that its people expect."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.leaves import ANNOUNCED_BEFORE, LeaveFacts, LeaveStep, next_step

START = datetime(2026, 6, 1, 13, tzinfo=UTC)
END = START + timedelta(days=21)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("facts", "now", "step", "at"),
    [
        (LeaveFacts(START, END), START - 30 * DAY, LeaveStep.WAIT, START - ANNOUNCED_BEFORE),
        (LeaveFacts(START, END), START - 7 * DAY, LeaveStep.ANNOUNCE, None),
        (LeaveFacts(START, END, START - 9 * DAY), START - 7 * DAY, LeaveStep.PROPOSE_COVER, None),
        (LeaveFacts(START, END, announced=True), START - 7 * DAY, LeaveStep.WAIT, START),
        (LeaveFacts(START, END), START, LeaveStep.ANNOUNCE, None),
        (LeaveFacts(START, END, announced=True), START, LeaveStep.HAND_OVER, None),
        (LeaveFacts(START, END, announced=True, begun=True), START, LeaveStep.WAIT, END),
        (
            LeaveFacts(START, END, END - DAY, announced=True, begun=True),
            END - DAY,
            LeaveStep.PROPOSE_COVER,
            None,
        ),
        (LeaveFacts(START, END, START), END, LeaveStep.HAND_BACK, None),
        (LeaveFacts(START, END, returned=True), END, LeaveStep.OVER, None),
        (LeaveFacts(START, END, START, cancelled=True), START, LeaveStep.OVER, None),
    ],
)
def test_what_is_due(facts: LeaveFacts, now: datetime, step: LeaveStep, at: datetime | None) -> None:
    found = next_step(facts, now)
    assert (found.step, found.at) == (step, at)


_HOURS = st.integers(-1_000, 1_000).map(lambda hours: START + timedelta(hours=hours))


@given(_HOURS, st.none() | _HOURS, st.booleans(), st.booleans())
def test_who_waits_waits_for_something_to_come(
    now: datetime, cover: datetime | None, announced: bool, begun: bool
) -> None:
    found = next_step(LeaveFacts(START, END, cover, announced, begun), now)
    assert (found.at is None) == (found.step is not LeaveStep.WAIT)
    assert found.at is None or now < found.at <= END
    assert found.step is not LeaveStep.OVER
