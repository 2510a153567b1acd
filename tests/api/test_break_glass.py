"""Broken glass: in an emergency, for who shows who they are; told at once, looked at, visible to the client."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import psycopg
import pyotp
import pytest
from people import PASSWORD, Api, ClientAs, Person, add_staff, http_client, sign_in
from scenes import Scene, set_scene

from domain.access import Role
from domain.ids import AccountId
from encryption.passwords import Passwords
from records.access_reviews import tell_overdue

if TYPE_CHECKING:
    from conftest import Databases

REASON = "She wrote that she took tablets and nobody answers."


@pytest.fixture
async def scene(api: Api, client_as: ClientAs) -> Scene:
    return await set_scene(api, client_as)


async def code_of(api: Api, scene: Scene) -> str:
    async with api.care.transaction() as tx:
        row = await tx.one("SELECT code FROM clients WHERE id = %s", (scene.client.account_id,))
    assert row is not None
    return str(row["code"])


async def break_glass(api: Api, scene: Scene, person: Person, **changes: str) -> Any:
    body = {"client_code": await code_of(api, scene), "reason": REASON, "password": PASSWORD}
    return await person.http.post("/v1/break-glass", json={**body, **changes})


async def told(person: Person) -> list[str]:
    items = (await person.http.get("/v1/notices")).json()["items"]
    return [
        each["template"] for each in items if "glass" in each["template"] or "opening" in each["template"]
    ]


async def read(person: Person, scene: Scene) -> int:
    return (await person.http.get(f"{scene.path}/messages")).status_code


async def test_a_therapist_without_a_part_opens_one_room_for_an_hour_and_all_are_told(
    api: Api, scene: Scene, databases: "Databases"
) -> None:
    await scene.client.http.post(f"{scene.path}/messages", json={"text": "I took them."})
    stranger, supervisor = scene.strangers[Role.THERAPIST], scene.strangers[Role.SUPERVISOR]
    assert await read(stranger, scene) == 404
    answer = await break_glass(api, scene, stranger, client_code=f" {(await code_of(api, scene)).lower()} ")
    assert answer.status_code == 201
    assert answer.json()["room_id"] == str(scene.room_id)
    found = (await stranger.http.get(f"{scene.path}/messages")).json()["items"]
    assert [each["text"] for each in found] == ["I took them."]
    for path, body in (("messages", {"text": "I am a colleague. Where are you?"}), ("search", {"q": "took"})):
        assert (await stranger.http.post(f"{scene.path}/{path}", json=body)).status_code < 300
    assert (
        await stranger.http.patch(f"{scene.path}/messages/{UUID(int=1)}", json={"text": "x"})
    ).status_code == 404
    assert await told(scene.client) == ["glass_broken"]
    assert await told(scene.therapist) == ["glass_broken"]
    assert await told(supervisor) == ["glass_broken_review"]
    with psycopg.connect(databases.owner_dsn) as conn:  # an hour later
        conn.execute("UPDATE room_access SET granted_at = granted_at - interval '1 hour', expires_at = now()")
    assert await read(stranger, scene) == 404


async def test_the_client_reads_who_it_was_and_why_and_what_somebody_else_found(
    api: Api, scene: Scene
) -> None:
    stranger, supervisor = scene.strangers[Role.THERAPIST], scene.strangers[Role.SUPERVISOR]
    access_id = (await break_glass(api, scene, stranger)).json()["access_id"]
    for _ in range(3):
        await read(stranger, scene)
    log = f"{scene.path}/access-log"
    lines = (await scene.client.http.get(log)).json()["items"]
    assert [(line["action"], line["times"]) for line in lines] == [("read_messages", 3), ("break_glass", 1)]
    assert {(line["who"], line["purpose"], line["reason"], line["break_glass"]) for line in lines} == {
        ("Therapist Staff", "emergency", REASON, True)
    }
    answer = await supervisor.http.post(f"/v1/break-glass/{access_id}/review", json={"review": "unjustified"})
    assert answer.status_code == 204
    first = (await scene.client.http.get(f"{log}?limit=2")).json()
    assert {line["review"] for line in first["items"]} == {"unjustified"}
    assert first["items"][0]["action"] == "review_access"
    rest = (await scene.client.http.get(f"{log}?limit=2&cursor={first['next_cursor']}")).json()
    assert [line["action"] for line in rest["items"]] == ["break_glass"]
    assert rest["next_cursor"] is None


async def test_the_opener_must_show_who_they_are_once_more(api: Api, scene: Scene) -> None:
    stranger = scene.strangers[Role.THERAPIST]
    for _ in range(5):
        refused = await break_glass(api, scene, stranger, password="somebody else's phone")
        assert (refused.status_code, refused.json()["errors"]) == (
            422,
            [{"field": "password", "code": "wrong"}],
        )
    assert (await break_glass(api, scene, stranger)).status_code == 429
    assert await read(stranger, scene) == 404
    async with api.worker.transaction() as tx:
        rows = await tx.all(
            "SELECT actor_id FROM audit_events WHERE action = 'break_glass' AND outcome = 'refused'"
        )
    assert [row["actor_id"] for row in rows] == [stranger.account_id] * 5


async def test_who_has_an_authenticator_needs_its_code_too_and_each_code_counts_once(
    api: Api, scene: Scene, passwords: Passwords
) -> None:
    secret = pyotp.random_base32()
    account_id = await add_staff(
        api, Role.THERAPIST, "mo", await passwords.hash(PASSWORD), totp_secret=secret
    )
    codes = pyotp.TOTP(secret)
    at_the_door = codes.now()
    token = (await sign_in(api, "mo", totp=at_the_door)).json()["access_token"]
    async with http_client(api.app, token) as http:
        mo = Person(AccountId(account_id), Role.THERAPIST, "mo", http)
        for given, said in (
            ({}, "required"),
            ({"totp": "000000"}, "wrong"),
            ({"totp": at_the_door}, "wrong"),
        ):
            refused = await break_glass(api, scene, mo, **given)
            assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, said)
        later = codes.generate_otp(int(datetime.now(UTC).timestamp()) // 30 + 1)
        assert (await break_glass(api, scene, mo, totp=later)).status_code == 201


async def test_it_is_for_clinicians_who_have_no_other_way_in(api: Api, scene: Scene) -> None:
    for role in (Role.CLIENT, Role.BILLING, Role.ADMINISTRATOR):
        assert (await break_glass(api, scene, scene.strangers[role])).status_code == 403
    needless = await break_glass(api, scene, scene.therapist)
    assert (needless.status_code, needless.json()["code"]) == (409, "not_needed")
    nobody = await break_glass(api, scene, scene.strangers[Role.THERAPIST], client_code="K-NOBODY")
    assert nobody.status_code == 404
    short = await break_glass(api, scene, scene.strangers[Role.THERAPIST], reason="urgent")
    assert short.status_code == 422
    async with api.worker.transaction() as tx:
        tries = await tx.all(
            "SELECT actor_id FROM audit_events WHERE action = 'break_glass' AND outcome = 'refused'"
        )
    assert scene.strangers[Role.THERAPIST].account_id in {row["actor_id"] for row in tries}


async def test_somebody_else_takes_a_second_look_and_nobody_twice(
    api: Api, scene: Scene, client_as: ClientAs, databases: "Databases"
) -> None:
    opener, other = scene.strangers[Role.SUPERVISOR], await client_as(Role.SUPERVISOR)
    access_id = (await break_glass(api, scene, opener)).json()["access_id"]
    await read(opener, scene)
    (mine,) = (await opener.http.get("/v1/break-glass")).json()["items"]
    assert (mine["own"], mine["reason"], mine["overdue"]) == (True, REASON, False)
    path = f"/v1/break-glass/{access_id}/review"
    own = await opener.http.post(path, json={"review": "justified"})
    assert (own.status_code, own.json()["code"]) == (409, "own_opening")
    (waits,) = (await other.http.get("/v1/break-glass")).json()["items"]
    assert waits["done"] == [{"action": "read_messages", "times": 1}]
    assert (await other.http.post(path, json={"review": "justified"})).status_code == 204
    assert (await other.http.post(path, json={"review": "unjustified"})).status_code == 409
    assert (await other.http.get("/v1/break-glass")).json()["items"] == []
    (done,) = (await other.http.get("/v1/break-glass?state=reviewed")).json()["items"]
    assert (done["review"], done["reason"]) == ("justified", None)
    with psycopg.connect(databases.owner_dsn) as conn:
        kept = conn.execute(
            "SELECT review_reason_sealed, length(reason_sealed) > 0 FROM room_access"
        ).fetchall()
    assert kept == [(None, True)]  # the reviewers' copy is gone, the client's stays


async def test_what_nobody_looked_at_for_a_day_is_told_once_more(
    api: Api, scene: Scene, databases: "Databases"
) -> None:
    supervisor = scene.strangers[Role.SUPERVISOR]
    await break_glass(api, scene, scene.strangers[Role.THERAPIST])
    async with databases.worker.transaction() as tx:
        assert await tell_overdue(tx) == 0
    async with databases.worker.transaction() as tx:
        tx.now += timedelta(hours=24, seconds=1)
        assert await tell_overdue(tx) == 1
        assert await tell_overdue(tx) == 0
    assert await told(supervisor) == ["opening_unreviewed", "glass_broken_review"]


async def test_a_purpose_in_own_words_is_kept_with_the_reason_and_not_in_the_log(
    api: Api, scene: Scene
) -> None:
    supervisor = scene.strangers[Role.SUPERVISOR]
    body = {"purpose": "Overdose last week", "reason": "To see what was said before it."}
    assert (await supervisor.http.post(f"{scene.path}/access", json=body)).status_code == 204
    (line,) = (await scene.client.http.get(f"{scene.path}/access-log")).json()["items"]
    assert (line["purpose"], line["purpose_words"]) == ("other", "Another purpose")
    assert line["reason"] == "Overdose last week: To see what was said before it."
    async with api.worker.transaction() as tx:
        rows = await tx.all("SELECT purpose FROM audit_events WHERE purpose IS NOT NULL")
    assert {row["purpose"] for row in rows} == {"other"}
    await supervisor.http.post(f"{scene.path}/access", json={**body, "purpose": "emergency"})
    assert not (await scene.client.http.get(f"{scene.path}/access-log")).json()["items"][0]["break_glass"]
