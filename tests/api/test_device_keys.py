"""The key of a device's offline queue: of one live session, and of no other."""

from base64 import b64decode

from people import Api, ClientAs, another_device
from steps import PASSCODE

from domain.access import Role

KEY = "/v1/me/device-key"


async def test_each_session_gets_its_own_key_and_always_the_same(api: Api, client_as: ClientAs) -> None:
    ana = await client_as(Role.CLIENT)
    answer = await ana.http.get(KEY)
    assert answer.headers["cache-control"] == "no-store"
    assert len(b64decode(answer.json()["key"])) == 32
    assert (await ana.http.get(KEY)).json() == answer.json()
    async with await another_device(api, ana) as phone:
        assert (await phone.get(KEY)).json() != answer.json()


async def test_a_locked_device_and_an_ended_session_get_no_key(client_as: ClientAs) -> None:
    ana = await client_as(Role.CLIENT)
    first = (await ana.http.get(KEY)).json()
    await ana.http.put("/v1/me/passcode", json={"passcode": PASSCODE})
    await ana.http.post("/v1/me/lock")
    assert (await ana.http.get(KEY)).status_code == 423
    await ana.http.post("/v1/me/unlock", json={"passcode": PASSCODE})
    assert (await ana.http.get(KEY)).json() == first
    await ana.http.post("/v1/auth/logout")
    assert (await ana.http.get(KEY)).status_code == 401
