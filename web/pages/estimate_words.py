"""The rows that an estimate rests on, and what a cover says of each service, as sentences."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from domain.clinicians import ClinicianKind
from domain.eligibility import OFFICE_VISIT, WHOLE_PLAN, Period
from web.money import short_dollars
from web.views.journeys import ServiceLine

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
    if row["what"] == "credits":
        left = int(Decimal(row["value"]))
        return f"{left} {'session' if left == 1 else 'sessions'} left that your organisation pays for."
    said = [
        _what(row["what"], Decimal(row["value"])),
        _ABOUT.get(row["service_type"], _MENTAL_HEALTH),
        "at a distance" if row["telehealth"] else "",
        _SIDES.get(row["network"], ""),
        _PERIODS.get(row["period"], ""),
        _LEVELS.get(row["level"], ""),
    ]
    return ", ".join(part for part in said if part) + "."


_CLINICIANS = {
    ClinicianKind.NON_PRESCRIBER: "a therapist who does not prescribe medication",
    ClinicianKind.PRESCRIBER: "a psychiatrist or a psychiatric nurse practitioner",
}


def clinician_words(inputs: Mapping[str, Any]) -> str:
    """Whose price it is, where your insurer's differs by who gives the care: your therapist's, or the usual one."""
    kind = inputs["clinician_kind"]
    if kind is None:
        return ""
    if not inputs["clinician_assumed"]:
        return f"The price with your therapist, {_CLINICIANS[ClinicianKind(kind)]}."
    return (
        f"The price with {_CLINICIANS[ClinicianKind(kind)]}, as is usual here. Your insurer's differs by who gives"
        " the care; you see yours here once you have somebody."
    )


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


_SERVICES = {
    "messaging": "Messages with your therapist",
    "live_video": "Video sessions",
    "live_audio": "Phone sessions",
    "psychiatric_emergency": "An emergency",
}
_ANSWERS = {
    "covered": "Covered",
    "not": "Not covered",
    "needs_authorisation": "Needs an approval first",
    "unknown": "Not known yet",
    "redirect": "Call 911, or call or text 988",
}
_RULES = {
    "mental_health_listed": "Your plan lists mental health care.",
    "mental_health_not_mentioned": "Your plan's answer does not mention mental health care.",
    "plan_wants_authorisation": "Your plan asks for its approval before the first session.",
    "visits_used_up": "Your plan's visits of this year are used up.",
    "telehealth_not_covered": "Your plan does not cover care at a distance.",
    "no_contract_row": "We have no agreement with this insurer for it.",
    "credits_left": "Your organisation has sessions left for you.",
    "credits_used_up": "The sessions that your organisation pays for are used up.",
    "authorisation_ended": "Your organisation's approval has ended; ask it for a new one.",
    "paid_by_you": "You pay for each session yourself.",
    "confirmed_by_office": "Your insurer told our billing office so.",
    "denied_by_office": "Your insurer told our billing office so.",
    "call_988_or_911": "A room here is never for an emergency.",
}


def service_words(each: Mapping[str, Any]) -> ServiceLine:
    """One of our services as the client reads it; a rule without words of its own says nothing more."""
    return ServiceLine(
        name=_SERVICES[each["service"]],
        answer=_ANSWERS[each["answer"]],
        why=_RULES.get(each["rule"], ""),
        covered=each["answer"] == "covered",
    )
