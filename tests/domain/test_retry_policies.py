"""A stored retry policy changes what it names; nonsense is refused by name."""

from datetime import timedelta
from typing import Any

import pytest

from domain.errors import Invalid
from domain.retry_policies import STANDARD_RETRY, retry_policy_from_json


def test_nothing_stored_is_the_standard() -> None:
    assert retry_policy_from_json({}) == STANDARD_RETRY


def test_a_policy_of_seconds_is_read() -> None:
    policy = retry_policy_from_json({"delays_seconds": [0.5, 2], "then_seconds": 3, "malformed_limit": 1})
    assert policy.delays == (timedelta(seconds=0.5), timedelta(seconds=2))
    assert (policy.then, policy.malformed_limit) == (timedelta(seconds=3), 1)
    assert policy.give_up_after == STANDARD_RETRY.give_up_after


@pytest.mark.parametrize(
    ("definition", "field"),
    [
        ({"delays_seconds": 5}, "delays_seconds"),
        ({"delays_seconds": ["soon"]}, "delays_seconds"),
        ({"then_seconds": -1}, "then_seconds"),
        ({"burst_limit": True}, "burst_limit"),
        ({"malformed_limit": 0}, "malformed_limit"),
    ],
)
def test_nonsense_is_refused_by_name(definition: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        retry_policy_from_json(definition)
    assert [error.field for error in refused.value.errors] == [field]
