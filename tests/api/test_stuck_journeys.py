"""The list of those who wait on the way into care: over the API, and as a page whose filters stand in its address."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from factories import therapist
from people import Api, ClientAs
from waits import waiting_client

from domain.access import Duty, Role
from domain.stages import Wait
from web.app import mount_pages

if TYPE_CHECKING:
    from conftest import Databases

LONG_AGO = datetime.now(UTC) - timedelta(days=4)
LIST = "/v1/stuck-journeys"
PAGE = "/board/journeys"


async def test_a_matcher_finds_who_waits_takes_one_on_and_reminds(
    api: Api, client_as: ClientAs, databases: "Databases"
) -> None:
    mount_pages(api.app)
    async with databases.care.transaction(at=LONG_AGO) as tx:
        asked = await therapist(tx)
    waits = (Wait.INTAKE, Wait.COVERAGE_REVIEW, Wait.HUMAN_MATCH, Wait.RESUMING)
    clients = {wait: str(await waiting_client(databases.care, wait, asked, LONG_AGO)) for wait in waits}
    matcher = await client_as(Role.THERAPIST, duties=frozenset({Duty.MATCHER}))
    stranger = await client_as(Role.THERAPIST)

    found = (await matcher.http.get(LIST)).json()
    assert {item["client_id"] for item in found["items"]} == {
        clients[wait] for wait in waits if wait is not Wait.RESUMING
    }
    assert found["owners"] == {"client": 1, "billing": 1, "matcher": 1}
    paged = (await matcher.http.get(LIST, params={"state": "all", "limit": 3})).json()
    rest = (await matcher.http.get(LIST, params={"state": "all", "cursor": paged["next_cursor"]})).json()
    assert [item["client_id"] for item in rest["items"]] == [clients[Wait.RESUMING]]
    assert rest["next_cursor"] is None
    one = (await matcher.http.get(LIST, params={"owner": "matcher", "stage": "matching"})).json()["items"]
    assert [(item["wait"], item["owner"], item["late"]) for item in one] == [("human_match", "matcher", True)]
    assert one[0]["why"]
    assert one[0]["next_rung"]["whom"] == "matcher"
    for wrong in ({"cursor": "bm8"}, {"owner": "everybody"}, {"state": "late"}):
        assert (await matcher.http.get(LIST, params=wrong)).status_code == 422

    there = f"{LIST}/{clients[Wait.HUMAN_MATCH]}"
    assert (await stranger.http.get(LIST)).status_code == 403
    assert (await stranger.http.post(f"{there}/take")).status_code == 404
    assert (await matcher.http.post(f"{there}/take")).status_code == 204
    mine = (await matcher.http.get(LIST, params={"taken": "mine"})).json()["items"]
    assert [(item["client_id"], item["mine"]) for item in mine] == [(clients[Wait.HUMAN_MATCH], True)]

    matcher.http.cookies.set("kindroom_csrf", "t")
    address = f"{PAGE}?owner=client&stage=&taken="
    shown = await matcher.http.get(address)
    assert shown.status_code == 200
    assert f"journey-{clients[Wait.INTAKE]}" in shown.text
    assert f"journey-{clients[Wait.HUMAN_MATCH]}" not in shown.text
    form = {"csrf_token": "t", "next": f"{PAGE}?owner=client"}
    for said in ("journey_reminded", "journey_reminded_today"):
        sent = await matcher.http.post(f"{PAGE}/{clients[Wait.INTAKE]}/remind", data=form)
        assert sent.status_code == 303
        assert sent.headers["location"] == f"{PAGE}?owner=client&said={said}"
    async with databases.worker.transaction() as tx:
        told = await tx.all("SELECT account_id FROM notices WHERE template = 'step_waiting'")
    assert [str(row["account_id"]) for row in told] == [clients[Wait.INTAKE]]
