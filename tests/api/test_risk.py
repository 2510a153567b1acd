"""Help now, "are you safe right now?", the risk queue. Temporal is down in all of these tests."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from people import Api, ClientAs, Person, another_device, http_client
from steps import locked, phq9, ready

from api.app import create_api
from domain.access import Duty, Role
from domain.errors import Unavailable
from integrations.notify.port import AddressRefused, NotHandedOver, Template

ON_CALL = frozenset({Duty.ON_CALL})


async def paged(api: Api) -> list[dict[str, Any]]:
    async with api.worker.transaction() as tx:
        return await tx.all("SELECT rung, account_id FROM risk_pages ORDER BY sent_at, rung")


async def test_help_comes_signed_out(api: Api, client_as: ClientAs) -> None:
    on_call = await client_as(Role.THERAPIST, duties=ON_CALL)
    answer = await api.http.post("/v1/help-now", json={"contact": "510 555 0100"})
    body = answer.json()
    assert answer.status_code == 200
    assert [line["call"] for line in body["card"]["lines"]][:2] == ["988", "911"]
    assert body["paged_at"] is not None
    assert await paged(api) == [{"rung": "first_page", "account_id": on_call.account_id}]
    assert [(letter.template, letter.account_id) for letter in api.mail.sent] == [
        (Template.PAGE, on_call.account_id)
    ]


async def test_help_needs_no_body(api: Api, client_as: ClientAs) -> None:
    await client_as(Role.THERAPIST, duties=ON_CALL)
    answer = await api.http.post("/v1/help-now")
    assert answer.status_code == 200
    assert answer.json()["flag_id"] is not None


async def test_help_comes_on_a_locked_device_and_says_who_asked(api: Api, client_as: ClientAs) -> None:
    await client_as(Role.THERAPIST, duties=ON_CALL)
    ana = await client_as(Role.CLIENT)
    await locked(ana)
    answer = await ana.http.post("/v1/help-now")
    assert answer.status_code == 200
    async with api.worker.transaction() as tx:
        flag = await tx.one("SELECT client_id FROM risk_flags")
    assert flag == {"client_id": ana.account_id}


async def test_asking_again_at_once_is_the_same_flag(api: Api, client_as: ClientAs) -> None:
    await client_as(Role.THERAPIST, duties=ON_CALL)
    ana = await client_as(Role.CLIENT)
    flags = {(await ana.http.post("/v1/help-now")).json()["flag_id"] for _ in range(4)}
    assert len(flags) == 1
    assert len(api.mail.sent) == 1


@pytest.mark.parametrize("failure", [NotHandedOver(), AddressRefused()])
async def test_a_failing_mail_server_does_not_fail_the_answer(
    api: Api, client_as: ClientAs, failure: Any
) -> None:
    await client_as(Role.THERAPIST, duties=ON_CALL)
    api.mail.fail_next(failure)
    answer = await api.http.post("/v1/help-now")
    assert answer.status_code == 200
    assert answer.json()["paged_at"] is not None
    assert len(await paged(api)) == 1


async def test_nobody_on_call_means_every_supervisor(api: Api, client_as: ClientAs) -> None:
    eva, ida = await client_as(Role.SUPERVISOR), await client_as(Role.SUPERVISOR)
    await api.http.post("/v1/help-now")
    assert {row["account_id"] for row in await paged(api)} == {eva.account_id, ida.account_id}


async def test_who_asks_too_often_still_gets_the_card(api: Api, client_as: ClientAs) -> None:
    await client_as(Role.THERAPIST, duties=ON_CALL)
    answers = [await api.http.post("/v1/help-now") for _ in range(8)]
    assert {answer.status_code for answer in answers} == {200}
    assert all(answer.json()["card"]["lines"] for answer in answers)
    assert len(api.mail.sent) == 5


async def test_with_postgresql_down_the_card_comes_with_a_503(api: Api) -> None:
    class Down:
        def transaction(self, *_: object) -> Any:
            raise Unavailable

    app = create_api(replace(api.services, care=Down()))  # type: ignore[arg-type]
    async with http_client(app) as http:
        answer = await http.post("/v1/help-now")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.json()["card"]["lines"][0]["call"] == "988"


async def test_the_contact_is_sealed_and_shown_to_the_queue(api: Api, client_as: ClientAs) -> None:
    eva = await client_as(Role.SUPERVISOR)
    await api.http.post("/v1/help-now", json={"contact": "walnut street 7"})
    async with api.worker.transaction() as tx:
        row = await tx.one("SELECT contact_sealed FROM risk_flags")
    assert row is not None
    assert b"walnut" not in bytes(row["contact_sealed"])
    queue = (await eva.http.get("/v1/risk-flags")).json()["items"]
    assert [flag["contact"] for flag in queue] == ["walnut street 7"]


async def answer(person: Person, flag_id: str, safe: bool) -> Any:
    return await person.http.post(f"/v1/risk-flags/{flag_id}/safe-now", json={"safe": safe})


async def test_not_safe_pages_in_the_request(api: Api, client_as: ClientAs) -> None:
    on_call = await client_as(Role.THERAPIST, duties=ON_CALL)
    ana = await ready(client_as)
    flag_id = (await phq9(ana, 1))["question"]["flag_id"]
    assert api.mail.sent == []
    said = (await answer(ana, flag_id, False)).json()
    assert (said["state"], said["urgency"]) == ("open", "page_now")
    assert [letter.account_id for letter in api.mail.sent] == [on_call.account_id]


async def test_safe_is_a_same_day_task_and_pages_nobody(api: Api, client_as: ClientAs) -> None:
    await client_as(Role.THERAPIST, duties=ON_CALL)
    ana = await ready(client_as)
    flag_id = (await phq9(ana, 1))["question"]["flag_id"]
    said = (await answer(ana, flag_id, True)).json()
    assert (said["state"], said["urgency"], said["paged_at"]) == ("open", "same_day", None)
    async with api.worker.transaction() as tx:
        row = await tx.one("SELECT due_at - opened_at < interval '25 hours' AS soon FROM risk_flags")
    assert row == {"soon": True}


async def test_not_safe_pages_even_after_a_yes_or_after_someone_read_it(
    api: Api, client_as: ClientAs
) -> None:
    await client_as(Role.THERAPIST, duties=ON_CALL)
    eva = await client_as(Role.SUPERVISOR)
    ana = await ready(client_as)
    flag_id = (await phq9(ana, 1))["question"]["flag_id"]
    await answer(ana, flag_id, True)
    await eva.http.post(f"/v1/risk-flags/{flag_id}/acknowledge")
    said = (await answer(ana, flag_id, False)).json()
    assert (said["state"], said["urgency"]) == ("open", "page_now")
    assert len(await paged(api)) == 1


async def test_a_yes_after_a_no_calls_nobody_off(client_as: ClientAs) -> None:
    await client_as(Role.THERAPIST, duties=ON_CALL)
    ana = await ready(client_as)
    flag_id = (await phq9(ana, 1))["question"]["flag_id"]
    await answer(ana, flag_id, False)
    assert (await answer(ana, flag_id, True)).json()["urgency"] == "page_now"


async def test_nobody_answers_for_somebody_else(client_as: ClientAs) -> None:
    ana, ben = await ready(client_as), await client_as(Role.CLIENT)
    flag_id = (await phq9(ana, 1))["question"]["flag_id"]
    not_mine, not_there = await answer(ben, flag_id, True), await answer(ben, str(uuid4()), True)
    assert (not_mine.status_code, not_mine.json()) == (not_there.status_code, not_there.json())
    assert not_mine.status_code == 404


async def test_a_locked_device_cannot_say_safe(client_as: ClientAs) -> None:
    ana = await ready(client_as)
    flag_id = (await phq9(ana, 1))["question"]["flag_id"]
    await locked(ana)
    assert (await answer(ana, flag_id, True)).status_code == 423


async def test_only_a_named_clinician_with_a_rationale_closes(api: Api, client_as: ClientAs) -> None:
    eva = await client_as(Role.SUPERVISOR)
    ana = await client_as(Role.CLIENT)
    flag_id = (await ana.http.post("/v1/help-now")).json()["flag_id"]
    path = f"/v1/risk-flags/{flag_id}/close"
    for role in (Role.BILLING, Role.ADMINISTRATOR, Role.THERAPIST, Role.CLIENT):
        other = await client_as(role)
        assert (await other.http.post(path, json={"rationale": "fine"})).status_code == 404
    assert (await eva.http.post(path, json={"rationale": "  "})).status_code == 422
    closed = await eva.http.post(path, json={"rationale": "Spoke by phone, plan agreed."})
    assert closed.json()["state"] == "closed"
    again = await eva.http.post(path, json={"rationale": "Once more"})
    assert (again.status_code, again.json()["code"]) == (409, "flag_closed")
    assert (await eva.http.get("/v1/risk-flags")).json()["items"] == []
    async with api.worker.transaction() as tx:
        row = await tx.one("SELECT closed_by, rationale_sealed FROM risk_flags")
    assert row is not None
    assert row["closed_by"] == eva.account_id
    assert b"phone" not in bytes(row["rationale_sealed"])


async def test_reading_a_flag_names_who_read_it(client_as: ClientAs) -> None:
    on_call = await client_as(Role.THERAPIST, duties=ON_CALL)
    ana = await client_as(Role.CLIENT)
    flag_id = (await ana.http.post("/v1/help-now")).json()["flag_id"]
    read = await on_call.http.post(f"/v1/risk-flags/{flag_id}/acknowledge")
    assert (read.json()["state"], read.json()["acknowledged_by"]) == ("acknowledged", "Therapist Staff")


async def test_a_flag_of_nobody_known_is_for_the_readers_of_the_queue(api: Api, client_as: ClientAs) -> None:
    on_call = await client_as(Role.THERAPIST, duties=ON_CALL)
    tom = await client_as(Role.THERAPIST)
    flag_id = (await api.http.post("/v1/help-now")).json()["flag_id"]
    assert (await tom.http.post(f"/v1/risk-flags/{flag_id}/acknowledge")).status_code == 403
    assert (await on_call.http.post(f"/v1/risk-flags/{flag_id}/acknowledge")).status_code == 200


async def test_another_device_shows_the_open_question(api: Api, client_as: ClientAs) -> None:
    ana = await ready(client_as)
    flag_id = (await phq9(ana, 3))["question"]["flag_id"]
    async with await another_device(api, ana) as phone:
        assert [q["flag_id"] for q in (await phone.get("/v1/risk-flags/mine")).json()] == [flag_id]
        await phone.post(f"/v1/risk-flags/{flag_id}/safe-now", json={"safe": True})
    assert (await ana.http.get("/v1/risk-flags/mine")).json() == []
