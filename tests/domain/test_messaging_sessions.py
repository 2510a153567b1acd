"""Two figures that never mix: workload for people, clinical minutes for the record."""

import dataclasses
import inspect
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Conflict, Invalid
from domain.messaging_sessions import (
    STATEMENT,
    Attestation,
    Formula,
    SessionFacts,
    SessionState,
    WindowPolicy,
    Workload,
    check_attestation,
    is_full_session,
    reminders,
    window,
    window_policy_from_json,
    workload_minutes,
)

VECTORS = json.loads((Path(__file__).parent.parent / "vectors" / "time_accounting.json").read_text("utf-8"))
CASES = [(formula, case) for formula in Formula for case in VECTORS[formula]]
NAMES = {
    "client_words": "client_words",
    "clin_words": "clinician_words",
    "pdfs": "documents",
    "av_seconds": "av_seconds",
    "listen_s": "listened_seconds",
    "record_s": "recorded_seconds",
}
START = datetime(2026, 5, 4, 3, tzinfo=UTC)
WINDOW = window(START)
ENDED = WINDOW.ends_at
NOTE, DIAGNOSIS, OTHER = (UUID(int=n) for n in (1, 2, 3))
GOOD = Attestation(NOTE, 45, (DIAGNOSIS,), STATEMENT)
ON_FILE = SessionFacts(SessionState.AWAITING_ATTESTATION, WINDOW, {NOTE}, {DIAGNOSIS})


@pytest.mark.parametrize(("formula", "case"), CASES)
def test_a_workload_follows_from_words_by_a_named_formula(formula: Formula, case: dict[str, Any]) -> None:
    load = Workload(**{NAMES[key]: value for key, value in case.items() if key in NAMES})
    minutes = workload_minutes(formula, load)
    assert minutes == pytest.approx(case["expected_minutes"])
    assert is_full_session(minutes) is case["meets_45"]


@given(st.integers(0, 5000), st.integers(0, 20000), st.integers(0, 20))
def test_scripts_earn_no_more_credit_than_twice_the_clients_words(
    client: int, clinician: int, pdfs: int
) -> None:
    load = Workload(client_words=client, clinician_words=clinician, documents=pdfs)
    assert workload_minutes(Formula.CREDIT_40, load) <= 3 * client / 40


def test_the_window_is_policy_and_seven_days_by_default() -> None:
    assert WINDOW.ends_at == START + timedelta(days=7)
    short = window(START, WindowPolicy(timedelta(seconds=20), timedelta(days=1)))
    assert (short.ends_at, short.lapses_at) == (
        START + timedelta(seconds=20),
        START + timedelta(days=1, seconds=20),
    )
    with pytest.raises(Invalid):
        WindowPolicy(length=timedelta())


def test_a_signed_note_minutes_a_diagnosis_and_a_statement_suffice() -> None:
    check_attestation(GOOD, ON_FILE, ENDED)


@pytest.mark.parametrize(
    ("facts", "now", "code"),
    [
        (dataclasses.replace(ON_FILE, signed_notes=set()), ENDED, "note_not_signed"),
        (dataclasses.replace(ON_FILE, signed_notes={OTHER}), ENDED, "note_not_signed"),
        (dataclasses.replace(ON_FILE, state=SessionState.ATTESTED), ENDED, "already_attested"),
        (dataclasses.replace(ON_FILE, state=SessionState.LAPSED), ENDED, "session_lapsed"),
        (ON_FILE, WINDOW.lapses_at, "session_lapsed"),
        (ON_FILE, ENDED - timedelta(seconds=1), "window_still_open"),
    ],
)
def test_an_attestation_at_the_wrong_moment_is_refused(facts: SessionFacts, now: datetime, code: str) -> None:
    with pytest.raises(Conflict, match=code):
        check_attestation(GOOD, facts, now)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"clinical_minutes": 0}, "clinical_minutes_required"),
        ({"clinical_minutes": -5}, "clinical_minutes_required"),
        ({"clinical_minutes": 10081}, "clinical_minutes_required"),
        ({"diagnosis_ids": ()}, "diagnosis_required"),
        ({"diagnosis_ids": (DIAGNOSIS, OTHER)}, "unknown_diagnosis"),
        ({"statement": "  "}, "statement_required"),
    ],
)
def test_an_attestation_that_lacks_something_names_it(change: dict[str, Any], code: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_attestation(dataclasses.replace(GOOD, **change), ON_FILE, ENDED)
    assert [e.code for e in refused.value.errors] == [code]


def test_no_word_count_can_reach_an_attestation() -> None:
    words = {field.name for field in dataclasses.fields(Workload)}
    given_to_it = {field.name for cls in (Attestation, SessionFacts) for field in dataclasses.fields(cls)}
    assert not words & given_to_it
    assert list(inspect.signature(check_attestation).parameters) == ["given", "facts", "now"]


def test_reminders_come_after_two_days_and_on_the_last_day() -> None:
    span = window(datetime(2026, 3, 4, 12, tzinfo=UTC))
    found = reminders(span)
    assert [which.value for _, which in found] == ["second_day", "last_day"]
    assert [at - span.ends_at for at, _ in found] == [timedelta(hours=48), timedelta(days=13)]


def test_a_window_of_seconds_has_the_reminders_that_fit() -> None:
    policy = window_policy_from_json({"window_seconds": 5, "attest_seconds": 60})
    span = window(datetime(2026, 3, 4, 12, tzinfo=UTC), policy)
    assert span.ends_at - span.opens_at == timedelta(seconds=5)
    assert reminders(span) == ()


@pytest.mark.parametrize(
    "definition", [{"window_seconds": 0}, {"window_seconds": "7"}, {"attest_seconds": True}]
)
def test_a_wrong_window_is_refused(definition: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        window_policy_from_json(definition)
