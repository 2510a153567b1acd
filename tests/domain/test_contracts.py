"""A rate comes from a contract row in force on the day, by attested minutes, or the line is held."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.clinicians import ClinicianKind, clinician_kind
from domain.contracts import LIVE_ONLY_CODES, ContractRow, Modality, RateHold, choose_rate
from domain.errors import Invalid

NEW_YEAR = date(2026, 1, 1)


def row(code: str, first: int, last: int | None, allowed: int, **changes: Any) -> ContractRow:
    facts: dict[str, Any] = {
        "payer": "62308",
        "modality": Modality.ASYNC,
        "procedure_code": code,
        "charge": Decimal(allowed * 2),
        "allowed": Decimal(allowed),
        "place_of_service": "11",
        "effective_from": NEW_YEAR,
        "minutes_from": first,
        "minutes_to": last,
    }
    return ContractRow(**(facts | changes))


E_VISITS = (row("98970", 5, 10, 15), row("98971", 11, 20, 30), row("98972", 21, None, 45))


def choose(rows: tuple[ContractRow, ...] = E_VISITS, **changes: Any) -> ContractRow | RateHold:
    facts: dict[str, Any] = {
        "payer": "62308",
        "plan": None,
        "modality": Modality.ASYNC,
        "clinician": ClinicianKind.NON_PRESCRIBER,
        "clinical_minutes": 12,
        "on": date(2026, 3, 2),
        "established": True,
    }
    return choose_rate(rows, **(facts | changes))


@pytest.mark.parametrize(
    ("minutes", "code"),
    [(5, "98970"), (10, "98970"), (11, "98971"), (20, "98971"), (21, "98972"), (500, "98972")],
)
def test_attested_minutes_choose_the_code_at_every_bound(minutes: int, code: str) -> None:
    chosen = choose(clinical_minutes=minutes)
    assert isinstance(chosen, ContractRow)
    assert chosen.procedure_code == code


def test_too_few_minutes_are_held_and_not_rounded_up() -> None:
    assert choose(clinical_minutes=4) is RateHold.BELOW_MINIMUM_MINUTES


def test_a_contract_from_new_year_does_not_price_new_years_eve() -> None:
    assert choose(on=date(2025, 12, 31)) is RateHold.NO_CONTRACT_ROW
    assert isinstance(choose(on=NEW_YEAR), ContractRow)


def test_a_contract_prices_its_last_day_and_not_the_next() -> None:
    old = (
        row("98971", 11, 20, 28, effective_to=date(2026, 6, 30)),
        row("98971", 11, 20, 30, effective_from=date(2026, 7, 1)),
    )
    last, first = choose(old, on=date(2026, 6, 30)), choose(old, on=date(2026, 7, 1))
    assert isinstance(last, ContractRow)
    assert isinstance(first, ContractRow)
    assert (last.allowed, first.allowed) == (Decimal(28), Decimal(30))


@pytest.mark.parametrize(
    ("taxonomy", "code"),
    [
        ("1041C0700X", "98971"),  # LCSW
        ("106H00000X", "98971"),  # LMFT
        ("101YM0800X", "98971"),  # LPC, LMHC
        ("103TC0700X", "98971"),  # clinical psychologist
        ("2084P0800X", "99422"),  # psychiatrist
        ("363LP0808X", "99422"),  # PMHNP
    ],
)
def test_the_same_minutes_are_priced_by_who_attested_them(taxonomy: str, code: str) -> None:
    both = (
        row("98971", 11, 20, 30, clinician_kind=ClinicianKind.NON_PRESCRIBER),
        row("99422", 11, 20, 40, clinician_kind=ClinicianKind.PRESCRIBER),
    )
    kind = clinician_kind(taxonomy)
    chosen = choose(both, clinician=kind)
    assert isinstance(chosen, ContractRow)
    assert chosen.procedure_code == code
    assert choose([each for each in both if each != chosen], clinician=kind) is RateHold.NO_CONTRACT_ROW
    everybodys = choose(clinician=kind)
    assert isinstance(everybodys, ContractRow)
    assert everybodys.procedure_code == "98971"


def test_a_kinds_own_least_minutes_decide_whether_a_week_is_too_short() -> None:
    rows = (
        row("98970", 5, 10, 15, clinician_kind=ClinicianKind.NON_PRESCRIBER),
        row("99422", 11, 20, 40, clinician_kind=ClinicianKind.PRESCRIBER),
    )
    assert (
        choose(rows, clinical_minutes=7, clinician=ClinicianKind.PRESCRIBER) is RateHold.BELOW_MINIMUM_MINUTES
    )
    assert isinstance(choose(rows, clinical_minutes=7), ContractRow)


@pytest.mark.parametrize(
    ("code", "kind"), [("98971", ClinicianKind.PRESCRIBER), ("99422", ClinicianKind.NON_PRESCRIBER)]
)
def test_no_row_gives_a_kind_a_code_that_it_may_not_report(code: str, kind: ClinicianKind) -> None:
    with pytest.raises(Invalid) as refused:
        row(code, 11, 20, 30, clinician_kind=kind)
    assert [error.code for error in refused.value.errors] == ["not_of_this_kind"]


def test_without_a_row_for_payer_or_modality_the_line_is_held() -> None:
    assert choose(payer="60054") is RateHold.NO_CONTRACT_ROW
    assert choose(modality=Modality.VIDEO) is RateHold.NO_CONTRACT_ROW
    assert choose(()) is RateHold.NO_CONTRACT_ROW


def test_a_plans_own_rows_replace_the_payers_general_ones() -> None:
    rows = (*E_VISITS, row("98971", 11, 20, 33, plan="student"))
    own, general = choose(rows, plan="student"), choose(rows, plan="other")
    assert isinstance(own, ContractRow)
    assert isinstance(general, ContractRow)
    assert (own.allowed, general.allowed) == (Decimal(33), Decimal(30))


def test_a_first_week_is_held_where_the_contract_wants_an_established_patient() -> None:
    rows = (row("98971", 11, 20, 30, requires_established=True),)
    assert choose(rows, established=False) is RateHold.NOT_ESTABLISHED
    assert isinstance(choose(rows, established=True), ContractRow)


def test_two_rows_that_both_fit_are_for_a_person_to_sort_out() -> None:
    assert choose((*E_VISITS, row("98971", 11, 20, 31))) is RateHold.CONTRACT_AMBIGUOUS


@pytest.mark.parametrize("code", sorted(LIVE_ONLY_CODES))
def test_no_contract_can_sell_text_as_a_live_session(code: str) -> None:
    with pytest.raises(Invalid):
        row(code, 38, 52, 95)


@given(st.integers(0, 10_000))
def test_minutes_of_text_never_earn_a_psychotherapy_code(minutes: int) -> None:
    rows = (*E_VISITS, row("90834", 38, 52, 95, modality=Modality.VIDEO))
    chosen = choose(rows, clinical_minutes=minutes)
    assert isinstance(chosen, RateHold) or chosen.procedure_code in {"98970", "98971", "98972"}


@pytest.mark.parametrize(
    "changes",
    [
        {"minutes_to": 4},
        {"effective_to": date(2025, 12, 31)},
        {"charge": Decimal(0)},
        {"charge": Decimal("29.99")},
    ],
)
def test_a_row_that_cannot_be_right_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        row("98971", 11, 20, 30, **changes)
