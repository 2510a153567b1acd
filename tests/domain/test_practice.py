"""The practice's own data is complete and right before a claim can name it."""

import pytest

from domain.errors import Invalid
from domain.practice import practice_from_json

RIGHT = {
    "name": "A PRACTICE",
    "npi": "1345678902",
    "taxonomy": "251S00000X",
    "tax_id": "123456789",
    "street": "1 ELM ST",
    "city": "SEATTLE",
    "state": "WA",
    "postal_code": "981010001",
    "contact": "DESK",
    "phone": "2065550100",
    "submitter_id": "ME",
    "receiver_name": "HOUSE",
    "receiver_id": "HOUSE",
}


def test_what_is_complete_is_read_and_is_a_test_sender_unless_said_otherwise() -> None:
    assert practice_from_json(RIGHT).production is False


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"npi": "1345678903"}, "npi"),
        ({"postal_code": "98101"}, "postal_code"),
        ({"tax_id": "12-3456789"}, "tax_id"),
        ({"name": ""}, "name"),
        ({"colour": "red"}, "colour"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
    ],
)
def test_what_is_wrong_is_named(change: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        practice_from_json({**RIGHT, **change})
    assert [error.field for error in refused.value.errors] == [field]
