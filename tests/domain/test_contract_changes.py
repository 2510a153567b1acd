"""Prices have days, and no day has two."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.clinicians import ClinicianKind, may_report
from domain.contract_changes import ended, overlap, succession
from domain.contracts import ContractRow, Modality, RateHold, choose_rate
from domain.errors import Conflict

OLD = ContractRow(
    payer="cigna",
    modality=Modality.ASYNC,
    procedure_code="98972",
    charge=Decimal("75.00"),
    allowed=Decimal("45.00"),
    place_of_service="11",
    effective_from=date(2026, 1, 1),
    minutes_from=21,
)
NEW_YEAR = replace(OLD, allowed=Decimal("50.00"), effective_from=date(2027, 1, 1))


def priced(rows: list[ContractRow], on: date, minutes: int = 25) -> Decimal | RateHold:
    found = choose_rate(
        rows,
        payer="cigna",
        plan=None,
        modality=Modality.ASYNC,
        clinician=ClinicianKind.NON_PRESCRIBER,
        clinical_minutes=minutes,
        on=on,
        established=True,
    )
    return found.allowed if isinstance(found, ContractRow) else found


def test_a_contract_from_new_year_ends_the_old_one_on_new_years_eve() -> None:
    (change,) = succession([OLD], NEW_YEAR)
    assert change.before is OLD
    assert change.after is not None
    rows = [change.after, NEW_YEAR]
    assert priced(rows, date(2026, 12, 31)) == Decimal("45.00")
    assert priced(rows, date(2027, 1, 1)) == Decimal("50.00")


def test_another_price_for_the_same_first_day_replaces_the_row() -> None:
    (change,) = succession([OLD], replace(OLD, allowed=Decimal("46.00")))
    assert change.after is None


@pytest.mark.parametrize(
    "new",
    [
        replace(NEW_YEAR, procedure_code="99423"),  # another code for the same minutes
        replace(NEW_YEAR, minutes_from=15),  # other minutes, in part the same
        replace(OLD, effective_from=date(2025, 1, 1)),  # a later row stands
        replace(NEW_YEAR, effective_to=date(2027, 6, 30)),  # and then? the old one again?
        replace(NEW_YEAR, clinician_kind=ClinicianKind.NON_PRESCRIBER),  # and what of those who prescribe?
    ],
)
def test_what_is_not_clear_is_refused(new: ContractRow) -> None:
    with pytest.raises(Conflict, match="contract_overlaps"):
        succession([OLD], new)


@pytest.mark.parametrize(
    "new",
    [
        replace(OLD, plan="ppo"),
        replace(OLD, modality=Modality.VIDEO),
        replace(OLD, minutes_from=5, minutes_to=20),
        replace(OLD, effective_from=date(2025, 1, 1), effective_to=date(2025, 12, 31)),
    ],
)
def test_what_prices_something_else_changes_nothing(new: ContractRow) -> None:
    assert succession([OLD], new) == ()


def test_rows_for_two_kinds_of_clinician_stand_beside_each_other() -> None:
    theirs = replace(OLD, clinician_kind=ClinicianKind.NON_PRESCRIBER)
    others = replace(OLD, clinician_kind=ClinicianKind.PRESCRIBER, procedure_code="99423")
    assert succession([theirs], others) == ()
    (change,) = succession([theirs, others], replace(theirs, effective_from=date(2027, 1, 1)))
    assert change.before == theirs
    with pytest.raises(Conflict, match="contract_overlaps"):
        succession([theirs, others], NEW_YEAR)  # a row for everybody prices them all


def test_an_ended_contract_prices_its_last_day_and_no_more() -> None:
    last = date(2026, 6, 30)
    short = ended(OLD, last)
    assert short is not None
    assert priced([short], last) == Decimal("45.00")
    assert priced([short], last + timedelta(days=1)) is RateHold.NO_CONTRACT_ROW
    assert ended(OLD, date(2025, 12, 31)) is None
    with pytest.raises(Conflict, match="contract_ended"):
        ended(short, last)


DAYS = st.integers(0, 60).map(lambda days: date(2026, 1, 1) + timedelta(days=days))


@st.composite
def rows(draw: st.DrawFn) -> ContractRow:
    start = draw(DAYS)
    end = draw(st.none() | DAYS.filter(lambda day: day >= start))
    least = draw(st.sampled_from([5, 11, 21]))
    most = draw(st.sampled_from([10, 20, None]).filter(lambda top: top is None or top >= least))
    kind = draw(st.none() | st.sampled_from(ClinicianKind))
    codes = ["98970", "98972", "99422"]
    code = draw(st.sampled_from([code for code in codes if kind is None or may_report(kind, code)]))
    return replace(
        OLD,
        procedure_code=code,
        effective_from=start,
        effective_to=end,
        minutes_from=least,
        minutes_to=most,
        clinician_kind=kind,
    )


@settings(max_examples=60)
@given(st.lists(rows(), max_size=6))
def test_whatever_is_added_no_minute_of_any_day_has_two_prices(added: list[ContractRow]) -> None:
    standing: list[ContractRow] = []
    for new in added:
        try:
            changes = succession(standing, new)
        except Conflict:
            continue
        for change in changes:
            standing.remove(change.before)
            standing += [change.after] if change.after else []
        standing.append(new)
    assert not any(overlap(one, two) for n, one in enumerate(standing) for two in standing[:n])
