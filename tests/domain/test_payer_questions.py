"""After each verdict exactly one thing changes in the next question to a payer."""

import pytest

from domain.coverage import Outcome, Verdict
from domain.payer_questions import PayerQuestion, following
from domain.questions import Question, ReaskWith

FIRST = PayerQuestion("62308", Question(as_dependent=True))


def test_a_silent_payer_is_asked_the_same_again() -> None:
    assert following(FIRST, Verdict(Outcome.RETRY, "down")) == FIRST


def test_a_carve_out_is_asked_about_mental_health_and_never_sends_on_twice() -> None:
    broad = PayerQuestion("62308", Question(service_type="30"))
    asked = following(broad, Verdict(Outcome.REDIRECT, "carve_out", payer_id="87726"))
    assert (asked.payer_number, asked.question.service_type, asked.question.redirected) == (
        "87726",
        "MH",
        True,
    )


def test_a_broader_question_changes_the_service_type_only() -> None:
    verdict = Verdict(Outcome.REASK, "service_type", reask_with=ReaskWith.SERVICE_TYPE, service_type="98")
    assert following(FIRST, verdict) == PayerQuestion("62308", Question("98", as_dependent=True))


@pytest.mark.parametrize("change", [ReaskWith.FEWER_FIELDS, ReaskWith.TODAYS_DATE, ReaskWith.AS_SUBSCRIBER])
def test_each_change_is_remembered_so_that_it_is_tried_once(change: ReaskWith) -> None:
    asked = following(FIRST, Verdict(Outcome.REASK, "aaa_73", reask_with=change))
    assert asked.question.tried == {change}
    assert not asked.question.may_still(change)
    assert asked.question.as_dependent is (change is not ReaskWith.AS_SUBSCRIBER)


@pytest.mark.parametrize("outcome", [Outcome.ACTIVE, Outcome.NEEDS_INFORMATION, Outcome.MANUAL_REVIEW])
def test_what_ends_the_asking_has_no_next_question(outcome: Outcome) -> None:
    with pytest.raises(ValueError, match=outcome):
        following(FIRST, Verdict(outcome, "x"))
