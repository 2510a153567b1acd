"""Whether messages alone are the right care, rule by rule."""

from datetime import date
from itertools import combinations

import pytest

from domain.suitability import BY_CODE, RECOMMENDATION, RULES, Rule, Suitability, covers, judge, words_of

TODAY = date(2026, 6, 1)
WELL = {
    "safety.suicidal_thoughts": "within_30_days",  # asked about at once, and no reason by itself
    "safety.recent_attempt": False,
    "safety.imminent_violence": False,
    "safety.recent_discharge": False,
    "safety.psychosis_or_mania": False,
    "safety.withdrawal": False,
    "safety.private_channel": True,
    "location_withheld": False,
    "emergency_contact.available": True,
    "c_ssrs": "moderate",
}


def test_who_is_well_enough_writes() -> None:
    assert judge(WELL, TODAY).suitability is Suitability.MESSAGING
    assert judge({}, TODAY).rules == ()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_each_rule_speaks_alone_in_plain_words_with_a_source(rule: Rule) -> None:
    found = judge({**WELL, rule.field: rule.among[0]}, TODAY)
    assert (found.suitability, found.rules) == (rule.says, (rule.code,))
    assert rule.source
    assert words_of(found.rules) == (rule.words,)
    assert RECOMMENDATION[found.suitability]


def test_of_two_rules_the_heavier_one_decides_and_both_are_told() -> None:
    for one, other in combinations(RULES, 2):
        found = judge({**WELL, one.field: one.among[0], other.field: other.among[0]}, TODAY)
        assert set(found.rules) == {one.code, other.code}
        heavy = Suitability.HIGHER_CARE in (one.says, other.says)
        assert found.suitability is (Suitability.HIGHER_CARE if heavy else Suitability.LIVE)


def test_a_rule_holds_from_its_day_on() -> None:
    before = date(2025, 12, 31)
    assert judge({**WELL, "safety.withdrawal": True}, before).suitability is Suitability.MESSAGING


def test_a_decision_covers_what_was_weighed_and_nothing_new() -> None:
    assert covers(["withdrawal", "c_ssrs_high"], ["withdrawal"])
    assert covers([], [])
    assert not covers(["withdrawal"], ["withdrawal", "recent_attempt"])
    assert len(BY_CODE) == len(RULES)
