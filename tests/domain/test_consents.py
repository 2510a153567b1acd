from datetime import date

import pytest

from domain.consents import (
    WORDINGS,
    Document,
    Signed,
    Wording,
    check_signing,
    current,
    edition,
    missing,
    required_for,
)
from domain.errors import Conflict, Invalid
from domain.stages import Stage
from domain.states import STATES
from domain.withdrawals import Stop, stopped_by

TODAY = date(2026, 5, 4)
VERSION = WORDINGS[0].version
ALL = [document for document in Document if document is not Document.PART_2]


def sign(
    document: str, version: str = VERSION, signature: str = "Ann Example", state: str | None = "NY"
) -> Signed:
    return check_signing(document, version, signature, on=TODAY, state=state)


@pytest.mark.parametrize("stage", [Stage.COVERAGE, Stage.MATCHING, Stage.OFFER, Stage.IN_CARE])
def test_all_four_are_signed_before_a_payer_is_asked_or_a_match_made(stage: Stage) -> None:
    assert set(required_for(stage)) == set(ALL)
    assert set(required_for(stage, "insurance")) == set(ALL)


def test_privacy_and_telehealth_come_before_measures() -> None:
    assert set(required_for(Stage.SCREENING)) == {Document.PRIVACY_NOTICE, Document.TELEHEALTH}


@pytest.mark.parametrize("kind", ["self_pay", "fsa_hsa"])
def test_who_pays_alone_releases_nothing_to_a_payer(kind: str) -> None:
    assert set(ALL) - set(required_for(Stage.MATCHING, kind)) == {Document.RELEASE_OF_BENEFITS}


def test_nothing_is_signed_before_the_intake() -> None:
    assert required_for(Stage.INTAKE) == ()


@pytest.mark.parametrize("document", Document)
def test_every_document_has_a_version_in_force_with_words(document: Document) -> None:
    wording = current(document, TODAY)
    assert len(wording.text.split()) > 30
    assert wording.title


def test_the_text_on_care_by_messages_says_what_consent_must() -> None:
    text = current(Document.TELEHEALTH, TODAY).text
    for said in ("not for emergencies", "988", "limits", "withdraw", "confidential"):
        assert said in text


def test_no_text_promises_end_to_end_encryption() -> None:
    texts = [w.words(state).lower() for w in WORDINGS for state in (None, *w.clauses)]
    assert not [text for text in texts if "end-to-end" in text]


def test_a_states_own_words_stand_below_those_for_all_with_where_they_come_from() -> None:
    wording = current(Document.TELEHEALTH, TODAY)
    assert wording.words("WY") == wording.words(None) == wording.text
    assert wording.words("CT").startswith(wording.text)
    for state, clause in wording.clauses.items():
        assert STATES[state].name in clause.text
        assert clause.citation in wording.words(state)
        assert clause.since <= wording.effective_from


def test_what_was_signed_can_be_read_again_in_the_edition_that_was_signed() -> None:
    for wording in WORDINGS:
        assert edition(wording.document, wording.version) is wording
    assert edition(Document.TELEHEALTH, "1999-01") is None


def test_part_2_is_never_required_and_says_what_its_law_asks_of_a_consent() -> None:
    stages = (Stage.SCREENING, Stage.COVERAGE, Stage.MATCHING, Stage.IN_CARE)
    assert not [s for s in stages for kind in (None, "insurance") if Document.PART_2 in required_for(s, kind)]
    text = current(Document.PART_2, TODAY).text
    for element in (
        "my treating providers, health plans, third-party payers, and people helping to operate this program",
        "treatment, payment and health care operations",
        "until you withdraw it",
        "cannot be called back",
        "court's order",
        "If you do not sign",
    ):
        assert element in text


@pytest.mark.parametrize("document", Document)
def test_each_withdrawal_says_what_stops_and_what_goes_on(document: Document) -> None:
    stopped = stopped_by(document)
    assert stopped.stops
    assert len(stopped.sentences) == len(set(stopped.sentences)) == len(stopped.stops)
    assert stopped.goes_on


def test_whatever_a_signature_must_come_before_stops_with_its_withdrawal() -> None:
    for document in required_for(Stage.SCREENING):
        assert stopped_by(document).has(Stop.MEASURES)
    for document in required_for(Stage.MATCHING, "self_pay"):
        assert stopped_by(document).has(Stop.MATCHING)
    assert stopped_by(Document.RELEASE_OF_BENEFITS).has(Stop.PAYER_QUESTIONS)


def test_a_signature_is_kept_with_version_and_state() -> None:
    assert sign("telehealth") == Signed(Document.TELEHEALTH, VERSION, "NY")


@pytest.mark.parametrize(
    ("document", "signature", "state", "field", "code"),
    [
        ("tattoo", "Ann", "NY", "document", "unknown_document"),
        ("telehealth", "  ", "NY", "signature", "signature_required"),
        ("telehealth", "Ann", None, "state", "state_required"),
        ("telehealth", "Ann", "XX", "state", "unknown_state"),
    ],
)
def test_a_signature_that_cannot_stand_is_refused(
    document: str, signature: str, state: str | None, field: str, code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        sign(document, signature=signature, state=state)
    assert [(e.field, e.code) for e in refused.value.errors] == [(field, code)]


def test_another_version_than_the_one_shown_is_refused() -> None:
    with pytest.raises(Conflict, match="version_superseded"):
        sign("privacy_notice", version="2019-01")


def test_a_new_wording_counts_from_its_day() -> None:
    new = Wording(Document.PRIVACY_NOTICE, "2026-05", date(2026, 5, 4), "New", "Words")
    assert current(Document.PRIVACY_NOTICE, date(2026, 5, 3), [*WORDINGS, new]).version == VERSION
    assert current(Document.PRIVACY_NOTICE, TODAY, [*WORDINGS, new]) is new
    with pytest.raises(Conflict, match="no_version_in_force"):
        current(Document.PRIVACY_NOTICE, date(1990, 1, 1))


def test_telehealth_is_signed_anew_in_a_new_state() -> None:
    signed = [sign(document) for document in Document]
    assert missing(ALL, signed, "NY") == []
    assert missing(ALL, signed, "CA") == [Document.TELEHEALTH]
    assert missing(ALL, signed[:1], "NY") == ALL[1:]
