"""What a claim needs of the client's consents when it leaves."""

import pytest

from domain.billing_consents import FINDING_WORDS, ConsentFinding, consent_findings, protected
from domain.consents import Document

ALL = frozenset(Document)
RELEASE = frozenset({Document.RELEASE_OF_BENEFITS})


@pytest.mark.parametrize("code", ["F10.20", "f11.10", "F16", "F19.982", "F15.10", "F1810"])
def test_diagnoses_of_alcohol_and_drugs_are_protected(code: str) -> None:
    assert protected(code)


@pytest.mark.parametrize("code", ["F17.210", "F32.1", "F41.1", "Z72.0", "F20.9", "G10", ""])
def test_tobacco_and_everything_else_is_not(code: str) -> None:
    assert not protected(code)


def test_part_2_is_asked_for_only_where_the_claim_would_show_it() -> None:
    assert consent_findings(RELEASE, (), ["F41.1"]) == ()
    assert consent_findings(RELEASE, (), ["F41.1", "F10.20"]) == (ConsentFinding.PART_2_CONSENT_MISSING,)
    assert consent_findings(ALL, (), ["F10.20"]) == ()


def test_what_was_taken_back_keeps_a_claim_here() -> None:
    assert consent_findings((), (), ["F41.1"]) == (ConsentFinding.RELEASE_MISSING,)
    assert consent_findings(
        RELEASE, {Document.FINANCIAL_RESPONSIBILITY}, ["F41.1"], letters_pending=True
    ) == (
        ConsentFinding.FINANCIAL_CONSENT_WITHDRAWN,
        ConsentFinding.CONFIDENTIAL_LETTERS_PENDING,
    )


def test_each_finding_has_words_for_the_office() -> None:
    assert FINDING_WORDS.keys() == set(ConsentFinding)
