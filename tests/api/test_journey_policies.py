"""Due times and ladders of the way into care: set over the API or by the page, never so that somebody is forgotten."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from factories import therapist
from people import Api, ClientAs
from waits import waiting_client

from activities.journeys import JourneyActivities
from domain.access import Role
from domain.stages import POLICIES as POLICIES_BUILT_IN
from domain.stages import Wait
from records import stage_policies
from web.app import mount_pages

if TYPE_CHECKING:
    from conftest import Databases

POLICIES = "/v1/journey-policies"
PAGE = "/journey-policies/intake"


async def test_a_new_ladder_holds_at_once_for_whoever_waits(
    api: Api, client_as: ClientAs, databases: "Databases"
) -> None:
    mount_pages(api.app)
    since = datetime.now(UTC) - timedelta(hours=5)
    async with databases.care.transaction(at=since) as tx:
        asked = await therapist(tx)
    client_id = await waiting_client(databases.care, Wait.INTAKE, asked, since)
    supervisor = await client_as(Role.SUPERVISOR)
    sweep = JourneyActivities(databases.worker)
    assert await sweep.climb_missed_ladders() == 0

    forgetful = {"due_seconds": 3600, "ladder": [{"after_seconds": 60, "whom": "client"}]}
    refused = await supervisor.http.put(f"{POLICIES}/intake", json=forgetful)
    assert (refused.status_code, refused.json()["errors"]) == (
        422,
        [{"field": "ladder", "code": "nobody_of_ours"}],
    )
    ladder = [{"after_seconds": 60, "whom": "client"}, {"after_seconds": 7200, "whom": "supervisor"}]
    set_ = await supervisor.http.put(f"{POLICIES}/intake", json={"due_seconds": 3600, "ladder": ladder})
    assert set_.status_code == 204

    found = {item["wait"]: item for item in (await supervisor.http.get(POLICIES)).json()["items"]}
    assert set(found) == set(Wait) - {Wait.NOTHING}
    assert (found["intake"]["due_seconds"], found["intake"]["ladder"]) == (3600, ladder)
    assert [name for name, item in found.items() if not item["built_in"]] == ["intake"]
    assert await sweep.climb_missed_ladders() == 1
    (row,) = (await supervisor.http.get("/v1/stuck-journeys")).json()["items"]
    assert (row["client_id"], row["late"], row["next_rung"]) == (str(client_id), True, None)
    assert datetime.fromisoformat(row["due_at"]) == since + timedelta(hours=1)
    assert [told["whom"] for told in row["told"]] == ["client", "supervisor"]

    supervisor.http.cookies.set("kindroom_csrf", "t")
    shown = await supervisor.http.get(PAGE)
    assert shown.status_code == 200
    form = {"csrf_token": "t", "due_seconds": "24", "after_1": "1.5", "whom_1": "client"}
    wrong = await supervisor.http.post(PAGE, data=form)
    assert wrong.status_code == 422
    assert 'value="1.5"' in wrong.text
    right = await supervisor.http.post(PAGE, data={**form, "after_2": "48", "whom_2": "matcher"})
    assert right.headers["location"] == f"{PAGE}?said=saved"
    listed = await supervisor.http.get("/journey-policies")
    assert "2 days: Matching team" in listed.text


async def test_a_timing_of_later_waits_for_its_time_and_all_that_was_said_stays_readable(
    api: Api, client_as: ClientAs, databases: "Databases"
) -> None:
    mount_pages(api.app)
    now = datetime.now(UTC)
    async with databases.care.transaction(at=now) as tx:
        asked = await therapist(tx)
    client_id = await waiting_client(databases.care, Wait.INTAKE, asked, now)
    supervisor = await client_as(Role.SUPERVISOR)
    ladder = [{"after_seconds": 7200, "whom": "supervisor"}]
    tomorrow = now + timedelta(days=1)
    for hours in (3, 5):  # the second takes the first back
        body = {"due_seconds": hours * 3600, "ladder": ladder, "effective_from": tomorrow.isoformat()}
        assert (await supervisor.http.put(f"{POLICIES}/intake", json=body)).status_code == 204
    body["effective_from"] = (now - timedelta(hours=1)).isoformat()
    assert (await supervisor.http.put(f"{POLICIES}/intake", json=body)).status_code == 422

    found = (await supervisor.http.get(f"{POLICIES}/intake")).json()
    assert found["built_in"]
    assert [(each["due_seconds"], each["superseded_at"] is None) for each in found["versions"]] == [
        (18_000, True),
        (10_800, False),
    ]
    assert all(each["entered_by"] and each["applied_at"] is None for each in found["versions"])
    page = (await supervisor.http.get(PAGE)).text
    assert page.index("To come") < page.index("Taken back")

    came = []
    for days in (0, 1, 2):
        async with databases.worker.transaction(at=now + timedelta(days=days, minutes=1)) as tx:
            came.append(await stage_policies.apply_due(tx))
            row = await tx.one("SELECT due_at - wait_since AS due FROM clients WHERE id = %s", (client_id,))
        assert row == {"due": timedelta(hours=5) if days else POLICIES_BUILT_IN[Wait.INTAKE].due}
    assert came == [0, 1, 0]
