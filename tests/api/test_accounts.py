"""Signing in, devices, the passcode."""

import asyncio
from uuid import uuid4

import pyotp
import pytest
from people import PASSWORD, Api, ClientAs, Person, add_staff, another_device, http_client, register, sign_in
from steps import PASSCODE, locked

from domain.access import Role
from encryption.passwords import Passwords
from records.accounts import SIGN_IN_TRIES

WRONG = "111222"


async def test_everyone_signs_in_and_reads_who_they_are(client_as: ClientAs) -> None:
    for role in Role:
        person = await client_as(role)
        me = (await person.http.get("/v1/me")).json()
        assert me["role"] == role
        assert me["email"] == person.username


async def test_an_unknown_account_answers_like_a_wrong_password(api: Api, client_as: ClientAs) -> None:
    ana = await client_as(Role.CLIENT)
    wrong = await sign_in(api, ana.username, "not the password at all")
    unknown = await sign_in(api, "nobody@example.org", "not the password at all")
    assert (wrong.status_code, wrong.json()) == (unknown.status_code, unknown.json())
    assert wrong.status_code == 401
    assert wrong.json()["code"] == "wrong_credentials"


async def test_an_unknown_account_costs_a_password_hash_too(
    api: Api, passwords: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified = _count_evaluations(passwords, monkeypatch)
    await sign_in(api, "nobody@example.org")
    assert verified == ["whole"]


def _count_evaluations(passwords: Passwords, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    seen: list[str] = []
    matches = passwords._matches

    def counted(stored: str, password: str) -> bool:
        seen.append("whole")
        return matches(stored, password)

    monkeypatch.setattr(passwords, "_matches", counted)
    return seen


async def test_too_many_tries_wait_and_say_how_long(api: Api, client_as: ClientAs) -> None:
    ana = await client_as(Role.CLIENT)
    for _ in range(SIGN_IN_TRIES):
        assert (await sign_in(api, ana.username, "wrong wrong wrong")).status_code == 401
    refused = await sign_in(api, ana.username, PASSWORD)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 15 * 60
    assert (await ana.http.get("/v1/me")).status_code == 200


async def test_a_right_password_forgets_earlier_misses(api: Api, client_as: ClientAs) -> None:
    ana = await client_as(Role.CLIENT)
    for _ in range(3):
        for _ in range(SIGN_IN_TRIES - 2):
            await sign_in(api, ana.username, "wrong wrong wrong")
        assert (await sign_in(api, ana.username)).status_code == 200


async def test_a_one_time_code_counts_once(api: Api, passwords: Passwords) -> None:
    secret = pyotp.random_base32()
    stored = await passwords.hash(PASSWORD)
    await add_staff(api, Role.SUPERVISOR, "eva", stored, totp_secret=secret)
    without = await sign_in(api, "eva")
    assert (without.status_code, without.json()["code"]) == (401, "code_required")
    code = pyotp.TOTP(secret).now()
    both = await asyncio.gather(sign_in(api, "eva", totp=code), sign_in(api, "eva", totp=code))
    assert sorted(answer.status_code for answer in both) == [200, 401]
    assert (await sign_in(api, "eva", totp=code)).json()["code"] == "wrong_code"
    earlier = pyotp.TOTP(secret).at(0)
    assert (await sign_in(api, "eva", totp=earlier)).status_code == 401


async def test_a_revoked_device_is_out_at_once(api: Api, client_as: ClientAs) -> None:
    ana = await client_as(Role.CLIENT)
    async with await another_device(api, ana) as phone:
        devices = (await phone.get("/v1/me/devices")).json()["items"]
        assert len(devices) == 2
        laptop = next(device["device_id"] for device in devices if not device["this"])
        assert (await phone.delete(f"/v1/me/devices/{laptop}")).status_code == 204
        assert (await ana.http.get("/v1/me")).status_code == 401
        assert (await phone.get("/v1/me")).status_code == 200


async def test_somebody_elses_device_is_not_there(api: Api, client_as: ClientAs) -> None:
    ana, ben = await client_as(Role.CLIENT), await client_as(Role.CLIENT)
    theirs = (await ben.http.get("/v1/me/devices")).json()["items"][0]["device_id"]
    not_mine = await ana.http.delete(f"/v1/me/devices/{theirs}")
    not_there = await ana.http.delete(f"/v1/me/devices/{uuid4()}")
    assert (not_mine.status_code, not_mine.json()) == (not_there.status_code, not_there.json())
    assert not_mine.status_code == 404
    assert (await ben.http.get("/v1/me")).status_code == 200


async def test_signing_out_ends_the_session(client_as: ClientAs) -> None:
    ana = await client_as(Role.CLIENT)
    assert (await ana.http.post("/v1/auth/logout")).status_code == 204
    assert (await ana.http.get("/v1/me")).status_code == 401


async def unlock(person: Person, passcode: str) -> tuple[int, int | None]:
    answer = await person.http.post("/v1/me/unlock", json={"passcode": passcode})
    return answer.status_code, answer.json().get("tries_left") if answer.content else None


async def test_a_locked_device_answers_423_until_the_passcode(client_as: ClientAs) -> None:
    ana = await client_as(Role.CLIENT)
    await locked(ana)
    refused = await ana.http.get("/v1/journey")
    assert (refused.status_code, refused.json()["code"]) == (423, "passcode_locked")
    assert await unlock(ana, WRONG) == (403, 4)
    assert await unlock(ana, PASSCODE) == (204, None)
    assert (await ana.http.get("/v1/journey")).status_code == 200


async def test_a_right_passcode_gives_five_tries_again(client_as: ClientAs) -> None:
    ana = await client_as(Role.CLIENT)
    await locked(ana)
    for _ in range(4):
        await unlock(ana, WRONG)
    assert await unlock(ana, PASSCODE) == (204, None)
    await ana.http.post("/v1/me/lock")
    assert await unlock(ana, WRONG) == (403, 4)


async def test_the_fifth_wrong_passcode_signs_out_this_device_only(api: Api, client_as: ClientAs) -> None:
    ana = await client_as(Role.CLIENT)
    async with await another_device(api, ana) as phone:
        await locked(ana)
        assert [await unlock(ana, WRONG) for _ in range(5)] == [(403, left) for left in (4, 3, 2, 1, 0)]
        assert (await unlock(ana, PASSCODE))[0] == 401
        assert (await phone.get("/v1/me")).status_code == 200


async def test_forty_guesses_at_once_are_five_evaluations(
    client_as: ClientAs, passwords: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = await client_as(Role.CLIENT)
    await locked(ana)
    evaluated = _count_evaluations(passwords, monkeypatch)
    answers = await asyncio.gather(*(unlock(ana, f"{300_517 + n}") for n in range(40)))
    assert len(evaluated) == 5
    assert {status for status, _ in answers} <= {401, 403}
    assert (await ana.http.get("/v1/me")).status_code == 401


async def test_a_device_without_a_passcode_is_not_locked(client_as: ClientAs) -> None:
    ana = await client_as(Role.CLIENT)
    refused = await ana.http.post("/v1/me/lock")
    assert (refused.status_code, refused.json()["code"]) == (409, "no_passcode")
    assert (await ana.http.get("/v1/me")).status_code == 200


async def test_a_locked_device_can_still_sign_out(client_as: ClientAs) -> None:
    ana = await client_as(Role.CLIENT)
    await locked(ana)
    assert (await ana.http.post("/v1/auth/logout")).status_code == 204


@pytest.mark.parametrize("passcode", ["123456", "000000", "12345", "abcdef"])
async def test_a_passcode_that_anyone_would_guess_is_refused(client_as: ClientAs, passcode: str) -> None:
    ana = await client_as(Role.CLIENT)
    refused = await ana.http.put("/v1/me/passcode", json={"passcode": passcode})
    assert refused.status_code == 422
    assert passcode not in refused.text


@pytest.mark.parametrize("field", ["username", "password", "totp", "device_name"])
async def test_control_characters_at_the_door_are_refused_without_an_echo(api: Api, field: str) -> None:
    form = {"username": "a@example.org", "password": PASSWORD, field: "canary\x00walnut"}
    refused = await api.http.post("/v1/auth/token", data=form)
    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/problem+json"
    assert "walnut" not in refused.text


async def test_tokens_are_random_and_stored_only_as_hashes(api: Api, client_as: ClientAs) -> None:
    ana = await client_as(Role.CLIENT)
    tokens = [(await sign_in(api, ana.username)).json()["access_token"] for _ in range(2)]
    assert tokens[0] != tokens[1]
    assert len(tokens[0]) >= 43  # 256 bits in base64
    async with api.care.transaction() as tx:
        rows = await tx.all("SELECT token_hash FROM sessions")
    assert all(token.encode() not in bytes(row["token_hash"]) for row in rows for token in tokens)


async def test_a_made_up_token_is_nobody(api: Api) -> None:
    async with http_client(api.app, "A" * 43) as http:
        answer = await http.get("/v1/me")
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")


async def test_failed_tries_at_the_door_are_in_the_audit_log(api: Api) -> None:
    await register(api, "ana@example.org")
    await sign_in(api, "ana@example.org", "wrong wrong wrong")
    async with api.worker.transaction() as tx:
        rows = await tx.all("SELECT outcome FROM audit_events WHERE action = 'sign_in'")
    assert [row["outcome"] for row in rows] == ["refused"]
