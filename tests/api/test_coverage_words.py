"""A client reads how their cover stands, whoever has to act on it."""

from typing import Any

import pytest

from api.coverage_words import sentence


@pytest.mark.parametrize(
    ("stands", "says"),
    [
        ({"status": "active", "reasons": ["plan_active"]}, "is active for mental health"),
        ({"status": "active", "reasons": []}, "Your plan is active."),
        (
            {"status": "active", "owner": "client", "task": "member_id", "reasons": ["aaa_79"]},
            "this member number",
        ),
        ({"status": "active", "owner": "billing", "reasons": ["aaa_51"]}, "clearing up our newest question"),
        (
            {"status": "active", "owner": "administrator", "reasons": ["aaa_79"]},
            "Your cover counts meanwhile",
        ),
        (
            {"status": "manual_review", "owner": "administrator", "reasons": ["aaa_79"]},
            "You need not do anything",
        ),
        (
            {"status": "needs_information", "task": "member_id", "reasons": ["aaa_79"]},
            "compare it with your card",
        ),
    ],
)
def test_one_plain_sentence_says_how_a_cover_stands(stands: dict[str, Any], says: str) -> None:
    assert says in sentence({"owner": None, "task": None, **stands})
