"""Intake in parts, consents, measures, in the order that informed consent demands."""

import json
from typing import Any

import pytest
from people import Api, ClientAs, another_device
from steps import INTAKE, sign, sign_everything, stage_of, submit

from domain.access import Role

CANARY = "walnut"


async def test_a_client_walks_from_registration_to_the_end_of_screening(client_as: ClientAs) -> None:
    ana = await client_as(Role.CLIENT)
    stages = [await stage_of(ana)]
    await submit(ana)
    stages.append(await stage_of(ana))
    await sign_everything(ana)
    stages.append(await stage_of(ana))
    for name, count in (("PHQ-9", 9), ("GAD-7", 7)):
        answer = await ana.http.post(f"/v1/measures/{name}/responses", json={"answers": [0] * count})
        assert answer.status_code == 201, answer.text
    stages.append(await stage_of(ana))
    assert stages == ["intake", "consents", "screening", "coverage"]


async def test_an_intake_stops_at_one_device_and_goes_on_at_another(api: Api, client_as: ClientAs) -> None:
    ana = await client_as(Role.CLIENT)
    await ana.http.put("/v1/intake", json={"focus": ["sleep"], "phone": "+1 510 555 0100"})
    async with await another_device(api, ana) as phone:
        saved = (await phone.get("/v1/intake")).json()
        assert saved["values"] == {"focus": ["sleep"], "phone": "+1 510 555 0100"}
        assert "focus" not in saved["missing"]
        assert "location" in saved["missing"]
        await phone.put("/v1/intake", json={"location": "Oakland"})
    values = (await ana.http.get("/v1/intake")).json()["values"]
    assert values["focus"] == ["sleep"]
    assert values["location"] == "Oakland"


async def test_an_unfinished_intake_names_each_missing_field(client_as: ClientAs) -> None:
    ana = await client_as(Role.CLIENT)
    await ana.http.put("/v1/intake", json={**INTAKE, "emergency_contact": None, "location": None})
    refused = await ana.http.post("/v1/intake/submit")
    assert (refused.status_code, refused.json()["code"]) == (422, "intake_incomplete")
    assert [error["field"] for error in refused.json()["errors"]] == [
        "location",
        "emergency_contact.name",
        "emergency_contact.phone",
    ]
    assert await stage_of(ana) == "intake"


async def test_two_devices_write_and_the_last_word_on_each_answer_counts(
    api: Api, client_as: ClientAs
) -> None:
    ana = await client_as(Role.CLIENT)
    first = (await ana.http.put("/v1/intake", json={"version": 0, "phone": "1", "focus": ["sleep"]})).json()
    assert (first["version"], first["overwrote"], first["form"]) == (1, [], "2026-01")
    async with await another_device(api, ana) as phone:
        other = {"version": 1, "phone": "2", "emergency_contact": {"name": "Luis"}}
        assert (await phone.put("/v1/intake", json=other)).json()["overwrote"] == []
    # This device has not seen what the phone wrote: its word counts, and it is told so.
    late = {"version": 1, "phone": "3", "emergency_contact": {"phone": "4"}}
    told = (await ana.http.put("/v1/intake", json=late)).json()
    assert (told["version"], told["overwrote"]) == (3, ["phone"])
    kept = (await ana.http.get("/v1/intake")).json()["values"]
    assert kept == {"focus": ["sleep"], "phone": "3", "emergency_contact": {"name": "Luis", "phone": "4"}}
    await ana.http.put("/v1/intake", json={"emergency_contact": None, "focus": None})
    assert (await ana.http.get("/v1/intake")).json()["values"] == {"phone": "3"}


async def test_the_form_is_data_and_asks_what_is_missing(client_as: ClientAs) -> None:
    ana = await client_as(Role.CLIENT)
    form = (await ana.http.get("/v1/intake/form")).json()
    asked = {field["name"] for step in form["steps"] for field in step["fields"]}
    saved = (await ana.http.get("/v1/intake")).json()
    assert form["version"] == saved["form"]
    assert set(saved["missing"]) <= asked


async def test_where_somebody_is_gets_asked_again_after_30_days(api: Api, client_as: ClientAs) -> None:
    ana = await client_as(Role.CLIENT)
    await submit(ana)
    assert (await ana.http.get("/v1/me")).json()["ask_location"] is False
    async with api.worker.transaction() as tx:
        await tx.run("UPDATE clients SET located_at = located_at - interval '31 days'")
    assert (await ana.http.get("/v1/me")).json()["ask_location"] is True
    moved = await ana.http.put("/v1/me/location", json={"state": "NY", "location": "Albany"})
    assert moved.status_code == 204
    assert (await ana.http.get("/v1/me")).json()["ask_location"] is False
    values = (await ana.http.get("/v1/intake")).json()["values"]
    assert (values["state"], values["location"]) == ("NY", "Albany")


async def test_nothing_of_the_intake_is_stored_in_plain(api: Api, client_as: ClientAs) -> None:
    ana = await client_as(Role.CLIENT)
    await submit(
        ana,
        prior_care=CANARY,
        medication=CANARY,
        location=CANARY,
        address={**INTAKE["address"], "line1": CANARY},
        emergency_contact={"name": CANARY, "phone": CANARY},
    )
    async with api.worker.transaction() as tx:
        client = await tx.one("SELECT * FROM clients WHERE id = %s", (ana.account_id,))
        audited = await tx.all("SELECT detail::text AS detail, action FROM audit_events")
    assert client is not None
    assert all(CANARY.encode() not in bytes(v) for v in client.values() if isinstance(v, bytes))
    assert CANARY not in str([v for v in client.values() if not isinstance(v, bytes)])
    assert CANARY not in str(audited)
    assert {"save_intake", "submit_intake"} <= {row["action"] for row in audited}


@pytest.mark.parametrize(
    "part",
    [
        {"state": "ZZ"},
        {"focus": "anxiety"},
        {"unknown_field": CANARY},
        {"prior_care": f"{CANARY}\x00"},
        {"prior_care": f"{CANARY}\ud800"},
        {"safety": {"suicidal_thoughts": CANARY}},
        {"phone": CANARY * 100},
    ],
)
async def test_bad_parts_are_refused_without_an_echo_and_change_nothing(
    client_as: ClientAs, part: dict[str, Any]
) -> None:
    ana = await client_as(Role.CLIENT)
    body = json.dumps(part)
    refused = await ana.http.put("/v1/intake", content=body, headers={"content-type": "application/json"})
    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/problem+json"
    assert CANARY not in refused.text
    assert (await ana.http.get("/v1/intake")).json()["version"] == 0


async def test_consent_precedes_measures_and_intake_precedes_consent(client_as: ClientAs) -> None:
    ana = await client_as(Role.CLIENT)
    early = await sign(ana, "privacy_notice")
    assert (early.status_code, early.json()["code"]) == (409, "intake_first")
    await submit(ana)
    early = await ana.http.post("/v1/measures/PHQ-9/responses", json={"answers": [0] * 9})
    assert (early.status_code, early.json()["code"]) == (409, "consents_first")


async def test_a_superseded_version_cannot_be_signed(client_as: ClientAs) -> None:
    ana = await client_as(Role.CLIENT)
    await submit(ana)
    refused = await sign(ana, "privacy_notice", "1999-01")
    assert (refused.status_code, refused.json()["code"]) == (409, "version_superseded")
    assert (await sign(ana, "a_made_up_document")).status_code == 422


async def test_a_repeated_signature_is_one_signature(client_as: ClientAs, api: Api) -> None:
    ana = await client_as(Role.CLIENT)
    await submit(ana)
    body = {"document": "privacy_notice", "version": "2025-01", "signature": "Ana Rivera"}
    answers = [
        await ana.http.post("/v1/consents", json=body, headers={"Idempotency-Key": "once"}) for _ in range(3)
    ]
    assert len({answer.json()["consent_id"] for answer in answers}) == 1


async def test_moving_to_another_state_asks_for_telehealth_consent_again(client_as: ClientAs) -> None:
    ana = await client_as(Role.CLIENT)
    await submit(ana)
    await sign_everything(ana)
    assert await stage_of(ana) == "screening"
    assert (await ana.http.put("/v1/me/location", json={"state": "NY"})).status_code == 204
    assert await stage_of(ana) == "consents"
    papers = (await ana.http.get("/v1/consents")).json()["items"]
    assert [paper["document"] for paper in papers if paper["signed_at"] is None] == ["telehealth"]
    await sign(ana, "telehealth")
    assert await stage_of(ana) == "screening"
