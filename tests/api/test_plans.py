"""Goals, check-ins, notes, diagnoses and sessions over HTTP: who may, what is refused, what is never echoed."""

from typing import Any
from uuid import uuid4

import pytest
from people import Api, ClientAs
from scenes import Scene, set_scene
from steps import phq9, ready

from domain.access import Actor, Role
from domain.ids import ClientId, SessionId, TherapistId
from records import check_ins
from records.plans import plan_row
from records.rooms import open_room
from web.app import mount_pages

NOWHERE = uuid4()
SOAP = {"kind": "SOAP", "sections": {"subjective": "Sleeps."}}

# Route -> body, and what client and therapist of the room get; everyone else gets 404, supervisors see below.
ROUTES: dict[str, tuple[Any, int, int]] = {
    "GET /goals": (None, 200, 200),
    "POST /goals": ({"statement": "Sleep"}, 201, 201),
    f"PATCH /goals/{NOWHERE}": ({"accepted": True}, 404, 404),
    "GET /check-ins": (None, 200, 200),
    "POST /check-ins": (None, 201, 201),
    f"POST /check-ins/{NOWHERE}/responses": ({"value": 5}, 404, 404),
    "GET /notes": (None, 404, 200),
    "POST /notes": (SOAP, 404, 201),
    f"PUT /notes/{NOWHERE}": ({"sections": {"plan": "x"}}, 404, 404),
    f"POST /notes/{NOWHERE}/sign": (None, 404, 404),
    "GET /diagnoses": (None, 404, 200),
    "PUT /diagnoses": ({"codes": ["F41.1"]}, 404, 200),
    "GET /messaging-sessions": (None, 200, 200),
}
READ_WITH_PURPOSE = {
    "GET /goals",
    "GET /check-ins",
    "GET /notes",
    "GET /diagnoses",
    "GET /messaging-sessions",
}


@pytest.fixture
async def scene(api: Api, client_as: ClientAs) -> Scene:
    return await set_scene(api, client_as)


async def ask(scene: Scene, http: Any, route: str) -> int:
    method, path = route.split(" ")
    status: int = (await http.request(method, scene.path + path, json=ROUTES[route][0])).status_code
    return status


async def test_every_route_by_every_role(api: Api, scene: Scene) -> None:
    wrong = {}
    for route, (_, for_client, for_therapist) in ROUTES.items():
        got = {"client": await ask(scene, scene.client.http, route)}
        got["therapist"] = await ask(scene, scene.therapist.http, route)
        expected = {"client": for_client, "therapist": for_therapist}
        if route == "POST /check-ins":
            expected["therapist"] = 409  # the client's own is still open
        for role, stranger in scene.strangers.items():
            got[f"stranger {role}"] = await ask(scene, stranger.http, route)
            purpose = role is Role.SUPERVISOR and route in READ_WITH_PURPOSE
            expected[f"stranger {role}"] = 403 if purpose else 404
        got["nobody"], expected["nobody"] = await ask(scene, api.http, route), 401
        if got != expected:
            wrong[route] = {who: (got[who], expected[who]) for who in got if got[who] != expected[who]}
    assert wrong == {}


async def test_a_goal_is_agreed_between_the_two(scene: Scene) -> None:
    made = await scene.therapist.http.post(
        f"{scene.path}/goals", json={"statement": "Sleep seven hours", "target": "four nights a week"}
    )
    goal = made.json()
    assert (goal["lifecycle"], goal["accepted_by"]) == ("proposed", ["clinician"])
    path = f"{scene.path}/goals/{goal['goal_id']}"
    agreed = (await scene.client.http.patch(path, json={"accepted": True})).json()
    assert (agreed["lifecycle"], agreed["accepted_by"]) == ("accepted", ["client", "clinician"])
    refused = await scene.client.http.patch(path, json={"lifecycle": "completed"})
    assert (refused.status_code, refused.json()["code"]) == (409, "goal_transition")
    changed = (await scene.client.http.patch(path, json={"statement": "Sleep six hours"})).json()
    assert [version["statement"] for version in changed["versions"]] == [
        "Sleep six hours",
        "Sleep seven hours",
        "Sleep seven hours",
    ]
    listed = (await scene.therapist.http.get(f"{scene.path}/goals")).json()["items"]
    assert [each["statement"] for each in listed] == ["Sleep six hours"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"statement": ""},
        {"statement": "x" * 2001},
        {"statement": "x", "due_on": "1999-01-01"},
        {"goal": "x"},
    ],
    ids=["nothing", "empty", "long", "past", "unknown"],
)
async def test_a_wrong_goal_is_refused_without_an_echo(scene: Scene, body: dict[str, Any]) -> None:
    answer = await scene.client.http.post(f"{scene.path}/goals", json=body)
    assert answer.status_code == 422
    assert "xxx" not in answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert (await scene.client.http.get(f"{scene.path}/goals")).json()["items"] == []


async def test_a_check_in_asked_now_is_answered_once_and_read(scene: Scene) -> None:
    headers = {"Idempotency-Key": "ask"}
    asked = [
        (await scene.therapist.http.post(f"{scene.path}/check-ins", headers=headers)).json() for _ in range(2)
    ]
    assert asked[0] == asked[1]
    path = f"{scene.path}/check-ins/{asked[0]['check_in_id']}/responses"
    assert (await scene.client.http.post(path, json={"value": 11})).status_code == 422
    answered = await scene.client.http.post(path, json={"value": 6, "words": "better"})
    assert (answered.status_code, answered.json()["state"]) == (201, "answered")
    assert (await scene.client.http.post(path, json={"value": 6})).status_code == 409
    assert (await scene.therapist.http.post(path, json={"value": 6})).status_code == 404
    listed = (await scene.therapist.http.get(f"{scene.path}/check-ins")).json()
    assert [(each["value"], each["words"]) for each in listed["items"]] == [(6, "better")]
    assert listed["next_at"] is not None
    again = (await scene.client.http.get(f"{scene.path}/check-ins")).json()["items"]
    assert again[0]["read_at"] is not None


async def test_a_note_is_drafted_signed_and_locked(scene: Scene) -> None:
    http = scene.therapist.http
    note = (await http.post(f"{scene.path}/notes", json=SOAP)).json()
    path = f"{scene.path}/notes/{note['note_id']}"
    assert (await http.put(path, json={"sections": {"plan": "Walk."}})).json()["sections"] == {
        "plan": "Walk."
    }
    assert (await http.post(f"{path}/sign")).json()["signed_at"] is not None
    locked = await http.put(path, json={"sections": {"plan": "Run."}})
    assert (locked.status_code, locked.json()["code"]) == (409, "note_signed")
    addendum = await http.post(f"{scene.path}/notes", json={**SOAP, "addendum_to": note["note_id"]})
    assert addendum.status_code == 201


async def test_a_wrong_diagnosis_is_refused_without_an_echo(scene: Scene) -> None:
    answer = await scene.therapist.http.put(f"{scene.path}/diagnoses", json={"codes": ["SECRET1"]})
    assert (answer.status_code, "SECRET" in answer.text) == (422, False)


async def test_an_attestation_of_an_unknown_session_is_not_found(scene: Scene) -> None:
    body = {"note_id": str(NOWHERE), "clinical_minutes": 5, "diagnosis_ids": [str(NOWHERE)], "statement": "x"}
    for person in (scene.client, scene.therapist, *scene.strangers.values()):
        answer = await person.http.post(f"/v1/messaging-sessions/{NOWHERE}/attest", json=body)
        assert answer.status_code == 404


async def test_a_window_still_open_is_not_attested(scene: Scene) -> None:
    await scene.client.http.post(f"{scene.path}/messages", json={"text": "I could not sleep at all"})
    http = scene.therapist.http
    listed = (await http.get(f"{scene.path}/messaging-sessions")).json()
    assert [each["state"] for each in listed["items"]] == ["open"]
    assert listed["items"][0]["workload"]["client_words"] == 6
    assert "minutes" in listed["statement"]
    note = (await http.post(f"{scene.path}/notes", json=SOAP)).json()
    body = {
        "note_id": note["note_id"],
        "clinical_minutes": 12,
        "diagnosis_ids": [str(NOWHERE)],
        "statement": "x",
    }
    session_id = listed["items"][0]["messaging_session_id"]
    answer = await http.post(f"/v1/messaging-sessions/{session_id}/attest", json=body)
    assert (answer.status_code, answer.json()["code"]) == (409, "window_still_open")
    stranger = scene.strangers[Role.THERAPIST]
    assert (
        await stranger.http.post(f"/v1/messaging-sessions/{session_id}/attest", json=body)
    ).status_code == 404


async def test_questionnaires_go_along_with_a_check_in_until_they_are_answered(
    api: Api, client_as: ClientAs
) -> None:
    mount_pages(api.app)
    ana, therapist = await ready(client_as), await client_as(Role.THERAPIST)
    keeper = Actor(therapist.account_id, Role.THERAPIST, frozenset(), SessionId(uuid4()))
    async with api.care.transaction(keeper) as tx:
        room_id = await open_room(tx, ClientId(ana.account_id), TherapistId(therapist.account_id))
        due_at = (await plan_row(tx, room_id))["next_check_in_at"]
    async with api.worker.transaction(at=due_at) as tx:
        assert (await check_ins.keep(tx, room_id)).asked == 1
    (asked,) = (await ana.http.get(f"/v1/rooms/{room_id}/check-ins")).json()["items"]
    assert asked["measures"] == ["PHQ-9", "GAD-7"]

    async def wanted() -> set[str]:
        listed = (await ana.http.get("/v1/measures")).json()["items"]
        return {each["name"] for each in listed if each["wanted"]}

    here = f"/rooms/{room_id}/goals"
    assert 'href="/journey/questions/1"' in (await ana.http.get(here)).text
    await phq9(ana, 0)
    assert 'href="/journey/questions/1"' not in (await ana.http.get(here)).text
    assert await wanted() == {"GAD-7"}
    await ana.http.post("/v1/measures/GAD-7/responses", json={"answers": [0] * 7})
    assert await wanted() == set()
    async with api.worker.transaction() as tx:
        kept = await tx.all("SELECT check_in_id FROM measure_responses")
    assert {str(row["check_in_id"]) for row in kept} == {asked["check_in_id"]}
    assert "with PHQ-9, GAD-7" in (await therapist.http.get(here)).text
