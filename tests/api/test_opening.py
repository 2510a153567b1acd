"""What is damaged stands in its place among the rest: one message, one draft, one recording, never the conversation."""

import io
import json
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID, uuid4
from zipfile import ZipFile

import psycopg
import pytest
from people import Api, ClientAs, Person
from psycopg import sql
from scenes import Scene, set_scene

from domain.access import Actor, Role
from domain.ids import SessionId
from domain.media import Details
from domain.opening import unopened
from encryption.keys import KeyScope
from kindroom.embedded.passwords import SUPERUSER
from kindroom.embedded.postgres import EmbeddedPostgres
from records.media import seal_details
from web.app import mount_pages
from web.views.messages import UNOPENED

if TYPE_CHECKING:
    from conftest import Databases

CUT = b"\x01\x01\x00\x00\x00\x01" + bytes(40)
"""An envelope under the right version of the key, and nothing that anybody sealed."""
IN_HTML = UNOPENED.split(",", 1)[0]


@pytest.fixture
async def scene(api: Api, client_as: ClientAs) -> Scene:
    mount_pages(api.app)
    return await set_scene(api, client_as)


class Damage(Protocol):
    """`damage("messages", "body", "id", message_id)`: as a failing disk or a bad restore does it."""

    def __call__(self, table: str, column: str, by: str, value: object, *, bytes_: bytes = ...) -> None: ...


@pytest.fixture
def damage(postgres: EmbeddedPostgres, databases: "Databases") -> Damage:
    def do(table: str, column: str, by: str, value: object, *, bytes_: bytes = CUT) -> None:
        names = sql.Identifier(*table.split(".")), sql.Identifier(column), sql.Identifier(by)
        with psycopg.connect(postgres.dsn(SUPERUSER, databases.name)) as connection:
            connection.execute("SET session_replication_role = replica")  # past every trigger
            done = connection.execute(
                sql.SQL("UPDATE {} SET {} = %s WHERE {} = %s").format(*names), (bytes_, value)
            )
            assert done.rowcount == 1

    return do


async def say(who: Person, scene: Scene, text: str, **more: Any) -> str:
    answer = await who.http.post(f"{scene.path}/messages", json={"text": text, **more})
    assert answer.status_code == 201, answer.text
    message_id: str = answer.json()["message_id"]
    return message_id


async def damaged_rooms(scene: Scene) -> int:
    health = await scene.strangers[Role.SUPERVISOR].http.get("/v1/supervision/health")
    count: int = health.json()["damaged_rooms"]
    return count


async def test_one_damaged_message_leaves_the_conversation_whole_for_every_reader(
    api: Api, scene: Scene, damage: Damage
) -> None:
    client, therapist = scene.client.http, scene.therapist.http
    first = await say(scene.client, scene, "One harbour")
    hurt = await say(scene.client, scene, "Two, first worded")
    await client.patch(f"{scene.path}/messages/{hurt}", json={"text": "Two harbours"})
    await client.put(f"{scene.path}/messages/{hurt}/star")
    await say(scene.therapist, scene, "An answer about harbours", reply_to=hurt)
    damage("messages", "body", "id", hurt)
    damage("message_revisions", "body", "message_id", hurt)

    for reader in (client, therapist):
        items = (await reader.get(f"{scene.path}/messages")).json()["items"]
        assert [item["text"] for item in items] == ["One harbour", None, "An answer about harbours"]
        assert items[2]["quote"]["text"] is None
        page = await reader.get(f"/rooms/{scene.room_id}")
        assert page.status_code == 200
        assert (page.text.count(IN_HTML), "One harbour" in page.text) == (2, True)  # in its place, and quoted
        assert (await reader.get(f"/rooms/{scene.room_id}/messages/{hurt}")).text.count(IN_HTML) == 2
        revisions = (await reader.get(f"{scene.path}/messages/{hurt}/revisions")).json()["items"]
        assert [each["text"] for each in revisions] == [None]
        found = (await reader.post(f"{scene.path}/search", json={"q": "harbour"})).json()["items"]
        assert [(each["seq"], each["snippet"] is None) for each in found] == [
            (3, False),
            (2, True),
            (1, False),
        ]
    assert [each["text"] for each in (await client.get(f"{scene.path}/stars")).json()["items"]] == [None]
    assert IN_HTML in (await client.get(f"/rooms/{scene.room_id}/find")).text
    assert (await therapist.get("/inbox")).status_code == 200
    archive = ZipFile(io.BytesIO((await client.post(f"{scene.path}/export")).content))
    kept = json.loads(archive.read("messages.json"))["messages"]
    assert [each["text"] for each in kept] == ["One harbour", None, "An answer about harbours"]
    assert [each["text"] for each in kept[1]["earlier"]] == [None]
    assert archive.read("index.html").decode().count(IN_HTML) == 2

    assert await damaged_rooms(scene) == 1
    async with api.worker.transaction() as tx:
        told = await tx.all("SELECT subject_id, detail FROM audit_events WHERE outcome = 'damaged'")
    assert {row["subject_id"] for row in told} == {UUID(hurt)}

    again = await client.patch(f"{scene.path}/messages/{hurt}", json={"text": "Two, once more"})
    assert (
        again.status_code == 204
    )  # its writer may say it again; what was damaged is kept as an earlier text
    items = (await client.get(f"{scene.path}/messages")).json()["items"]
    assert [(item["text"], item["revisions"]) for item in items][1] == ("Two, once more", 2)
    assert items[0]["message_id"] == first


async def test_a_draft_a_goal_an_answer_a_note_and_a_recording_do_not_take_the_room_with_them(
    api: Api, scene: Scene, damage: Damage
) -> None:
    client, therapist = scene.client.http, scene.therapist.http
    await say(scene.client, scene, "Hello")
    await client.put(f"{scene.path}/draft", json={"text": "I had begun"})
    goal = {"statement": "Sleep through four nights"}
    goal_id = (await therapist.post(f"{scene.path}/goals", json=goal)).json()["goal_id"]
    check_in = (await client.post(f"{scene.path}/check-ins")).json()["check_in_id"]
    await client.post(f"{scene.path}/check-ins/{check_in}/responses", json={"value": 4, "words": "So so"})
    note = {"kind": "SOAP", "sections": {"plan": "Rest"}}
    note_id = (await therapist.post(f"{scene.path}/notes", json=note)).json()["note_id"]
    await therapist.put(f"{scene.path}/diagnoses", json={"codes": ["F41.1"]})
    damage("drafts", "body", "room_id", scene.room_id)
    damage("goal_versions", "body", "goal_id", goal_id)
    damage("check_ins", "answers", "id", check_in)
    damage("notes", "body", "id", note_id)
    damage("diagnoses", "code_sealed", "room_id", scene.room_id)
    first, second = await _recordings(api, scene)
    damage("media", "details_sealed", "id", first)
    damage("keys.data_keys", "wrapped", "owner_id", second, bytes_=bytes(100))

    assert (await client.get(f"{scene.path}/draft")).json() == {"text": None}
    page = (await client.get(f"/rooms/{scene.room_id}")).text
    assert "What you had begun to write here cannot be opened" in page
    assert "This recording cannot be opened" in page
    items = (await client.get(f"{scene.path}/messages")).json()["items"]
    media = [item["media"] for item in items if item["media"]]
    assert [(each["state"], each["duration_ms"], each["url"] is None) for each in media] == [
        ("ready", None, False),
        ("damaged", None, True),
    ]
    assert (await client.get(f"/v1/media/{second}/status")).json()["state"] == "damaged"
    goals = await client.get(f"/rooms/{scene.room_id}/goals")
    assert ("This goal cannot be opened" in goals.text, "This answer cannot be opened" in goals.text) == (
        True,
        True,
    )
    assert (await client.get(f"{scene.path}/goals")).json()["items"][0]["statement"] is None
    answered = (await client.get(f"{scene.path}/check-ins")).json()["items"][0]
    assert (answered["state"], answered["value"], answered["words"]) == ("answered", None, None)
    reworded = await therapist.patch(f"{scene.path}/goals/{goal_id}", json={"statement": "Another"})
    assert (reworded.status_code, reworded.json()["code"]) == (409, "goal_damaged")

    supervisor = scene.strangers[Role.SUPERVISOR].http
    asked = {"purpose": "quality_review", "reason": "A complaint that was made by telephone"}
    assert (await supervisor.post(f"{scene.path}/access", json=asked)).is_success
    damage("room_access", "reason_sealed", "room_id", scene.room_id)
    (line, *_) = (await client.get(f"{scene.path}/access-log")).json()["items"]
    assert line["reason"] == unopened("reason")
    await therapist.post(f"{scene.path}/consults", json={"question": "What would you do?"})
    damage("consults", "question_sealed", "room_id", scene.room_id)
    assert (await supervisor.get("/v1/consults")).json()["items"][0]["question"] is None
    assert unopened("question") in (await supervisor.get("/board/consults")).text

    assert (await therapist.get(f"/rooms/{scene.room_id}")).text.count("Cannot be opened") == 2
    assert (await therapist.get(f"{scene.path}/notes")).json()["items"][0]["sections"] is None
    signed = await therapist.post(f"{scene.path}/notes/{note_id}/sign")
    assert (signed.status_code, signed.json()["code"]) == (409, "note_damaged")
    assert (await therapist.get(f"{scene.path}/diagnoses")).json()["items"][0]["code"] is None
    entered = await therapist.put(f"{scene.path}/diagnoses", json={"codes": ["F41.1"]})
    assert [each["code"] for each in entered.json()["items"]] == ["F41.1"]
    exported = await client.post(f"{scene.path}/export")
    archive = ZipFile(io.BytesIO(exported.content))
    assert json.loads(archive.read("goals.json"))["goals"][0]["versions"][0]["statement"] is None
    assert json.loads(archive.read("check-ins.json"))["check_ins"][0]["words"] is None
    assert await damaged_rooms(scene) == 1


async def test_another_version_of_the_key_is_no_damage_and_is_answered_as_an_error(
    scene: Scene, damage: Damage
) -> None:
    said = await say(scene.client, scene, "Hello")
    damage("messages", "body", "id", said, bytes_=b"\x01\x01\x00\x00\x00\x02" + bytes(40))
    answer = await scene.client.http.get(f"{scene.path}/messages")
    assert (answer.status_code, answer.json()["code"]) == (500, "damaged")
    assert "version" not in answer.text


async def _recordings(api: Api, scene: Scene) -> list[UUID]:
    """Two voice messages that are ready to be played."""
    client, media = scene.client, []
    sender = Actor(client.account_id, Role.CLIENT, frozenset(), SessionId(uuid4()))
    for _ in range(2):
        body = {"kind": "audio", "content_type": "audio/webm"}
        medium_id = UUID((await client.http.post(f"{scene.path}/media", json=body)).json()["media_id"])
        async with api.care.transaction(sender) as tx:
            key = await tx.key(KeyScope.MEDIA, medium_id)
            details = seal_details(key, medium_id, Details(1200, (1, 2, 3), None, None))
            await tx.run(
                "UPDATE media SET state = 'ready', details_sealed = %s WHERE id = %s", (details, medium_id)
            )
        media.append(medium_id)
        await say(client, scene, "", kind="audio", media_id=str(medium_id))
    return media
