"""Policies are data: presets as published, read strictly, written back unchanged."""

import json
from datetime import timedelta
from typing import Any

import pytest

from domain.errors import Invalid, NotFound
from domain.policies import LADDER, PRESETS, RungName, policy_from_json, policy_to_json, preset

EVENING = [["09:00", "14:00", "18:00", 0], ["14:00", "19:00", "22:00", 0], ["19:00", "09:00", "14:00", 1]]


@pytest.mark.parametrize(
    ("name", "minutes"),
    [
        ("welcome", 180),
        ("first_response", 240),
        ("next_response", 480),
        ("consult", 240),
        ("demo-seconds", 0.1),
    ],
)
def test_the_presets_allow_their_working_minutes(name: str, minutes: float) -> None:
    assert preset(name).allowance == timedelta(minutes=minutes)


def test_every_preset_nudges_at_75_breaches_at_100_and_offers_cover_at_150() -> None:
    for policy in PRESETS.values():
        assert [(rung.name, rung.percent, rung.by_next_working_day) for rung in policy.ladder] == [
            (RungName.NUDGE, 75, False),
            (RungName.BREACH, 100, False),
            (RungName.COVER, 150, True),
        ]


def test_an_unknown_preset_is_not_found() -> None:
    with pytest.raises(NotFound):
        preset("whenever")


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_a_policy_survives_the_way_through_the_database(name: str) -> None:
    policy = preset(name)
    assert policy_from_json(name, json.loads(json.dumps(policy_to_json(policy)))) == policy


def test_minutes_may_be_fractions_and_the_ladder_may_be_left_out() -> None:
    policy = policy_from_json("quick", {"kind": "working_minutes", "minutes": 0.05})
    assert policy.allowance == timedelta(seconds=3)
    assert policy.ladder == LADDER


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ({"kind": "working_minutes"}, "not_positive"),
        ({"kind": "working_minutes", "minutes": 0}, "out_of_range"),
        ({"kind": "working_minutes", "minutes": -5}, "out_of_range"),
        ({"kind": "working_minutes", "minutes": True}, "not_a_number"),
        ({"kind": "working_minutes", "minutes": "240"}, "not_a_number"),
        ({"kind": "working_minutes", "minutes": float("nan")}, "not_a_number"),
        ({"kind": "working_minutes", "minutes": 1e300}, "out_of_range"),
        ({"kind": "working_minutes", "minutes": 60, "table": EVENING}, "not_of_this_kind"),
        ({"kind": "working_minutes", "minutes": 60, "table": 0}, "not_a_list"),
        ({"kind": "reply_by", "table": EVENING, "minutes": 60}, "not_of_this_kind"),
        ({"kind": "always"}, "unknown_kind"),
        ({"minutes": 60}, "missing"),
        ({"kind": "working_minutes", "minutes": 60, "grace": 5}, "unknown_field"),
        ({"kind": "reply_by", "table": EVENING[:2]}, "windows_do_not_meet"),
        ({"kind": "reply_by", "table": []}, "windows_do_not_meet"),
        ({"kind": "reply_by", "table": [*EVENING, EVENING[0]]}, "windows_do_not_meet"),
        (
            {"kind": "reply_by", "table": [["09:00", "14:00", "13:00", 0], *EVENING[1:]]},
            "deadline_before_end",
        ),
        (
            {"kind": "reply_by", "table": [*EVENING[:2], ["19:00", "09:00", "08:00", 1]]},
            "deadline_before_end",
        ),
        ({"kind": "reply_by", "table": [*EVENING[:2], ["19:00", "09:00", "14:00", 2]]}, "not_0_or_1"),
        (
            {"kind": "reply_by", "table": [*EVENING[:2], ["19:00", "09:00", "14:00", True]]},
            "not_a_whole_number",
        ),
        ({"kind": "reply_by", "table": [*EVENING[:2], ["19:00", "09:00", "14:00"]]}, "not_four_columns"),
    ],
)
def test_a_malformed_policy_is_refused(value: dict[str, Any], code: str) -> None:
    with pytest.raises(Invalid) as refused:
        policy_from_json("odd", value)
    assert [error.code for error in refused.value.errors] == [code]


@pytest.mark.parametrize(
    ("ladder", "code"),
    [
        ([], "no_breach_at_100"),
        ([{"name": "breach", "percent": 90}], "no_breach_at_100"),
        ([{"name": "breach", "percent": 100}, {"name": "nudge", "percent": 75}], "not_ascending"),
        ([{"name": "nudge", "percent": 0}, {"name": "breach", "percent": 100}], "not_ascending"),
        ([{"name": "breach", "percent": 100}, {"name": "breach", "percent": 150}], "repeated_name"),
        ([{"name": "breach", "percent": 100}, {"name": "cover", "percent": 10**30}], "out_of_range"),
        ([{"name": "shout", "percent": 50}], "unknown_rung"),
        ([{"name": "breach", "percent": 99.5}], "not_a_whole_number"),
        ([{"name": "breach", "percent": 100, "by_next_working_day": 1}], "not_true_or_false"),
        ([{"name": "breach", "percent": 100, "by_next_working_day": True}], "next_working_day_before_due"),
    ],
)
def test_a_ladder_without_its_breach_or_out_of_order_is_refused(ladder: list[Any], code: str) -> None:
    with pytest.raises(Invalid) as refused:
        policy_from_json("odd", {"kind": "working_minutes", "minutes": 60, "ladder": ladder})
    assert [error.code for error in refused.value.errors] == [code]
