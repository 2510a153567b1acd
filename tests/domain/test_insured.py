"""A card says who is insured; what the client corrects wins over what intake said, and sealing loses nothing."""

from datetime import date

import pytest

from domain.coverage import CoverageStatus
from domain.coverage_words import words
from domain.insured import Card, PlanPerson, Relationship
from domain.rejections import TASK_WORDS, ClientTask

BORN = date(1990, 1, 15)


@pytest.mark.parametrize(
    "card",
    [
        Card("U1", "G7", Relationship.CHILD, "Eva Maria Rivera", date(1960, 5, 1)),
        Card("U1", name_on_card="Anna Rivera", date_of_birth=BORN, sex_on_file="male"),
        Card(),
    ],
)
def test_what_is_kept_is_what_was_given(card: Card) -> None:
    assert Card.from_json(card.to_json()) == card


def test_a_correction_wins_over_intake() -> None:
    card = Card("U1", name_on_card="Anna M Rivera", sex_on_file="male")
    assert card.patient("Ana Rivera", BORN, "female") == PlanPerson("Rivera", "Anna M", BORN, "M")
    assert Card("U1").patient("Ana Rivera", BORN, "unknown") == PlanPerson("Rivera", "Ana", BORN, "")


def test_only_another_persons_plan_has_a_subscriber() -> None:
    assert Card("U1", relationship=Relationship.SELF, subscriber_name="Eva Rivera").subscriber is None
    found = Card("U1", None, Relationship.SPOUSE, "Eva Rivera", BORN).subscriber
    assert found == PlanPerson("Rivera", "Eva", BORN)


def test_a_card_prints_nothing_of_a_person() -> None:
    card = Card("U1", "G7", Relationship.CHILD, "Eva Rivera", BORN, "Ana Rivera", BORN, "female")
    shown = f"{card!r}{card.patient('Ana Rivera', BORN, 'female')!r}"
    assert not any(secret in shown for secret in ("U1", "G7", "Rivera", "Eva", "1990", "'F'"))


@pytest.mark.parametrize("status", list(CoverageStatus))
def test_every_state_has_a_sentence_whatever_the_reason(status: CoverageStatus) -> None:
    assert words(status, None).endswith(".")
    assert words(status, "aaa_99").endswith(".")


def test_the_clients_task_is_told_in_its_own_words() -> None:
    for task in ClientTask:
        assert words(CoverageStatus.NEEDS_INFORMATION, "aaa_75", task) == TASK_WORDS[task]
