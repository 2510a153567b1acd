"""A room's routes: its two people get in, everyone else finds nothing, and nothing bad changes anything."""

import asyncio
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from people import PASSWORD, Api, ClientAs, Person

from domain.access import Actor, Role
from domain.ids import ClientId, SessionId, TherapistId
from records.rooms import open_room

CONTENT = {
    "post": ("POST", "/messages", {"text": "hello"}),
    "history": ("GET", "/messages", None),
    "search": ("POST", "/search", {"q": "hello"}),
    "read": ("PUT", "/read", {"seq": 1}),
    "draft": ("PUT", "/draft", {"text": "hm"}),
    "draft back": ("GET", "/draft", None),
}


@dataclass(frozen=True)
class Scene:
    """A room between two people, and one stranger of each role."""

    room_id: UUID
    client: Person
    therapist: Person
    strangers: dict[Role, Person]

    @property
    def path(self) -> str:
        return f"/v1/rooms/{self.room_id}"


@pytest.fixture
async def scene(api: Api, client_as: ClientAs) -> Scene:
    client, therapist = await client_as(Role.CLIENT), await client_as(Role.THERAPIST)
    keeper = Actor(therapist.account_id, Role.THERAPIST, frozenset(), SessionId(uuid4()))
    async with api.care.transaction(keeper) as tx:
        await tx.run("UPDATE clients SET state = 'NY' WHERE id = %s", (client.account_id,))
        room_id = await open_room(tx, ClientId(client.account_id), TherapistId(therapist.account_id))
    strangers = {role: await client_as(role) for role in Role}
    return Scene(room_id, client, therapist, strangers)


async def call(person: Person, scene: Scene, method: str, path: str, body: Any) -> int:
    answer = await person.http.request(method, scene.path + path, json=body)
    return answer.status_code


async def test_a_message_goes_in_and_comes_out_with_the_promise(scene: Scene) -> None:
    await scene.therapist.http.post(f"{scene.path}/messages", json={"text": "Welcome"})
    posted = (
        await scene.client.http.post(f"{scene.path}/messages", json={"text": "I could not sleep"})
    ).json()
    assert posted["seq"] == 2
    promise = posted["promise"]
    assert (promise["state"], promise["policy"]) == ("running", "next_response")
    assert "where she is" in promise["words"] or "PST" in promise["words"] or "PDT" in promise["words"]
    found = (await scene.therapist.http.get(f"{scene.path}/messages")).json()["items"]
    assert [(m["seq"], m["text"], m["mine"]) for m in found] == [
        (1, "Welcome", True),
        (2, "I could not sleep", False),
    ]


async def test_the_same_key_five_times_at_once_makes_one_message(scene: Scene) -> None:
    headers = {"Idempotency-Key": "thumb"}

    async def press(text: str = "hello") -> Any:
        return await scene.client.http.post(f"{scene.path}/messages", json={"text": text}, headers=headers)

    answers = await asyncio.gather(*(press() for _ in range(5)))
    assert {a.status_code for a in answers} == {201}
    assert len({a.json()["message_id"] for a in answers}) == 1
    other = await press("another text")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


@pytest.mark.parametrize("name", CONTENT)
async def test_strangers_of_every_role_find_no_room(scene: Scene, name: str) -> None:
    for role, stranger in scene.strangers.items():
        status = await call(stranger, scene, *CONTENT[name])
        assert status == (403 if role is Role.SUPERVISOR else 404), role


async def test_the_tries_of_strangers_are_in_the_audit_log(api: Api, scene: Scene) -> None:
    await call(scene.strangers[Role.CLIENT], scene, "GET", "/messages", None)
    await call(scene.strangers[Role.THERAPIST], scene, "POST", "/messages", {"text": "hello"})
    async with api.worker.transaction() as tx:
        rows = await tx.all(
            "SELECT actor_id, action FROM audit_events WHERE room_id = %s AND outcome = 'refused' ORDER BY id",
            (scene.room_id,),
        )
    assert [(r["actor_id"], r["action"]) for r in rows] == [
        (scene.strangers[Role.CLIENT].account_id, "read_messages"),
        (scene.strangers[Role.THERAPIST].account_id, "post_message"),
    ]


async def test_a_supervisor_needs_a_purpose_and_the_client_reads_it(scene: Scene) -> None:
    supervisor = scene.strangers[Role.SUPERVISOR]
    await scene.client.http.post(f"{scene.path}/messages", json={"text": "hello"})
    refused = await supervisor.http.get(f"{scene.path}/messages")
    assert (refused.status_code, refused.json()["code"]) == (403, "purpose_required")
    body = {"purpose": "complaint", "reason": "The client complained in writing yesterday."}
    assert (await supervisor.http.post(f"{scene.path}/access", json=body)).status_code == 204
    assert (await supervisor.http.get(f"{scene.path}/messages")).status_code == 200
    log = (await scene.client.http.get(f"{scene.path}/access-log")).json()["items"]
    assert {line["reason"] for line in log} == {"The client complained in writing yesterday."}
    assert {(line["role"], line["action"], line["purpose"]) for line in log} == {
        ("supervisor", "open_with_purpose", "complaint"),
        ("supervisor", "read_messages", "complaint"),
    }


@pytest.mark.parametrize(
    "body",
    [
        {"text": ""},
        {"text": "x" * 10_001},
        {"text": "a\x00b"},
        {"text": "fine", "colour": "red"},
        {"text": ["canary"]},
        {},
        {"text": "canary", "kind": "telepathy"},
    ],
)
async def test_bad_messages_are_refused_without_an_echo_and_change_nothing(scene: Scene, body: Any) -> None:
    answer = await scene.client.http.post(f"{scene.path}/messages", json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert "canary" not in answer.text
    assert "colour" not in answer.text or "red" not in answer.text
    assert (await scene.client.http.get(f"{scene.path}/messages")).json()["items"] == []


async def test_a_lone_surrogate_is_refused(scene: Scene) -> None:
    raw = b'{"text": "a\\ud800b"}'
    answer = await scene.client.http.post(
        f"{scene.path}/messages", content=raw, headers={"content-type": "application/json"}
    )
    assert answer.status_code == 422


async def test_history_pages_both_ways_ascending(scene: Scene) -> None:
    for n in range(7):
        await scene.client.http.post(f"{scene.path}/messages", json={"text": str(n)})

    async def seqs(query: str) -> list[int]:
        answer = await scene.client.http.get(f"{scene.path}/messages?{query}")
        return [m["seq"] for m in answer.json()["items"]]

    assert await seqs("limit=3") == [5, 6, 7]
    assert await seqs("before=5&limit=2") == [3, 4]
    assert await seqs("after=2&limit=2") == [3, 4]
    both = await scene.client.http.get(f"{scene.path}/messages?after=1&before=5")
    assert both.status_code == 422


async def test_read_marks_and_unread_counts(scene: Scene) -> None:
    for text in ("one", "two"):
        await scene.therapist.http.post(f"{scene.path}/messages", json={"text": text})
    (header,) = (await scene.client.http.get("/v1/rooms")).json()["items"]
    assert header["unread"] == 2
    assert (await scene.client.http.put(f"{scene.path}/read", json={"seq": 2})).status_code == 204
    (header,) = (await scene.client.http.get("/v1/rooms")).json()["items"]
    assert header["unread"] == 0


async def test_the_inbox_is_ordered_by_due_time_and_is_for_therapists(scene: Scene) -> None:
    items = (await scene.therapist.http.get("/v1/inbox")).json()["items"]
    assert [i["room_id"] for i in items] == [str(scene.room_id)]
    assert (await scene.client.http.get("/v1/inbox")).status_code == 403


async def test_the_board_is_for_supervisors_and_shows_no_name(scene: Scene) -> None:
    board = await scene.strangers[Role.SUPERVISOR].http.get("/v1/clocks?state=running")
    (row,) = board.json()["items"]
    assert (row["room_id"], row["kind"], row["state"]) == (str(scene.room_id), "welcome", "running")
    assert "Rivera" not in board.text
    for role in (Role.CLIENT, Role.THERAPIST, Role.BILLING):
        assert (await scene.strangers[role].http.get("/v1/clocks")).status_code == 403


async def test_why_a_time_is_due_is_told_to_staff(scene: Scene) -> None:
    supervisor = scene.strangers[Role.SUPERVISOR].http
    (row,) = (await supervisor.get("/v1/clocks")).json()["items"]
    told = (await supervisor.get(f"/v1/clocks/{row['clock_id']}/explanation")).json()
    assert told["policy"] == "welcome"
    assert told["segments"]
    assert told["sentence"]
    assert (
        await scene.strangers[Role.CLIENT].http.get(f"/v1/clocks/{row['clock_id']}/explanation")
    ).status_code == 404


async def test_a_supervisor_puts_the_room_on_another_policy_and_the_clock_moves(scene: Scene) -> None:
    supervisor = scene.strangers[Role.SUPERVISOR].http
    assert (await supervisor.put(f"{scene.path}/policy", json={"name": "demo-seconds"})).status_code == 204
    (row,) = (await supervisor.get("/v1/clocks")).json()["items"]
    assert row["policy"] == "demo-seconds"
    assert (await supervisor.put(f"{scene.path}/policy", json={"name": "nonsense"})).status_code == 404
    assert (await scene.therapist.http.put(f"{scene.path}/policy", json={"name": None})).status_code == 404


async def test_a_response_policy_is_validated_versioned_and_for_supervisors(scene: Scene) -> None:
    supervisor = scene.strangers[Role.SUPERVISOR].http
    policy = {"kind": "working_minutes", "minutes": 30}
    assert (await supervisor.put("/v1/response-policies/fast", json=policy)).status_code == 204
    assert (await supervisor.get("/v1/response-policies/fast")).json()["minutes"] == 30
    bad = await supervisor.put("/v1/response-policies/fast", json={"kind": "working_minutes", "minutes": -1})
    assert bad.status_code == 422
    assert (await scene.client.http.get("/v1/response-policies/fast")).status_code == 403


async def test_hours_move_the_clock_and_bad_hours_change_nothing(scene: Scene) -> None:
    hours = {"tz": "America/New_York", "weekly": {"mon": [["09:00", "17:00"]]}, "holidays": []}
    assert (await scene.therapist.http.put("/v1/me/hours", json=hours)).status_code == 204
    assert (await scene.therapist.http.get("/v1/me/hours")).json()["weekly"]["mon"] == [["09:00", "17:00"]]
    for bad in (
        {"tz": "Mars/Olympus", "weekly": {}},
        {"tz": "America/New_York", "weekly": {"mon": [["9", "17"]]}},
    ):
        assert (await scene.therapist.http.put("/v1/me/hours", json=bad)).status_code == 422
    assert (await scene.client.http.put("/v1/me/hours", json=hours)).status_code == 403


async def test_a_therapist_waives_with_a_reason_and_a_client_closes_a_question(scene: Scene) -> None:
    waived = await scene.therapist.http.post(f"{scene.path}/clock/waive", json={"reason": "canary"})
    assert waived.status_code == 422
    await scene.therapist.http.post(f"{scene.path}/messages", json={"text": "Welcome"})
    await scene.client.http.post(f"{scene.path}/messages", json={"text": "One thing"})
    a = await scene.client.http.post(f"{scene.path}/clock/close-question")
    assert a.status_code == 204
    assert (await scene.client.http.post(f"{scene.path}/clock/close-question")).status_code == 409
    header = (await scene.client.http.get(scene.path)).json()
    assert header["promise"]["state"] == "none"


async def test_supervision_figures_and_health(scene: Scene) -> None:
    supervisor = scene.strangers[Role.SUPERVISOR].http
    health = (await supervisor.get("/v1/supervision/health")).json()
    assert (health["waiting_without_clock"], health["clocks_without_workflow"]) == (0, 0)
    query = "from=2020-01-01T00:00:00Z&to=2099-01-01T00:00:00Z&group_by=policy"
    (line,) = (await supervisor.get(f"/v1/supervision/summary?{query}")).json()["items"]
    assert (line["name"], line["n"], line["not_yet_due"], line["attainment"]) == ("welcome", 0, 1, None)


async def test_the_program_tells_its_state_without_a_health_fact(api: Api, scene: Scene) -> None:
    assert (await api.http.get("/healthz")).json() == {"status": "alive"}
    ready = await api.http.get("/readyz")
    assert (ready.status_code, ready.json()["engines"]) == (200, {"postgres": True, "temporal": False})
    metrics = await api.http.get("/metrics")
    assert "kindroom_outbox_depth" in metrics.text
    assert str(scene.room_id) not in metrics.text


async def test_every_answer_carries_the_security_headers(api: Api) -> None:
    answer = await api.http.get("/v1/rooms")
    assert answer.status_code == 401
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_therapist_says_how_many_clients_they_take(scene: Scene) -> None:
    http = scene.therapist.http
    assert (await http.put("/v1/me/capacity", json={"clients": 7})).status_code == 204
    assert (await http.get("/v1/offers")).json()["places"] <= 7
    for wrong in (-1, 201, "7", True, None):
        assert (await http.put("/v1/me/capacity", json={"clients": wrong})).status_code == 422
    assert (await http.put("/v1/me/capacity", json={"clients": 0})).status_code == 204
    assert (await http.get("/v1/offers")).json()["places"] == 0


async def test_short_lists_are_read_page_by_page(scene: Scene) -> None:
    http = scene.client.http
    assert (await http.get("/v1/payers?limit=0")).status_code == 422
    first = (await http.get("/v1/me/devices?limit=1")).json()
    assert (len(first["items"]), first["next_cursor"]) == (1, None)
    await http.post("/v1/auth/token", data={"username": scene.client.username, "password": PASSWORD})
    pages = [(await http.get(f"/v1/me/devices?limit=1&cursor={n}")).json() for n in (0, 1)]
    assert [page["next_cursor"] for page in pages] == ["1", None]
    assert pages[0]["items"] != pages[1]["items"]
