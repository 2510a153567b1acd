"""Asking for an account, confirming it, the journey's state, the timeline."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from people import PASSWORD, Api, ClientAs, register, sign_in

from domain.access import Role

OTHER = "gentle copper lanterns 7"


class TestConfirmedAtOnce:
    """As in the embedded stack."""

    async def test_a_known_address_gets_the_same_answer(self, api: Api) -> None:
        first = await register(api, "ana@example.org")
        again = await register(api, "Ana@Example.org ", OTHER)
        assert (first.status_code, first.json()) == (again.status_code, again.json())
        assert first.status_code == 202
        assert (await sign_in(api, "ana@example.org")).status_code == 200
        assert (await sign_in(api, "ana@example.org", OTHER)).status_code == 401

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"password": "walnut7"}, "password"),
            ({"password": "ana.rivera.2024"}, "password"),
            ({"email": "not an address"}, "email"),
            ({"date_of_birth": "2999-01-01"}, "date_of_birth"),
            ({"date_of_birth": "1850-01-01"}, "date_of_birth"),
            ({"time_zone": "Mars/Olympus"}, "time_zone"),
            ({"legal_name": "Ana\x00Rivera"}, "legal_name"),
            ({"legal_name": "Ana\r\nBcc: all"}, "legal_name"),
            ({"legal_name": " "}, "legal_name"),
            ({"role": "administrator"}, "?"),
        ],
    )
    async def test_bad_input_is_named_and_not_echoed(
        self, api: Api, changes: dict[str, Any], field: str
    ) -> None:
        given = {"email": "ana@example.org", **changes}
        refused = await register(api, given.pop("email"), **given)
        assert refused.status_code == 422
        assert [error["field"] for error in refused.json()["errors"]] == [field]
        (typed,) = changes.values()
        assert typed not in refused.text or typed == " "
        assert (await sign_in(api, "ana@example.org")).status_code == 401

    async def test_too_many_registrations_from_one_address_wait(self, api: Api) -> None:
        answers = [await register(api, f"a{n}@example.org", "short") for n in range(31)]
        assert {answer.status_code for answer in answers[:30]} == {422}
        assert answers[30].status_code == 429
        assert int(answers[30].headers["Retry-After"]) > 0

    async def test_a_confirmed_client_has_a_code_keys_and_a_journey_that_is_told(
        self, api: Api, client_as: ClientAs
    ) -> None:
        ana = await client_as(Role.CLIENT)
        async with api.worker.transaction() as tx:
            client = await tx.one("SELECT * FROM clients WHERE id = %s", (ana.account_id,))
            scopes = await tx.all("SELECT scope FROM keys.data_keys WHERE owner_id = %s", (ana.account_id,))
            notes = await tx.all("SELECT kind, version, payload FROM outbox ORDER BY id")
        assert client is not None
        assert client["code"].startswith("K-")
        assert b"Rivera" not in bytes(client["profile_sealed"])
        assert sorted(row["scope"] for row in scopes) == ["billing", "chart"]
        assert [(note["kind"], note["payload"]["stage"]) for note in notes] == [("journey_changed", "intake")]

    async def test_the_journey_says_who_acts_and_by_when(self, client_as: ClientAs) -> None:
        ana = await client_as(Role.CLIENT)
        journey = (await ana.http.get("/v1/journey")).json()
        assert journey["stage"] == "intake"
        assert journey["waiting_on"] == "client"
        assert journey["owner"] == "You"
        assert journey["due_at"] is not None
        assert [step["name"] for step in journey["steps"]][:2] == ["confirm", "intake"]
        assert [step["state"] for step in journey["steps"]][:2] == ["done", "needs_you"]

    async def test_a_pause_silences_and_going_on_restores(self, client_as: ClientAs) -> None:
        ana = await client_as(Role.CLIENT)
        paused = (await ana.http.post("/v1/journey/pause")).json()
        assert (paused["paused"], paused["stage"], paused["due_at"]) == (True, "intake", None)
        assert (await ana.http.post("/v1/journey/pause")).json() == paused
        resumed = (await ana.http.post("/v1/journey/resume")).json()
        assert (resumed["paused"], resumed["wait"]) == (False, "intake")

    async def test_the_timeline_shows_what_was_known_at_an_instant(
        self, api: Api, client_as: ClientAs
    ) -> None:
        ana, eva = await client_as(Role.CLIENT), await client_as(Role.SUPERVISOR)
        await ana.http.post("/v1/journey/pause")
        path = f"/v1/clients/{ana.account_id}/timeline"
        now = (await eva.http.get(path)).json()
        assert now["stage"] == "intake"
        assert [entry["kind"] for entry in now["entries"]] == ["registered", "stage", "stage"]
        async with api.care.transaction() as tx:
            before = tx.now - timedelta(days=1)
        then = (await eva.http.get(path, params={"as_of": before.isoformat()})).json()
        assert then["entries"] == []

    async def test_the_timeline_of_another_is_not_there(self, client_as: ClientAs) -> None:
        ana, ben = await client_as(Role.CLIENT), await client_as(Role.CLIENT)
        tom = await client_as(Role.THERAPIST)
        for person in (ben, tom, ana):
            refused = await person.http.get(f"/v1/clients/{ana.account_id}/timeline")
            assert refused.status_code == 404
        eva = await client_as(Role.SUPERVISOR)
        assert (await eva.http.get(f"/v1/clients/{uuid4()}/timeline")).status_code == 404


class TestConfirmedByMail:
    """As in production."""

    @pytest.fixture
    def overrides(self) -> dict[str, Any]:
        return {"confirm_at_once": False}

    async def token(self, api: Api) -> UUID:
        """The newest token that was to be mailed."""
        async with api.worker.transaction() as tx:
            row = await tx.one(
                "SELECT subject_id FROM notices WHERE template = 'confirm_address'"
                " ORDER BY created_at DESC LIMIT 1"
            )
        assert row is not None
        token: UUID = row["subject_id"]
        return token

    async def test_nobody_signs_in_before_the_address_is_confirmed(self, api: Api) -> None:
        await register(api, "ana@example.org")
        before = await sign_in(api, "ana@example.org")
        assert (before.status_code, before.json()["code"]) == (401, "wrong_credentials")
        body = {"token": str(await self.token(api)), "password": PASSWORD}
        assert (await api.http.post("/v1/clients/confirm", json=body)).status_code == 204
        assert (await sign_in(api, "ana@example.org")).status_code == 200

    async def test_the_journey_starts_with_the_confirmation(self, api: Api) -> None:
        await register(api, "ana@example.org")
        async with api.worker.transaction() as tx:
            assert await tx.all("SELECT 1 AS one FROM outbox") == []
        body = {"token": str(await self.token(api)), "password": PASSWORD}
        for _ in range(2):
            assert (await api.http.post("/v1/clients/confirm", json=body)).status_code == 204
        async with api.worker.transaction() as tx:
            assert len(await tx.all("SELECT 1 AS one FROM outbox")) == 1

    async def test_whoever_asked_first_with_anothers_address_gains_nothing(self, api: Api) -> None:
        """The owner of the address registers too; the stranger's password must not be the one confirmed."""
        await register(api, "ana@example.org", OTHER)
        strangers = await self.token(api)
        await register(api, "ana@example.org")
        owners = await self.token(api)
        assert owners != strangers
        refused = await api.http.post(
            "/v1/clients/confirm", json={"token": str(strangers), "password": PASSWORD}
        )
        assert refused.status_code == 404
        wrong = await api.http.post("/v1/clients/confirm", json={"token": str(owners), "password": OTHER})
        assert wrong.status_code == 401
        await api.http.post("/v1/clients/confirm", json={"token": str(owners), "password": PASSWORD})
        assert (await sign_in(api, "ana@example.org", OTHER)).status_code == 401
        assert (await sign_in(api, "ana@example.org")).status_code == 200
