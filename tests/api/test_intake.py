"""From a registration to the end of screening."""

from typing import Any

import pytest
from people import Api, ClientAs, Person

from domain.access import Role

INTAKE: dict[str, Any] = {
    "focus": ["anxiety"],
    "address": {"line1": "1 Main St", "city": "Oakland", "state": "CA", "postal_code": "94601"},
    "phone": "+1 510 555 0100",
    "sex_on_file": "female",
    "prior_care": "",
    "medication": "",
    "state": "CA",
    "location": "Oakland",
    "emergency_contact": {"name": "Luis", "phone": "+1 510 555 0101"},
    "safety": {"suicidal_thoughts": "never", "homicidal_thoughts": "never", "private_channel": True},
}


async def sign_everything(person: Person) -> None:
    """Sign every document in force."""
    for paper in (await person.http.get("/v1/consents")).json()["items"]:
        answer = await person.http.post(
            "/v1/consents",
            json={"document": paper["document"], "version": paper["version"], "signature": "Ana Rivera"},
        )
        assert answer.status_code == 201, answer.text


async def test_a_client_walks_from_registration_to_the_end_of_screening(
    api: Api, client_as: ClientAs
) -> None:
    ana = await client_as(Role.CLIENT)
    stages = [(await ana.http.get("/v1/journey")).json()["stage"]]
    saved = await ana.http.put("/v1/intake", json=INTAKE)
    assert saved.json()["missing"] == [], saved.text
    assert (await ana.http.post("/v1/intake/submit")).status_code == 200
    stages.append((await ana.http.get("/v1/journey")).json()["stage"])
    await sign_everything(ana)
    stages.append((await ana.http.get("/v1/journey")).json()["stage"])
    for name, count in (("PHQ-9", 9), ("GAD-7", 7)):
        answer = await ana.http.post(f"/v1/measures/{name}/responses", json={"answers": [0] * count})
        assert answer.status_code == 201, answer.text
    stages.append((await ana.http.get("/v1/journey")).json()["stage"])
    assert stages == ["intake", "consents", "screening", "coverage"]
