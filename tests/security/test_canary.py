"""What people type is nowhere to be read but by its readers: not in the database, its files, Temporal, logs, mail.

The same scanner first finds words that were put into each of these places in clear: it is not blind.
"""

import io
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import av
import httpx
import psycopg
import pytest
import pytest_asyncio
from livestack import Live, data_folder, live, until
from psycopg import sql
from recordings import RATE, _sing
from scanner import Scanner
from temporalio.client import Client

from bench.clinic import OpenRoom
from domain.access import Role
from encryption.blind_index import BlindIndex
from encryption.passwords import Passwords
from kindroom.clinic.payers import BY_CODE, PRACTICE
from kindroom.embedded.passwords import SUPERUSER
from records.accounts import NewAccount, add_account
from records.clinic import clinic_key
from records.notices import notify
from records.payers import add_payer
from records.practice import set_practice

pytestmark = pytest.mark.asyncio(loop_scope="module")

CANARY = f"quokka{uuid4().hex[:12]}x"
"""It stands on the insurance card, too, and by two digits at the end the payer's sandbox would be down or slow."""
CONTROL = f"numbat{uuid4().hex[:12]}"
EMAIL = f"bilby{uuid4().hex[:12]}"
"""The address of a client stands on the envelope of their mail, and nowhere else."""

PASSWORD = f"{CANARY} is a long password"
TABLES = """
SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')
"""


@dataclass(frozen=True)
class Typed:
    """The stack after everything was typed, and the channels that a leak would show in."""

    running: Live
    folder: Path

    def dump(self) -> bytes:
        """Every row of every table, as a dump writes them: the superuser reads past all policies."""
        content = b""
        with psycopg.connect(self.running.stack.postgres.dsn(SUPERUSER, "kindroom")) as connection:
            for schema, table in connection.execute(TABLES).fetchall():
                statement = sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(schema, table))
                with connection.cursor().copy(statement) as rows:
                    content += b"".join(bytes(row) for row in rows)
        return content

    def checkpoint(self) -> None:
        """Bring to disk what PostgreSQL still holds in memory."""
        dsn = self.running.stack.postgres.dsn(SUPERUSER, "postgres")
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("CHECKPOINT")

    async def metrics(self) -> bytes:
        """The counters of the API and of the Temporal server."""
        async with httpx.AsyncClient() as http:
            ours = await http.get(f"{self.running.stack.api_url}/metrics")
            theirs = await http.get(self.running.stack.temporal.metrics_url)
        assert b"kindroom_outbox_depth" in ours.content
        assert b"service_requests" in theirs.content
        return ours.content + theirs.content


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """The stack's data directory."""
    with data_folder("canary") as path:
        yield path


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def typed(folder: Path) -> AsyncIterator[Typed]:
    """A stack in which the canary was typed wherever people type."""
    async with live(folder) as running:
        async with running.care.transaction() as tx:
            await set_practice(tx, PRACTICE)
            await add_payer(tx, BY_CODE["premera"].new)
        (room,) = await running.rooms(1)
        await _type_in_a_room(running.api, room)
        await _look_back(running.api, room)
        await _record(running, room)
        await _open_in_an_emergency(running, room)
        await _arrive(running)
        await running.told()
        yield Typed(running, folder)


async def _type_in_a_room(api: httpx.AsyncClient, room: OpenRoom) -> None:
    """Messages, corrections, drafts, searches, goals, check-ins, notes: by both people of a room."""
    client, therapist = Person(api, room.client_token), Person(api, room.therapist_token)
    here = f"/v1/rooms/{room.id}"
    posted = await client.does("POST", f"{here}/messages", 201, {"text": f"{CANARY} message"})
    await client.does(
        "PATCH", f"{here}/messages/{posted['message_id']}", 204, {"text": f"{CANARY} corrected"}
    )
    await therapist.does("POST", f"{here}/messages", 201, {"text": f"{CANARY} answer", "holding": True})
    await client.does("PUT", f"{here}/draft", 204, {"text": f"{CANARY} draft"})
    found = await client.does("POST", f"{here}/search", 200, {"q": f"{CANARY} corrected"})
    assert len(found["items"]) == 1
    goal = {name: f"{CANARY} goal {name}" for name in ("statement", "measure", "baseline", "target")}
    made = await therapist.does("POST", f"{here}/goals", 201, goal)
    await client.does("PATCH", f"{here}/goals/{made['goal_id']}", 200, {"statement": f"{CANARY} reworded"})
    asked = await therapist.does("POST", f"{here}/check-ins", 201)
    answers = f"{here}/check-ins/{asked['check_in_id']}/responses"
    await client.does("POST", answers, 201, {"value": 4, "words": f"{CANARY} check-in"})
    note = {"kind": "SOAP", "sections": {"subjective": f"{CANARY} note"}}
    written = await therapist.does("POST", f"{here}/notes", 201, note)
    sections = {
        "subjective": f"{CANARY} note again",
        "objective": CANARY,
        "assessment": CANARY,
        "plan": CANARY,
    }
    await therapist.does("PUT", f"{here}/notes/{written['note_id']}", 200, {"sections": sections})
    await therapist.does("POST", f"{here}/notes/{written['note_id']}/sign", 200)
    await client.does("POST", "/v1/help-now", 200, {"contact": f"{CANARY} contact"})
    for wrong in ({"text": CANARY, CANARY: CANARY}, {"text": [CANARY]}, {"text": CANARY + "x" * 10_000}):
        refused = await client.does("POST", f"{here}/messages", 422, wrong)
        assert CANARY not in json.dumps(refused)


async def _look_back(api: httpx.AsyncClient, room: OpenRoom) -> None:
    """Corrections and stars looked up, words that are not there, a key for what is written offline."""
    client, here = Person(api, room.client_token), f"/v1/rooms/{room.id}"
    (message,) = (await client.does("GET", f"{here}/messages?after=1&limit=1", 200))["items"]
    one = f"{here}/messages/{message['message_id']}"
    (earlier,) = (await client.does("GET", f"{one}/revisions", 200))["items"]
    assert earlier["text"] == f"{CANARY} message"
    await client.does("PUT", f"{one}/star", 204)
    assert (await client.does("GET", f"{here}/stars", 200))["items"]
    nothing = await client.does("POST", f"{here}/search", 200, {"q": f"{CANARY} nowhere"})
    assert nothing["items"] == []
    await client.does("GET", "/v1/me/device-key", 200)
    for wrong in (f"{CANARY}/webm", "audio/webm; codecs=" + CANARY):
        status = 422 if wrong.startswith(CANARY) else 201
        await client.does("POST", f"{here}/media", status, {"kind": "audio", "content_type": wrong})


async def _record(running: Live, room: OpenRoom) -> None:
    """A voice message that names the canary in its title and its captions, made playable by the worker."""
    client, content, here = Person(running.api, room.client_token), _recording(), f"/v1/rooms/{room.id}"
    begun = {"kind": "audio", "content_type": "audio/webm", "size": len(content)}
    medium_id = (await client.does("POST", f"{here}/media", 201, begun))["media_id"]
    path = f"/v1/media/{medium_id}"
    headers = {"Authorization": f"Bearer {room.client_token}"}
    whole = {**headers, "Content-Range": f"bytes 0-{len(content) - 1}/{len(content)}"}
    assert (await running.api.put(path, content=content, headers=whole)).status_code == 202
    message = {"kind": "audio", "media_id": medium_id, "text": f"{CANARY} beside it"}
    await client.does("POST", f"{here}/messages", 201, message)
    await running.told()

    async def playable() -> bool:
        return bool((await client.does("GET", f"{path}/status", 200))["state"] == "ready")

    await until(playable)
    captions = f"WEBVTT\n\n00:00.000 --> 00:01.000\n{CANARY} captions\n"
    assert (await running.api.put(f"{path}/captions", content=captions, headers=headers)).status_code == 204
    assert (await running.api.get(path, headers=headers)).status_code == 200


def _recording() -> bytes:
    """A second of sound with a title."""
    file = io.BytesIO()
    with av.open(file, "w", format="webm") as out:
        out.metadata["title"] = f"{CANARY} title"
        _sing(out, out.add_stream("libopus", rate=RATE, layout="mono"), 1.0)
    assert CANARY.encode() in file.getvalue()
    return file.getvalue()


async def _open_in_an_emergency(running: Live, room: OpenRoom) -> None:
    """A supervisor breaks the glass, and comes again for a purpose in own words."""
    passwords = Passwords()
    stored = await passwords.hash(PASSWORD)
    passwords.close()
    async with running.care.transaction() as tx:
        index = BlindIndex(await clinic_key(tx))
        lead = NewAccount(Role.SUPERVISOR, f"{EMAIL}.lead", stored, "Ruth Ade", "America/New_York")
        await add_account(tx, index, lead)
    form = {"username": f"{EMAIL}.lead", "password": PASSWORD}
    token = (await running.api.post("/v1/auth/token", data=form)).json()["access_token"]
    supervisor = Person(running.api, token)
    ((code,),) = running.dump(
        "SELECT c.code FROM clients c JOIN rooms r ON r.client_id = c.id WHERE r.id = %s", room.id
    )
    reason = f"{CANARY} is the reason of it all."
    wrong = {"client_code": code, "reason": reason, "password": f"{CANARY} is wrong"}
    await supervisor.does("POST", "/v1/break-glass", 422, wrong)
    await supervisor.does("POST", "/v1/break-glass", 201, {**wrong, "password": PASSWORD})
    opened = await supervisor.does("GET", "/v1/break-glass", 200)
    assert opened["items"][0]["reason"] == reason
    purpose = {"purpose": f"{CANARY} purpose", "reason": reason}
    await supervisor.does("POST", f"/v1/rooms/{room.id}/access", 204, purpose)


async def _arrive(running: Live) -> None:
    """A new client: registration, sign-in, intake, signatures, insurance, asked of the payer by the worker."""
    api = running.api
    username = f"{EMAIL}@example.org"
    registration = {
        "email": username,
        "password": PASSWORD,
        "legal_name": f"{CANARY} Rivera",
        "date_of_birth": "1991-04-17",
        "time_zone": "America/Los_Angeles",
    }
    await Person(api).does("POST", "/v1/clients", 202, registration)
    form = {"username": username, "password": PASSWORD, "device_name": f"{CANARY}'s phone"}
    token = (await api.post("/v1/auth/token", data=form)).json()["access_token"]
    newcomer = Person(api, token)
    await newcomer.does("PUT", "/v1/intake", 200, INTAKE)
    await newcomer.does("POST", "/v1/intake/submit", 200)
    for paper in (await newcomer.does("GET", "/v1/consents", 200))["items"]:
        signed = {name: paper[name] for name in ("document", "version")}
        await newcomer.does("POST", "/v1/consents", 201, {**signed, "signature": f"{CANARY} Rivera"})
    for name, items in (("PHQ-9", 9), ("GAD-7", 7)):
        await newcomer.does(
            "POST", f"/v1/measures/{name}/responses", 201, {"answers": [1] * (items - 1) + [0]}
        )
    card = {"kind": "insurance", "payer": "premera", "member_id": CANARY, "group_number": f"{CANARY}G"}
    given = await newcomer.does("POST", "/v1/coverages", 202, card)
    await running.told()

    async def answered() -> bool:
        found = await newcomer.does("GET", f"/v1/coverages/{given['coverage_id']}", 200)
        return bool(found["status"] != "verifying")

    await until(answered)
    await _mail(running, UUID((await newcomer.does("GET", "/v1/me", 200))["account_id"]))


async def _mail(running: Live, account_id: UUID) -> None:
    """Something that waited for the client for a while: the courier writes to them."""
    async with running.worker.transaction(at=datetime.now(UTC) - timedelta(minutes=5)) as tx:
        await notify(tx, account_id, "coverage_answered", uuid4())

    async def mailed() -> bool:
        return any((running.stack.data_dir / "mail").glob("*.eml"))

    await until(mailed)


INTAKE: dict[str, Any] = {
    "focus": [f"{CANARY} focus"],
    "state": "WA",
    "location": f"{CANARY} at home",
    "address": {
        "line1": f"{CANARY} street", "city": f"{CANARY} city", "state": "WA", "postal_code": "98101",
    },
    "phone": f"{CANARY} phone",
    "sex_on_file": "female",
    "prior_care": f"{CANARY} earlier",
    "medication": f"{CANARY} medicine",
    "preferences": {"gender": "any", "language": "en", "modality": "any", "must": []},
    "availability": ["evenings"],
    "emergency_contact": {"name": f"{CANARY} friend", "phone": f"{CANARY} number"},
    "safety": {
        "suicidal_thoughts": "never", "homicidal_thoughts": "never", "private_channel": True, "recent_attempt": False,
        "recent_discharge": False, "imminent_violence": False, "psychosis_or_mania": False, "withdrawal": False,
    },
}  # fmt: skip


class Person:
    """Somebody at a device."""

    def __init__(self, api: httpx.AsyncClient, token: str | None = None) -> None:
        self._api = api
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    async def does(self, method: str, path: str, status: int, body: object = None) -> dict[str, Any]:
        """One request that must be answered with this status."""
        headers = {**self._headers, "Idempotency-Key": uuid4().hex}
        answer = await self._api.request(method, path, json=body, headers=headers)
        assert answer.status_code == status, f"{method} {path}: {answer.text}"
        found: dict[str, Any] = answer.json() if answer.content else {}
        return found


async def test_the_scanner_finds_what_is_put_into_each_place_in_clear(typed: Typed) -> None:
    """The positive control: without it, silence would prove nothing."""
    eye, stack = Scanner(CONTROL), typed.running.stack
    with psycopg.connect(stack.postgres.dsn(SUPERUSER, "kindroom"), autocommit=True) as connection:
        connection.execute("CREATE TABLE control (plain text, raw bytea)")
        connection.execute(
            "INSERT INTO control VALUES (%s, %s)", (f"{CONTROL} row", f"{CONTROL} raw".encode())
        )
    assert {find.partition(":")[0] for find in eye.finds(typed.dump())} >= {"utf-8", "hex"}
    typed.checkpoint()
    assert eye.below(typed.folder / "postgres")
    plain = await Client.connect(stack.temporal.address, namespace=stack.temporal.namespace)
    await plain.start_workflow("Nobody", CONTROL, id="control", task_queue="nobody")
    assert eye.below(typed.folder / "temporal")
    await plain.get_workflow_handle("control").terminate()
    for place in ("logs", "mail"):
        (typed.folder / place).mkdir(exist_ok=True)
        (typed.folder / place / "control").write_text(f"INFO {CONTROL} line\n")
        assert eye.below(typed.folder / place)


async def test_no_row_of_any_table_shows_what_was_typed(typed: Typed) -> None:
    assert Scanner(CANARY).finds(typed.dump()) == []
    assert Scanner(EMAIL).finds(typed.dump()) == []


async def test_no_file_of_the_database_shows_what_was_typed(typed: Typed) -> None:
    typed.checkpoint()
    assert Scanner(CANARY).below(typed.folder / "postgres") == []
    assert Scanner(EMAIL).below(typed.folder / "postgres") == []


async def test_no_recording_shows_its_title_or_its_captions(typed: Typed) -> None:
    assert [path for path in (typed.folder / "blobs").rglob("*") if path.is_file()]
    assert Scanner(CANARY).below(typed.folder / "blobs") == []


async def test_temporal_never_heard_what_was_typed(typed: Typed) -> None:
    assert (typed.folder / "temporal" / "temporal.db-wal").stat().st_size > 0
    assert Scanner(CANARY).below(typed.folder / "temporal") == []
    assert Scanner(EMAIL).below(typed.folder / "temporal") == []


async def test_no_log_and_no_counter_shows_what_was_typed(typed: Typed) -> None:
    logs = {path.name for path in (typed.folder / "logs").iterdir()}
    assert {"api.log", "worker.log", "postgres.log", "temporal.log", "migrate.log"} <= logs
    for word in (CANARY, EMAIL):
        assert Scanner(word).below(typed.folder / "logs") == []
        assert Scanner(word).finds(await typed.metrics()) == []


async def test_mail_names_its_receiver_and_nothing_else(typed: Typed) -> None:
    letters = list((typed.folder / "mail").glob("*.eml"))
    assert letters
    assert Scanner(CANARY).below(typed.folder / "mail") == []
    assert Scanner(EMAIL).below(typed.folder / "mail")
