"""Steps that several tests of the API take."""

from typing import Any

from people import ClientAs, Person

from domain.access import Role

PASSCODE = "730518"
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
    "safety": {
        "suicidal_thoughts": "never",
        "homicidal_thoughts": "never",
        "private_channel": True,
        "recent_attempt": False,
        "recent_discharge": False,
        "imminent_violence": False,
        "psychosis_or_mania": False,
        "withdrawal": False,
    },
}


async def stage_of(person: Person) -> str:
    """Where the journey stands."""
    stage: str = (await person.http.get("/v1/journey")).json()["stage"]
    return stage


async def submit(person: Person, **changes: Any) -> None:
    """A whole intake, handed in."""
    assert (await person.http.put("/v1/intake", json={**INTAKE, **changes})).status_code == 200
    assert (await person.http.post("/v1/intake/submit")).status_code == 200


async def sign_everything(person: Person) -> None:
    """Sign every document in force."""
    for paper in (await person.http.get("/v1/consents")).json()["items"]:
        answer = await sign(person, paper["document"], paper["version"])
        assert answer.status_code == 201, answer.text


async def sign(person: Person, document: str, version: str = "2025-01") -> Any:
    body = {"document": document, "version": version, "signature": "Ana Rivera"}
    return await person.http.post("/v1/consents", json=body)


async def locked(person: Person) -> None:
    """Give the account a passcode and lock the device."""
    assert (await person.http.put("/v1/me/passcode", json={"passcode": PASSCODE})).status_code == 204
    assert (await person.http.post("/v1/me/lock")).status_code == 204


async def ready(client_as: ClientAs) -> Person:
    """A client who may answer measures."""
    ana = await client_as(Role.CLIENT)
    await submit(ana)
    await sign_everything(ana)
    return ana


async def phq9(person: Person, item9: int | None, others: int | None = 0) -> dict[str, Any]:
    answer = await person.http.post("/v1/measures/PHQ-9/responses", json={"answers": [others] * 8 + [item9]})
    assert answer.status_code == 201, answer.text
    result: dict[str, Any] = answer.json()
    return result
