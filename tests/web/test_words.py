"""Words of pages that are made from codes: none without words, amounts to the cent."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from domain.claim_batches import BatchState
from domain.claim_states import ClaimEvent, ClaimState
from domain.claim_timers import Awaited
from domain.coverage import Outcome, Owner
from domain.coverage_work import NEXT_STEP, CoverageWork
from domain.covered_services import Service, ServiceAnswer
from domain.questions import ReaskWith
from domain.rejections import FAULT_OF, TASK_OF, ClientTask
from domain.service_lines import Mender
from records.batch_answers import Answer, Moved
from web.pages import claim_words, eligibility_words
from web.pages.claim_words import answer_words
from web.pages.estimate_words import basis_words, service_words
from web.pages.people import initials

ROW = {"service_type": "MH", "network": "in", "level": "IND", "period": "27", "telehealth": True}


def test_every_code_of_the_office_has_words() -> None:
    assert claim_words.CLAIMS.keys() == set(ClaimState)
    assert claim_words.BATCHES.keys() == set(BatchState)
    assert claim_words.WAITING.keys() == set(Awaited)
    assert claim_words.MENDERS.keys() == set(Mender)
    assert eligibility_words.TASKS.keys() == set(ClientTask)
    assert eligibility_words.WORK.keys() == NEXT_STEP.keys() == set(CoverageWork)
    assert eligibility_words.OWNERS.keys() == set(Owner)
    assert eligibility_words.OUTCOMES.keys() == set(Outcome)
    assert eligibility_words.CHANGES.keys() == set(ReaskWith)


def test_every_answer_about_a_service_has_words() -> None:
    for service in Service:
        for answer in ServiceAnswer:
            line = service_words({"service": service, "answer": answer, "rule": "plan_ended"})
            assert line.name
            assert line.answer
            assert line.covered is (answer is ServiceAnswer.COVERED)
    assert basis_words({"what": "credits", "value": "1"}) == "1 session left that your organisation pays for."


def test_every_refusal_of_a_payer_has_words_with_its_code() -> None:
    for code in FAULT_OF:
        task = TASK_OF.get(code)
        words = eligibility_words.why(f"aaa_{code}", task)
        assert words.startswith(f"AAA {code}: ")
        assert "_" not in words
    assert eligibility_words.why("aaa_99", None) == "AAA 99: the question was not answered"
    assert eligibility_words.why("something_new", None) == "Something new"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (
            {"what": "copay", "value": "25"},
            "Copay of $25, for mental health care, at a distance, in the network, for each visit.",
        ),
        (
            {"what": "coinsurance", "value": "0.20", "telehealth": False, "period": ""},
            "Your share is 20 %, for mental health care, in the network.",
        ),
        (
            {"what": "coinsurance", "value": "0.125", "telehealth": False, "period": "", "network": "unsaid"},
            "Your share is 12.5 %, for mental health care.",
        ),
        (
            {"what": "deductible_remaining", "value": "320.50", "service_type": "30", "telehealth": False},
            "$320.50 of the deductible still to pay, for the plan as a whole, in the network, for each visit.",
        ),
        (
            {"what": "out_of_pocket_remaining", "value": "1899.75", "level": "FAM", "period": "23"},
            "The most you still pay yourself is $1,899.75, for mental health care, at a distance, in the network,"
            " a year, for the family together.",
        ),
        (
            {"what": "visits_remaining", "value": "10", "telehealth": False, "period": "29"},
            "10 visits left, for mental health care, in the network.",
        ),
    ],
)
def test_a_row_of_the_estimate_reads_as_a_sentence(row: dict[str, object], words: str) -> None:
    assert basis_words(ROW | row) == words


def answer(state: str, *moved: Moved, reason: str | None = None) -> Answer:
    at = datetime(2026, 11, 22, tzinfo=UTC)
    return Answer(UUID(int=1), "835", state, reason, at, moved)


def test_an_answer_tells_how_many_claims_it_moved_and_the_worst_of_it_colours_it() -> None:
    paid = Moved(ClaimEvent.PAID, 3, Decimal("120.00"))
    denied = Moved(ClaimEvent.DENIED, 1, None)
    assert answer_words(answer("posted", paid)) == ("3 claims paid, $120.00.", "good")
    assert answer_words(answer("posted", paid, denied)) == ("3 claims paid, $120.00. 1 claim denied.", "late")


def test_a_report_that_was_set_aside_says_that_nothing_was_posted() -> None:
    words, tone = answer_words(answer("quarantined", reason="out_of_balance"))
    assert words == "Set aside (out of balance). Nothing of it was posted."
    assert tone == "late"


@pytest.mark.parametrize(
    ("name", "mark"),
    [("Dr. Mei Lin, PsyD", "ML"), ("K-2041", "41"), ("K-N3J47", "47"), ("Ana", "A"), ("", "?")],
)
def test_the_round_mark_tells_people_apart(name: str, mark: str) -> None:
    assert initials(name) == mark
