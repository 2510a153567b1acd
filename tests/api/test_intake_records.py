"""The intake as a clinician reads it: whole and in words, by those who care for the client, who reads that they did."""

from uuid import uuid4

from people import Api, ClientAs, Person
from steps import phq9, ready

from domain.access import Actor, Duty, Role
from domain.ids import ClientId, SessionId, TherapistId
from records.rooms import open_room
from web.app import mount_pages

PURPOSE = {"purpose": "quality", "reason": "Review of how the first weeks went."}


async def in_care(api: Api, client_as: ClientAs, ana: Person) -> tuple[Person, str]:
    """Her therapist, and the path of their room."""
    therapist = await client_as(Role.THERAPIST)
    keeper = Actor(therapist.account_id, Role.THERAPIST, frozenset(), SessionId(uuid4()))
    async with api.care.transaction(keeper) as tx:
        room_id = await open_room(tx, ClientId(ana.account_id), TherapistId(therapist.account_id))
    return therapist, f"/rooms/{room_id}"


async def test_a_therapist_reads_it_in_words_and_the_client_reads_who_did(
    api: Api, client_as: ClientAs
) -> None:
    mount_pages(api.app)
    ana = await ready(client_as)
    await phq9(ana, 1)
    await ana.http.put("/v1/intake", json={"focus": ["sleep"], "emergency_contact": {"name": "Rosa"}})
    here = f"/clients/{ana.account_id}/intake"
    therapist, room = await in_care(api, client_as, ana)

    found = (await therapist.http.get(f"/v1{here}")).json()
    said = {answer["name"]: answer["words"] for step in found["steps"] for answer in step["answers"]}
    assert (said["focus"], said["state"], said["medication"]) == ("Sleep", "California", "None")
    assert (said["emergency_contact.name"], found["missing"], found["form"]) == ("Rosa", [], "2026-01")
    (correction,) = found["corrections"]
    assert {each["name"]: each["words"] for each in correction["earlier"]} == {
        "focus": "Anxiety or worry",
        "emergency_contact.name": "Luis",
    }
    assert [(each["suitability"], each["by"]) for each in found["suitability"]] == [("messaging", "")]
    assert all(each["signed_at"] and each["version"] for each in found["consents"] if each["required"])
    (measure,) = found["measures"]
    assert measure["words"] == "1 of 27, minimal, below 10. Item 9 asks for a look"

    page = await therapist.http.get(f"{room}/intake", follow_redirects=True)
    assert page.status_code == 200
    for words in ("Sleep", "Anxiety or worry", measure["words"], "In force", "2026-01"):
        assert words in page.text
    assert str(ana.account_id) not in page.text

    supervisor = await client_as(Role.SUPERVISOR)
    shut = await supervisor.http.get(here)
    assert (shut.status_code, f'action="{room}/purpose"' in shut.text) == (403, True)
    assert (await supervisor.http.post(f"/v1{room}/access", json=PURPOSE)).status_code == 204
    assert (await supervisor.http.get(here)).status_code == 200

    log = (await ana.http.get(f"/v1{room}/access-log")).json()["items"]
    read = {(line["role"], line["action"]): line["purpose"] for line in log}
    assert read["therapist", "read_intake"] is None
    assert read["supervisor", "read_intake"] == read["supervisor", "read_measures"] == "quality"
    assert "Read the intake" in (await ana.http.get(f"{room}/access")).text
    assert (
        await ana.http.get(f"/v1{here}")
    ).status_code == 404  # her own is the form; reasons are the clinic's


async def test_nobody_reads_it_for_an_offer_or_for_placing_and_on_call_only_while_a_flag_is_open(
    api: Api, client_as: ClientAs
) -> None:
    mount_pages(api.app)
    ana = await ready(client_as)
    here = f"/clients/{ana.account_id}/intake"
    asked = await client_as(Role.THERAPIST)
    matcher = await client_as(Role.THERAPIST, duties=frozenset({Duty.MATCHER}))
    on_call = await client_as(Role.THERAPIST, duties=frozenset({Duty.ON_CALL}))
    async with api.worker.transaction() as tx:
        await tx.insert(
            "matches", id=uuid4(), client_id=ana.account_id, n=1, status="offering", version=1, choice=[], misses=0,
            created_at=tx.now,
        )  # fmt: skip
        (match,) = await tx.all("SELECT id FROM matches")
        await tx.insert(
            "offers", id=uuid4(), match_id=match["id"], client_id=ana.account_id, state="open",
            therapist_id=asked.account_id, n=1, offered_at=tx.now, expires_at=tx.now,
        )  # fmt: skip
    for person in (asked, matcher, on_call, await client_as(Role.SUPERVISOR)):
        expected = 403 if person.role is Role.SUPERVISOR else 404
        assert (await person.http.get(f"/v1{here}")).status_code == expected
        assert (await person.http.get(here)).status_code == expected
    await phq9(ana, 3)
    assert f'href="{here}"' in (await on_call.http.get("/flags")).text
    assert f'href="{here}"' not in (await matcher.http.get("/flags")).text
    page = await on_call.http.get(here)
    assert page.status_code == 200
    assert "Who opened it" not in page.text
    assert "/rooms/" not in page.text
