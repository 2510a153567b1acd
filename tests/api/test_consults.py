"""Second opinions over HTTP and on pages: asked in a room, answered beside the board, nobody else's business."""

from uuid import uuid4

import pytest
from people import Api, ClientAs
from scenes import Scene, set_scene

from domain.access import Role
from web.app import mount_pages

QUESTION = "Two sleepless weeks: would you ask for a visit?"
TOKEN = {"csrf_token": "t"}


@pytest.fixture
async def scene(api: Api, client_as: ClientAs) -> Scene:
    mount_pages(api.app)
    found = await set_scene(api, client_as)
    for person in (found.client, found.therapist, *found.strangers.values()):
        person.http.cookies.set("kindroom_csrf", "t")
    return found


async def test_a_therapist_asks_and_a_supervisor_answers_once(scene: Scene) -> None:
    therapist, supervisor = scene.therapist.http, scene.strangers[Role.SUPERVISOR].http
    key = {"Idempotency-Key": uuid4().hex}
    asked = await therapist.post(f"{scene.path}/consults", json={"question": QUESTION}, headers=key)
    again = await therapist.post(f"{scene.path}/consults", json={"question": QUESTION}, headers=key)
    assert (asked.status_code, again.json()) == (201, asked.json())
    assert asked.json()["policy"] == "consult"
    assert (await therapist.post(f"{scene.path}/consults", json={"question": "One more"})).status_code == 409
    (waiting,) = (await supervisor.get("/v1/consults")).json()["items"]
    assert (waiting["question"], waiting["state"], waiting["answer"]) == (QUESTION, "running", None)
    path = f"/v1/consults/{waiting['consult_id']}/answer"
    assert (await supervisor.post(path, json={"answer": ""})).status_code == 422
    assert (await supervisor.post(path, json={"answer": "Yes, this week."})).status_code == 204
    assert (await supervisor.post(path, json={"answer": "Twice."})).status_code == 409
    (mine,) = (await therapist.get(f"{scene.path}/consults")).json()["items"]
    assert (mine["state"], mine["answer"]) == ("met", "Yes, this week.")
    assert (await supervisor.get("/v1/consults")).json()["items"] == []
    assert len((await supervisor.get("/v1/consults?running=false")).json()["items"]) == 1


async def test_the_pages_carry_a_question_to_a_supervisor_and_the_answer_back(scene: Scene) -> None:
    therapist, supervisor = scene.therapist.http, scene.strangers[Role.SUPERVISOR].http
    room = f"/rooms/{scene.room_id}/consults"
    assert "Nothing asked yet" in (await therapist.get(room)).text
    empty = await therapist.post(room, data={**TOKEN, "question": " "})
    assert (empty.status_code, "Please write a few words." in empty.text) == (422, True)
    assert (await therapist.post(room, data={**TOKEN, "question": QUESTION})).status_code == 303
    assert "One question waits for its answer" in (await therapist.get(room)).text
    board = (await supervisor.get("/board?kind=consult")).text
    assert ("Second opinions</h2>" in board, "Nobody is waiting here" in board, QUESTION in board) == (
        True,
        False,
        False,
    )
    assert "Second opinions</h2>" not in (await supervisor.get("/board?kind=welcome")).text
    queue = (await supervisor.get("/board/consults")).text
    assert QUESTION in queue
    (waiting,) = (await supervisor.get("/v1/consults")).json()["items"]
    path = f"/board/consults/{waiting['consult_id']}/answer"
    empty = await supervisor.post(path, data={**TOKEN, "answer": ""})
    assert (empty.status_code, QUESTION in empty.text) == (422, True)
    assert (await supervisor.post(path, data={**TOKEN, "answer": "Yes, this week."})).status_code == 303
    late = await supervisor.post(path, data={**TOKEN, "answer": "Twice."})
    assert (late.status_code, "Somebody has answered it already" in late.text) == (409, True)
    assert "Yes, this week." in (await therapist.get(room)).text
    assert "Yes, this week." in (await supervisor.get("/board/consults?state=answered")).text


async def test_neither_the_client_nor_a_stranger_sees_or_sends_anything(scene: Scene) -> None:
    await scene.therapist.http.post(f"{scene.path}/consults", json={"question": QUESTION})
    room = f"/rooms/{scene.room_id}/consults"
    for http in (scene.client.http, scene.strangers[Role.THERAPIST].http, scene.strangers[Role.BILLING].http):
        assert (await http.get(f"{scene.path}/consults")).status_code == 404
        assert (await http.post(f"{scene.path}/consults", json={"question": "Mine"})).status_code == 404
        assert (await http.get(room)).status_code == 404
        assert (await http.post(room, data={**TOKEN, "question": "Mine"})).status_code == 404
        assert (await http.get("/v1/consults")).status_code == 403
        assert (await http.get("/board/consults")).status_code == 403
