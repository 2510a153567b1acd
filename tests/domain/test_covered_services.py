"""Each service gets a plain answer with its rule, and an emergency never opens a room."""

import dataclasses
from datetime import date
from decimal import Decimal

import pytest

from domain.contracts import ContractRow, Modality
from domain.coverage import Outcome, Verdict
from domain.covered_services import (
    Service,
    ServiceAnswer,
    by_credits,
    by_oneself,
    covered_services,
    in_person,
)
from domain.eligibility import Benefit, EligibilityAnswer, Network

AS_OF = date(2026, 3, 2)
TEXT = ContractRow(
    payer="62308",
    modality=Modality.ASYNC,
    procedure_code="98971",
    charge=Decimal("60.00"),
    allowed=Decimal("30.00"),
    place_of_service="11",
    effective_from=date(2026, 1, 1),
)
LISTED = Benefit("1", service_types=("MH",))
ACTIVE = Verdict(Outcome.ACTIVE, "plan_active")


def messaging(
    verdict: Verdict, *rows: Benefit, contract: tuple[ContractRow, ...] = (TEXT,)
) -> tuple[ServiceAnswer, str]:
    found = {
        each.service: each
        for each in covered_services(
            verdict, EligibilityAnswer(benefits=rows), contract, payer="62308", plan=None, as_of=AS_OF
        )
    }
    assert set(found) == set(Service)
    assert found[Service.EMERGENCY].answer is ServiceAnswer.REDIRECT
    return found[Service.MESSAGING].answer, found[Service.MESSAGING].rule


def test_a_listed_and_priced_service_is_covered() -> None:
    assert messaging(ACTIVE, LISTED) == (ServiceAnswer.COVERED, "mental_health_listed")


def test_a_plan_that_wants_an_authorisation_says_so() -> None:
    wanted = Benefit("CB", service_types=("MH",), authorisation="Y")
    assert messaging(ACTIVE, LISTED, wanted)[0] is ServiceAnswer.NEEDS_AUTHORISATION


def test_used_up_visits_are_not_covered() -> None:
    used = Benefit("F", service_types=("MH",), period="29", quantity_kind="VS", quantity=Decimal(0))
    assert messaging(ACTIVE, LISTED, used) == (ServiceAnswer.NOT, "visits_used_up")
    left = Benefit("F", service_types=("MH",), period="29", quantity_kind="VS", quantity=Decimal(1))
    assert messaging(ACTIVE, LISTED, left)[0] is ServiceAnswer.COVERED


def test_a_service_without_a_contract_in_force_is_not_covered() -> None:
    assert messaging(ACTIVE, LISTED, contract=()) == (ServiceAnswer.NOT, "no_contract_row")


def test_silence_about_mental_health_is_unknown_and_not_a_yes() -> None:
    assert messaging(ACTIVE, Benefit("1", service_types=("30",)))[0] is ServiceAnswer.UNKNOWN


@pytest.mark.parametrize(
    ("outcome", "answer"),
    [
        (Outcome.INACTIVE, ServiceAnswer.NOT),
        (Outcome.RETRY, ServiceAnswer.UNKNOWN),
        (Outcome.MANUAL_REVIEW, ServiceAnswer.UNKNOWN),
    ],
)
def test_the_state_of_the_coverage_comes_first(outcome: Outcome, answer: ServiceAnswer) -> None:
    assert messaging(Verdict(outcome, "because"), LISTED) == (answer, "because")


def test_a_plan_that_excludes_care_at_a_distance_does_not_cover_ours() -> None:
    excluded = Benefit("I", service_types=("MH",), messages=("TELEHEALTH NOT COVERED",))
    assert messaging(ACTIVE, LISTED, excluded) == (ServiceAnswer.NOT, "telehealth_not_covered")
    elsewhere = Benefit("I", service_types=("MH",), messages=("TELEHEALTH",), network=Network.OUT)
    assert messaging(ACTIVE, LISTED, elsewhere)[0] is ServiceAnswer.COVERED
    narrower = Benefit("B", service_types=("A6",), messages=("TELEHEALTH COPAY",), amount=Decimal(10))
    assert messaging(ACTIVE, LISTED, excluded, narrower)[0] is ServiceAnswer.COVERED


def test_visits_used_up_elsewhere_are_not_ours() -> None:
    used = Benefit(
        "F",
        service_types=("MH",),
        period="29",
        quantity_kind="VS",
        quantity=Decimal(0),
        network=Network.OUT,
    )
    assert messaging(ACTIVE, LISTED, used)[0] is ServiceAnswer.COVERED


def test_a_row_of_another_plan_prices_nothing_here() -> None:
    other = dataclasses.replace(TEXT, plan="student")
    assert messaging(ACTIVE, LISTED, contract=(other,)) == (ServiceAnswer.NOT, "no_contract_row")


def test_what_needs_no_question_has_its_own_rule() -> None:
    """Office, sponsor, oneself: every service is answered, and an emergency never opens a room."""
    office = in_person(True, "confirmed_by_office", (TEXT,), payer="62308", plan=None, as_of=AS_OF)
    denied = in_person(False, "denied_by_office", (TEXT,), payer="62308", plan=None, as_of=AS_OF)
    many = {
        "office": office,
        "denied": denied,
        "some": by_credits(2, ended=False, as_of=AS_OF),
        "ended": by_credits(0, ended=True, as_of=AS_OF),
        "none": by_credits(0, ended=False, as_of=AS_OF),
        "self": by_oneself(AS_OF),
    }
    said = {name: [(each.answer.value, each.rule) for each in found] for name, found in many.items()}
    assert said["office"][:2] == [("covered", "confirmed_by_office"), ("not", "no_contract_row")]
    assert {name: said[name][0] for name in list(said)[1:]} == {
        "denied": ("not", "denied_by_office"),
        "some": ("covered", "credits_left"),
        "ended": ("needs_authorisation", "authorisation_ended"),
        "none": ("not", "credits_used_up"),
        "self": ("not", "paid_by_you"),
    }
    for found in many.values():
        assert {each.service for each in found} == set(Service)
        assert found[-1].answer is ServiceAnswer.REDIRECT
