"""Waking a device: only at a known push service, only while it is signed in; and the choice of ways."""

from typing import Any

import pytest
from people import Api, ClientAs, another_device

from domain.access import Role
from web.app import mount_pages

WAKE, WAYS = "/v1/me/push-subscriptions", "/v1/me/notice-settings"
FINE = "https://fcm.googleapis.com/fcm/send/abc:DEF"


@pytest.fixture
def overrides() -> dict[str, Any]:
    return {"push_key": "BKey", "push_hosts": ("fcm.googleapis.com", "push.services.mozilla.com")}


async def count(api: Api) -> int:
    async with api.worker.transaction() as tx:
        row = await tx.one("SELECT count(*) AS n FROM push_subscriptions")
    return int(row["n"]) if row else 0


async def test_a_device_is_woken_until_it_says_no_or_signs_out(api: Api, client_as: ClientAs) -> None:
    ana = await client_as(Role.CLIENT)
    assert (await ana.http.get("/v1/me/push-key")).json() == {"key": "BKey"}
    assert (await ana.http.post(WAKE, json={"endpoint": FINE})).status_code == 204
    assert (await ana.http.get(WAYS)).json() == {"mail": True, "push": True, "this_device": True}
    async with await another_device(api, ana) as phone:
        assert (await phone.get(WAYS)).json()["this_device"] is False
        await phone.post(WAKE, json={"endpoint": f"{FINE}2"})
        assert await count(api) == 2
        await phone.post("/v1/auth/logout")
        assert await count(api) == 1
    for _ in range(2):
        assert (await ana.http.delete(WAKE)).status_code == 204
    assert await count(api) == 0


async def test_a_subscription_cannot_point_this_service_anywhere_else(api: Api, client_as: ClientAs) -> None:
    ana = await client_as(Role.CLIENT)
    for endpoint in (
        "http://fcm.googleapis.com/x",
        "https://fcm.googleapis.com:8443/x",
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "https://169.254.169.254/latest/meta-data",
        "https://localhost/x",
        "https://fcm.googleapis.com@10.0.0.1/x",
        "https://fcm.googleapis.com.evil.example/x",
        "https://evilfcm.googleapis.com.example/x",
        "https://notfcm.googleapis.com/x",
        "https://fcm.googleapis.com\\@evil.example/x",
        "https://fcm.googleapis.com/\r\nHost: evil",
        "https://" + "a" * 990 + ".push.services.mozilla.com/",
        "file:///etc/passwd",
        "",
    ):
        answer = await ana.http.post(WAKE, json={"endpoint": endpoint})
        assert answer.status_code == 422, endpoint
        assert endpoint == "" or endpoint not in answer.text
    assert await count(api) == 0
    fine = {"endpoint": "https://updates.push.services.mozilla.com/wpush/v2/x"}
    assert (await ana.http.post(WAKE, json=fine)).status_code == 204


async def test_a_person_chooses_the_ways_for_all_devices(api: Api, client_as: ClientAs) -> None:
    ana = await client_as(Role.CLIENT)
    chosen = await ana.http.put(WAYS, json={"mail": False, "push": True})
    assert chosen.json() == {"mail": False, "push": True, "this_device": False}
    async with await another_device(api, ana) as phone:
        assert (await phone.get(WAYS)).json()["mail"] is False
    assert (await ana.http.put(WAYS, json={"mail": False})).status_code == 422


@pytest.mark.parametrize("overrides", [{}], indirect=False)
async def test_where_nothing_is_pushed_nobody_subscribes(api: Api, client_as: ClientAs) -> None:
    ana = await client_as(Role.CLIENT)
    assert (await ana.http.get("/v1/me/push-key")).json() == {"key": None}
    refused = await ana.http.post(WAKE, json={"endpoint": FINE})
    assert (refused.status_code, refused.json()["code"]) == (409, "push_not_offered")


async def test_a_new_sign_in_renews_ones_own_wish_and_nobody_elses(api: Api, client_as: ClientAs) -> None:
    ana, ben = await client_as(Role.CLIENT), await client_as(Role.CLIENT)
    again = {"endpoint": FINE, "renew": True}
    assert (await ana.http.post(WAKE, json=again)).status_code == 204
    assert await count(api) == 0
    await ana.http.post(WAKE, json={"endpoint": FINE})
    await ben.http.post(WAKE, json=again)
    assert (await ben.http.get(WAYS)).json()["this_device"] is False
    async with await another_device(api, ana) as later:
        await later.post(WAKE, json=again)
        assert (await later.get(WAYS)).json()["this_device"] is True
    assert (await ana.http.get(WAYS)).json()["this_device"] is False


async def test_the_page_is_for_whom_messages_wait(api: Api, client_as: ClientAs) -> None:
    mount_pages(api.app)
    for role, status in ((Role.CLIENT, 200), (Role.THERAPIST, 200), (Role.SUPERVISOR, 404)):
        page = await (await client_as(role)).http.get("/account/notices")
        assert page.status_code == status
        assert ("By e-mail" in page.text) is (role is Role.CLIENT)
