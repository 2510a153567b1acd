"""Back-tests over HTTP: tried by policy and by roster, in every form; they change nothing."""

import io
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4
from zipfile import ZipFile

import httpx
import pytest
from factories import Room
from people import ClientAs
from promises import promise, quiet_room

from domain.access import Role

if TYPE_CHECKING:
    from conftest import Databases

MONDAY = datetime(2026, 3, 2, 15, tzinfo=UTC)
MARCH = {"from": "2026-03-01", "to": "2026-03-31"}
HOUR = {"definition": {"kind": "working_minutes", "minutes": 60}}
PATH = "/v1/supervision/back-tests"


@pytest.fixture
async def supervisor(client_as: ClientAs) -> httpx.AsyncClient:
    """A supervisor's device."""
    return (await client_as(Role.SUPERVISOR)).http


@pytest.fixture
async def mei(databases: "Databases") -> Room:
    """A room with two answers in time and one late."""
    room = await quiet_room(databases.care, name="Mei Lin")
    async with databases.care.transaction() as tx:
        for hours in (1, 3):
            await promise(tx, room, MONDAY, after=timedelta(hours=hours))
        await promise(tx, room, MONDAY, state="late", after=timedelta(hours=9))
    return room


async def test_a_policy_is_tried_by_name_or_written_out(supervisor: httpx.AsyncClient, mei: Room) -> None:
    body = (await supervisor.post(PATH, json={**MARCH, "policy": HOUR})).json()
    assert (body["before"]["attainment"], body["after"]["attainment"]) == (2 / 3, 1 / 3)
    assert (body["newly_broken"], body["newly_kept"], body["items"]) == (1, 0, 3)
    assert (body["before"]["median_allowed"], body["after"]["median_allowed"]) == ("PT8H", "PT1H")
    assert body["policy"]["minutes"] == 60
    assert [line["therapist_id"] for line in body["therapists"]] == [str(mei.therapist.account_id)]
    assert "Answers arrive when they did" in body["assumptions"][0]
    named = (await supervisor.post(PATH, json={**MARCH, "policy": {"name": "first_response"}})).json()
    assert named["after"]["median_allowed"] == "PT4H"
    kind = (await supervisor.post(PATH, json={**MARCH, "policy": HOUR, "kind": "consult"})).json()
    assert (kind["items"], kind["headline"]) == (0, "Nothing was due in this period")


async def test_a_roster_is_tried(supervisor: httpx.AsyncClient, mei: Room) -> None:
    leave = [{"from": "2026-03-02T00:00:00Z", "to": "2026-03-03T15:00:00Z"}]
    tried = {"therapist_id": str(mei.therapist.account_id), "leave": leave}
    body = (await supervisor.post(PATH, json={**MARCH, "roster": [tried]})).json()
    assert (body["newly_kept"], body["difference"]) == (1, pytest.approx(1 / 3))
    hours = {"tz": "America/New_York", "weekly": {"tue": [["09:00", "17:00"]]}}
    body = (
        await supervisor.post(PATH, json={**MARCH, "roster": [{**tried, "leave": [], "hours": hours}]})
    ).json()
    assert body["after"]["median_allowed"] == "PT31H"


async def test_every_form_is_a_file_of_the_same_trial(supervisor: httpx.AsyncClient, mei: Room) -> None:
    asked = {**MARCH, "policy": HOUR}
    told = {
        form: await supervisor.post(PATH, params={"format": form}, json=asked)
        for form in ("csv", "html", "xlsx")
    }
    assert "Mei Lin,3,66.7%,33.3%,-33.3,0,1,1,2,3,3,8:00,1:00" in told["csv"].text
    assert "66.7% on time as it was, 33.3% as tried" in told["html"].text
    with ZipFile(io.BytesIO(told["xlsx"].content)) as parts:
        assert parts.testzip() is None
        assert "<f>" not in parts.read("xl/worksheets/sheet1.xml").decode()


async def test_what_cannot_be_tried_is_refused_by_its_field(supervisor: httpx.AsyncClient, mei: Room) -> None:
    who = str(mei.therapist.account_id)
    backwards = {"from": "2026-03-03T00:00:00Z", "to": "2026-03-02T00:00:00Z"}
    refused: dict[str, dict[str, Any]] = {
        "policy": {"policy": {}},
        "policy.name": {"policy": {"name": "nothing"}},
        "policy.definition.minutes": {"policy": {"definition": {"kind": "working_minutes", "minutes": -1}}},
        "from": {**MARCH, "from": "2027-01-01", "policy": HOUR},
        "roster.0.therapist_id": {"roster": [{"therapist_id": str(uuid4())}]},
        "roster.1.therapist_id": {"roster": [{"therapist_id": who}, {"therapist_id": who}]},
        "roster.0.hours.tz": {"roster": [{"therapist_id": who, "hours": {"tz": "Mars", "weekly": {}}}]},
        "roster.0.leave.0.to": {"roster": [{"therapist_id": who, "leave": [backwards]}]},
    }
    for field, body in refused.items():
        answer = await supervisor.post(PATH, json={**MARCH, **body})
        assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (422, [field])
    assert (await supervisor.post(PATH, json=MARCH)).status_code == 422


async def test_a_trial_is_on_record_and_changes_nothing(
    supervisor: httpx.AsyncClient, mei: Room, databases: "Databases"
) -> None:
    async def clocks() -> list[dict[str, Any]]:
        async with databases.worker.transaction() as tx:
            return await tx.all("SELECT * FROM response_clocks ORDER BY id")

    before = await clocks()
    await supervisor.post(PATH, json={**MARCH, "policy": HOUR})
    assert await clocks() == before
    async with databases.worker.transaction() as tx:
        assert await tx.one("SELECT 1 AS there FROM audit_events WHERE action = 'run_back_test'")
