"""Policies over HTTP: what is promised to whom, in versions that begin now or later, for those who manage them."""

from datetime import UTC, datetime, timedelta

import pytest
from people import Api, ClientAs
from scenes import Scene, set_scene

from domain.access import Role

HALF_HOUR = {"kind": "working_minutes", "minutes": 30}
TABLE = {"kind": "reply_by", "table": [["08:00", "20:00", "21:00", 0], ["20:00", "08:00", "10:00", 1]]}


@pytest.fixture
async def scene(api: Api, client_as: ClientAs) -> Scene:
    return await set_scene(api, client_as)


def later(**delta: float) -> str:
    return (datetime.now(UTC) + timedelta(**delta)).isoformat()


async def test_every_policy_is_listed_with_what_holds_and_what_is_to_come(scene: Scene) -> None:
    http = scene.strangers[Role.SUPERVISOR].http
    answer = await http.put("/v1/response-policies/welcome", json={**TABLE, "effective_from": later(days=1)})
    assert answer.status_code == 204
    listed = {each["name"]: each for each in (await http.get("/v1/response-policies")).json()["items"]}
    welcome = listed["welcome"]
    assert (welcome["in_force"]["minutes"], welcome["in_force"]["effective_from"]) == (180, None)
    assert (welcome["running"], welcome["built_in"]) == (1, True)
    (coming,) = welcome["upcoming"]
    assert (coming["kind"], coming["table"]) == ("reply_by", TABLE["table"])
    assert listed["morning"]["in_force"]["table"][0] == ["07:00", "11:00", "15:00", 0]


async def test_versions_are_kept_newest_first_and_percentages_can_be_set(scene: Scene) -> None:
    http = scene.strangers[Role.ADMINISTRATOR].http
    ladder = [
        {"name": "nudge", "percent": 50, "by_next_working_day": False},
        {"name": "breach", "percent": 100, "by_next_working_day": False},
        {"name": "cover", "percent": 200, "by_next_working_day": True},
    ]
    for minutes in (30, 60):
        put = await http.put(
            "/v1/response-policies/fast", json={**HALF_HOUR, "minutes": minutes, "ladder": ladder}
        )
        assert put.status_code == 204
    found = (await http.get("/v1/response-policies/fast")).json()
    assert (found["name"], found["minutes"], found["ladder"]) == ("fast", 60, ladder)
    assert [each["minutes"] for each in found["versions"]] == [60, 30]
    assert (await http.get("/v1/response-policies/nothing")).status_code == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"effective_from": "2026-01-01T00:00:00Z"}, "effective_from"),
        ({"effective_from": "soon"}, "effective_from"),
        ({"minutes": -1}, "minutes"),
        ({"table": TABLE["table"]}, "table"),
        ({"ladder": [{"name": "nudge", "percent": 75}]}, "ladder"),
        ({"surprise": 1}, ""),
    ],
)
async def test_nonsense_and_the_past_are_refused_by_field(
    scene: Scene, change: dict[str, object], field: str
) -> None:
    http = scene.strangers[Role.SUPERVISOR].http
    answer = await http.put("/v1/response-policies/fast", json={**HALF_HOUR, **change})
    assert answer.status_code == 422
    assert any(field in each["field"] for each in answer.json()["errors"])
    assert (await http.get("/v1/response-policies/fast")).status_code == 404


async def test_a_client_on_a_plan_is_promised_what_the_plan_promises_and_the_room_comes_first(
    scene: Scene,
) -> None:
    http = scene.strangers[Role.SUPERVISOR].http
    assert (await http.put("/v1/service-plans/plus/policy", json={"name": "morning"})).status_code == 204
    path = f"/v1/clients/{scene.client.account_id}/service-plan"
    assert (await http.put(path, json={"plan": "plus"})).status_code == 204

    async def policy() -> str:
        found: str = (await scene.client.http.get(scene.path)).json()["promise"]["policy"]
        return found

    assert await policy() == "morning"
    assert (await http.get("/v1/service-plans")).json()["items"] == [
        {"plan": "plus", "clients": 1, "rooms": 1}
    ]
    assert (await http.put(f"{scene.path}/policy", json={"name": "evening"})).status_code == 204
    assert await policy() == "evening"
    for_messages = {"name": "demo-seconds", "kind": "next_response"}
    assert (await http.put(f"{scene.path}/policy", json=for_messages)).status_code == 204
    assert await policy() == "evening"  # a welcome is owed now
    assert (await http.put(f"{scene.path}/policy", json={"name": None})).status_code == 204
    assert (await http.put(path, json={"plan": None})).status_code == 204
    assert await policy() == "welcome"


async def test_terms_of_the_clinic_and_of_plans_are_listed_with_those_to_come(scene: Scene) -> None:
    http = scene.strangers[Role.ADMINISTRATOR].http
    since = later(days=2)
    for path, body in (
        ("/v1/response-terms", {"name": "evening", "kind": "first_response"}),
        ("/v1/service-plans/plus/policy", {"name": "morning", "effective_from": since}),
    ):
        assert (await http.put(path, json=body)).status_code == 204
    listed = (await http.get("/v1/response-terms")).json()["items"]
    assert [(each["plan"], each["kind"], each["name"], each["in_force"]) for each in listed] == [
        (None, "first_response", "evening", True),
        ("plus", None, "morning", False),
    ]
    for body in (
        {"name": "nothing"},
        {"name": "morning", "kind": "ack_waived"},
        {"name": "x", "effective_from": "1"},
    ):
        assert (await http.put("/v1/response-terms", json=body)).status_code in (404, 422)
    stranger = f"/v1/clients/{scene.room_id}/service-plan"
    assert (await http.put(stranger, json={"plan": "plus"})).status_code == 404
