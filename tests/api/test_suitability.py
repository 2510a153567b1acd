"""Whom messages alone do not suit: the way in stops, a clinician decides, the client reads why in plain words."""

from factories import actor
from people import Api, ClientAs
from steps import INTAKE, sign_everything, submit

from domain.access import Action, Duty, Role
from records import measures
from records.relations import writable_chart
from web.app import mount_pages

RECENT = {**INTAKE["safety"], "withdrawal": True}
LETTER = "Please turn to the clinic on 5th Street; they expect you tomorrow."


async def test_a_clinician_decides_and_the_way_in_goes_on(api: Api, client_as: ClientAs) -> None:
    matcher = await client_as(Role.THERAPIST, duties=frozenset({Duty.MATCHER}))
    therapist = await client_as(Role.THERAPIST)
    ana = await client_as(Role.CLIENT)
    await submit(ana, safety={**INTAKE["safety"], "private_channel": False})
    journey = (await ana.http.get("/v1/journey")).json()
    assert (journey["wait"], journey["waiting_on"]) == ("suitability", "matcher")
    found = (await ana.http.get("/v1/me/suitability")).json()
    assert (found["suitability"], found["decided"]) == ("live", False)
    assert "read along" in found["reasons"][0]

    assert (await therapist.http.get("/v1/suitability")).status_code == 403
    (row,) = (await matcher.http.get("/v1/suitability")).json()["items"]
    assert [rule["code"] for rule in row["rules"]] == ["no_private_channel"]
    where = f"/v1/clients/{ana.account_id}/suitability"
    decision = {"suitability": "messaging", "rationale": "Has a room of her own since Monday."}
    assert (await therapist.http.post(where, json=decision)).status_code == 404
    empty = await matcher.http.post(where, json={**decision, "rationale": " "})
    assert (empty.status_code, empty.json()["errors"][0]["field"]) == (422, "rationale")
    assert (await matcher.http.post(where, json=decision)).status_code == 204
    again = await matcher.http.post(where, json=decision)
    assert (again.status_code, again.json()["code"]) == (409, "nothing_to_decide")
    assert (await ana.http.get("/v1/journey")).json()["wait"] == "consents"

    # What was weighed stays decided; a rule that was not weighed asks again.
    await ana.http.put("/v1/intake", json={"phone": "+1 510 555 0199"})
    assert (await ana.http.get("/v1/journey")).json()["wait"] == "consents"
    await ana.http.put("/v1/intake", json={"safety": {"recent_attempt": True}})
    assert (await ana.http.get("/v1/journey")).json()["wait"] == "suitability"
    async with api.worker.transaction() as tx:
        flags = await tx.all("SELECT source, urgency FROM risk_flags")
    assert flags == [{"source": "intake", "urgency": "same_day"}]
    async with api.worker.transaction() as tx:
        audited = await tx.all(
            "SELECT action, outcome FROM audit_events WHERE action LIKE %s ORDER BY id", ("%suitability",)
        )
    assert "decide_suitability" in {row["action"] for row in audited}


async def test_a_referral_ends_the_way_in_with_a_letter(api: Api, client_as: ClientAs) -> None:
    mount_pages(api.app)
    supervisor = await client_as(Role.SUPERVISOR)
    ana = await client_as(Role.CLIENT)
    await submit(ana, safety=RECENT)
    where = f"/v1/clients/{ana.account_id}/suitability"
    refer = {"suitability": "higher_care", "rationale": "Needs a medical detox."}
    silent = await supervisor.http.post(where, json=refer)
    assert (silent.status_code, silent.json()["errors"][0]["field"]) == (422, "letter")
    assert (await supervisor.http.post(where, json={**refer, "letter": LETTER})).status_code == 204
    found = (await ana.http.get("/v1/me/suitability")).json()
    assert (found["decided"], found["letter"]) == (True, LETTER)
    assert (await ana.http.get("/v1/journey")).json()["stage"] == "closed"
    assert (await supervisor.http.get("/v1/suitability")).json()["items"] == []
    assert 'href="/journey/recommendation"' in (await ana.http.get("/journey")).text
    assert LETTER in (await ana.http.get("/journey/recommendation")).text


async def test_a_high_screener_later_on_stops_the_way_in(api: Api, client_as: ClientAs) -> None:
    ana = await client_as(Role.CLIENT)
    await submit(ana)
    await sign_everything(ana)
    me = actor(Role.CLIENT, ana.account_id)
    answers = {"q1": True, "q2": True, "q3": False, "q4": True, "q5": False, "q6_ever": False, "q6_3m": False}
    async with api.care.transaction(me) as tx:
        permit = await writable_chart(tx, ana.account_id, Action.ANSWER_MEASURE)
        await measures.record(tx, permit, "C-SSRS", answers)
    found = (await ana.http.get("/v1/me/suitability")).json()
    assert (found["suitability"], len(found["reasons"])) == ("higher_care", 1)
    assert (await ana.http.get("/v1/journey")).json()["wait"] == "suitability"
    async with api.worker.transaction() as tx:
        flags = await tx.all("SELECT source FROM risk_flags")
    assert flags == [{"source": "c_ssrs"}]  # pages people by itself; no second flag for the same thing


async def test_a_slip_is_put_right_by_the_client(client_as: ClientAs) -> None:
    ana = await client_as(Role.CLIENT)
    await submit(ana, emergency_contact={"available": False}, location=None, location_withheld=True)
    found = (await ana.http.get("/v1/me/suitability")).json()
    assert (found["suitability"], len(found["reasons"])) == ("live", 2)
    await ana.http.put(
        "/v1/intake",
        json={
            "location_withheld": False,
            "location": "Oakland",
            "emergency_contact": INTAKE["emergency_contact"] | {"available": True},
        },
    )
    assert (await ana.http.get("/v1/journey")).json()["wait"] == "consents"
