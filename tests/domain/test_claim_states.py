"""A claim moves only by legal steps, and no order or repetition of reports can lead it astray."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.claim_states import (
    ADJUDICATED,
    AWAITING_PAYER,
    REJECTED,
    SETTLED,
    ClaimEvent,
    ClaimState,
    IllegalStep,
    advance,
)

S, E = ClaimState, ClaimEvent
REPORTS = (
    E.SENT,
    E.INTERCHANGE_REJECTED,
    E.GROUP_REJECTED,
    E.FILE_ACCEPTED,
    E.CH_ACCEPTED,
    E.CH_REJECTED,
    E.PAYER_ACCEPTED,
    E.PAYER_REJECTED,
    E.PENDED,
)
MONEY = (E.PAID, E.PARTIALLY_PAID, E.ZERO_PAID_PATIENT, E.DENIED, E.FORWARDED)


def walk(state: ClaimState, *events: ClaimEvent) -> ClaimState:
    for event in events:
        state = advance(state, event)
    return state


def test_a_clean_claim_goes_from_draft_to_paid_and_closed() -> None:
    steps = {
        E.SCRUB_PASSED: S.READY,
        E.BATCHED: S.BATCHED,
        E.SENT: S.SENT,
        E.FILE_ACCEPTED: S.FILE_ACCEPTED,
        E.CH_ACCEPTED: S.CH_ACCEPTED,
        E.PAYER_ACCEPTED: S.PAYER_ACCEPTED,
        E.PENDED: S.PENDING,
        E.PAID: S.PAID,
        E.CLOSED: S.CLOSED,
    }
    state = S.DRAFT
    for event, expected in steps.items():
        state = advance(state, event)
        assert state is expected


def test_a_late_999_after_the_277ca_changes_nothing() -> None:
    for late in (E.FILE_ACCEPTED, E.GROUP_REJECTED, E.INTERCHANGE_REJECTED):
        assert advance(S.PAYER_ACCEPTED, late) is S.PAYER_ACCEPTED
        assert advance(S.PAID, late) is S.PAID


def test_a_payment_before_any_acknowledgement_is_posted() -> None:
    assert advance(S.SENT, E.PAID) is S.PAID
    assert walk(S.SENT, E.PAID, E.FILE_ACCEPTED, E.PAYER_ACCEPTED) is S.PAID


def test_a_report_may_overtake_our_own_note_that_the_file_went_out() -> None:
    assert walk(S.BATCHED, E.FILE_ACCEPTED, E.SENT) is S.FILE_ACCEPTED


def test_at_one_station_the_rejection_wins_in_either_order() -> None:
    for accepted, rejected, state in (
        (E.FILE_ACCEPTED, E.GROUP_REJECTED, S.GROUP_REJECTED),
        (E.CH_ACCEPTED, E.CH_REJECTED, S.CH_REJECTED),
        (E.PAYER_ACCEPTED, E.PAYER_REJECTED, S.PAYER_REJECTED),
    ):
        assert walk(S.SENT, accepted, rejected) is walk(S.SENT, rejected, accepted) is state


@given(st.lists(st.sampled_from(REPORTS), min_size=1, max_size=4), st.data())
def test_neither_order_nor_repetition_of_reports_matters(
    reports: list[ClaimEvent], data: st.DataObject
) -> None:
    straight = walk(S.SENT, *reports)
    for shuffled in permutations(reports):
        repeated = [*shuffled, data.draw(st.sampled_from(reports))]
        assert walk(S.SENT, *repeated) is straight


@given(st.sampled_from(MONEY), st.sampled_from([*AWAITING_PAYER]))
def test_the_same_payment_twice_is_posted_once(money: ClaimEvent, state: ClaimState) -> None:
    once = advance(state, money)
    assert once in ADJUDICATED
    assert advance(once, money) is once


@given(st.sampled_from(sorted(ADJUDICATED)), st.sampled_from(REPORTS))
def test_no_acknowledgement_undoes_a_payment(state: ClaimState, report: ClaimEvent) -> None:
    assert advance(state, report) is state


def test_a_second_and_different_verdict_needs_a_reversal_first() -> None:
    with pytest.raises(IllegalStep):
        advance(S.PAID, E.DENIED)
    assert walk(S.PAID, E.REVERSED, E.REVERSED, E.DENIED) is S.DENIED


def test_the_rest_of_a_partly_paid_claim_may_still_be_paid() -> None:
    assert advance(S.PARTIAL, E.PAID) is S.PAID
    assert walk(S.FORWARDED, E.PAID) is S.PAID
    assert walk(S.DENIED, E.APPEALED, E.PAID) is S.PAID


@pytest.mark.parametrize("state", sorted(set(ClaimState) - {S.DRAFT, S.SCRUB_FAILED, S.READY}))
def test_whatever_was_sent_can_be_reversed(state: ClaimState) -> None:
    assert advance(state, E.REVERSED) is S.REVERSED


@pytest.mark.parametrize("state", [S.DRAFT, S.SCRUB_FAILED, S.READY])
@pytest.mark.parametrize("event", [*REPORTS, *MONEY, E.REVERSED])
def test_a_report_about_a_claim_never_sent_is_refused(state: ClaimState, event: ClaimEvent) -> None:
    with pytest.raises(IllegalStep):
        advance(state, event)


@pytest.mark.parametrize("state", sorted(REJECTED))
def test_a_rejected_claim_is_corrected_and_sent_again(state: ClaimState) -> None:
    assert walk(state, E.EDITED, E.SCRUB_PASSED, E.BATCHED, E.SENT) is S.SENT


@pytest.mark.parametrize(
    ("state", "event"),
    [
        (S.DRAFT, E.BATCHED),
        (S.SCRUB_FAILED, E.BATCHED),
        (S.SENT, E.EDITED),
        (S.SENT, E.UNBATCHED),
        (S.SENT, E.BATCHED),
        (S.PAID, E.SCRUB_PASSED),
        (S.PAID, E.APPEALED),
        (S.PENDING, E.WRITTEN_OFF),
        (S.READY, E.CLOSED),
    ],
)
def test_a_step_out_of_turn_is_refused(state: ClaimState, event: ClaimEvent) -> None:
    with pytest.raises(IllegalStep):
        advance(state, event)


def test_every_state_can_be_reached_from_a_draft() -> None:
    reached, frontier = {S.DRAFT}, [S.DRAFT]
    while frontier:
        state = frontier.pop()
        for event in ClaimEvent:
            try:
                following = advance(state, event)
            except IllegalStep:
                continue
            if following not in reached:
                reached.add(following)
                frontier.append(following)
    assert reached == set(ClaimState)


@pytest.mark.parametrize("state", sorted(set(ClaimState) - SETTLED))
def test_no_unsettled_claim_is_stuck(state: ClaimState) -> None:
    def moves(event: ClaimEvent) -> bool:
        try:
            return advance(state, event) is not state
        except IllegalStep:
            return False

    assert any(moves(event) for event in ClaimEvent if event is not E.REVERSED)
