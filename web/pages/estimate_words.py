"""The rows that an estimate rests on, as sentences."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from domain.eligibility import OFFICE_VISIT, WHOLE_PLAN, Period
from web.money import short_dollars

_ABOUT = {
    OFFICE_VISIT: "for office visits",
    WHOLE_PLAN: "for the plan as a whole",
}
_MENTAL_HEALTH = "for mental health care"
_SIDES = {"in": "in the network", "out": "outside the network"}
_PERIODS = {
    Period.VISIT: "for each visit",
    Period.CALENDAR_YEAR: "a year",
    Period.SERVICE_YEAR: "a plan year",
}
_LEVELS = {"FAM": "for the family together"}


def basis_words(row: Mapping[str, Any]) -> str:
    """`Copay of $25 for each visit, for mental health care, by video or message, in the network.`"""
    said = [
        _what(row["what"], Decimal(row["value"])),
        _ABOUT.get(row["service_type"], _MENTAL_HEALTH),
        "at a distance" if row["telehealth"] else "",
        _SIDES.get(row["network"], ""),
        _PERIODS.get(row["period"], ""),
        _LEVELS.get(row["level"], ""),
    ]
    return ", ".join(part for part in said if part) + "."


def _what(what: str, value: Decimal) -> str:
    kind = what.removesuffix("_remaining")
    left = what != kind
    match kind:
        case "copay":
            return f"Copay of {short_dollars(value)}"
        case "coinsurance":
            return f"Your share is {(value * 100).normalize():f} %"
        case "deductible":
            if not left:
                return f"Deductible of {short_dollars(value)}"
            return f"{short_dollars(value)} of the deductible still to pay" if value else "Deductible used up"
        case "out_of_pocket":
            return f"The most you {'still ' if left else ''}pay yourself is {short_dollars(value)}"
    return f"{value.normalize():f} visits {'left' if left else 'allowed'}"
