"""A stored policy of asking again changes what it names; nonsense is refused by name."""

from datetime import timedelta
from typing import Any

import pytest

from domain.errors import Invalid
from domain.rechecks import STANDARD_RECHECK, RecheckPolicy, recheck_policy_from_json


def test_what_is_left_out_is_the_standard() -> None:
    assert recheck_policy_from_json({}) == STANDARD_RECHECK
    weekly = {
        "each_month": False,
        "each_plan_year": False,
        "fresh_for_seconds": 3600,
        "good_for_seconds": 86400,
        "at_once": 5,
    }
    assert recheck_policy_from_json(weekly) == RecheckPolicy(
        each_month=False,
        each_plan_year=False,
        fresh_for=timedelta(hours=1),
        good_for=timedelta(days=1),
        at_once=5,
    )


@pytest.mark.parametrize(
    "definition",
    [
        {"each_month": "yes"},
        {"each_plan_year": 1},
        {"fresh_for_seconds": -1},
        {"good_for_seconds": "long"},
        {"fresh_for_seconds": True},
        {"at_once": "many"},
    ],
)
def test_nonsense_is_refused_by_name(definition: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        recheck_policy_from_json(definition)
    assert [error.field for error in refused.value.errors] == list(definition)
