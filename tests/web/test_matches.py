"""The client's own order of therapists, as the form sends it."""

import pytest
from starlette.datastructures import FormData

from domain.errors import Invalid
from web.pages.matches import chosen_order

A, B, C = (f"00000000-0000-4000-8000-00000000000{n}" for n in (1, 2, 3))


@pytest.mark.parametrize(
    ("fields", "order"),
    [
        ({"choice": B}, [B, A, C]),
        ({"choice": A, "second": C}, [A, C, B]),
        ({"choice": A, "second": C, "third": B}, [A, C, B]),
        ({"choice": A, "second": "nobody", "third": B}, [A]),
        ({"choice": A, "third": "nobody"}, [A, B]),
        ({"choice": C, "second": C, "third": A}, [C, A, B]),
        ({}, []),
    ],
)
def test_what_is_left_open_follows_in_the_order_shown_and_nobody_ends_the_list(
    fields: dict[str, str], order: list[str]
) -> None:
    sent = FormData([*fields.items(), *(("shown", each) for each in (A, B, C))])
    assert [str(each) for each in chosen_order(sent)] == order


def test_what_is_no_id_is_refused() -> None:
    with pytest.raises(Invalid):
        chosen_order(FormData([("choice", "the tall one")]))
