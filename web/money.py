"""Money as people read it."""

from decimal import Decimal


def dollars(amount: Decimal) -> str:
    """`$1,234.50`; whole dollars without cents would make columns ragged, so cents always show."""
    sign = "-" if amount < 0 else ""
    return f"{sign}${abs(amount):,.2f}"


def short_dollars(amount: Decimal) -> str:
    """`$25` where a sentence reads better without empty cents, else as `dollars`."""
    return dollars(amount).removesuffix(".00")
