"""Leaving over HTTP: closing, being forgotten, and what a sealed account still finds."""

from typing import TYPE_CHECKING

from people import PASSWORD, Api, ClientAs, another_device, register, sign_in
from scenes import set_scene

from domain.access import Duty, Role
from web.app import mount_pages

if TYPE_CHECKING:
    from conftest import Databases


async def test_the_client_closes_at_any_time_and_reads_on(api: Api, client_as: ClientAs) -> None:
    scene = await set_scene(api, client_as)
    me = scene.client.http
    assert (await me.post(f"{scene.path}/messages", json={"text": "Hi."})).status_code == 201
    assert (await me.post("/v1/journey/close")).status_code == 204
    again = await me.post("/v1/journey/close")
    assert (again.status_code, again.json()["code"]) == (409, "journey_closed")
    assert (await me.get("/v1/journey")).json()["stage"] == "closed"
    assert len((await me.get(f"{scene.path}/messages")).json()["items"]) == 1
    assert (await me.post(f"{scene.path}/messages", json={"text": "Hi."})).status_code == 404
    assert (await me.post("/v1/help-now")).status_code < 300
    told = (await scene.therapist.http.get("/v1/notices")).json()["items"]
    assert "care_ended" in {each["template"] for each in told}


async def test_asked_to_be_forgotten_the_date_is_told_and_all_is_sealed(
    api: Api, client_as: ClientAs
) -> None:
    mount_pages(api.app)
    scene = await set_scene(api, client_as)
    me, room = scene.client.http, scene.path
    await me.post(f"{room}/messages", json={"text": "Hi."})
    before = (await me.get("/v1/me/erasure")).json()
    assert before["state"] is None
    wrong = await me.post("/v1/me/erasure", json={"password": "not mine"})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "password")
    asked = await me.post("/v1/me/erasure", json={"password": PASSWORD})
    assert asked.status_code == 202
    found = asked.json()
    assert (found["state"], found["until"], found["kept_back"]) == ("waiting", before["until"], False)
    refused = await me.post("/v1/me/erasure", json={"password": PASSWORD})
    assert (refused.status_code, refused.json()["code"]) == (409, "retained")
    assert refused.json()["until"] == found["erases_at"]

    # The account still opens, to nothing but this; on another device as well.
    there = await another_device(api, scene.client)
    for http in (me, there, scene.therapist.http):
        assert (await http.get("/v1/rooms")).json()["items"] == []
    for path in (room, f"{room}/messages", "/v1/journey", "/v1/intake", f"{room}/access-log"):
        for http in (me, there, scene.therapist.http):
            if http is scene.therapist.http and not path.startswith(room):
                continue
            assert (await http.get(path)).status_code == 404, path
    assert (await scene.strangers[Role.SUPERVISOR].http.get(room)).status_code == 404
    assert (await me.get("/v1/me")).status_code == 200
    assert (await me.post("/v1/help-now")).status_code < 300
    keeper = await client_as(Role.SUPERVISOR, duties=frozenset({Duty.RECORD_KEEPER}))
    assert (await keeper.http.get(f"{room}/messages")).json()["code"] == "purpose_required"
    page = f"/rooms/{scene.room_id}"
    assert page in (await keeper.http.get("/records")).text
    asked_why = await keeper.http.get(page)
    assert "purpose" in asked_why.text
    opened = await keeper.http.post(
        f"{room}/access", json={"purpose": "quality", "reason": "A request for the record by a court."}
    )
    assert opened.status_code < 300
    assert len((await keeper.http.get(f"{room}/messages")).json()["items"]) == 1
    opened_page = await keeper.http.get(page)
    assert opened_page.status_code == 200
    assert "<textarea" not in opened_page.text  # nothing is written there any more
    assert (await keeper.http.post(f"{room}/export")).content[:2] == b"PK"
    (sealed,) = (await keeper.http.get("/v1/sealed-rooms")).json()["items"]
    assert (sealed["room_id"], sealed["until"]) == (str(scene.room_id), found["until"])
    assert (await scene.strangers[Role.SUPERVISOR].http.get("/v1/sealed-rooms")).status_code == 403

    assert (await there.delete("/v1/me/erasure")).status_code == 204
    assert len((await me.get(f"{room}/messages")).json()["items"]) == 1
    assert (await me.get("/v1/me/erasure")).json()["state"] is None


async def test_administrators_hold_and_set_rules_and_see_who_waits(
    api: Api, client_as: ClientAs, databases: "Databases"
) -> None:
    scene = await set_scene(api, client_as)
    admin = scene.strangers[Role.ADMINISTRATOR].http
    holds = f"/v1/clients/{scene.client.account_id}/legal-holds"
    placed = await admin.post(holds, json={"reason": "Subpoena 42."})
    assert placed.status_code == 201
    (hold,) = (await admin.get("/v1/legal-holds")).json()["items"]
    assert (hold["hold_id"], hold["reason"]) == (placed.json()["hold_id"], "Subpoena 42.")
    await scene.client.http.post("/v1/me/erasure", json={"password": PASSWORD})
    (waiting,) = (await admin.get("/v1/erasures")).json()["items"]
    assert (waiting["held"], waiting["state"], waiting["client_code"]) == (
        True,
        "waiting",
        hold["client_code"],
    )
    assert (await admin.delete(f"{holds}/{hold['hold_id']}")).status_code == 204
    assert (await admin.delete(f"{holds}/{hold['hold_id']}")).status_code == 404
    assert (await admin.get("/v1/legal-holds?lifted=true")).json()["items"][0]["lifted_by"]

    rule = {"effective_from": "2090-01-01", "years": 9, "minor_until_age": 25, "source": "A new law"}
    assert (await admin.put("/v1/retention-rules/NY", json=rule)).status_code == 204
    assert (await admin.put("/v1/retention-rules/NY", json=rule)).status_code == 409
    found = (await admin.get("/v1/retention-rules/NY")).json()
    assert (found["in_force"]["years"], [each["years"] for each in found["rules"]]) == (6, [6, 9])
    assert (await admin.get("/v1/retention-rules/OH")).json()["in_force"]["state"] == "*"
    assert (await admin.get("/v1/retention-rules/ZZ")).status_code == 404
    past = await admin.put("/v1/retention-rules/NY", json={**rule, "effective_from": "2020-01-01"})
    assert (past.status_code, past.json()["errors"][0]["code"]) == (422, "in_the_past")


async def test_after_it_nobody_signs_in_as_them_and_the_address_is_free(
    api: Api, client_as: ClientAs, databases: "Databases"
) -> None:
    me = await client_as(Role.CLIENT)
    assert (await me.http.post("/v1/me/erasure", json={"password": PASSWORD})).json()["until"] is None
    async with databases.worker.transaction() as tx:
        await tx.run("UPDATE erasures SET state = 'shredding'")
        await tx.run("SELECT destroy_keys(%s)", (me.account_id,))
        await tx.run("SELECT forget_client(%s)", (me.account_id,))
    assert (await me.http.get("/v1/me")).status_code == 401
    assert (await sign_in(api, me.username)).status_code == 401
    assert (await register(api, me.username)).status_code == 202
    assert (await sign_in(api, me.username)).status_code == 200
