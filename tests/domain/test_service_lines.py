"""An attested session is billed only when nothing stands against it, and every reason is shown at once."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.clinicians import ClinicianKind
from domain.contracts import ContractRow, Modality
from domain.service_lines import HOLD_WORDS, Hold, LineState, MessagingSessionFacts, assess

TODAY = date(2026, 3, 10)
ROW = ContractRow(
    payer="62308",
    modality=Modality.ASYNC,
    procedure_code="98971",
    charge=Decimal("60.00"),
    allowed=Decimal("30.00"),
    place_of_service="11",
    effective_from=date(2026, 1, 1),
    minutes_from=11,
    minutes_to=20,
    requires_established=True,
)
FACTS = MessagingSessionFacts(
    service_from=date(2026, 3, 2),
    service_to=date(2026, 3, 8),
    payer="62308",
    plan=None,
    clinician=ClinicianKind.NON_PRESCRIBER,
    clinical_minutes=15,
    attested=True,
    note_signed=True,
    cosign_pending=False,
    has_diagnosis=True,
    licensed=True,
    credentialed=True,
    consented=True,
    coverage_active=True,
    started_by_client=True,
    established=True,
    filing_limit_days=90,
)


def holds(**changes: Any) -> tuple[Hold, ...]:
    return assess(replace(FACTS, **changes), [ROW], TODAY).holds


def test_a_clean_attested_session_is_ready_with_its_price() -> None:
    decision = assess(FACTS, [ROW], TODAY)
    assert (decision.state, decision.row, decision.holds) == (LineState.UNBILLED, ROW, ())


@pytest.mark.parametrize(
    ("changes", "hold"),
    [
        ({"attested": False}, Hold.NOT_ATTESTED),
        ({"note_signed": False}, Hold.UNSIGNED_NOTE),
        ({"cosign_pending": True}, Hold.COSIGN_PENDING),
        ({"has_diagnosis": False}, Hold.NO_DIAGNOSIS),
        ({"licensed": False}, Hold.LICENCE_MISSING),
        ({"credentialed": False}, Hold.CREDENTIAL_MISSING),
        ({"consented": False}, Hold.CONSENT_MISSING),
        ({"coverage_active": False}, Hold.COVERAGE_NOT_ACTIVE),
        ({"authorisation_required": True}, Hold.AUTHORISATION_MISSING),
        ({"started_by_client": False}, Hold.NOT_STARTED_BY_CLIENT),
        ({"established": False}, Hold.NOT_ESTABLISHED),
        ({"clinical_minutes": 10}, Hold.BELOW_MINIMUM_MINUTES),
        ({"payer": "60054"}, Hold.NO_CONTRACT_ROW),
        ({"filing_limit_days": 7}, Hold.FILING_LIMIT_PASSED),
    ],
)
def test_each_missing_piece_holds_the_line_by_name(changes: dict[str, Any], hold: Hold) -> None:
    assert holds(**changes) == (hold,)


@pytest.mark.parametrize(
    ("live", "held"),
    [
        (date(2026, 2, 22), False),
        (date(2026, 2, 23), True),
        (date(2026, 3, 5), True),
        (date(2026, 3, 15), True),
        (date(2026, 3, 16), False),
    ],
)
def test_a_live_session_within_seven_days_holds_the_line(live: date, held: bool) -> None:
    assert (Hold.LIVE_SESSION_WITHIN_7_DAYS in holds(live_sessions=(live,))) is held


@pytest.mark.parametrize(
    ("window", "held"),
    [
        ((date(2026, 2, 23), date(2026, 3, 1)), False),
        ((date(2026, 2, 24), date(2026, 3, 2)), True),
        ((date(2026, 3, 8), date(2026, 3, 14)), True),
        ((date(2026, 3, 9), date(2026, 3, 15)), False),
    ],
)
def test_seven_days_are_billed_once(window: tuple[date, date], held: bool) -> None:
    assert (Hold.WINDOW_ALREADY_BILLED in holds(billed_windows=(window,))) is held


def test_all_reasons_are_shown_together() -> None:
    assert set(holds(note_signed=False, consented=False, payer="60054")) == {
        Hold.UNSIGNED_NOTE,
        Hold.CONSENT_MISSING,
        Hold.NO_CONTRACT_ROW,
    }


@given(st.dates(date(2025, 1, 1), date(2027, 1, 1)), st.integers(0, 100))
def test_a_line_is_either_priced_and_free_or_held_with_a_reason(today: date, minutes: int) -> None:
    decision = assess(replace(FACTS, clinical_minutes=minutes), [ROW], today)
    assert (decision.state is LineState.HELD) == bool(decision.holds)
    assert decision.state is LineState.HELD or decision.row is not None


def test_every_hold_has_plain_words() -> None:
    assert set(HOLD_WORDS) == set(Hold)
