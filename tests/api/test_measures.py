"""Questionnaires, and what item 9 asks for at once."""

from typing import Any

import pytest
from people import Api, ClientAs
from steps import phq9, ready, stage_of

from domain.access import Duty, Role


async def flags(api: Api) -> list[dict[str, Any]]:
    async with api.worker.transaction() as tx:
        return await tx.all("SELECT source, urgency, state FROM risk_flags ORDER BY opened_at")


async def test_the_words_of_a_questionnaire(client_as: ClientAs) -> None:
    ana = await client_as(Role.CLIENT)
    words = (await ana.http.get("/v1/measures/GAD-7")).json()
    assert len(words["items"]) == 7
    assert words["options"][0]["text"] == "Not at all"
    missing = await ana.http.get("/v1/measures/walnut")
    assert missing.status_code == 404
    assert "walnut" not in missing.text


async def test_a_result_carries_total_and_band(client_as: ClientAs) -> None:
    ana = await ready(client_as)
    result = await phq9(ana, 0, others=2)
    assert (result["total"], result["band"], result["question"]) == (16, "moderately_severe", None)
    history = (await ana.http.get("/v1/measures/PHQ-9/responses")).json()["items"]
    assert [taken["figures"]["total"] for taken in history] == [16]


@pytest.mark.parametrize("item9", [1, 2, 3])
async def test_item_9_above_0_asks_at_once_whatever_the_total(
    api: Api, client_as: ClientAs, item9: int
) -> None:
    ana = await ready(client_as)
    question = (await phq9(ana, item9))["question"]
    assert question["text"] == "Are you safe right now?"
    assert question["card"]["lines"][0]["call"] == "988"
    assert await flags(api) == [{"source": "item_9", "urgency": "asking", "state": "asking"}]
    again = (await ana.http.get("/v1/risk-flags/mine")).json()
    assert [asked["flag_id"] for asked in again] == [question["flag_id"]]


async def test_item_9_at_0_raises_nothing(api: Api, client_as: ClientAs) -> None:
    ana = await ready(client_as)
    await phq9(ana, 0, others=3)
    assert await flags(api) == []


async def test_a_skipped_item_9_is_asked_once_more_then_a_same_day_task(
    api: Api, client_as: ClientAs
) -> None:
    on_call = await client_as(Role.THERAPIST, duties=frozenset({Duty.ON_CALL}))
    ana = await ready(client_as)
    assert (await phq9(ana, None))["ask_again"] == [9]
    assert await flags(api) == []
    assert (await phq9(ana, None))["ask_again"] == []
    assert await flags(api) == [{"source": "item_9", "urgency": "same_day", "state": "open"}]
    async with api.worker.transaction() as tx:
        told = await tx.all("SELECT account_id FROM notices WHERE template = 'risk_task'")
    assert [row["account_id"] for row in told] == [on_call.account_id]


async def test_a_measure_with_skipped_questions_counts_the_second_time(client_as: ClientAs) -> None:
    ana = await ready(client_as)
    await ana.http.post("/v1/measures/GAD-7/responses", json={"answers": [0] * 7})
    first = await phq9(ana, 0, others=None)
    assert first["ask_again"] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert await stage_of(ana) == "screening"
    assert (await phq9(ana, 0, others=None))["ask_again"] == []
    assert await stage_of(ana) == "coverage"


async def test_a_repeat_of_the_request_asks_no_second_time(api: Api, client_as: ClientAs) -> None:
    ana = await ready(client_as)
    body, headers = {"answers": [0] * 8 + [1]}, {"Idempotency-Key": "one"}
    answers = [
        await ana.http.post("/v1/measures/PHQ-9/responses", json=body, headers=headers) for _ in range(3)
    ]
    assert len({answer.json()["response_id"] for answer in answers}) == 1
    await phq9(ana, 2)
    assert len(await flags(api)) == 1


async def test_thoughts_within_30_days_in_the_intake_ask_the_same_question(
    api: Api, client_as: ClientAs
) -> None:
    ana = await client_as(Role.CLIENT)
    saved = await ana.http.put("/v1/intake", json={"safety": {"suicidal_thoughts": "within_30_days"}})
    assert saved.json()["question"]["text"] == "Are you safe right now?"
    assert [flag["source"] for flag in await flags(api)] == ["intake"]


@pytest.mark.parametrize(
    "answers", [[0] * 8, [4] * 9, [-1] * 9, [True] * 9, ["1"] * 9, [10**30] * 9, "walnut", None, [1.5] * 9]
)
async def test_wrong_answers_are_refused_without_an_echo(
    api: Api, client_as: ClientAs, answers: object
) -> None:
    ana = await ready(client_as)
    refused = await ana.http.post("/v1/measures/PHQ-9/responses", json={"answers": answers})
    assert refused.status_code == 422
    assert "walnut" not in refused.text
    assert "1000000" not in refused.text
    async with api.worker.transaction() as tx:
        assert await tx.all("SELECT id FROM measure_responses") == []


async def test_the_closing_question_is_kept_and_never_scored(client_as: ClientAs) -> None:
    ana = await ready(client_as)
    asked = (await ana.http.get("/v1/measures/PHQ-9")).json()["closing_question"]
    assert [option["value"] for option in asked["options"]] == [0, 1, 2, 3]
    here, answers = "/v1/measures/PHQ-9/responses", [1] * 8 + [0]
    assert (await ana.http.post(here, json={"answers": answers, "closing": 4})).status_code == 422
    assert (await ana.http.post(here, json={"answers": answers, "closing": 3})).json()["total"] == 8
    refused = await ana.http.post("/v1/measures/GAD-7/responses", json={"answers": [0] * 7, "closing": 0})
    assert refused.status_code == 422


async def test_answers_and_results_are_sealed(api: Api, client_as: ClientAs) -> None:
    ana = await ready(client_as)
    await phq9(ana, 0, others=3)
    async with api.worker.transaction() as tx:
        rows = await tx.all("SELECT * FROM measure_responses")
    assert b"severe" not in bytes(rows[0]["result_sealed"])
    assert set(rows[0]) == {
        "id",
        "client_id",
        "instrument",
        "answers_sealed",
        "result_sealed",
        "taken_at",
        "complete",
        "check_in_id",
        "answer_again_by",
    }
