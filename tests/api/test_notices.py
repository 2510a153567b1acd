"""Notices over the API: one's own, page by page, read once."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from people import PASSWORD, Api, ClientAs, Person, register, sign_in

from domain.access import Duty, Role
from integrations.notify.port import Template
from integrations.notify.texts import TEXTS
from records.notices import notify
from web.app import mount_pages
from web.pages.notices import PAGE


async def tell(api: Api, who: Person, template: str, count: int = 1, room_id: UUID | None = None) -> None:
    for n in range(count):
        async with api.worker.transaction() as tx:
            now = tx.now
        async with api.worker.transaction(at=now - timedelta(minutes=count - n)) as tx:
            await notify(tx, who.account_id, template, uuid4(), room_id)


async def listed(who: Person, **asked: Any) -> dict[str, Any]:
    answer = await who.http.get("/v1/notices", params=asked)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_a_notice_says_what_and_where_and_is_read_once(api: Api, client_as: ClientAs) -> None:
    who, room_id = await client_as(Role.THERAPIST), uuid4()
    await tell(api, who, "answer_late", room_id=room_id)
    [item] = (await listed(who))["items"]
    assert (item["template"], item["text"], item["href"], item["room_id"], item["read_at"]) == (
        "answer_late",
        "An answer of yours is late.",
        f"/rooms/{room_id}",
        str(room_id),
        None,
    )
    body = {"notice_ids": [item["notice_id"], str(uuid4())]}
    for _ in range(2):
        assert (await who.http.post("/v1/notices/read", json=body)).status_code == 204
    [read] = (await listed(who))["items"]
    assert read["read_at"] is not None
    assert read == {**item, "read_at": read["read_at"]}
    assert (await listed(who, unread=True))["items"] == []


async def test_pages_go_on_by_cursor_until_there_is_none(api: Api, client_as: ClientAs) -> None:
    who = await client_as(Role.SUPERVISOR)
    await tell(api, who, "promise_broken", 5)
    seen: list[str] = []
    cursor = None
    for _ in range(3):
        page = await listed(who, limit=2, **({"cursor": cursor} if cursor else {}))
        seen += [item["created_at"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert cursor is None
    assert len(seen) == 5
    assert seen == sorted(seen, reverse=True)


async def test_all_up_to_one_and_no_other_way(api: Api, client_as: ClientAs) -> None:
    who, other = await client_as(Role.BILLING), await client_as(Role.BILLING)
    await tell(api, who, "batch_refused", 3)
    await tell(api, other, "batch_refused")
    items = (await listed(who))["items"]
    theirs = (await listed(other))["items"][0]["notice_id"]
    for body, status in (
        ({"up_to": items[1]["notice_id"]}, 204),
        ({"up_to": theirs}, 404),
        ({"notice_ids": [theirs]}, 204),
        ({}, 422),
        ({"up_to": theirs, "notice_ids": [theirs]}, 422),
        ({"notice_ids": [str(uuid4())] * 201}, 422),
    ):
        assert (await who.http.post("/v1/notices/read", json=body)).status_code == status, body
    assert [bool(each["read_at"]) for each in (await listed(who))["items"]] == [False, True, True]
    assert (await listed(other))["items"][0]["read_at"] is None
    assert (await who.http.get("/v1/notices", params={"cursor": theirs})).status_code == 404


async def test_all_can_be_marked_also_when_what_is_unread_stands_on_an_older_page(
    api: Api, client_as: ClientAs
) -> None:
    mount_pages(api.app)
    who = await client_as(Role.SUPERVISOR)
    await tell(api, who, "promise_broken", PAGE + 2)
    newest = [item["notice_id"] for item in (await listed(who, limit=PAGE))["items"]]
    await who.http.post("/v1/notices/read", json={"notice_ids": newest})
    page = (await who.http.get("/notices")).text
    assert 'class="unread"' not in page
    assert "Mark all as read" in page
    older = re.search(r'href="(/notices\?cursor=[^"]+)"', page)
    assert older is not None
    assert (await who.http.get(older[1])).text.count('class="unread"') == 2
    who.http.cookies.set("kindroom_csrf", "t")
    form = {"csrf_token": "t", "up_to": newest[0]}
    answer = await who.http.post("/notices/read", data=form)
    assert answer.headers["location"] == "/notices?said=all_read"
    assert "Mark all as read" not in (await who.http.get("/notices")).text
    assert (await listed(who, unread=True))["items"] == []


async def test_the_letter_of_a_page_leads_to_where_it_is_answered(api: Api, client_as: ClientAs) -> None:
    mount_pages(api.app)
    assert "{link}/on-call\n" in TEXTS[Template.PAGE].body
    for who, place in (
        (await client_as(Role.SUPERVISOR), "/flags"),
        (await client_as(Role.THERAPIST, duties=frozenset({Duty.ON_CALL})), "/flags"),
        (await client_as(Role.THERAPIST), "/notices"),
    ):
        answer = await who.http.get("/on-call")
        assert (answer.status_code, answer.headers["location"]) == (303, place)
        assert (await who.http.get(place)).status_code == 200
    answer = await api.http.get("/on-call")
    assert answer.headers["location"] == "/sign-in?next=/on-call"


class TestConfirming:
    """With accounts that are not confirmed at once."""

    @pytest.fixture
    def overrides(self) -> dict[str, Any]:
        return {"confirm_at_once": False}

    async def test_a_confirmed_address_waits_for_nobody_and_its_proof_is_not_shown(self, api: Api) -> None:
        await register(api, "ana@example.org")
        async with api.worker.transaction() as tx:
            row = await tx.one("SELECT subject_id FROM notices WHERE template = 'confirm_address'")
        assert row is not None
        body = {"token": str(row["subject_id"]), "password": PASSWORD}
        assert (await api.http.post("/v1/clients/confirm", json=body)).status_code == 204
        token = (await sign_in(api, "ana@example.org")).json()["access_token"]
        answer = await api.http.get("/v1/notices", headers={"Authorization": f"Bearer {token}"})
        [item] = answer.json()["items"]
        assert (item["template"], item["subject_id"]) == ("confirm_address", None)
        assert item["read_at"] is not None
        assert str(row["subject_id"]) not in answer.text
