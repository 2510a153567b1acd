"""Every payer answer ends in exactly one next step, and a wrong question is never blindly repeated."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.coverage import (
    CoverageStatus,
    Outcome,
    Owner,
    TransportFailure,
    Verdict,
    after_answer,
    after_failure,
)
from domain.eligibility import Benefit, EligibilityAnswer, Network, RejectedQuestion
from domain.probes import after_probe
from domain.questions import Question, ReaskWith
from domain.rejections import FAULT_OF, TASK_WORDS, ClientTask
from domain.retry_policies import STANDARD_RETRY, RetryPolicy, next_attempt

ASKED = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
TODAY = date(2026, 3, 2)
ACTIVE = Benefit("1", service_types=("30",))
MH_COPAY = Benefit("B", "IND", ("MH",), "27", Decimal(25), network=Network.IN)


def rejected(code: str, follow_up: str | None = "C", loop: str = "2100C") -> EligibilityAnswer:
    return EligibilityAnswer(rejections=(RejectedQuestion(loop, code, follow_up),))


def verdict(answer: EligibilityAnswer, question: Question = Question(), *, on: date = TODAY) -> Verdict:
    return after_answer(answer, question, [ASKED], on)


@pytest.mark.parametrize("code", ["72", "75"])
def test_a_wrong_member_id_becomes_the_clients_task_and_is_not_asked_again(code: str) -> None:
    found = verdict(rejected(code))
    assert found.outcome is Outcome.NEEDS_INFORMATION
    assert found.task is ClientTask.MEMBER_ID
    assert found.retry_at is None
    assert found.reask_with is None
    assert found.status is CoverageStatus.NEEDS_INFORMATION
    assert found.task_words is not None
    assert "card" in found.task_words


@pytest.mark.parametrize(("code", "task"), [("73", ClientTask.NAME), ("74", ClientTask.SEX_ON_FILE)])
def test_a_mismatch_is_asked_once_with_fewer_fields_then_the_client(code: str, task: ClientTask) -> None:
    first = verdict(rejected(code))
    assert (first.outcome, first.reask_with) == (Outcome.REASK, ReaskWith.FEWER_FIELDS)
    second = verdict(rejected(code), Question(tried=frozenset({ReaskWith.FEWER_FIELDS})))
    assert (second.outcome, second.task) == (Outcome.NEEDS_INFORMATION, task)


def test_a_mismatch_marked_do_not_resubmit_goes_straight_to_the_client() -> None:
    assert verdict(rejected("73", "N")).outcome is Outcome.NEEDS_INFORMATION


@pytest.mark.parametrize("code", ["41", "43", "44", "45", "46", "47", "48", "50", "51"])
def test_what_concerns_the_provider_waits_in_the_billing_queue(code: str) -> None:
    found = verdict(rejected(code, loop="2100B"))
    assert found.outcome is Outcome.BILLING_QUEUE
    assert found.status is CoverageStatus.MANUAL_REVIEW


@pytest.mark.parametrize("code", ["15", "33"])
def test_our_own_errors_raise_an_alarm(code: str) -> None:
    assert verdict(rejected(code)).outcome is Outcome.ALARM


def test_an_invalid_participant_is_the_members_or_ours_as_another_member_tells() -> None:
    first = verdict(rejected("79", loop="2100A"))
    assert (first.outcome, first.reask_with) == (Outcome.REASK, ReaskWith.OTHER_MEMBER)
    known = after_probe(EligibilityAnswer(benefits=(ACTIVE,)), first.reason)
    assert (known.outcome, known.task, known.reason) == (
        Outcome.NEEDS_INFORMATION,
        ClientTask.MEMBER_ID,
        "aaa_79",
    )
    for unsure in (None, rejected("79"), rejected("42", "R"), EligibilityAnswer()):
        assert after_probe(unsure, first.reason).outcome is Outcome.ALARM
    for told in (Question(tried=frozenset({ReaskWith.OTHER_MEMBER})), Question()):
        follow_up = "C" if told.probes else "N"
        assert verdict(rejected("79", follow_up), told).outcome is Outcome.ALARM


@pytest.mark.parametrize("code", ["52", "56", "57", "62", "63"])
def test_a_refused_date_is_asked_once_with_todays_date(code: str) -> None:
    assert verdict(rejected(code)).reask_with is ReaskWith.TODAYS_DATE
    tried = Question(tried=frozenset({ReaskWith.TODAYS_DATE}))
    assert verdict(rejected(code), tried).outcome is Outcome.MANUAL_REVIEW


def test_a_dependent_not_found_is_tried_as_the_subscriber_once() -> None:
    assert (
        verdict(rejected("67", loop="2100D"), Question(as_dependent=True)).reask_with
        is ReaskWith.AS_SUBSCRIBER
    )
    found = verdict(rejected("67"), Question(as_dependent=False))
    assert found.task is ClientTask.RELATIONSHIP


def test_a_missing_birth_date_is_the_clients_task() -> None:
    assert verdict(rejected("58")).task is ClientTask.DATE_OF_BIRTH


@pytest.mark.parametrize(("code", "follow_up"), [("42", "R"), ("80", "P"), ("42", None)])
def test_a_payer_that_cannot_answer_now_is_asked_again_later(code: str, follow_up: str | None) -> None:
    found = verdict(rejected(code, follow_up, "2100A"))
    assert found.outcome is Outcome.RETRY
    assert found.retry_at == ASKED + timedelta(seconds=90)
    assert found.deadline == ASKED + timedelta(hours=24)
    assert found.status is CoverageStatus.VERIFYING


@pytest.mark.parametrize("follow_up", ["N", "S"])
def test_a_payer_that_forbids_a_repeat_is_not_asked_again(follow_up: str) -> None:
    found = verdict(rejected("42", follow_up))
    assert (found.outcome, found.ask_again_at) == (Outcome.MANUAL_REVIEW, None)


@pytest.mark.parametrize(("follow_up", "days"), [("W", 30), ("X", 10)])
def test_a_payer_that_asks_for_days_is_asked_after_them_and_a_person_looks_meanwhile(
    follow_up: str, days: int
) -> None:
    found = verdict(rejected("80", follow_up))
    assert (found.outcome, found.owner) == (Outcome.MANUAL_REVIEW, Owner.BILLING)
    assert found.ask_again_at == ASKED + timedelta(days=days)


def test_a_payer_that_will_answer_by_itself_is_waited_for_and_not_asked() -> None:
    found = verdict(rejected("42", "Y"))
    assert (found.outcome, found.status, found.owner) == (
        Outcome.AWAIT,
        CoverageStatus.VERIFYING,
        Owner.PAYER,
    )
    assert found.deadline == ASKED + timedelta(days=2)


@pytest.mark.parametrize("follow_up", ["N", "S", "W", "X", "Y"])
@pytest.mark.parametrize("code", ["73", "62", "67"])
def test_no_changed_question_follows_where_the_payer_forbids_one(code: str, follow_up: str) -> None:
    assert verdict(rejected(code, follow_up)).outcome is not Outcome.REASK


def test_an_unknown_code_follows_its_follow_up_or_goes_to_a_person() -> None:
    assert verdict(rejected("T4", "R")).outcome is Outcome.RETRY
    assert verdict(rejected("T4", "C")).outcome is Outcome.MANUAL_REVIEW


def test_a_wrong_question_outranks_a_busy_payer() -> None:
    both = EligibilityAnswer(
        rejections=(RejectedQuestion("2100A", "42", "R"), RejectedQuestion("2100C", "75", "C"))
    )
    assert verdict(both).outcome is Outcome.NEEDS_INFORMATION


def test_one_refused_service_type_does_not_spoil_an_active_answer() -> None:
    answer = EligibilityAnswer((RejectedQuestion("2110C", "53", "C"),), (ACTIVE, MH_COPAY))
    assert verdict(answer).outcome is Outcome.ACTIVE


@given(st.sampled_from([*FAULT_OF, "69", "98", "ZZ"]), st.sampled_from([None, *"CNPRSWXY"]), st.booleans())
def test_every_rejection_ends_in_one_complete_verdict(
    code: str, follow_up: str | None, dependent: bool
) -> None:
    found = verdict(rejected(code, follow_up), Question(as_dependent=dependent))
    assert (found.task is not None) == (found.outcome is Outcome.NEEDS_INFORMATION)
    assert (found.retry_at is not None) == (found.outcome is Outcome.RETRY)
    assert (found.reask_with is not None) == (found.outcome is Outcome.REASK)
    assert (found.deadline is not None) == (found.outcome in (Outcome.RETRY, Outcome.AWAIT))
    assert found.owner is not None


@given(st.sampled_from([*FAULT_OF, "ZZ"]), st.sampled_from([None, *"CNPRSWXY"]), st.booleans())
def test_asking_anew_always_comes_to_an_end(code: str, follow_up: str | None, dependent: bool) -> None:
    tried: frozenset[ReaskWith] = frozenset()
    for _ in ReaskWith:
        found = verdict(rejected(code, follow_up), Question(as_dependent=dependent, tried=tried))
        if found.outcome is not Outcome.REASK:
            return
        assert found.reask_with is not None
        tried |= {found.reask_with}
    pytest.fail("asked anew for ever")


def test_every_task_has_plain_words() -> None:
    assert set(TASK_WORDS) == set(ClientTask)


# --- answers


def test_an_active_plan_is_active() -> None:
    assert verdict(EligibilityAnswer(benefits=(ACTIVE, MH_COPAY))).status is CoverageStatus.ACTIVE


def test_an_ended_plan_is_inactive_whatever_else_it_lists() -> None:
    assert (
        verdict(EligibilityAnswer(benefits=(Benefit("6", service_types=("30",)),))).outcome
        is Outcome.INACTIVE
    )
    ended = EligibilityAnswer(benefits=(ACTIVE,), plan_end=date(2026, 3, 1))
    assert verdict(ended).reason == "plan_ended"
    assert verdict(ended, on=date(2026, 3, 1)).outcome is Outcome.ACTIVE
    future = EligibilityAnswer(benefits=(ACTIVE,), plan_begin=date(2026, 3, 3))
    assert verdict(future).reason == "plan_not_begun"


def test_the_narrowest_row_says_whether_mental_health_is_in_force() -> None:
    dental_only = EligibilityAnswer(
        benefits=(Benefit("1", service_types=("35",)), Benefit("6", service_types=("30",)))
    )
    assert verdict(dental_only).outcome is Outcome.INACTIVE
    assert (
        verdict(EligibilityAnswer(benefits=(ACTIVE, Benefit("6", service_types=("MH",))))).outcome
        is Outcome.INACTIVE
    )


def test_a_plan_without_mental_health_is_told_apart_from_an_ended_one() -> None:
    answer = EligibilityAnswer(benefits=(ACTIVE, Benefit("I", service_types=("MH",))))
    assert verdict(answer).reason == "mental_health_not_covered"


def test_a_carve_out_is_followed_once_and_never_in_a_circle() -> None:
    carve_out = EligibilityAnswer(benefits=(ACTIVE, Benefit("U", service_types=("MH",), entity_id="87726")))
    assert verdict(carve_out).payer_id == "87726"
    assert verdict(carve_out, Question(redirected=True)).outcome is Outcome.MANUAL_REVIEW
    nameless = EligibilityAnswer(benefits=(ACTIVE, Benefit("U", service_types=("MH",))))
    assert verdict(nameless).outcome is Outcome.MANUAL_REVIEW
    vision = EligibilityAnswer(benefits=(ACTIVE, Benefit("U", service_types=("AL",), entity_id="VSP")))
    assert verdict(vision).outcome is Outcome.ACTIVE


def test_another_payer_first_is_asked_of_the_client() -> None:
    answer = EligibilityAnswer(benefits=(ACTIVE, Benefit("R", service_types=("30",))))
    assert verdict(answer).task is ClientTask.OTHER_INSURANCE


def test_an_answer_that_says_nothing_is_asked_more_broadly_then_read_by_a_person() -> None:
    nothing = EligibilityAnswer(benefits=(Benefit("V"),))
    assert verdict(nothing, Question("MH")).service_type == "98"
    assert verdict(nothing, Question("98")).service_type == "30"
    assert verdict(nothing, Question("MH", together=2)).service_type == "30"
    assert verdict(nothing, Question("MH", together=3)).outcome is Outcome.MANUAL_REVIEW
    assert Question("MH", together=3).service_types == ("MH", "98", "30")
    assert verdict(nothing, Question("30")).outcome is Outcome.MANUAL_REVIEW


# --- no answer


@pytest.mark.parametrize(
    "failure", [TransportFailure.TIMED_OUT, TransportFailure.DOWN, TransportFailure.MALFORMED]
)
def test_no_usable_answer_is_asked_again(failure: TransportFailure) -> None:
    assert after_failure(failure, [ASKED]).outcome is Outcome.RETRY


def test_a_refused_configuration_raises_an_alarm_at_once() -> None:
    assert after_failure(TransportFailure.CONFIGURATION_REFUSED, [ASKED]).outcome is Outcome.ALARM


def test_the_third_unreadable_answer_goes_to_a_person() -> None:
    assert after_failure(TransportFailure.MALFORMED, [ASKED], 1).outcome is Outcome.RETRY
    assert after_failure(TransportFailure.MALFORMED, [ASKED], 2).outcome is Outcome.MANUAL_REVIEW


def every_attempt(policy: RetryPolicy) -> list[datetime]:
    attempts = [ASKED]
    while (following := next_attempt(policy, attempts)) is not None:
        attempts.append(following)
    return attempts


def test_the_standard_schedule_keeps_the_core_rule_and_ends_within_a_day() -> None:
    attempts = every_attempt(STANDARD_RETRY)
    gaps = [later - earlier for earlier, later in pairwise(attempts)]
    assert min(gaps) >= timedelta(seconds=90)
    assert sum(1 for each in attempts[1:] if each <= ASKED + timedelta(minutes=15)) <= 5
    assert timedelta(hours=22) < attempts[-1] - ASKED <= timedelta(hours=24)
    assert after_failure(TransportFailure.DOWN, attempts).outcome is Outcome.MANUAL_REVIEW


def test_a_payer_back_after_six_hours_is_asked_within_the_next_one() -> None:
    back = ASKED + timedelta(hours=6)
    assert any(back <= each <= back + timedelta(hours=1) for each in every_attempt(STANDARD_RETRY))


@given(st.lists(st.integers(1, 600), min_size=1, max_size=12), st.integers(1, 3600))
def test_no_table_of_delays_can_break_the_core_rule(delays: list[int], then: int) -> None:
    policy = RetryPolicy(tuple(timedelta(seconds=each) for each in delays), then=timedelta(seconds=then))
    attempts = every_attempt(policy)
    assert all(b - a >= timedelta(seconds=90) for a, b in pairwise(attempts))
    assert sum(1 for each in attempts[1:] if each <= ASKED + timedelta(minutes=15)) <= 5
    assert attempts[-1] <= ASKED + timedelta(hours=24)


def test_a_demo_policy_may_be_seconds_long() -> None:
    second = timedelta(seconds=1)
    policy = RetryPolicy((second,), second, give_up_after=10 * second, minimum_gap=second, burst_limit=50)
    assert len(every_attempt(policy)) == 11
