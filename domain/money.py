"""US dollars as `Decimal`, always quantised to cents, half a cent rounded up (away from zero)."""

import re
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

from domain.errors import FieldError, Invalid

CENT = Decimal("0.01")
ZERO = Decimal("0.00")
CURRENCY = "USD"
LARGEST = Decimal("9999999.99")  # what an X12 amount and a NUMERIC(9,2) column both hold

_PLAIN = re.compile(r"-?[0-9]{1,7}(\.[0-9]{1,2})?")


def cents(amount: Decimal | int) -> Decimal:
    """The amount in whole cents. A float is not accepted: it has already lost the cent."""
    if isinstance(amount, float):
        raise TypeError("money is never a float")
    return Decimal(amount).quantize(CENT, rounding=ROUND_HALF_UP)


def parse_money(text: str, field: str = "amount") -> Decimal:
    """Read "25", "25.0" or "25.00". Raises `Invalid` for anything finer or fancier."""
    if not _PLAIN.fullmatch(text):
        raise Invalid(FieldError(field, "not_money"))
    return cents(Decimal(text))


def format_money(amount: Decimal) -> str:
    """The wire form: "25.00", "-3.10"; never "-0.00"."""
    rounded = cents(amount)
    return str(ZERO if rounded == 0 else rounded)


def share(amount: Decimal, fraction: Decimal) -> Decimal:
    """A fraction (0.2 is 20 %) of an amount, to the cent."""
    return cents(amount * fraction)


def total(amounts: Iterable[Decimal]) -> Decimal:
    """The sum in cents; of nothing, 0.00."""
    return cents(sum(amounts, ZERO))
