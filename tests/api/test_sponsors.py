"""A sponsor from its first terms to what it may know, over the API."""

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from factories import actor
from people import Api, ClientAs
from steps import sign_everything, submit

from domain.access import Role
from records import clients, rosters

if TYPE_CHECKING:
    from conftest import Databases

FERRY = {
    "name": "Harbor Ferry Company",
    "kind": "employer",
    "code": "HARBOR-2025",
    "sessions_each": 8,
    "active_from": "2026-01-01",
    "needs_roster": True,
}


async def test_an_employee_comes_by_the_roster_and_pays_nothing(
    api: Api, client_as: ClientAs, databases: "Databases"
) -> None:
    admin, ana = await client_as(Role.ADMINISTRATOR), await client_as(Role.CLIENT)
    price = {"price": "65.00", "effective_from": "2020-01-01"}
    assert (await admin.http.put("/v1/self-pay-prices", json=price)).status_code == 204
    sponsor_id = (await admin.http.post("/v1/sponsors", json=FERRY)).json()["id"]
    unsound = {**FERRY, "code": "OTHER-2025", "needs_roster": False, "needs_authorisation": True}
    answer = await admin.http.post("/v1/sponsors", json=unsound)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "needs_a_roster")
    await submit(ana)
    await sign_everything(ana)
    for name in ("PHQ-9", "GAD-7"):
        answers = [0] * (9 if name == "PHQ-9" else 7)
        await ana.http.post(f"/v1/measures/{name}/responses", json={"answers": answers})
    given = {"kind": "sponsor", "sponsor_code": "harbor-2025"}
    refused = await ana.http.post("/v1/coverages", json=given)
    assert (refused.status_code, refused.json()["errors"]) == (
        422,
        [{"field": "sponsor_code", "code": "unknown_code"}],
    )

    path = f"/v1/sponsors/{sponsor_id}/rosters"
    wrong = await admin.http.post(path, content=b"name\nAna\n")
    assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (422, "columns_differ")
    me = await _named(api, ana.account_id)
    content = f"first_name,last_name,date_of_birth\n{me[0]},{me[1]},{me[2]}\nBen,,1990-01-01\n".encode()
    key = {"Idempotency-Key": "roster"}
    sent = [await admin.http.post(path, content=content, headers=key) for _ in range(2)]
    assert [each.status_code for each in sent] == [202, 202]
    roster_id = sent[0].json()["id"]
    assert sent[1].json()["id"] == roster_id
    waiting = (await admin.http.get(f"{path}/{roster_id}")).json()
    assert (waiting["state"], waiting["done"], waiting["total"]) == ("waiting", 0, 2)
    async with databases.worker.transaction() as tx:
        await rosters.work(tx, UUID(roster_id))
    done = (await admin.http.get(f"{path}/{roster_id}")).json()
    assert (done["state"], done["done"], done["taken"]) == ("done", 2, 1)
    assert done["refusals"] == [{"line": 3, "column": "last_name", "code": "required"}]

    answer = await ana.http.post("/v1/coverages", json=given)
    assert answer.status_code == 202, answer.text
    cover = f"/v1/coverages/{answer.json()['coverage_id']}"
    shown = (await ana.http.get(cover)).json()
    assert (shown["status"], shown["estimate"]["per_session"]["amount"]) == ("active", "0.00")
    left = (await ana.http.get(f"{cover}/credits")).json()
    assert (left["left"], [each["sessions"] for each in left["items"]]) == (8, [8])
    assert date.fromisoformat(left["items"][0]["valid_to"]) > datetime.now(UTC).date()

    told = await admin.http.get(f"/v1/sponsors/{sponsor_id}/utilisation")
    assert told.status_code == 200
    assert all(row["people"] is None for row in told.json()["rows"])
    table = await admin.http.get(f"/v1/sponsors/{sponsor_id}/utilisation?format=csv")
    assert table.headers["content-type"].startswith("text/csv")
    assert "fewer than 5" in table.text


async def _named(api: Api, client_id: UUID) -> tuple[str, str, date]:
    """First and last name and birth, as the client registered."""
    async with api.care.transaction(actor(Role.CLIENT, client_id)) as tx:
        who = await clients.profile(tx, client_id)
    first, *_, last = who.legal_name.split()
    return first, last, who.date_of_birth
