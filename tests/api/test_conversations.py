"""What people do with messages of their room: reply, correct, star, find again; and nobody else can."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from people import Api, ClientAs, Person

from domain.access import Actor, Role
from domain.ids import ClientId, SessionId, TherapistId
from records.rooms import open_room


@dataclass(frozen=True)
class Scene:
    """A room between two people."""

    path: str
    client: Person
    therapist: Person

    async def say(self, who: Person, text: str, **more: Any) -> dict[str, Any]:
        """Post a message."""
        answer = await who.http.post(f"{self.path}/messages", json={"text": text, **more})
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found


@pytest.fixture
async def scene(api: Api, client_as: ClientAs) -> Scene:
    client, therapist = await client_as(Role.CLIENT), await client_as(Role.THERAPIST)
    keeper = Actor(therapist.account_id, Role.THERAPIST, frozenset(), SessionId(uuid4()))
    async with api.care.transaction(keeper) as tx:
        await tx.run("UPDATE clients SET state = 'NY' WHERE id = %s", (client.account_id,))
        room_id: UUID = await open_room(tx, ClientId(client.account_id), TherapistId(therapist.account_id))
    return Scene(f"/v1/rooms/{room_id}", client, therapist)


async def test_a_conversation_is_replied_to_corrected_starred_and_found_again(scene: Scene) -> None:
    client, therapist = scene.client.http, scene.therapist.http
    asked = await scene.say(scene.therapist, "How was the harbour?")
    said = await scene.say(scene.client, "Wndy, and calm", reply_to=asked["message_id"])
    one = f"{scene.path}/messages/{said['message_id']}"
    assert (await client.patch(one, json={"text": "Windy, and calm"})).status_code == 204
    assert (await client.put(f"{one}/star")).status_code == 204
    (_, mine) = (await client.get(f"{scene.path}/messages")).json()["items"]
    assert (mine["text"], mine["revisions"], mine["starred"], mine["media"]) == (
        "Windy, and calm",
        1,
        True,
        None,
    )
    assert mine["quote"] == {
        "message_id": asked["message_id"],
        "seq": 1,
        "mine": False,
        "sender_role": "therapist",
        "kind": "text",
        "text": "How was the harbour?",
    }
    (theirs,) = (await therapist.get(f"{scene.path}/messages?after=1&limit=1")).json()["items"]
    assert (theirs["starred"], theirs["quote"]["mine"]) == (False, True)
    assert [r["text"] for r in (await therapist.get(f"{one}/revisions")).json()["items"]] == [
        "Wndy, and calm"
    ]
    assert [m["seq"] for m in (await client.get(f"{scene.path}/stars")).json()["items"]] == [2]
    assert (await therapist.get(f"{scene.path}/stars")).json()["items"] == []
    found = (await client.post(f"{scene.path}/search", json={"q": "calm WINDY"})).json()["items"]
    assert [(f["seq"], f["mine"], f["marks"]) for f in found] == [(2, True, [[0, 5], [11, 15]])]
    assert (await client.post(f"{scene.path}/search", json={"q": "Wndy"})).json()["items"] == []
    from_then = await client.get(f"{scene.path}/messages", params={"at": said["sent_at"]})
    assert [m["seq"] for m in from_then.json()["items"]] == [2]


async def test_lists_of_finds_and_stars_go_on_where_they_ended(scene: Scene) -> None:
    client = scene.client.http
    for n in range(5):
        said = await scene.say(scene.client, f"harbour {n}")
        await client.put(f"{scene.path}/messages/{said['message_id']}/star")
    seqs, cursor = [], None
    for _ in range(3):
        body = {"q": "harbour", "limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await client.post(f"{scene.path}/search", json=body)).json()
        seqs += [found["seq"] for found in page["items"]]
        cursor = page["next_cursor"]
    assert (seqs, cursor) == ([5, 4, 3, 2, 1], None)
    first = (await client.get(f"{scene.path}/stars?limit=3")).json()
    rest = (await client.get(f"{scene.path}/stars?limit=3&cursor={first['next_cursor']}")).json()
    assert ([m["seq"] for m in first["items"] + rest["items"]], rest["next_cursor"]) == (
        [5, 4, 3, 2, 1],
        None,
    )


async def test_a_key_is_one_message_of_one_sender_and_anything_else_with_it_is_refused(scene: Scene) -> None:
    asked = await scene.say(scene.therapist, "Hello")
    headers = {"Idempotency-Key": "once"}

    async def post(who: Person, **body: Any) -> Any:
        return await who.http.post(f"{scene.path}/messages", json=body, headers=headers)

    first = await post(scene.client, text="hi")
    assert (await post(scene.client, text="hi")).json()["message_id"] == first.json()["message_id"]
    for other in ({"text": "hi!"}, {"text": "hi", "reply_to": asked["message_id"]}):
        refused = await post(scene.client, **other)
        assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_key_reused")
    own = await post(scene.therapist, text="hi, too")
    assert (own.status_code, own.json()["seq"]) == (201, 3)


async def test_what_makes_no_sense_is_refused(scene: Scene) -> None:
    await scene.say(scene.client, "harbour")
    for method, path, body in (
        ("GET", "/messages?at=yesterday", None),
        ("GET", "/messages?at=2026-01-01T00:00:00Z&after=1", None),
        ("GET", "/messages?around=1&before=4", None),
        ("GET", "/messages?at=2026-01-01T00:00:00", None),
        ("POST", "/search", {"q": '""'}),
        ("POST", "/search", {"q": "x"}),
        ("POST", "/search", {"q": "harbour", "cursor": "-1"}),
    ):
        answer = await scene.client.http.request(method, scene.path + path, json=body)
        assert answer.status_code == 422, (method, path, body)


async def test_to_everybody_else_no_message_star_or_earlier_text_is_there(
    scene: Scene, client_as: ClientAs
) -> None:
    said = await scene.say(scene.client, "mine alone")
    one = f"{scene.path}/messages/{said['message_id']}"
    await scene.client.http.patch(one, json={"text": "mine"})
    asked = [
        ("GET", f"{scene.path}/messages?at=2020-01-01T00:00:00Z", None),
        ("GET", f"{scene.path}/stars", None),
        ("GET", f"{one}/revisions", None),
        ("PUT", f"{one}/star", None),
        ("PATCH", one, {"text": "not yours"}),
    ]
    for role in Role:
        stranger = await client_as(role)
        for method, path, body in asked:
            answer = await stranger.http.request(method, path, json=body)
            assert answer.status_code in ({403, 404} if role is Role.SUPERVISOR else {404}), (role, path)
            assert "mine" not in answer.text
    elsewhere = f"{scene.path}/messages/{uuid4()}"
    for method, path, body in (("GET", f"{elsewhere}/revisions", None), ("PATCH", elsewhere, {"text": "x"})):
        assert (await scene.client.http.request(method, path, json=body)).status_code == 404
    lost = await scene.client.http.post(
        f"{scene.path}/messages", json={"text": "x", "reply_to": str(uuid4())}
    )
    assert lost.status_code == 404
