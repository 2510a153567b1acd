"""No claim leaves with an error that we could have seen ourselves."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.claims import (
    Claim,
    ClaimLine,
    Edit,
    Frequency,
    PayerEdits,
    Provider,
    icd_is_valid,
    npi_is_valid,
    scrub,
)
from domain.contracts import Modality

TODAY = date(2026, 3, 16)
LINE = ClaimLine(
    control_number="KRLN000001",
    procedure_code="98971",
    charge=Decimal("60.00"),
    service_from=date(2026, 3, 2),
    service_to=date(2026, 3, 8),
    place_of_service="11",
    modality=Modality.ASYNC,
)
CLAIM = Claim(
    control_number="KRCLM000001",
    payer_id="62308",
    member_id="U1234567801",
    total_charge=Decimal("60.00"),
    billing=Provider("1345678902", "251S00000X"),
    rendering=Provider("1987654328", "101YM0800X"),
    diagnoses=("F41.1",),
    lines=(LINE,),
)
STANDARD = PayerEdits()
OPTUM = PayerEdits(requires_f_code_primary=True)


def edits(claim: Claim, payer: PayerEdits = STANDARD) -> set[Edit]:
    return {finding.edit for finding in scrub(claim, payer, TODAY)}


def with_line(**changes: Any) -> Claim:
    line = replace(LINE, **changes)
    return replace(CLAIM, lines=(line,), total_charge=line.charge)


def test_a_clean_claim_has_no_findings() -> None:
    assert scrub(CLAIM, STANDARD, TODAY) == ()


@pytest.mark.parametrize("npi", ["1234567893", "1345678902", "1987654328"])
def test_a_real_npi_passes_its_check_digit(npi: str) -> None:
    assert npi_is_valid(npi)


@pytest.mark.parametrize("npi", ["1234567890", "123456789", "12345678930", "", "١٢٣٤٥٦٧٨٩٣", "12345678 3"])
def test_a_wrong_npi_is_found(npi: str) -> None:
    assert not npi_is_valid(npi)
    assert Edit.NPI_INVALID in edits(replace(CLAIM, rendering=replace(CLAIM.rendering, npi=npi)))


@given(st.integers(0, 999_999_999), st.integers(1, 9))
def test_every_single_wrong_digit_breaks_an_npi(stem: int, shift: int) -> None:
    valid = next(npi for digit in range(10) if npi_is_valid(npi := f"{stem:09d}{digit}"))
    for place in range(10):
        wrong = valid[:place] + str((int(valid[place]) + shift) % 10) + valid[place + 1 :]
        assert not npi_is_valid(wrong)


@pytest.mark.parametrize("code", ["F41.1", "F411", "F32.9", "Z63.0", "F43.21", "S72.001A", "U07.1", "F42"])
def test_an_icd_code_is_told_by_its_shape(code: str) -> None:
    assert icd_is_valid(code)


@pytest.mark.parametrize("code", ["", "41.1", "F4", "F41.", "f41.1", "F41.12345", "FF1", "F41 1"])
def test_what_has_not_the_shape_of_an_icd_code_is_found(code: str) -> None:
    assert Edit.DIAGNOSIS_INVALID in edits(replace(CLAIM, diagnoses=(code,)))


def test_a_payer_that_wants_a_mental_health_primary_gets_one() -> None:
    other = replace(CLAIM, diagnoses=("R45.2", "F41.1"))
    assert edits(other) == set()
    assert edits(other, OPTUM) == {Edit.PRIMARY_DIAGNOSIS_NOT_F}
    assert edits(replace(CLAIM, diagnoses=("F41.1", "R45.2")), OPTUM) == set()


def test_a_z_code_alone_or_first_is_found() -> None:
    assert edits(replace(CLAIM, diagnoses=("Z63.0",))) == {Edit.PRIMARY_DIAGNOSIS_Z}


def test_the_total_is_the_sum_of_the_lines_to_the_cent() -> None:
    assert edits(replace(CLAIM, total_charge=Decimal("60.01"))) == {Edit.TOTAL_MISMATCH}


@pytest.mark.parametrize(
    ("changes", "edit"),
    [
        ({"payer_id": ""}, Edit.PAYER_MISSING),
        ({"member_id": " "}, Edit.MEMBER_MISSING),
        ({"control_number": "K" * 21}, Edit.CONTROL_NUMBER_INVALID),
        ({"control_number": "KR*1"}, Edit.CONTROL_NUMBER_INVALID),
        ({"diagnoses": ()}, Edit.DIAGNOSIS_MISSING),
        ({"diagnoses": ("F41.1", "F411")}, Edit.DIAGNOSIS_REPEATED),
        ({"diagnoses": tuple(f"F4{n:02}" for n in range(13))}, Edit.TOO_MANY_DIAGNOSES),
        ({"lines": (), "total_charge": Decimal("0.00")}, Edit.LINES_MISSING),
        ({"lines": (LINE, LINE), "total_charge": Decimal("120.00")}, Edit.LINE_CONTROL_REPEATED),
        ({"frequency": Frequency.REPLACEMENT}, Edit.PAYER_CLAIM_NUMBER_MISSING),
    ],
)
def test_a_claim_level_error_is_found_alone(changes: dict[str, Any], edit: Edit) -> None:
    assert edit in edits(replace(CLAIM, **changes))


def test_more_than_fifty_lines_are_too_many() -> None:
    lines = tuple(replace(LINE, control_number=f"KRLN{n:06}") for n in range(51))
    many = replace(CLAIM, lines=lines, total_charge=Decimal("3060.00"))
    assert edits(many) == {Edit.TOO_MANY_LINES}
    fifty = replace(CLAIM, lines=lines[:50], total_charge=Decimal("3000.00"))
    assert edits(fifty) == set()


@pytest.mark.parametrize(
    ("changes", "edit"),
    [
        ({"procedure_code": "9897"}, Edit.PROCEDURE_INVALID),
        ({"place_of_service": ""}, Edit.PLACE_INVALID),
        ({"charge": Decimal("0.00")}, Edit.CHARGE_INVALID),
        ({"charge": Decimal("60.001")}, Edit.CHARGE_INVALID),
        ({"units": 0}, Edit.UNITS_INVALID),
        ({"pointers": ()}, Edit.POINTER_INVALID),
        ({"pointers": (2,)}, Edit.POINTER_INVALID),
        ({"pointers": (1, 1, 1, 1, 1)}, Edit.POINTER_INVALID),
        ({"service_to": date(2026, 3, 1)}, Edit.DATES_INVALID),
        ({"service_to": date(2026, 3, 17)}, Edit.DATES_INVALID),
        ({"procedure_code": "90834"}, Edit.LIVE_CODE_FOR_TEXT),
        ({"place_of_service": "10"}, Edit.TELEHEALTH_ON_E_VISIT),
        ({"modifiers": ("95",)}, Edit.TELEHEALTH_ON_E_VISIT),
    ],
)
def test_a_line_level_error_is_found_at_its_line(changes: dict[str, Any], edit: Edit) -> None:
    findings = scrub(with_line(**changes), STANDARD, TODAY)
    assert [finding.edit for finding in findings if finding.where == "line 1"] == [edit]


def test_what_a_payer_asks_for_is_data() -> None:
    asked = PayerEdits(group_required=True, requires_authorisation=True, telehealth_on_e_visits=True)
    assert edits(with_line(place_of_service="10"), asked) == {Edit.GROUP_MISSING, Edit.AUTHORISATION_MISSING}


def test_a_claim_past_its_filing_limit_is_found_and_the_last_day_still_goes() -> None:
    last = PayerEdits(filing_limit_days=14)
    assert edits(CLAIM, last) == set()
    assert edits(CLAIM, PayerEdits(filing_limit_days=13)) == {Edit.FILING_LIMIT_PASSED}


def test_a_claim_prints_without_member_and_diagnosis() -> None:
    assert "U1234567801" not in repr(CLAIM)
    assert "F41" not in repr(CLAIM)
