"""Changing therapist over the API: what the client asks and sees, what the desk reads, what the office changes."""

from datetime import UTC, datetime, timedelta

from people import Api, ClientAs
from scenes import set_scene

from domain.access import Role


async def test_a_client_switches_the_desk_reads_why_and_the_therapist_does_not(
    api: Api, client_as: ClientAs
) -> None:
    scene = await set_scene(api, client_as)
    me, lead = scene.client.http, scene.strangers[Role.SUPERVISOR].http
    asked = await me.post("/v1/matches/switch", json={"reason": "Too far apart.", "share_history": False})
    assert (asked.status_code, asked.json()["status"]) == (202, "ranking")
    assert "Too far" not in asked.text
    journey = (await me.get("/v1/journey")).json()
    assert journey["stage"] == "in_care"
    assert journey["next_step"] == "We are looking for therapists who fit you."
    sent = await me.post(f"{scene.path}/messages", json={"text": "Still here."})
    assert sent.status_code == 201
    desk = (await lead.get(f"/v1/match-desk/{scene.client.account_id}")).json()
    assert (desk["switching"], desk["switch_reason"]) == (True, "Too far apart.")
    assert (await scene.therapist.http.get(f"/v1/match-desk/{scene.client.account_id}")).status_code == 404
    assert (await me.delete("/v1/matches/switch")).status_code == 204
    assert (await me.delete("/v1/matches/switch")).status_code == 409
    assert (await me.get("/v1/journey")).json()["next_step"] == "Your room is open. Write at any hour."


async def test_a_licence_that_ends_closes_the_composer_at_once(api: Api, client_as: ClientAs) -> None:
    scene = await set_scene(api, client_as)
    office, mine = scene.strangers[Role.ADMINISTRATOR].http, scene.therapist.account_id
    found = (await office.get(f"/v1/therapists/{mine}/licences")).json()
    today = datetime.now(UTC).date()
    for licence in found["licences"]:
        body = {"on": (today - timedelta(days=2)).isoformat(), "why": "suspended"}
        ended = await office.post(f"/v1/licences/{licence['licence_id']}/end", json=body)
        assert ended.status_code == 204
    told = (await scene.therapist.http.get("/v1/me/licences")).json()
    assert [each["action"] for each in told["licence_history"]] == ["suspended"] * len(found["licences"])
    refused = await scene.therapist.http.post(f"{scene.path}/messages", json={"text": "Good evening."})
    assert (refused.status_code, refused.json()["code"]) == (409, "no_licence")
    assert (
        await scene.client.http.post(f"{scene.path}/messages", json={"text": "Hello?"})
    ).status_code == 201
    again = await office.post(
        f"/v1/therapists/{mine}/licences",
        json={
            "state": "NY",  # where the client is
            "number": "X-2",
            "active_from": (today - timedelta(days=3)).isoformat(),
            "expires_on": (today + timedelta(days=900)).isoformat(),
        },
    )
    assert again.status_code == 201
    answered = await scene.therapist.http.post(f"{scene.path}/messages", json={"text": "Good evening."})
    assert answered.status_code == 201
