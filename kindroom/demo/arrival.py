"""Chapter one: from the first form to an open room."""

import secrets
from datetime import date

from kindroom.clinic.arrivals import SAFE
from kindroom.demo.house import DemoFailed, Json, until
from kindroom.demo.walk import Walk, dollars

PAYER = "premera"
_MEMBER_SUFFIX = "03"  # the payer sandbox: active, covered in full
_FIRST_PART = {
    "focus": ["anxiety", "sleep"],
    "state": "WA",
    "location": "At home in Seattle",
    "preferences": {"gender": "any", "language": "en", "modality": "any", "must": []},
    "availability": ["evenings", "nights"],
}
_SECOND_PART = {
    "address": {"line1": "500 Pine Street", "city": "Seattle", "state": "WA", "postal_code": "98101"},
    "phone": "+1 206 555 0142",
    "sex_on_file": "female",
    "prior_care": "",
    "medication": "",
    "emergency_contact": {"name": "A friend", "phone": "+1 206 555 0143"},
    "safety": SAFE,
}
_ANSWERS = {"PHQ-9": [1, 1, 2, 1, 0, 1, 1, 0, 0], "GAD-7": [2, 1, 1, 2, 1, 1, 0]}


async def arrive(walk: Walk) -> None:
    """Registration, intake, consents, measures, cover, match, offer, room. Raises DemoFailed."""
    walk.screen.chapter("Arriving")
    await _register(walk)
    await _intake(walk)
    await _consents(walk)
    await _measures(walk)
    await _cover(walk)
    await _candidates(walk)
    await _offer(walk)


async def _register(walk: Walk) -> None:
    with walk.screen.step("A new client registers and signs in") as step:
        door = walk.house.visitor("a new client")
        registration = {
            "email": walk.email,
            "password": walk.password,
            "legal_name": "Dana Whitmore",
            "date_of_birth": date(1991, 4, 17).isoformat(),
            "time_zone": "America/Los_Angeles",
        }
        await door.post("/v1/clients", registration, 202)
        walk.people["client"] = await walk.house.sign_in("the client", walk.email, walk.password)
        me = await walk.client.get("/v1/me")
        walk.client_id, walk.client_code = me["account_id"], me["display_name"]
        await _stage(walk, "intake")
        step.say(f"known to staff as {walk.client_code}, never by name")
        await walk.show(step, f"journey-{walk.client_id}")


async def _intake(walk: Walk) -> None:
    with walk.screen.step("Intake: a first part is saved, the rest added, all of it submitted") as step:
        await walk.client.put("/v1/intake", _FIRST_PART)
        saved = await walk.client.put("/v1/intake", _SECOND_PART)
        if saved["missing"]:
            raise DemoFailed(f"the intake should be complete; missing: {', '.join(saved['missing'])}")
        await walk.client.post("/v1/intake/submit", status=200)
        await _stage(walk, "consents")
        step.say(f"saved in {saved['version']} parts, sealed under the client's own key")


async def _consents(walk: Walk) -> None:
    with walk.screen.step("Consents are read and signed") as step:
        papers = (await walk.client.get("/v1/consents"))["items"]
        for paper in papers:
            signature = {
                "document": paper["document"],
                "version": paper["version"],
                "signature": "Dana Whitmore",
            }
            await walk.client.post("/v1/consents", signature)
            step.say(paper["title"])
        await _stage(walk, "screening")


async def _measures(walk: Walk) -> None:
    with walk.screen.step("PHQ-9 and GAD-7 are answered") as step:
        for name, answers in _ANSWERS.items():
            await walk.client.post(f"/v1/measures/{name}/responses", {"answers": answers})
        await _stage(walk, "coverage")
        step.say("scored at once; item 9 is looked at whatever the total says")


async def _cover(walk: Walk) -> None:
    with walk.screen.step("Insurance is given; the payer is asked by 270 and answers by 271") as step:
        card = {"kind": "insurance", "payer": PAYER, "member_id": _member_id(), "relationship": "self"}
        coverage_id = (await walk.client.post("/v1/coverages", card, 202))["coverage_id"]

        async def answered() -> Json | None:
            found = await walk.client.get(f"/v1/coverages/{coverage_id}")
            return found if found["status"] != "verifying" else None

        found = await until("an answer of the payer", answered, 60)
        if found["status"] != "active":
            raise DemoFailed(f"the cover should be active, not {found['status']}")
        step.say(found["reasons"][0] if found["reasons"] else "active")
        await walk.show(step, f"coverage-{coverage_id}-1")
    with walk.screen.step("The client sees what a session will cost") as step:
        estimate = found["estimate"]
        if estimate is None:
            raise DemoFailed("an active cover should come with an estimate")
        step.say(
            f"{dollars(estimate['per_session'])} a session, {dollars(estimate['per_month'])} a month"
            f" ({estimate['confidence']} confidence, as of {estimate['as_of']}); without insurance"
            f" {dollars(found['self_pay'])}"
        )


def _member_id() -> str:
    """Another card every time: a payer that has paid for these days once does not pay for them again."""
    return f"P{secrets.randbelow(10**9):09}{_MEMBER_SUFFIX}"


async def _candidates(walk: Walk) -> None:
    with walk.screen.step("Three therapists are proposed, each with reasons") as step:

        async def ranked() -> Json | None:
            found = await walk.client.get("/v1/matches")
            return found if found["candidates"] else None

        found = await until("candidates", ranked, 30)
        if len(found["candidates"]) != 3 or not all(each["reasons"] for each in found["candidates"]):
            raise DemoFailed("three candidates with reasons should be shown")
        for each in found["candidates"]:
            step.say(f"{each['name']}: {'; '.join(each['reasons'])}")
        await walk.show(step, f"match-{walk.client_id}-1")
    with walk.screen.step("The client chooses: first the one who works at any hour") as step:
        therapist = await walk.staff("therapist")
        walk.therapist_id = (await therapist.get("/v1/me"))["account_id"]
        others = [
            each["therapist_id"] for each in found["candidates"] if each["therapist_id"] != walk.therapist_id
        ]
        if len(others) != 2:
            raise DemoFailed(
                "the round-the-clock therapist of the demo accounts should be among the candidates"
            )
        await walk.client.post("/v1/matches/choice", {"therapist_ids": [walk.therapist_id, *others]}, 202)
        step.say("one live offer at a time; the others stay in reserve")


async def _offer(walk: Walk) -> None:
    with walk.screen.step("The therapist is asked, and accepts") as step:
        offer_id = await until("an offer to the therapist", lambda: _own_offer(walk), 30)
        await walk.therapist.post(f"/v1/offers/{offer_id}/accept", status=200)
        await _stage(walk, "in_care")
    with walk.screen.step("A private room opens, with a key of its own") as step:
        rooms = (await walk.client.get("/v1/rooms"))["items"]
        if len(rooms) != 1:
            raise DemoFailed("the client should have one room")
        walk.room_id = rooms[0]["room_id"]
        step.say(f"with {rooms[0]['therapist']['name']}, {rooms[0]['therapist']['credential']}")
        await walk.show(step, f"room-{walk.room_id}")


async def _own_offer(walk: Walk) -> str | None:
    """The offer that concerns this client: others of the clinic may be open at the same time."""
    offers = (await walk.therapist.get("/v1/offers"))["items"]
    return next((each["offer_id"] for each in offers if each["client_code"] == walk.client_code), None)


async def _stage(walk: Walk, expected: str) -> None:
    found = (await walk.client.get("/v1/journey"))["stage"]
    if found != expected:
        raise DemoFailed(f"the journey should stand at {expected}, not at {found}")
