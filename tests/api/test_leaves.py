"""Leave and cover over HTTP: hours with public holidays, a cover asked, taken and seen; other days, and none."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from people import Api, ClientAs
from scenes import Scene, set_scene

from domain.access import Role
from records import leave_steps

if TYPE_CHECKING:
    from conftest import Databases

NOW = datetime.now(UTC)
SOON = {"from": (NOW + timedelta(days=2)).isoformat(), "to": (NOW + timedelta(days=9)).isoformat()}


@pytest.fixture
async def scene(api: Api, client_as: ClientAs) -> Scene:
    return await set_scene(api, client_as)


async def take_leave(scene: Scene, **more: str) -> UUID:
    answer = await scene.therapist.http.post("/v1/me/leave", json={**SOON, "note": "Walks.", **more})
    assert answer.status_code == 201
    return UUID(answer.json()["leave_id"])


async def test_public_holidays_come_back_as_they_were_given(scene: Scene) -> None:
    hours = {"tz": "America/New_York", "weekly": {"mon": [["09:00", "17:00"]]}, "holidays": ["2031-05-01"]}
    http = scene.therapist.http
    answer = await http.put("/v1/me/hours", json={**hours, "public_holidays": ["US", "US-NY"]})
    assert answer.status_code == 204
    assert (await http.get("/v1/me/hours")).json() == {**hours, "public_holidays": ["US", "US-NY"]}
    for wrong in (["XX"], "US", [7]):
        assert (await http.put("/v1/me/hours", json={**hours, "public_holidays": wrong})).status_code == 422


async def test_a_cover_is_asked_taken_and_seen_by_whom_it_concerns(
    scene: Scene, databases: "Databases"
) -> None:
    other, supervisor = scene.strangers[Role.THERAPIST], scene.strangers[Role.SUPERVISOR]
    leave_id = await take_leave(scene)
    async with databases.worker.transaction() as tx:
        await leave_steps.propose_cover(tx, leave_id)
    [offer] = (await other.http.get("/v1/covers")).json()["offers"]
    assert (offer["why"], offer["room_id"]) == ("leave", str(scene.room_id))
    assert (await other.http.get(f"{scene.path}/messages")).status_code == 404
    assert (await other.http.get(scene.path)).status_code == 200  # the header
    line = (await supervisor.http.get("/v1/leaves")).json()["items"][0]
    assert (line["gaps"], line["asked"], line["state"]) == (1, 1, "ahead")
    took = [await other.http.post(f"/v1/covers/{offer['offer_id']}/take") for _ in range(2)]
    assert [answer.status_code for answer in took] == [200, 200]
    assert took[0].json() == took[1].json()
    found = (await other.http.get("/v1/covers")).json()
    assert (found["offers"], found["items"][0]["state"]) == ([], "ahead")
    view = (await supervisor.http.get(f"/v1/leaves/{leave_id}")).json()
    assert (view["gaps"], view["items"][0]["covered"]) == (0, True)
    assert view["items"][0]["covers"][0]["therapist_id"] == str(other.account_id)


async def test_a_supervisor_arranges_and_the_therapist_changes_and_calls_off(
    scene: Scene, databases: "Databases"
) -> None:
    other, supervisor = scene.strangers[Role.THERAPIST], scene.strangers[Role.SUPERVISOR]
    leave_id = await take_leave(scene)
    body = {"room_id": str(scene.room_id), "therapist_id": str(other.account_id)}
    early = await supervisor.http.post(f"/v1/leaves/{leave_id}/covers", json=body)
    assert (early.status_code, early.json()["code"]) == (409, "not_checked_yet")
    async with databases.worker.transaction() as tx:
        await leave_steps.propose_cover(tx, leave_id)
    assert (await supervisor.http.post(f"/v1/leaves/{leave_id}/covers", json=body)).status_code == 201
    longer = {**SOON, "to": (NOW + timedelta(days=12)).isoformat()}
    assert (await scene.therapist.http.patch(f"/v1/leaves/{leave_id}", json=longer)).status_code == 204
    assert (await supervisor.http.get("/v1/leaves")).json()["items"][0]["gaps"] == 1
    assert (await other.http.delete(f"/v1/leaves/{leave_id}")).status_code == 404
    for _ in range(2):
        assert (await scene.therapist.http.delete(f"/v1/leaves/{leave_id}")).status_code == 204
    assert (await supervisor.http.get("/v1/leaves")).json()["items"] == []
    assert (await other.http.get("/v1/covers")).json() == {"offers": [], "items": [], "next_cursor": None}
    mine = (await scene.therapist.http.get("/v1/me/leave")).json()["items"]
    assert [each["state"] for each in mine] == ["cancelled"]
