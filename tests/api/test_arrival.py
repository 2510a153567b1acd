"""From a card to an open room through the API; what is due is done by the worker's activities, run by hand."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID, uuid4

import pytest
from arrivals import PRACTICE
from people import Api, ClientAs, Person
from steps import phq9, ready, stage_of
from temporalio.testing import ActivityEnvironment

from activities.coverages import CoverageActivities
from activities.matches import MatchActivities
from activities.shapes.coverages import AskPayer
from activities.shapes.matches import MoveMatch
from domain.access import Role
from integrations.clearinghouse.fake import FakeClearingHouse
from records.practice import set_practice
from x12.ts270 import read_270

SAMPLES = Path(__file__).parents[1] / "samples" / "x12"
CONTRACT = {
    "modality": "async",
    "code": "98972",
    "charge": "75.00",
    "allowed": "45.00",
    "place_of_service": "11",
    "effective_from": "2020-01-01",
    "minutes_from": 21,
}
CIGNA = {
    "code": "cigna",
    "name": "Cigna",
    "payer_number": "62308",
    "usual_cost": "25.00",
    "contracts": [CONTRACT],
}
CARD = {"kind": "insurance", "payer": "cigna", "member_id": "U1234567801"}


class Payer(FakeClearingHouse):
    """Answers every question, under its own trace, with the sample of an active plan or of an unknown member."""

    refuses_production: ClassVar[bool] = True

    def __init__(self) -> None:
        super().__init__(b"", b"")
        self.sample = "271_active_mh.x12"

    async def check(self, x12_270: bytes) -> bytes:
        await super().check(x12_270)
        trace = read_270(x12_270)[0].traces[0]
        text = (SAMPLES / self.sample).read_text().replace("\r", "")
        rows = [row for row in text.split("\n") if row]
        carved = next((n for n, row in enumerate(rows) if row.startswith("EB*U*")), None)
        if carved is not None:
            end = next(n for n, row in enumerate(rows) if n > carved and row.startswith("LE*"))
            del rows[carved : end + 1]
        start = next(n for n, row in enumerate(rows) if row.startswith("ST*"))
        for n, row in enumerate(rows):
            if row.startswith("TRN*2*"):
                rows[n] = f"TRN*2*{trace.number}*{trace.originator}~"
            if row.startswith("SE*"):
                rows[n] = f"SE*{n - start + 1}*{row.split('*')[2]}"
        return "\n".join(rows).encode()


async def open_clinic(api: Api, client_as: ClientAs) -> Person:
    """The administrator enters who bills, one payer, a price and a sponsor."""
    admin = await client_as(Role.ADMINISTRATOR)
    async with api.care.transaction() as tx:
        await set_practice(tx, PRACTICE)
    assert (await admin.http.post("/v1/payers", json=CIGNA)).status_code == 201
    price = {"price": "65.00", "effective_from": "2020-01-01"}
    assert (await admin.http.put("/v1/self-pay-prices", json=price)).status_code == 204
    return admin


async def verify(api: Api, house: Payer, coverage_id: str, n: int = 1, attempt: int = 1) -> None:
    activities = CoverageActivities(api.worker, house)
    await ActivityEnvironment().run(activities.ask_payer, AskPayer(UUID(coverage_id), n, attempt))


async def measured(client_as: ClientAs) -> Person:
    ana = await ready(client_as)
    await phq9(ana, 0)
    answers = {"answers": [1] * 7}
    assert (await ana.http.post("/v1/measures/GAD-7/responses", json=answers)).status_code == 201
    return ana


async def give(person: Person, **card: Any) -> str:
    answer = await person.http.post("/v1/coverages", json=card or CARD)
    assert answer.status_code == 202, answer.text
    coverage_id: str = answer.json()["coverage_id"]
    return coverage_id


async def listed_therapist(api: Api, client_as: ClientAs) -> Person:
    therapist = await client_as(Role.THERAPIST)
    async with api.care.transaction() as tx:
        await tx.run(
            "INSERT INTO payer_credentials (therapist_id, payer_id, active_from)"
            " SELECT %s, id, '2020-01-01' FROM payers",
            (therapist.account_id,),
        )
    return therapist


async def test_a_card_becomes_an_estimate_candidates_an_offer_and_a_room(
    api: Api, client_as: ClientAs
) -> None:
    await open_clinic(api, client_as)
    therapist = await listed_therapist(api, client_as)
    ana = await measured(client_as)
    coverage_id = await give(ana)
    asking = (await ana.http.get(f"/v1/coverages/{coverage_id}")).json()
    assert (asking["status"], asking["owner"], asking["estimate"]) == ("verifying", "payer", None)
    await verify(api, Payer(), coverage_id)
    told = (await ana.http.get(f"/v1/coverages/{coverage_id}")).json()
    assert told["status"] == "active"
    assert told["estimate"]["per_session"] == {"amount": "25.00", "currency": "USD"}
    assert told["self_pay"]["amount"] == "65.00"
    assert told["estimate"]["basis"]
    services = (await ana.http.get(f"/v1/coverages/{coverage_id}/services")).json()["items"]
    said = {s["service"]: (s["answer"], s["rule"]) for s in services}
    assert said["messaging"] == ("needs_authorisation", "plan_wants_authorisation")
    assert said["psychiatric_emergency"][0] == "redirect"
    assert await stage_of(ana) == "matching"

    looking = (await ana.http.get("/v1/matches")).json()
    assert (looking["status"], looking["candidates"]) == ("ranking", [])
    activities, move = MatchActivities(api.worker), MoveMatch(UUID(looking["match_id"]))
    await activities.rank_candidates(move)
    shown = (await ana.http.get("/v1/matches")).json()
    assert shown["candidates"][0]["therapist_id"] == str(therapist.account_id)
    assert shown["candidates"][0]["reasons"]
    choice = {"therapist_ids": [str(therapist.account_id)]}
    key = {"Idempotency-Key": "choose"}
    chosen = [await ana.http.post("/v1/matches/choice", json=choice, headers=key) for _ in range(2)]
    assert [answer.status_code for answer in chosen] == [202, 202]
    await activities.offer_next(move)
    waiting = (await ana.http.get("/v1/matches")).json()
    assert waiting["offer"]["expires_at"] == waiting["next_by"]
    assert "has been asked" in waiting["next"]
    assert (await ana.http.get("/v1/journey")).json()["due_at"] == waiting["next_by"]

    offer = (await therapist.http.get("/v1/offers")).json()["items"][0]
    assert offer["reasons"][0] == "Works with anxiety"
    assert (offer["payer"], offer["state"]) == ("Cigna", "CA")
    accepted = [await therapist.http.post(f"/v1/offers/{offer['offer_id']}/accept") for _ in range(2)]
    assert [answer.status_code for answer in accepted] == [200, 200]
    assert accepted[0].json() == accepted[1].json()
    assert await stage_of(ana) == "in_care"
    found = (await ana.http.get("/v1/rooms")).json()["items"]
    assert [room["room_id"] for room in found] == [accepted[0].json()["room_id"]]


async def test_a_refused_acceptance_is_a_409_and_the_search_has_gone_on(
    api: Api, client_as: ClientAs
) -> None:
    await open_clinic(api, client_as)
    therapist = await listed_therapist(api, client_as)
    ana = await measured(client_as)
    await give(ana, kind="self_pay")
    activities = MatchActivities(api.worker)
    move = MoveMatch(UUID((await ana.http.get("/v1/matches")).json()["match_id"]))
    await activities.rank_candidates(move)
    choice = {"therapist_ids": [str(therapist.account_id)]}
    assert (await ana.http.post("/v1/matches/choice", json=choice)).status_code == 202
    await activities.offer_next(move)
    async with api.care.transaction() as tx:
        await tx.run("UPDATE therapists SET capacity = active_rooms")
    offer = (await therapist.http.get("/v1/offers")).json()
    assert offer["places"] == 0
    path = f"/v1/offers/{offer['items'][0]['offer_id']}/accept"
    refused = [await therapist.http.post(path) for _ in range(2)]
    assert [(r.status_code, r.json()["code"]) for r in refused] == [
        (409, "no_capacity"),
        (409, "offer_withdrawn"),
    ]
    found = (await ana.http.get("/v1/matches")).json()
    assert (found["status"], found["offer"], found["missed"][0]["outcome"]) == ("offering", None, "withdrawn")


async def test_wrong_details_are_the_clients_task_and_a_correction_asks_once_more(
    api: Api, client_as: ClientAs
) -> None:
    await open_clinic(api, client_as)
    ana, bea = await measured(client_as), await client_as(Role.BILLING)
    coverage_id = await give(ana)
    house = Payer()
    house.sample = "271_aaa75.x12"
    await verify(api, house, coverage_id)
    told = (await ana.http.get(f"/v1/coverages/{coverage_id}")).json()
    assert (told["status"], told["owner"], told["task"]) == ("needs_information", "client", "member_id")
    assert told["reasons"] == [
        "Your plan did not find this member number. Please compare it with your card, letters included."
    ]
    work = (await bea.http.get("/v1/eligibility-worklist")).json()["items"]
    assert [(row["coverage_id"], row["owner"], row["questions"]) for row in work] == [
        (coverage_id, "client", 1)
    ]
    assert (work[0]["work"], work[0]["touched"]) == ("client_details", None)
    assert "correct it" in work[0]["next_step"]
    assert (await bea.http.get("/v1/eligibility-worklist?work=enrolment")).json()["items"] == []
    (asked,) = (await bea.http.get(f"/v1/coverages/{coverage_id}/questions")).json()["items"]
    assert (asked["service_type"], asked["outcome"], asked["reason"]) == ("MH", "needs_information", "aaa_75")
    assert (await ana.http.get(f"/v1/coverages/{coverage_id}/questions")).status_code == 403
    together = "/v1/eligibility-worklist/ask-again"
    assert (await bea.http.post(together, json={"work": "client_details"})).status_code == 422
    assert (await bea.http.post(together, json={"work": "enrolment"})).json() == {"asked": 0}
    path = f"/v1/coverages/{coverage_id}/resolve"
    assert (await ana.http.post(path, json={"decision": "active"})).status_code == 403
    assert (await ana.http.post(path, json={"member_id": "U1234567802"})).status_code == 202
    assert (await ana.http.post(path, json={"member_id": "U1234567802"})).json()["code"] == "still_asking"
    house.sample = "271_active_mh.x12"
    await verify(api, house, coverage_id, n=1)
    assert len(house.asked) == 1
    await verify(api, house, coverage_id, n=2)
    assert b"U1234567802" in house.asked[1]
    told = (await ana.http.get(f"/v1/coverages/{coverage_id}")).json()
    assert (told["status"], told["verification"]) == ("active", 2)
    async with api.worker.transaction() as tx:
        notes = await tx.all("SELECT payload FROM outbox WHERE kind = 'coverage_asked' ORDER BY id")
    assert [note["payload"]["n"] for note in notes] == [1, 2]


async def test_the_office_enters_what_a_payer_said_and_the_search_begins(
    api: Api, client_as: ClientAs
) -> None:
    await open_clinic(api, client_as)
    ana, bea = await measured(client_as), await client_as(Role.BILLING)
    coverage_id = await give(ana)
    read = await bea.http.get(f"/v1/coverages/{coverage_id}")
    assert (read.status_code, read.json()["status"]) == (200, "verifying")
    path = f"/v1/coverages/{coverage_id}/resolve"
    assert (await bea.http.post(path, json={})).json()["code"] == "still_asking"
    assert (await bea.http.post(path, json={"decision": "active"})).status_code == 202
    assert await stage_of(ana) == "matching"
    assert (await ana.http.get("/v1/matches")).json()["status"] == "ranking"
    assert (await bea.http.post(path, json={"decision": "active"})).json()["code"] == "coverage_active"
    assert (await bea.http.get("/v1/eligibility-worklist")).json()["items"] == []


async def test_paying_oneself_and_a_sponsors_code_are_in_force_at_once(api: Api, client_as: ClientAs) -> None:
    admin = await open_clinic(api, client_as)
    sponsor = {
        "name": "Harbor Ferry",
        "kind": "employer",
        "code": "HARBOR-2025",
        "sessions_each": 8,
        "active_from": "2020-01-01",
    }
    assert (await admin.http.post("/v1/sponsors", json=sponsor)).status_code == 201
    ana = await measured(client_as)
    wrong = await ana.http.post("/v1/coverages", json={"kind": "sponsor", "sponsor_code": "NOT-THIS"})
    assert (wrong.status_code, wrong.json()["errors"]) == (
        422,
        [{"field": "sponsor_code", "code": "unknown_code"}],
    )
    paying = await give(ana, kind="self_pay")
    told = (await ana.http.get(f"/v1/coverages/{paying}")).json()
    assert (told["status"], told["estimate"]["per_session"]["amount"]) == ("active", "65.00")
    free = await give(ana, kind="sponsor", sponsor_code="harbor-2025 ")
    listed = (await ana.http.get("/v1/coverages")).json()["items"]
    assert [(each["coverage_id"], each["estimate"]["per_session"]["amount"]) for each in listed] == [
        (free, "0.00")
    ]


async def test_cover_is_refused_before_the_consents(api: Api, client_as: ClientAs) -> None:
    await open_clinic(api, client_as)
    ana = await client_as(Role.CLIENT)
    answer = await ana.http.post("/v1/coverages", json=CARD)
    assert (answer.status_code, answer.json()["code"]) == (409, "consents_first")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"payer": None}, "payer"),
        ({"member_id": None}, "member_id"),
        ({"relationship": "child"}, "subscriber"),
    ],
)
async def test_what_a_card_lacks_is_named_and_nothing_is_kept(
    api: Api, client_as: ClientAs, change: dict[str, Any], field: str
) -> None:
    await open_clinic(api, client_as)
    ana = await measured(client_as)
    answer = await ana.http.post("/v1/coverages", json={**CARD, **change})
    assert (answer.status_code, answer.json()["errors"]) == (422, [{"field": field, "code": "required"}])
    assert (await ana.http.get("/v1/coverages")).json()["items"] == []


async def test_five_repeats_of_a_card_are_one_cover(api: Api, client_as: ClientAs) -> None:
    await open_clinic(api, client_as)
    ana = await measured(client_as)
    key = {"Idempotency-Key": "card"}
    answers = [await ana.http.post("/v1/coverages", json=CARD, headers=key) for _ in range(5)]
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["coverage_id"] for answer in answers}) == 1


async def test_anyone_sees_what_a_payer_covers_with_our_price_beside_it(
    api: Api, client_as: ClientAs
) -> None:
    await open_clinic(api, client_as)
    listed = (await api.http.get("/v1/public/payers")).json()["items"]
    assert [(p["code"], p["usual_cost"]["amount"], p["self_pay"]["amount"]) for p in listed] == [
        ("cigna", "25.00", "65.00")
    ]
    page = (await api.http.get("/v1/public/payers/cigna")).json()
    assert {s["service"]: s["answer"] for s in page["services"]} == {
        "messaging": "covered",
        "live_video": "not",
        "live_audio": "not",
        "psychiatric_emergency": "redirect",
    }
    by_id = await api.http.get(f"/v1/public/payers/{page['payer_id']}")
    assert by_id.json() == page
    assert (await api.http.get("/v1/public/payers/nobody")).status_code == 404


async def test_a_payer_added_by_an_administrator_is_offered_at_intake(api: Api, client_as: ClientAs) -> None:
    admin = await open_clinic(api, client_as)
    ana = await client_as(Role.CLIENT)
    new = {**CIGNA, "code": "new_plan", "name": "A New Plan", "payer_number": "99999"}
    assert (await admin.http.post("/v1/payers", json=new)).status_code == 201
    assert (await admin.http.post("/v1/payers", json=new)).json()["code"] == "payer_known"
    assert [p["code"] for p in (await ana.http.get("/v1/payers")).json()["items"]] == ["new_plan", "cigna"]


async def test_how_a_payer_is_asked_and_when_its_year_begins_is_said_of_it(
    api: Api, client_as: ClientAs
) -> None:
    admin = await open_clinic(api, client_as)
    payer_id = (await admin.http.get("/v1/payers")).json()["items"][0]["payer_id"]
    path = f"/v1/payers/{payer_id}/versions"
    said = {name: CIGNA[name] for name in ("name", "payer_number", "usual_cost")}
    said |= {"effective_from": f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%d}"}
    habits = {"service_types_per_request": 3, "plan_year_from": "08-16"}
    for field, wrong in (("plan_year_from", "02-29"), ("service_types_per_request", 4)):
        refused = await admin.http.post(path, json={**said, **habits, field: wrong})
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["field"] == field
    assert (await admin.http.post(path, json={**said, **habits})).status_code == 204
    to_come, today = (await admin.http.get(path)).json()["items"]
    assert {name: to_come[name] for name in habits} == habits
    assert (today["service_types_per_request"], today["plan_year_from"]) == (1, "01-01")


async def test_a_code_of_live_sessions_is_refused_for_messages(api: Api, client_as: ClientAs) -> None:
    admin = await open_clinic(api, client_as)
    payer_id = (await admin.http.get("/v1/payers")).json()["items"][0]["payer_id"]
    body = {**CONTRACT, "code": "90834"}
    answer = await admin.http.post(f"/v1/payers/{payer_id}/contracts", json=body)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "live_only_code")


async def test_the_desk_shows_why_and_places_by_hand(api: Api, client_as: ClientAs) -> None:
    await open_clinic(api, client_as)
    supervisor = await client_as(Role.SUPERVISOR)
    therapist = await listed_therapist(api, client_as)
    async with api.care.transaction() as tx:
        await tx.run("UPDATE therapists SET accepting = false")
    ana = await measured(client_as)
    await give(ana, kind="self_pay")
    match_id = (await ana.http.get("/v1/matches")).json()["match_id"]
    await MatchActivities(api.worker).rank_candidates(MoveMatch(UUID(match_id)))
    assert (await ana.http.get("/v1/matches")).json()["status"] == "human"
    waiting = (await supervisor.http.get("/v1/match-desk")).json()["items"]
    assert [(row["match_id"], row["status"], row["rejected"]) for row in waiting] == [(match_id, "human", 1)]
    desk = (await supervisor.http.get(f"/v1/match-desk/{match_id}")).json()
    assert desk["rejected"][0]["reasons"] == ["takes no new clients now"]
    path, body = f"/v1/match-desk/{match_id}/place", {"therapist_id": str(therapist.account_id)}
    assert (await supervisor.http.post(path, json=body)).json()["code"] == "not_accepting"
    async with api.care.transaction() as tx:
        await tx.run("UPDATE therapists SET accepting = true")
    placed = await supervisor.http.post(path, json=body)
    assert placed.status_code == 201, placed.text
    assert await stage_of(ana) == "in_care"
    assert (await supervisor.http.post(path, json=body)).json()["code"] == "already_matched"


async def test_another_client_finds_nothing(api: Api, client_as: ClientAs) -> None:
    await open_clinic(api, client_as)
    ana, ben = await measured(client_as), await client_as(Role.CLIENT)
    coverage_id = await give(ana)
    for path in (f"/v1/coverages/{coverage_id}", f"/v1/coverages/{coverage_id}/services"):
        assert (await ben.http.get(path)).status_code == 404
    assert (await ben.http.post(f"/v1/coverages/{coverage_id}/resolve", json={})).status_code == 404
    for path in (f"/v1/coverages/{uuid4()}", f"/v1/match-desk/{uuid4()}"):
        assert (await ben.http.get(path)).status_code == 404
