"""What a client signs, takes back, and what stops with it."""

from datetime import date
from typing import Any
from uuid import uuid4

from people import Api, ClientAs, Person
from scenes import set_scene
from steps import phq9, ready, sign, sign_everything, stage_of, submit

from domain.access import Role
from records.payers import NewPayer, add_payer
from web.app import mount_pages


async def papers_of(person: Person) -> dict[str, dict[str, Any]]:
    """The documents by name."""
    items = (await person.http.get("/v1/consents")).json()["items"]
    return {paper["document"]: paper for paper in items}


async def withdraw(person: Person, document: str) -> dict[str, Any]:
    answer = await person.http.post(f"/v1/consents/{document}/withdraw")
    assert answer.status_code == 200, answer.text
    result: dict[str, Any] = answer.json()
    return result


async def code_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


async def test_papers_say_what_is_asked_here_and_what_would_stop(client_as: ClientAs) -> None:
    ana = await client_as(Role.CLIENT)
    await submit(ana)
    papers = await papers_of(ana)
    assert [name for name, paper in papers.items() if not paper["required"]] == ["part_2"]
    assert papers["telehealth"]["state"] == "CA"
    assert "2290.5" in papers["telehealth"]["citation"]
    assert papers["telehealth"]["citation"] in papers["telehealth"]["text"]
    assert papers["privacy_notice"]["state"] is None
    assert all(paper["withdrawal"]["stops"] and paper["withdrawal"]["goes_on"] for paper in papers.values())


async def test_part_2_is_left_to_the_client(client_as: ClientAs) -> None:
    ana = await client_as(Role.CLIENT)
    await submit(ana)
    for name, paper in (await papers_of(ana)).items():
        if paper["required"]:
            await sign(ana, name)
    assert await stage_of(ana) == "screening"
    assert (await sign(ana, "part_2")).status_code == 201
    assert (await withdraw(ana, "part_2"))["stops"][0]["code"] == "protected_claims"
    assert await stage_of(ana) == "screening"


async def test_a_withdrawn_consent_stops_what_it_allowed_until_it_is_signed_anew(client_as: ClientAs) -> None:
    ana = await ready(client_as)
    assert await code_of(await ana.http.post("/v1/consents/tattoo/withdraw")) == (422, "invalid")
    stopped = await withdraw(ana, "telehealth")
    assert {stop["code"] for stop in stopped["stops"]} == {"messages", "check_ins", "measures", "matching"}
    assert await code_of(await ana.http.post("/v1/consents/telehealth/withdraw")) == (409, "not_signed")
    paper = (await papers_of(ana))["telehealth"]
    assert paper["signed_at"] is None
    assert paper["withdrawn_at"] is not None
    assert await stage_of(ana) == "consents"
    answer = await ana.http.post("/v1/measures/PHQ-9/responses", json={"answers": [0] * 9})
    assert await code_of(answer) == (409, "consents_first")
    await sign(ana, "telehealth")
    assert await stage_of(ana) == "screening"
    assert (await phq9(ana, 0))["complete"] is True


async def test_without_the_release_a_payer_is_asked_nothing_and_self_pay_stays_open(
    api: Api, client_as: ClientAs
) -> None:
    ana = await ready(client_as)
    await phq9(ana, 0)
    await ana.http.post("/v1/measures/GAD-7/responses", json={"answers": [0] * 7})
    await withdraw(ana, "release_of_benefits")
    refused = await ana.http.post(
        "/v1/coverages", json={"kind": "insurance", "payer": "aetna", "member_id": "W123"}
    )
    assert await code_of(refused) == (409, "consents_first")
    assert await stage_of(ana) == "consents"
    paid = await ana.http.post("/v1/coverages", json={"kind": "self_pay"})
    assert paid.status_code == 202, paid.text
    assert await stage_of(ana) == "matching"
    await withdraw(ana, "financial_responsibility")
    assert await stage_of(ana) == "consents"
    async with api.worker.transaction() as tx:
        searches = await tx.all("SELECT status FROM matches")
    assert [row["status"] for row in searches] == ["withdrawn"]


async def test_in_care_the_clients_composer_closes_people_are_told_and_a_reply_still_comes(
    api: Api, client_as: ClientAs
) -> None:
    scene = await set_scene(api, client_as, strangers=False)
    ana, bo, sue = scene.client, scene.therapist, await client_as(Role.SUPERVISOR)
    room_id, here = scene.room_id, f"{scene.path}/messages"
    await submit(ana)
    await sign_everything(ana)
    asked = await ana.http.post(here, json={"kind": "text", "text": "Will this pass?"})
    assert asked.status_code == 201
    await withdraw(ana, "telehealth")
    assert await code_of(await ana.http.post(here, json={"kind": "text", "text": "Hello?"})) == (
        409,
        "consent_withdrawn",
    )
    async with api.worker.transaction() as tx:
        told = await tx.all("SELECT account_id FROM notices WHERE template = 'consent_withdrawn'")
        clocks = await tx.all("SELECT state FROM response_clocks WHERE room_id = %s", (room_id,))
    assert {row["account_id"] for row in told} == {bo.account_id, sue.account_id}
    assert {row["state"] for row in clocks} == {"running"}
    reply = await bo.http.post(
        here, json={"kind": "text", "text": "It can. Shall we find you someone to see in person near you?"}
    )
    assert reply.status_code == 201
    await sign(ana, "telehealth")
    assert (await ana.http.post(here, json={"kind": "text", "text": "Yes, please do."})).status_code == 201


async def test_who_travels_reads_what_to_sign_and_writes_on_while_replies_wait_for_it(
    api: Api, client_as: ClientAs
) -> None:
    scene = await set_scene(api, client_as, strangers=False)
    ana, bo = scene.client, scene.therapist
    room, here = f"/rooms/{scene.room_id}", f"{scene.path}/messages"
    await submit(ana)
    await sign_everything(ana)
    async with api.care.transaction() as tx:
        await tx.insert(
            "licences", id=uuid4(), therapist_id=bo.account_id, state="TX", kind="licence", number="1",
            active_from=date(2020, 1, 1), expires_on=date(2099, 1, 1),
        )  # fmt: skip
    assert (await ana.http.put("/v1/me/location", json={"state": "TX"})).status_code == 204
    asked = await ana.http.post(here, json={"kind": "text", "text": "Will this pass?"})
    assert asked.status_code == 201
    promise = (await ana.http.get(scene.path)).json()["promise"]
    assert (promise["state"], promise["consent_needed_in"]) == ("paused", "TX")
    mount_pages(api.app)
    mine, theirs = (await ana.http.get(room)).text, (await bo.http.get(room)).text
    assert "once you have agreed to care by messages there" in mine
    assert '<a href="/agreements">Read and sign</a>' in mine
    assert "composer closed" not in mine
    assert "has not agreed to care by messages there yet" in theirs
    assert "composer closed" in theirs
    refused = await bo.http.post(here, json={"kind": "text", "text": "It can."})
    assert await code_of(refused) == (409, "consent_needed")
    await sign(ana, "telehealth")
    assert (await ana.http.get(scene.path)).json()["promise"]["state"] != "paused"
    assert "composer closed" not in (await bo.http.get(room)).text
    assert (await bo.http.post(here, json={"kind": "text", "text": "It can."})).status_code == 201


async def test_who_is_insured_through_somebody_else_is_warned_and_may_keep_the_letters_to_themselves(
    api: Api, client_as: ClientAs
) -> None:
    ana = await ready(client_as)
    async with api.care.transaction() as tx:
        await add_payer(tx, NewPayer("acme", "Acme", "00999", "CI", 90))
    card = {"kind": "insurance", "payer": "acme", "member_id": "W123", "relationship": "child"}
    parent = {"subscriber": {"legal_name": "Luis Rivera", "date_of_birth": "1960-03-02"}}
    given = await ana.http.post("/v1/coverages", json={**card, **parent, "letters": "asked"})
    here = f"/v1/coverages/{given.json()['coverage_id']}"
    told = (await ana.http.get(here)).json()
    assert told["letters"] == "asked"
    assert "no claim" in told["warnings"][0]
    assert (await ana.http.put(f"{here}/letters", json={"letters": "agreed"})).status_code == 204
    assert (await ana.http.get(here)).json()["letters"] == "agreed"
    warned = await ana.http.post("/v1/coverages", json={**card, **parent})
    told = (await ana.http.get(f"/v1/coverages/{warned.json()['coverage_id']}")).json()
    assert told["letters"] == "subscriber"
    assert "go to that person" in told["warnings"][0]
    own = await ana.http.post("/v1/coverages", json={**card, "relationship": "self", "letters": "asked"})
    mine = f"/v1/coverages/{own.json()['coverage_id']}"
    told = (await ana.http.get(mine)).json()
    assert (told["letters"], told["warnings"]) == (None, [])
    assert await code_of(await ana.http.put(f"{mine}/letters", json={"letters": "asked"})) == (
        409,
        "letters_are_yours",
    )
