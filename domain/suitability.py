"""Whether care by messages alone is right for somebody, by rules as data; and what is better where it is not.

The rules are the clinic's policy, in line with the American Telemedicine Association's practice guidelines for
online mental health services (2013) and the American Psychological Association's for telepsychology (2024): screen
for who needs to be seen, keep a location and an emergency contact, and a channel that nobody else reads. They
never end the way in by themselves: a clinician looks and decides.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final


class Suitability(StrEnum):
    """What care fits. `live`: somebody who can be seen and heard; `higher_care`: more than a weekly talk."""

    MESSAGING = "messaging"
    LIVE = "live"
    HIGHER_CARE = "higher_care"


_WEIGHT = {Suitability.MESSAGING: 0, Suitability.LIVE: 1, Suitability.HIGHER_CARE: 2}


@dataclass(frozen=True, slots=True)
class Rule:
    """Speaks when the answer `field` is among `among`. `words` tell the client why, `staff` a clinician."""

    code: str
    field: str
    among: tuple[object, ...]
    says: Suitability
    words: str
    staff: str
    source: str
    effective_from: date = date(2026, 1, 1)


_POLICY: Final = "Clinic policy, 2026-01"

RULES: Final = (
    Rule(
        "c_ssrs_high",
        "c_ssrs",
        ("high",),
        Suitability.HIGHER_CARE,
        "What you told us about ending your life needs somebody beside you now, not a message tomorrow.",
        "C-SSRS screener: high risk",
        "Posner 2011, C-SSRS triage for high risk; clinic policy, 2026-01",
    ),
    Rule(
        "imminent_violence",
        "safety.imminent_violence",
        (True,),
        Suitability.HIGHER_CARE,
        "You fear that you might hurt somebody soon. That needs a person with you today.",
        "Fears to harm somebody soon",
        _POLICY,
    ),
    Rule(
        "psychosis_or_mania",
        "safety.psychosis_or_mania",
        (True,),
        Suitability.HIGHER_CARE,
        "Hearing or seeing things, or hardly sleeping with racing thoughts, is best looked at in person, soon.",
        "Psychosis or mania now",
        _POLICY,
    ),
    Rule(
        "withdrawal",
        "safety.withdrawal",
        (True,),
        Suitability.HIGHER_CARE,
        "Stopping alcohol or drugs can be dangerous for the body. A doctor should be near.",
        "Withdrawal from alcohol or drugs",
        _POLICY,
    ),
    Rule(
        "recent_attempt",
        "safety.recent_attempt",
        (True,),
        Suitability.HIGHER_CARE,
        "You tried to end your life not long ago. You deserve more care than messages can give right now.",
        "Suicide attempt within three months",
        _POLICY,
    ),
    Rule(
        "recent_discharge",
        "safety.recent_discharge",
        (True,),
        Suitability.LIVE,
        "In the weeks after a stay in hospital it helps to see and hear somebody.",
        "Discharged from psychiatric hospital within 30 days",
        "HEDIS FUH asks for a visit within 7 and 30 days; clinic policy, 2026-01",
    ),
    Rule(
        "no_private_channel",
        "safety.private_channel",
        (False,),
        Suitability.LIVE,
        "Somebody might read along where you write. Care needs a place that is yours alone.",
        "No private channel",
        _POLICY,
    ),
    Rule(
        "unknown_location",
        "location_withheld",
        (True,),
        Suitability.LIVE,
        "Without knowing where you are we could not send help to you.",
        "Place not told",
        _POLICY,
    ),
    Rule(
        "no_emergency_contact",
        "emergency_contact.available",
        (False,),
        Suitability.LIVE,
        "Without somebody near you whom we may call, we would want to see and hear you.",
        "No emergency contact",
        _POLICY,
    ),
)

BY_CODE: Final = {rule.code: rule for rule in RULES}


@dataclass(frozen=True, slots=True)
class Judgement:
    """What care fits, and the codes of the rules that spoke, in the order of `RULES`."""

    suitability: Suitability
    rules: tuple[str, ...]


def judge(answers: Mapping[str, Any], on: date) -> Judgement:
    """By dotted answers of the intake and `c_ssrs`, the band of the last C-SSRS screener. What was not answered
    makes no rule speak: the form does not let what matters be left out.
    """
    spoke = [rule for rule in RULES if rule.effective_from <= on and _speaks(rule, answers)]
    return Judgement(heaviest(rule.says for rule in spoke), tuple(rule.code for rule in spoke))


def heaviest(said: Iterable[Suitability]) -> Suitability:
    """The most care that any rule asks for."""
    return max(said, key=lambda each: _WEIGHT[each], default=Suitability.MESSAGING)


def _speaks(rule: Rule, answers: Mapping[str, Any]) -> bool:
    value = answers.get(rule.field)
    return value is not None and any(value is each or value == each for each in rule.among)


def words_of(codes: Iterable[str]) -> tuple[str, ...]:
    """Why, in the client's words."""
    return tuple(BY_CODE[code].words for code in codes if code in BY_CODE)


def covers(decided_on: Iterable[str], now: Iterable[str]) -> bool:
    """Whether a clinician who decided on some rules has weighed all that speak now."""
    return set(now) <= set(decided_on)


RECOMMENDATION: Final[Mapping[Suitability, str]] = {
    Suitability.MESSAGING: "",
    Suitability.LIVE: (
        "We recommend talking with somebody whom you can see and hear, by video or in a practice near you. "
        "A clinician of ours looks at this now and writes to you about what comes next."
    ),
    Suitability.HIGHER_CARE: (
        "We recommend more care than messages can give, and soon: a clinic, a hospital or a crisis team near you. "
        "A clinician of ours looks at this now and writes to you about what comes next."
    ),
}
"""What the client reads first; the ways to a person stand below it."""
