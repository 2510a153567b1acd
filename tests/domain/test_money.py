"""Cents are exact, and half a cent is rounded the way an accountant does."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.money import cents, format_money, parse_money, share, total

dollars = st.decimals(min_value="-999999.99", max_value="999999.99", places=2)


@pytest.mark.parametrize(
    ("exact", "rounded"),
    [
        ("0.005", "0.01"),
        ("0.015", "0.02"),
        ("0.025", "0.03"),
        ("2.344", "2.34"),
        ("-0.005", "-0.01"),
        ("7", "7.00"),
    ],
)
def test_half_a_cent_is_rounded_away_from_zero(exact: str, rounded: str) -> None:
    assert str(cents(Decimal(exact))) == rounded


def test_a_float_is_refused_because_it_has_lost_the_cent() -> None:
    with pytest.raises(TypeError):
        cents(0.1)  # type: ignore[arg-type]


@given(dollars)
def test_what_is_written_reads_back_the_same(amount: Decimal) -> None:
    assert parse_money(format_money(amount)) == amount


@pytest.mark.parametrize(
    "text", ["", "1e3", "25.001", "NaN", "Infinity", "+5", " 5", "5 ", "1,000.00", "25.", "٢٥"]
)
def test_anything_but_plain_dollars_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        parse_money(text, "charge")
    assert refusal.value.errors[0].field == "charge"


def test_zero_has_no_sign() -> None:
    assert format_money(Decimal("-0.004")) == "0.00"


def test_a_share_is_rounded_once() -> None:
    assert share(Decimal("95.00"), Decimal("0.2")) == Decimal("19.00")
    assert share(Decimal("0.33"), Decimal("0.5")) == Decimal("0.17")
    assert total([]) == Decimal("0.00")
