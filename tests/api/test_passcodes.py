"""The lock of a device: nothing but help behind it, opened and changed by who knows the passcode, closed by time."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
from fastapi.routing import APIRoute
from people import PASSWORD, Api, ClientAs, Person, another_device
from steps import PASSCODE, locked

from api.app import ROUTES
from api.deps import BACKGROUND
from api.hub import Hub, Stream
from api.stream_watch import look
from domain.access import Actor, Role
from domain.ids import SessionId
from records import devices, passcodes
from records.database import Database
from records.events import Announcer
from records.push_subscriptions import subscribe
from web.app import PAGES, mount_pages

if TYPE_CHECKING:
    from conftest import Databases

WRONG, OTHER = "111222", "485063"

OPEN_WHILE_LOCKED = {
    # Help, the way out and the lock itself
    "POST /v1/help-now",
    "POST /v1/auth/logout",
    "POST /v1/me/unlock",
    "GET /help",
    "POST /help",
    "POST /sign-out",
    "GET /locked",
    "POST /locked",
    # The door, which knows nobody
    "POST /v1/auth/token",
    "POST /v1/clients",
    "POST /v1/clients/confirm",
    "GET /v1/public/payers",
    "GET /v1/public/payers/{payer}",
    "GET /payers",
    "GET /payers/{code}",
    "GET /",
    "GET /sign-in",
    "POST /sign-in",
    "GET /sign-up",
    "POST /sign-up",
    "GET /confirm/{token}",
    "POST /confirm/{token}",
    "GET /guardian/{token}",
    "POST /guardian/{token}",
    "POST /v1/guardian-replies",
    # What makes the pages an app, the same for everybody
    "GET /manifest.webmanifest",
    "GET /sw.js",
    "GET /offline",
    # For machines
    "GET /healthz",
    "GET /readyz",
    "GET /metrics",
}


def routes(*packages: tuple[str, tuple[str, ...]]) -> Iterator[str]:
    """Method and path of every route of the modules of these packages."""
    for package, names in packages:
        for name in names:
            for route in import_module(f"{package}.{name}").router.routes:
                if isinstance(route, APIRoute):
                    yield from (f"{method} {route.path}" for method in route.methods)


def filled(path: str) -> str:
    """The path with something in each of its places."""
    return re.sub(r"\{(\w+)[^}]*\}", lambda place: str(uuid4()) if place[1].endswith("_id") else "x", path)


async def test_a_locked_device_is_refused_everywhere_but_at_help_and_at_the_door(
    api: Api, client_as: ClientAs
) -> None:
    mount_pages(api.app)
    ana = await client_as(Role.CLIENT)
    await locked(ana)
    ana.http.cookies.set("kindroom_csrf", "t")
    every = set(routes(("api", ROUTES), ("web.pages", PAGES)))
    assert every >= OPEN_WHILE_LOCKED, "a name that is no route guards nothing"
    assert len(every) > 200
    wrong = {}
    for route in every - OPEN_WHILE_LOCKED:
        method, path = route.split(" ")
        form = None if path.startswith("/v1/") or method == "GET" else {"csrf_token": "t"}
        # A part of a page asks as htmx does; a whole one is led to the lock.
        answer = await ana.http.request(method, filled(path), data=form, headers={"hx-request": "true"})
        if answer.status_code != 423:
            wrong[route] = answer.status_code
        if not path.startswith("/v1/"):
            whole = await ana.http.request(method, filled(path), data=form)
            if (whole.status_code, whole.headers.get("location")) != (303, "/locked"):
                wrong[f"{route} (whole)"] = whole.status_code
    assert wrong == {}
    assert (await ana.http.post("/v1/help-now")).status_code == 200


async def put(person: Person, passcode: str, **proof: str) -> tuple[int, Any]:
    answer = await person.http.put("/v1/me/passcode", json={"passcode": passcode, **proof})
    return answer.status_code, answer.json() if answer.content else None


async def test_another_passcode_needs_the_one_that_is_set_or_the_password(client_as: ClientAs) -> None:
    ana = await client_as(Role.CLIENT)
    assert (await put(ana, PASSCODE))[0] == 204
    status, problem = await put(ana, OTHER)
    assert (status, problem["errors"]) == (422, [{"field": "current", "code": "required"}])
    status, problem = await put(ana, OTHER, current=WRONG)
    assert (status, problem["code"], problem["tries_left"]) == (403, "wrong_passcode", 4)
    status, problem = await put(ana, OTHER, password="not the password")
    assert (status, problem["errors"]) == (422, [{"field": "password", "code": "wrong"}])
    assert (await put(ana, OTHER, current=PASSCODE))[0] == 204
    assert (await put(ana, PASSCODE, password=PASSWORD))[0] == 204
    await ana.http.post("/v1/me/lock")
    assert (await ana.http.post("/v1/me/unlock", json={"passcode": OTHER})).status_code == 403
    assert (await ana.http.post("/v1/me/unlock", json={"passcode": PASSCODE})).status_code == 204


async def test_guessing_the_passcode_by_changing_it_ends_like_guessing_it_at_the_lock(
    api: Api, client_as: ClientAs
) -> None:
    ana = await client_as(Role.CLIENT)
    await put(ana, PASSCODE)
    async with await another_device(api, ana) as phone:
        answers = await asyncio.gather(*(put(ana, OTHER, current=WRONG) for _ in range(12)))
        assert {status for status, _ in answers} <= {401, 403}
        assert (await ana.http.get("/v1/me")).status_code == 401
        assert (await phone.get("/v1/me")).status_code == 200


async def test_guessing_the_password_there_has_to_wait_after_five_tries(client_as: ClientAs) -> None:
    ana = await client_as(Role.CLIENT)
    await put(ana, PASSCODE)
    statuses = [(await put(ana, OTHER, password="not the password"))[0] for _ in range(6)]
    assert statuses == [422] * 5 + [429]
    assert (await put(ana, OTHER, password=PASSWORD))[0] == 429
    assert (await put(ana, OTHER, current=PASSCODE))[0] == 204


async def test_without_a_passcode_no_device_stays_locked_or_opens_by_that(
    api: Api, client_as: ClientAs
) -> None:
    ana = await client_as(Role.CLIENT)
    await put(ana, PASSCODE)
    async with await another_device(api, ana) as phone:
        await phone.post("/v1/me/lock")
        for body, status in (({}, 422), ({"current": PASSCODE}, 204), ({"current": PASSCODE}, 409)):
            assert (await ana.http.post("/v1/me/passcode/remove", json=body)).status_code == status
        assert (await phone.get("/v1/me")).status_code == 401
        assert (await ana.http.get("/v1/me")).json()["passcode_set"] is False


async def _idle(databases: "Databases", person: Person, since: timedelta) -> None:
    """As if nobody had been there for so long."""
    async with databases.care.transaction() as tx:
        await tx.run(
            "UPDATE sessions SET last_seen_at = now() - %s WHERE account_id = %s", (since, person.account_id)
        )


async def test_a_device_locks_when_idle_and_what_the_page_asks_by_itself_does_not_keep_it_open(
    client_as: ClientAs, databases: "Databases"
) -> None:
    ana = await client_as(Role.CLIENT)
    await put(ana, PASSCODE)
    await _idle(databases, ana, timedelta(seconds=115))
    for _ in range(3):
        by_itself = await ana.http.get("/v1/me", headers={BACKGROUND: "1"})
        assert by_itself.status_code == 200
    async with databases.care.transaction() as tx:
        seen = await tx.one("SELECT now() - max(last_seen_at) AS ago FROM sessions")
        assert seen is not None
        assert seen["ago"] > timedelta(seconds=115)
    assert (await ana.http.get("/v1/me")).status_code == 200  # somebody is there
    async with databases.care.transaction() as tx:
        seen = await tx.one("SELECT now() - max(last_seen_at) AS ago FROM sessions")
        assert seen is not None
        assert seen["ago"] < timedelta(seconds=60)
    await _idle(databases, ana, timedelta(seconds=121))
    assert (await ana.http.get("/v1/me")).status_code == 423
    assert (await ana.http.get("/v1/me")).status_code == 423  # asking is no key


async def test_a_client_without_a_passcode_is_not_locked_and_staff_are_signed_out_when_idle(
    client_as: ClientAs, databases: "Databases"
) -> None:
    ana, eva = await client_as(Role.CLIENT), await client_as(Role.SUPERVISOR)
    for person, status in ((ana, 200), (eva, 401)):
        await _idle(databases, person, timedelta(minutes=15, seconds=1))
        assert (await person.http.get("/v1/me")).status_code == status


async def test_a_session_ends_twelve_hours_after_sign_in_whatever_was_done_in_it(
    client_as: ClientAs, databases: "Databases"
) -> None:
    ana = await client_as(Role.CLIENT)

    async def ends_in() -> timedelta:
        async with databases.care.transaction() as tx:
            row = await tx.one("SELECT expires_at - created_at AS left FROM sessions")
        assert row is not None
        left: timedelta = row["left"]
        return left

    assert await ends_in() == timedelta(hours=12)
    await ana.http.get("/v1/me")
    assert await ends_in() == timedelta(hours=12)
    async with databases.care.transaction() as tx:
        await tx.run("UPDATE sessions SET expires_at = now()")
    assert (await ana.http.get("/v1/me")).status_code == 401


@asynccontextmanager
async def two_processes(databases: "Databases") -> AsyncIterator[tuple[Database, Hub, Hub]]:
    """The streams of two API processes on one database, and a third that tells them."""
    dsn = databases.dsn_of["kindroom_care"]
    hubs, announcer = (Hub(dsn), Hub(dsn)), Announcer(dsn)
    care = Database(dsn, databases.ring, announcer=announcer, size=2)
    await care.open()
    announcer.start()
    for hub in hubs:
        hub.start()
        await asyncio.wait_for(hub.listening.wait(), 10)
    yield care, *hubs
    await announcer.stop()
    for hub in hubs:
        await hub.stop()
    await care.close()


async def _ended(hub: Hub, stream: Stream) -> bool:
    async with asyncio.timeout(5):  # a second on a free core
        return [chunk async for chunk in hub.read(stream)] == []


async def session_of(databases: "Databases", person: Person) -> Actor:
    async with databases.care.transaction() as tx:
        row = await tx.one(
            "SELECT id FROM sessions WHERE account_id = %s AND revoked_at IS NULL", (person.account_id,)
        )
    assert row is not None
    return Actor(person.account_id, person.role, frozenset(), SessionId(row["id"]))


@pytest.mark.parametrize("what", ["lock", "revoke"])
async def test_streams_in_every_process_end_within_a_second_of_a_lock_or_a_sign_out(
    client_as: ClientAs, databases: "Databases", what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "api.hub._TURN_SECONDS", 3_600.0
    )  # neither a heartbeat nor an end but by the news itself
    ana = await client_as(Role.CLIENT)
    await put(ana, PASSCODE)
    actor = await session_of(databases, ana)
    async with two_processes(databases) as (care, *hubs):
        streams = [
            (hub, hub.open(ana.account_id, frozenset(), staff=False, session_id=actor.session_id))
            for hub in hubs
        ]
        async with care.transaction(actor) as tx:
            await (passcodes.lock(tx) if what == "lock" else devices.sign_out(tx))
        assert [await _ended(hub, stream) for hub, stream in streams] == [True, True]


async def test_the_stream_of_a_device_that_nobody_touches_ends_when_it_would_be_locked(
    api: Api, client_as: ClientAs, databases: "Databases"
) -> None:
    ana, ben = await client_as(Role.CLIENT), await client_as(Role.CLIENT)
    hub, streams = api.services.hub, {}
    for person in (ana, ben):
        await put(person, PASSCODE)
        actor = await session_of(databases, person)
        streams[person.username] = hub.open(
            person.account_id, frozenset(), staff=False, session_id=actor.session_id
        )
    assert await look(api.services) == 0
    await _idle(databases, ana, timedelta(minutes=2))
    assert await look(api.services) == 1
    assert await _ended(hub, streams[ana.username])
    assert streams[ben.username].queue.empty()


async def test_signing_out_everywhere_else_leaves_this_device_and_wakes_no_other(
    api: Api, client_as: ClientAs, databases: "Databases"
) -> None:
    ana = await client_as(Role.CLIENT)
    async with await another_device(api, ana) as phone, await another_device(api, ana) as tablet:
        for device in (ana.http, phone, tablet):
            session_id = SessionId(UUID((await _this(device))["device_id"]))
            actor = Actor(ana.account_id, Role.CLIENT, frozenset(), session_id)
            async with databases.care.transaction(actor) as tx:
                await subscribe(tx, actor, f"https://push.example/{uuid4()}")
        assert (await phone.delete("/v1/me/devices")).status_code == 204
        statuses = [(await device.get("/v1/me")).status_code for device in (ana.http, phone, tablet)]
        assert statuses == [401, 200, 401]
        async with databases.care.transaction() as tx:
            woken = await tx.all("SELECT session_id FROM push_subscriptions")
        assert [str(row["session_id"]) for row in woken] == [(await _this(phone))["device_id"]]


async def _this(device: Any) -> dict[str, Any]:
    found: dict[str, Any] = next(
        each for each in (await device.get("/v1/me/devices")).json()["items"] if each["this"]
    )
    return found
