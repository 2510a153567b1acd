"""Packs that a site switches on: asked of who comes next, in words the site may use."""

import re
from datetime import timedelta
from typing import Any

from people import Api, ClientAs
from steps import phq9, ready, sign_everything, stage_of, submit

from domain.access import Duty, Role
from records import measures
from web.app import mount_pages

AUDIT_C: dict[str, Any] = {
    "title": "Three questions",
    "stem": "In the past year:",
    "licence": "By leave of its owner",
    "items": [{"text": f"Question {n}?"} for n in (1, 2, 3)],
    "options": [{"value": n, "text": f"Answer {n}"} for n in range(5)],
}
C_SSRS: dict[str, Any] = {
    "title": "Seven questions",
    "stem": "In the past month:",
    "licence": "By leave of its owner",
    "items": [{"text": f"Question {n}?"} for n in range(1, 8)],
}


async def test_a_pack_is_asked_of_who_comes_after_it_was_switched_on_and_throws_nobody_back(
    client_as: ClientAs,
) -> None:
    admin, early = await client_as(Role.ADMINISTRATOR), await ready(client_as)
    refused = await admin.http.put("/v1/screening-packs", json={"packs": ["AUDIT-C"]})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "words_missing")
    assert (await early.http.get("/v1/measures/AUDIT-C")).status_code == 404
    brought = await admin.http.put("/v1/screening-packs/AUDIT-C/words", json=AUDIT_C)
    assert (brought.status_code, brought.json()["loinc_panel"]) == (200, "72109-2")
    wrong = await admin.http.put("/v1/screening-packs/AUDIT-C/words", json={**AUDIT_C, "items": []})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "items")
    assert (await early.http.get("/v1/measures/AUDIT-C")).status_code == 404
    switched = await admin.http.put("/v1/screening-packs", json={"packs": ["AUDIT-C", "PCL-5"]})
    assert switched.status_code == 204
    packs = {pack["name"]: pack for pack in (await admin.http.get("/v1/screening-packs")).json()["items"]}
    assert [name for name, pack in packs.items() if pack["on"]] == ["PCL-5", "AUDIT-C"]
    assert packs["C-SSRS"]["words"] is None

    ana = await ready(client_as)
    listed = (await ana.http.get("/v1/measures")).json()["items"]
    assert [(each["name"], each["wanted"]) for each in listed] == [
        ("PHQ-9", True), ("GAD-7", True), ("AUDIT-C", True), ("PCL-5", True)
    ]  # fmt: skip
    for person in (early, ana):
        await phq9(person, 0)
        await person.http.post("/v1/measures/GAD-7/responses", json={"answers": [0] * 7})
    assert await stage_of(early) == "coverage"
    assert await stage_of(ana) == "screening"
    audit = await ana.http.post("/v1/measures/AUDIT-C/responses", json={"answers": [4, 0, 0]})
    assert (audit.status_code, audit.json()["total"]) == (201, 4)
    # What is switched off again is not waited for.
    await admin.http.put("/v1/screening-packs", json={"packs": ["AUDIT-C"]})
    assert (await ana.http.get("/v1/journey")).json()["stage"] == "coverage"


async def test_the_columbia_screener_pages_and_a_skipped_one_becomes_a_task(
    api: Api, client_as: ClientAs
) -> None:
    admin, on_call = (
        await client_as(Role.ADMINISTRATOR),
        await client_as(Role.THERAPIST, duties=frozenset({Duty.ON_CALL})),
    )
    await admin.http.put("/v1/screening-packs/C-SSRS/words", json=C_SSRS)
    await admin.http.put("/v1/screening-packs", json={"packs": ["C-SSRS"]})
    ana = await ready(client_as)
    here = "/v1/measures/C-SSRS/responses"
    words = (await ana.http.get("/v1/measures/C-SSRS")).json()
    assert [option["text"] for option in words["items"][0]["options"]] == ["Yes", "No"]
    skipped = (await ana.http.post(here, json={"answers": [0, None, None, None, None, 0, 0]})).json()
    assert (skipped["ask_again"], skipped["question"]) == ([2], None)
    async with api.worker.transaction() as tx:
        tx.now += timedelta(hours=1)
        assert await measures.take_silence_for_skipping(tx) == 1
        assert await measures.take_silence_for_skipping(tx) == 0
    high = await ana.http.post(here, json={"answers": [1, 1, 0, 1, 0, 0, 0]})
    assert high.json()["band"] == "high"
    async with api.worker.transaction() as tx:
        flags = await tx.all("SELECT source, urgency FROM risk_flags ORDER BY urgency")
        pages = await tx.all("SELECT account_id FROM notices WHERE template = 'page_first_page'")
        judged = await tx.all("SELECT suitability FROM clients WHERE id = %s", (ana.account_id,))
    assert judged == [{"suitability": "higher_care"}]
    assert [(row["source"], row["urgency"]) for row in flags] == [
        ("c_ssrs", "page_now"), ("c_ssrs", "same_day")
    ]  # fmt: skip
    assert [row["account_id"] for row in pages] == [on_call.account_id]


async def test_who_skips_item_9_and_never_comes_back_to_it_is_a_task_without_temporal(
    api: Api, client_as: ClientAs
) -> None:
    ana = await client_as(Role.CLIENT)
    await submit(ana)
    await sign_everything(ana)
    assert (await phq9(ana, None))["ask_again"] == [9]
    async with api.worker.transaction() as tx:
        assert await measures.take_silence_for_skipping(tx) == 0
        tx.now += measures.SILENCE_IS_A_TASK_AFTER
        assert await measures.take_silence_for_skipping(tx) == 1
        flags = await tx.all("SELECT source, urgency, state FROM risk_flags")
    assert flags == [{"source": "item_9", "urgency": "same_day", "state": "open"}]


def numbers(page: str) -> set[int]:
    """The questions that a browser without a script shows."""
    shown = re.findall(r'<fieldset class="question([^"]*)".*?name="item-(\d)"', page, re.DOTALL)
    return {int(number) for hidden, number in shown if "needs-js" not in hidden}


async def test_without_a_script_a_yes_brings_its_questions_in_a_second_step(
    api: Api, client_as: ClientAs
) -> None:
    mount_pages(api.app)
    admin = await client_as(Role.ADMINISTRATOR)
    await admin.http.put("/v1/screening-packs/C-SSRS/words", json=C_SSRS)
    await admin.http.put("/v1/screening-packs", json={"packs": ["C-SSRS"]})
    ana = await ready(client_as)
    ana.http.cookies.set("kindroom_csrf", "t")
    here = "/journey/questions/3"
    items = (await ana.http.get("/v1/measures/C-SSRS")).json()["items"]
    assert [item["after"] for item in items] == [None, None, 2, 2, 2, None, 6]
    assert numbers((await ana.http.get(here)).text) == {1, 2, 6}

    said = {"csrf_token": "t", "item-1": "1", "item-2": "1", "item-6": "0"}
    second = await ana.http.post(here, data=said)
    assert (second.status_code, numbers(second.text)) == (200, {1, 2, 3, 4, 5, 6})
    assert re.search(r'name="item-2" value="1" checked', second.text)
    assert (await ana.http.get("/v1/measures/C-SSRS/responses")).json()["items"] == []

    # Put and left blank they are missing; an answer that a no rules out is not kept.
    put = {**said, "put": ["3", "4", "5"]}
    assert (await ana.http.post(here, data=put)).status_code == 303
    assert (await ana.http.post(here, data={**put, "item-2": "0", "item-4": "1"})).status_code == 303
    blank, ruled_out = (await ana.http.get("/v1/measures/C-SSRS/responses")).json()["items"]
    assert blank["figures"]["missing"] == ["q3", "q4", "q5"]
    assert (ruled_out["figures"]["risk"], ruled_out["figures"]["asked"]) == ("low", ["q1", "q2", "q6"])
    third = await ana.http.post(here, data={**said, "item-2": "0", "item-6": "1"})
    assert numbers(third.text) == {1, 2, 6, 7}
