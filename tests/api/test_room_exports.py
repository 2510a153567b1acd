"""A room's export: whole, in order, without a word that runs, to its client alone, and on the record."""

import io
import json
from datetime import timedelta
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from uuid import UUID, uuid4
from zipfile import BadZipFile, ZipFile

import httpx
import pytest
from people import Api, ClientAs
from scenes import Scene, set_scene

from api.room_exports import record_of
from domain.access import Action, Actor, Role
from domain.errors import Unauthenticated
from domain.ids import SessionId
from encryption.keys import KeyScope
from encryption.rooms import seal_message
from records import relations
from records.rooms import close_room
from reports.room_archive import RoomArchive

if TYPE_CHECKING:
    from conftest import Databases

HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(2)> & \u2028 </li></ol>'


@pytest.fixture
async def scene(api: Api, client_as: ClientAs) -> Scene:
    return await set_scene(api, client_as)


async def export(scene: Scene, http: httpx.AsyncClient | None = None) -> ZipFile:
    answer = await (http or scene.client.http).post(f"{scene.path}/export")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["cache-control"] == "private, no-store"
    archive = ZipFile(io.BytesIO(answer.content))
    assert archive.testzip() is None
    return archive


async def write(http: httpx.AsyncClient, scene: Scene, text: str, **more: object) -> str:
    answer = await http.post(f"{scene.path}/messages", json={"text": text, **more})
    assert answer.status_code == 201, answer.text
    message_id: str = answer.json()["message_id"]
    return message_id


class Page(HTMLParser):
    """Elements and words of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data


async def test_everything_that_was_written_is_in_it_and_in_order(scene: Scene) -> None:
    one, other = scene.client.http, scene.therapist.http
    await write(other, scene, "Welcome.")
    asked = await write(one, scene, "I cannot sleep")
    await one.patch(f"{scene.path}/messages/{asked}", json={"text": "I cannot sleep at all"})
    await write(other, scene, "Since when?", reply_to=asked)
    await one.put(f"{scene.path}/messages/{asked}/star")
    await other.post(f"{scene.path}/goals", json={"statement": "Sleep through four nights a week"})
    asked_in = (await one.post(f"{scene.path}/check-ins")).json()["check_in_id"]
    await one.post(f"{scene.path}/check-ins/{asked_in}/responses", json={"value": 4, "words": "So so"})
    await other.post(f"{scene.path}/notes", json={"kind": "SOAP", "sections": {"plan": "A secret plan"}})

    archive = await export(scene)
    assert archive.namelist() == [
        "index.html", "messages.json", "goals.json", "check-ins.json", "places.json", "search.js", "README.txt"
    ]  # fmt: skip
    document = json.loads(archive.read("messages.json"))
    assert (document["format"], document["version"]) == ("kindroom-room", 1)
    assert [(m["seq"], m["text"]) for m in document["messages"]] == [
        (1, "Welcome."),
        (2, "I cannot sleep at all"),
        (3, "Since when?"),
    ]
    corrected, reply = document["messages"][1:]
    assert [each["text"] for each in corrected["earlier"]] == ["I cannot sleep"]
    assert (corrected["starred"], corrected["sender_role"], reply["reply_to"]) == (True, "client", 2)
    assert {each["role"] for each in document["people"]} == {"client", "therapist"}
    goals, check_ins = (json.loads(archive.read(f"{name}.json")) for name in ("goals", "check-ins"))
    assert goals["goals"][0]["versions"][0]["statement"] == "Sleep through four nights a week"
    assert [(each["value"], each["words"]) for each in check_ins["check_ins"]] == [(4, "So so")]
    (place,) = json.loads(archive.read("places.json"))["places"]
    assert place["state"] == "NY"
    page = Page(archive.read("index.html").decode())
    for words in ("I cannot sleep at all", "In reply to", "Corrected", "4 of 10", "Starred", "PST · "):
        assert words in page.words.replace("PDT", "PST")
    assert "secret plan" not in "".join(archive.read(name).decode() for name in archive.namelist())


async def test_what_somebody_typed_is_shown_and_never_run(api: Api, scene: Scene) -> None:
    async with api.care.transaction() as tx:
        await tx.run(
            "UPDATE accounts SET display_name = %s WHERE id = %s", (HOSTILE, scene.therapist.account_id)
        )
    first = await write(scene.client.http, scene, HOSTILE)
    await scene.client.http.patch(f"{scene.path}/messages/{first}", json={"text": f"{HOSTILE} again"})
    await write(scene.therapist.http, scene, HOSTILE, reply_to=first)
    await scene.client.http.post(f"{scene.path}/goals", json={"statement": HOSTILE, "target": HOSTILE})
    archive = await export(scene)
    page = Page(archive.read("index.html").decode())
    assert [dict(attributes) for tag, attributes in page.tags if tag == "script"] == [
        {"src": "search.js", "defer": None}
    ]
    assert not [
        tag for tag, attributes in page.tags if tag == "img" or any(a.startswith("on") for a in attributes)
    ]
    policy = next(a["content"] for tag, a in page.tags if a.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert page.words.count(HOSTILE) >= 5
    assert json.loads(archive.read("messages.json"))["messages"][0]["text"] == f"{HOSTILE} again"


async def test_many_pages_of_messages_are_all_there_and_the_size_was_foretold(
    api: Api, scene: Scene, databases: "Databases"
) -> None:
    client = Actor(scene.client.account_id, Role.CLIENT, frozenset(), SessionId(uuid4()))
    await fill(databases, scene.room_id, client, 1_203)
    answer = await scene.client.http.post(f"{scene.path}/export")
    foretold, size = int(answer.headers["x-export-bytes"]), len(answer.content)
    assert size / 2 < foretold < size * 2
    archive = ZipFile(io.BytesIO(answer.content))
    messages = json.loads(archive.read("messages.json"))["messages"]
    assert [message["seq"] for message in messages] == list(range(1, 1_204))
    page = Page(archive.read("index.html").decode())
    assert (
        len([1 for tag, a in page.tags if tag == "li" and a.get("class", "").startswith("message")]) == 1_203
    )
    months = [a["id"] for tag, a in page.tags if tag == "section" and a.get("class") == "month"]
    links = [a["href"] for tag, a in page.tags if tag == "a" and str(a.get("href")).startswith("#m")]
    assert links == [f"#{month}" for month in months]
    assert len(months) > 1


async def fill(databases: "Databases", room_id: UUID, sender: Actor, count: int) -> None:
    """So many messages, one an hour, sealed as they are when posted."""
    async with databases.care.transaction(sender) as tx:
        key = await tx.key(KeyScope.ROOM, room_id)
        for seq in range(1, count + 1):
            message_id = uuid4()
            await tx.insert(
                "messages",
                id=message_id,
                room_id=room_id,
                seq=seq,
                sender_id=sender.account_id,
                sender_role="client",
                kind="text",
                body=seal_message(
                    key,
                    room_id,
                    message_id,
                    sender.account_id,
                    "text",
                    f"Line {seq}. It has been a day like {uuid4()}.",
                ),
                holding=False,
                automatic=False,
                sent_at=tx.now - timedelta(hours=count - seq),
                idempotency_key=uuid4().hex,
                fingerprint=b"",
            )
        await tx.run(
            "UPDATE rooms SET last_seq = %s, last_sent_at = %s WHERE id = %s", (count, tx.now, room_id)
        )


async def test_it_is_the_clients_alone_also_of_a_closed_room(api: Api, scene: Scene) -> None:
    await write(scene.client.http, scene, "Hello")
    for person in (scene.therapist, *scene.strangers.values()):
        answer = await person.http.post(f"{scene.path}/export")
        assert answer.status_code == 404, person.role
    assert (await api.http.post(f"{scene.path}/export")).status_code == 401
    therapist = Actor(scene.therapist.account_id, Role.THERAPIST, frozenset(), SessionId(uuid4()))
    async with api.care.transaction(therapist) as tx:
        await close_room(tx, scene.room_id)
    archive = await export(scene)
    assert json.loads(archive.read("messages.json"))["room"]["state"] == "closed"


async def test_it_is_on_the_record_before_its_first_byte_and_once_it_is_whole(api: Api, scene: Scene) -> None:
    await write(scene.client.http, scene, "Hello")
    await export(scene)
    async with api.worker.transaction() as tx:
        rows = await tx.all("SELECT action FROM audit_events WHERE action LIKE 'export%%' ORDER BY id")
    assert [row["action"] for row in rows] == ["export_room", "export_room_finished"]


async def test_one_damaged_message_is_told_and_the_others_are_there(
    api: Api, scene: Scene, databases: "Databases"
) -> None:
    for text in ("One", "Two", "Three"):
        await write(scene.client.http, scene, text)
    async with api.care.transaction(
        Actor(scene.client.account_id, Role.CLIENT, frozenset(), SessionId(uuid4()))
    ) as tx:
        await tx.run("UPDATE messages SET body = overlay(body PLACING '\\x00' FROM 30) WHERE seq = 2")
    archive = await export(scene)
    assert [m["text"] for m in json.loads(archive.read("messages.json"))["messages"]] == [
        "One",
        None,
        "Three",
    ]
    assert "This message cannot be opened" in archive.read("index.html").decode()


async def test_who_loses_the_room_or_the_device_meanwhile_gets_no_whole_archive(
    api: Api, scene: Scene
) -> None:
    await write(scene.client.http, scene, "Hello")
    (session,) = await _sessions(api, scene)
    client = Actor(scene.client.account_id, Role.CLIENT, frozenset(), SessionId(session))
    async with api.care.transaction(client) as tx:
        record = await record_of(tx, await relations.readable(tx, scene.room_id, Action.EXPORT_RECORD))
    archive = RoomArchive(api.care, api.services.blobs, client, record)
    got = bytearray()

    async def download() -> None:
        async for chunk in archive.chunks():
            got.extend(chunk)
            async with api.care.transaction() as tx:
                await tx.run("UPDATE sessions SET revoked_at = now() WHERE id = %s", (session,))

    with pytest.raises(Unauthenticated):
        await download()
    assert got
    with pytest.raises(BadZipFile):
        ZipFile(io.BytesIO(got))


async def _sessions(api: Api, scene: Scene) -> list[UUID]:
    async with api.care.transaction() as tx:
        rows = await tx.all("SELECT id FROM sessions WHERE account_id = %s", (scene.client.account_id,))
    return [row["id"] for row in rows]
