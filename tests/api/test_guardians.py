"""A minor's way in: whose consent the law asks for, a letter with a link of its own, and what comes back."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from factories import actor
from people import Api, ClientAs, http_client, register, sign_in
from steps import INTAKE, sign_everything, stage_of

from domain.access import Duty, Role
from integrations.notify.port import Template
from kindroom.courier import Courier
from records import clients

GUARDIAN = {
    "guardian": "Rosa Rivera",
    "guardian_contact": {"relationship": "mother", "email": "rosa@example.org"},
}
BORN = "2010-06-01"


async def kid(api: Api, state: str) -> httpx.AsyncClient:
    """Somebody of 16 who has handed in all but a guardian, in a state."""
    email = f"{uuid4().hex}@example.org"
    await register(api, email, date_of_birth=BORN)
    token = (await sign_in(api, email)).json()["access_token"]
    http = http_client(api.app, token)
    assert (await http.put("/v1/intake", json={**INTAKE, "state": state})).status_code == 200
    return http


async def reply(api: Api, token: UUID, answer: str, **changes: Any) -> httpx.Response:
    body = {
        "token": str(token),
        "answer": answer,
        "date_of_birth": BORN,
        "signature": "Rosa Rivera",
        "version": "2026-01",
    }
    return await api.http.post("/v1/guardian-replies", json={**body, **changes})


async def letters(api: Api) -> list[UUID]:
    """The tokens of the letters that went to guardians."""
    await Courier(api.worker, api.mail).mail_batch()
    sent = [notice for notice in api.mail.sent if notice.template is Template.GUARDIAN_ASKED]
    assert {notice.address for notice in sent} <= {"rosa@example.org"}
    return [notice.reference for notice in sent if notice.reference]


async def wait_of(http: httpx.AsyncClient) -> str:
    found: str = (await http.get("/v1/journey")).json()["wait"]
    return found


async def test_where_the_law_lets_them_a_minor_consents_alone(api: Api) -> None:
    http = await kid(api, "OR")
    assert (await http.post("/v1/intake/submit")).json()["pathway"] == "minor"
    assert await wait_of(http) == "consents"
    assert await letters(api) == []


async def test_a_guardian_consents_by_a_link_of_their_own_and_may_take_it_back(
    api: Api, client_as: ClientAs
) -> None:
    matcher = await client_as(Role.THERAPIST, duties=frozenset({Duty.MATCHER}))
    http = await kid(api, "TX")
    refused = (await http.post("/v1/intake/submit")).json()
    assert [error["field"] for error in refused["errors"]] == [
        "guardian",
        "guardian_contact.relationship",
        "guardian_contact.email",
    ]
    await http.put("/v1/intake", json=GUARDIAN)
    assert (await http.post("/v1/intake/submit")).json()["pathway"] == "guardian"
    assert await wait_of(http) == "guardian"
    early = await http.post("/v1/consents", json={"document": "x", "version": "x", "signature": "Kid"})
    assert early.status_code == 409

    (token,) = await letters(api)
    async with api.worker.transaction() as tx:
        row = await tx.one("SELECT * FROM guardian_consents")
    assert row is not None
    assert str(token).encode() not in b"".join(v for v in row.values() if isinstance(v, bytes))
    # Who does not know the child learns nothing and decides nothing.
    wrong = await reply(api, token, "consented", date_of_birth="2010-06-02")
    assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (422, "born_does_not_match")
    assert await wait_of(http) == "guardian"
    assert (await reply(api, uuid4(), "consented")).status_code == 404

    assert (await reply(api, token, "declined")).json()["answer"] == "declined"
    assert await wait_of(http) == "guardian"
    told = (await matcher.http.get("/v1/notices")).json()["items"]
    assert "Somebody did not agree, or took it back." in {notice["text"] for notice in told}

    assert (await reply(api, token, "consented")).json()["answer"] == "consented"
    assert await wait_of(http) == "consents"
    assert (await reply(api, token, "withdrawn")).json()["answer"] == "withdrawn"
    assert await wait_of(http) == "guardian"
    again = await reply(api, token, "withdrawn")
    assert (again.status_code, again.json()["code"]) == (409, "nothing_to_withdraw")
    assert (await http.get("/v1/journey")).json()["stage"] == "consents"


async def test_a_new_letter_ends_the_old_link_and_wrong_dates_end_soon(api: Api) -> None:
    http = await kid(api, "TX")
    await http.put("/v1/intake", json=GUARDIAN)
    await http.post("/v1/intake/submit")
    await http.post("/v1/intake/submit")  # a repeat writes no second letter
    (first,) = await letters(api)
    assert (await http.post("/v1/intake/guardian")).status_code == 204
    _, second = await letters(api)
    assert (await reply(api, first, "consented")).json()["code"] == "link_is_over"
    tries = [
        (await reply(api, second, "consented", date_of_birth=f"2010-07-0{day}")).status_code
        for day in range(1, 7)
    ]
    assert tries == [422] * 5 + [429]
    assert (await reply(api, second, "consented")).status_code == 429


async def test_who_comes_of_age_goes_on_alone(api: Api) -> None:
    http = await kid(api, "TX")
    await http.put("/v1/intake", json=GUARDIAN)
    await http.post("/v1/intake/submit")
    assert await wait_of(http) == "guardian"
    client_id = (await http.get("/v1/me")).json()["account_id"]
    me = actor(Role.CLIENT, UUID(client_id))
    async with api.care.transaction(me) as tx:  # the payer has an earlier date of birth on file
        who = await clients.profile(tx, me.account_id)
        await clients.save_profile(tx, me.account_id, replace(who, date_of_birth=date(2000, 6, 1)))
    assert (await http.post("/v1/intake/guardian")).status_code == 204
    assert await wait_of(http) == "consents"


@pytest.mark.parametrize("state", ["TX"])
async def test_where_the_site_serves_no_minors_a_person_looks(api: Api, state: str) -> None:
    async with api.care.transaction() as tx:
        await tx.insert(
            "policies",
            id=uuid4(),
            kind="minors",
            name="default",
            definition={"closed": [state]},
            effective_from=tx.now.replace(year=2020, month=1, day=1),
        )
    http = await kid(api, state)
    assert (await http.post("/v1/intake/submit")).json()["pathway"] == "not_served"
    assert await wait_of(http) == "suitability"


async def test_moving_to_another_state_may_ask_for_a_guardian(api: Api, client_as: ClientAs) -> None:
    http = await kid(api, "WA")
    await http.post("/v1/intake/submit")
    await http.put("/v1/me/location", json={"state": "TX"})
    assert await wait_of(http) == "guardian"
    assert (await http.get("/v1/intake")).json()["pathway"] == "guardian"
    ana = await client_as(Role.CLIENT)
    await ana.http.put("/v1/intake", json=INTAKE)
    await ana.http.post("/v1/intake/submit")
    await sign_everything(ana)
    assert await stage_of(ana) == "screening"
