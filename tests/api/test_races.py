"""Two at once through the API: one outcome, once."""

import asyncio
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from factories import Room, actor
from office import attested_week, diagnosed, ended_week, insured_room, open_office, signed_note
from people import Api, ClientAs
from scenes import Scene, set_scene

from domain.access import Role
from domain.clocks import project
from records.calendars import room_schedule
from records.clocks import policy_of
from records.events import Event, EventKind

if TYPE_CHECKING:
    from conftest import Databases

HOURS = (
    {"tz": "America/New_York", "weekly": {"mon": [["09:00", "17:00"]]}},
    {"tz": "America/Los_Angeles", "weekly": {"tue": [["08:00", "12:00"]], "fri": [["13:00", "18:00"]]}},
)
SOAP = {"kind": "SOAP", "sections": {"plan": "x"}}


@pytest.fixture
async def scene(api: Api, client_as: ClientAs) -> Scene:
    return await set_scene(api, client_as)


@pytest.mark.parametrize("turn", range(4))
async def test_a_post_while_the_hours_change_is_promised_by_the_new_hours(
    api: Api, scene: Scene, turn: int
) -> None:
    one, other = scene.client.http, scene.therapist.http
    await other.post(f"{scene.path}/messages", json={"text": "Hello, I am here. How was your week?"})
    calls = [
        one.post(f"{scene.path}/messages", json={"text": "I could not sleep."}),
        other.put("/v1/me/hours", json=HOURS[0]),
        one.post(f"{scene.path}/messages", json={"text": "Not at all."}),
        other.put("/v1/me/hours", json=HOURS[1]),
    ]
    answers = await asyncio.gather(*calls[turn:], *calls[:turn])
    assert Counter(answer.status_code for answer in answers) == {201: 2, 204: 2}
    async with api.care.transaction(actor(Role.CLIENT, scene.client.account_id)) as tx:
        clocks = await tx.all(
            "SELECT * FROM response_clocks WHERE room_id = %s AND state = 'running'", (scene.room_id,)
        )
        assert len(clocks) == 1
        found = await room_schedule(tx, scene.room_id, scene.therapist.account_id, clocks[0]["opened_at"])
        due = project(policy_of(clocks[0]), found.schedule, clocks[0]["opened_at"], tx.now)
    assert clocks[0]["calendar_version"] == found.version
    assert clocks[0]["due_at"] == due.due_at


async def test_a_key_is_one_persons_on_one_route(scene: Scene) -> None:
    key = {"Idempotency-Key": "the-same-key"}
    goal = {"statement": "Sleep."}
    goals = [scene.client.http.post(f"{scene.path}/goals", json=goal, headers=key) for _ in range(5)]
    others = [
        scene.client.http.post(f"{scene.path}/messages", json={"text": "Hi there."}, headers=key),
        scene.client.http.post(f"{scene.path}/check-ins", headers=key),
        scene.therapist.http.post(f"{scene.path}/goals", json=goal, headers=key),
        scene.therapist.http.post(f"{scene.path}/notes", json=SOAP, headers=key),
    ]
    answers = await asyncio.gather(*goals, *others)
    assert [answer.status_code for answer in answers] == [201] * 9
    assert len({answer.json()["goal_id"] for answer in answers[:5]}) == 1
    assert answers[7].json()["goal_id"] != answers[0].json()["goal_id"]
    for path, body in (("goals", {"statement": "Walk."}), ("messages", {"text": "Another."})):
        reused = await scene.client.http.post(f"{scene.path}/{path}", json=body, headers=key)
        assert (reused.status_code, reused.json()["code"]) == (422, "idempotency_key_reused")


async def test_a_week_attested_twice_at_once_is_one_service(
    api: Api, scene: Scene, databases: "Databases"
) -> None:
    where = Room(
        scene.room_id,
        actor(Role.CLIENT, scene.client.account_id),
        actor(Role.THERAPIST, scene.therapist.account_id),
    )
    session_id = await ended_week(databases, where)
    note_id, diagnoses = await signed_note(databases, where), await diagnosed(databases, where, "F41.1")

    def attest(minutes: int) -> Any:
        body = {
            "note_id": str(note_id),
            "clinical_minutes": minutes,
            "diagnosis_ids": [str(each) for each in diagnoses],
            "statement": "As shown.",
        }
        return scene.therapist.http.post(f"/v1/messaging-sessions/{session_id}/attest", json=body)

    answers = await asyncio.gather(*[attest(20 + n) for n in range(4)])
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 3}
    (won,) = [answer.json() for answer in answers if answer.status_code == 201]
    async with api.worker.transaction() as tx:
        lines = await tx.all("SELECT minutes FROM service_lines")
    assert [line["minutes"] for line in lines] == [won["clinical_minutes"]]


async def test_two_clerks_bill_a_service_once(databases: "Databases", client_as: ClientAs) -> None:
    office = await open_office(databases)
    for n in range(3):
        await attested_week(databases, await insured_room(databases, office, member=f"U123456780{n}"))
    clerks = [await client_as(Role.BILLING) for _ in range(3)]
    answers = await asyncio.gather(*[clerk.http.post("/v1/claim-batches", json={}) for clerk in clerks])
    assert {answer.status_code for answer in answers} <= {201, 409}
    made = [answer.json()["claims"] for answer in answers if answer.status_code == 201]
    assert sum(made) == 3
    listed = (await clerks[0].http.get("/v1/claims")).json()["items"]
    assert len(listed) == len({claim["number"] for claim in listed}) == 3


async def test_a_device_that_is_locked_or_signed_out_has_its_streams_ended(
    api: Api, client_as: ClientAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[Event] = []
    monkeypatch.setattr(api.care, "announce", heard.extend)
    ana = await client_as(Role.CLIENT)
    await ana.http.put("/v1/me/passcode", json={"passcode": "730518"})
    for path in ("/v1/me/lock", "/v1/auth/logout"):
        heard.clear()
        assert (await ana.http.post(path)).status_code == 204
        assert Event(EventKind.DEVICES, account_id=ana.account_id) in heard
