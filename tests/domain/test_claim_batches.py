"""A batch is settled only when nobody has to act, and silence is never waited out unseen."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.claim_batches import STANDARD_POLL, BatchState, poll_policy_from_json, review
from domain.claim_states import AWAITING_PAYER, SETTLED, ClaimState
from domain.claim_timers import Awaited, FollowUpPolicy
from domain.errors import Invalid

SENT = datetime(2026, 3, 4, 15, tzinfo=UTC)  # a Wednesday
S = ClaimState


def test_each_silence_is_overdue_in_its_time() -> None:
    cases = [
        ({S.SENT}, timedelta(hours=23), Awaited.FILE_ACK, ()),
        ({S.SENT}, timedelta(days=1), Awaited.FILE_ACK, (Awaited.FILE_ACK,)),
        ({S.BATCHED}, timedelta(days=1), Awaited.FILE_ACK, (Awaited.FILE_ACK,)),
        ({S.FILE_ACCEPTED}, timedelta(days=1), Awaited.CLAIM_ACK, ()),
        ({S.FILE_ACCEPTED}, timedelta(days=2), Awaited.CLAIM_ACK, (Awaited.CLAIM_ACK,)),
        ({S.PAYER_ACCEPTED, S.PAID}, timedelta(days=29), Awaited.REMITTANCE, ()),
    ]
    for states, age, waiting_for, overdue in cases:
        found = review(states, SENT, SENT + age)
        assert (found.state, found.waiting_for, found.overdue) == (BatchState.SENT, waiting_for, overdue)


def test_without_an_835_for_thirty_days_a_person_takes_over() -> None:
    found = review([S.PAYER_ACCEPTED], SENT, SENT + timedelta(days=30))
    assert (found.state, found.overdue) == (BatchState.WITH_PERSON, (Awaited.REMITTANCE,))


@given(st.lists(st.sampled_from(sorted(ClaimState)), min_size=1))
def test_a_batch_ends_exactly_when_no_claim_waits_for_the_payer(states: list[ClaimState]) -> None:
    found = review(states, SENT, SENT)
    waits = any(state in AWAITING_PAYER or state is S.BATCHED for state in states)
    settled = all(state in SETTLED for state in states)
    expected = BatchState.SENT if waits else BatchState.SETTLED if settled else BatchState.WITH_PERSON
    assert found.state is expected


def test_a_policy_row_may_count_in_seconds() -> None:
    policy = poll_policy_from_json({"poll_seconds": 1, "poll_limit_seconds": 5, "file_ack_seconds": 10})
    assert (policy.first, policy.longest) == (timedelta(seconds=1), timedelta(seconds=5))
    assert policy.follow_up == FollowUpPolicy(file_ack=timedelta(seconds=10), business_days=False)
    assert poll_policy_from_json({}) == STANDARD_POLL


@pytest.mark.parametrize(
    "definition", [{"poll_seconds": 0}, {"poll_seconds": "1"}, {"poll": 1}, {"poll_seconds": True}]
)
def test_a_wrong_policy_is_refused(definition: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        poll_policy_from_json(definition)
