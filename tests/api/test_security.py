"""A cookie is worth nothing to another site."""

import pytest
from people import ORIGIN, Api, ClientAs, sign_in

from api.deps import COOKIE
from domain.access import Role

OURS = {"origin": ORIGIN, "sec-fetch-site": "same-origin", "x-csrf-token": "t"}


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, 204),
        ({"x-csrf-token": "another"}, 403),
        ({"x-csrf-token": None}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": None, "sec-fetch-site": None}, 403),
    ],
)
async def test_an_unsafe_call_with_a_cookie_must_come_from_our_own_pages(
    api: Api, client_as: ClientAs, changes: dict[str, str | None], status: int
) -> None:
    person = await client_as(Role.CLIENT)
    token = (await sign_in(api, person.username)).json()["access_token"]
    headers = {name: value for name, value in {**OURS, **changes}.items() if value is not None}
    headers["cookie"] = f"{COOKIE}={token}; kindroom_csrf=t"
    answer = await api.http.put("/v1/me/passcode", json={"passcode": "824613"}, headers=headers)
    assert answer.status_code == status
    if status == 403:
        assert answer.json()["code"] == "cross_site"


async def test_a_bearer_token_needs_no_cookie_check(client_as: ClientAs) -> None:
    person = await client_as(Role.CLIENT)
    assert (await person.http.put("/v1/me/passcode", json={"passcode": "824613"})).status_code == 204
