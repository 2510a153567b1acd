"""Measures: answers and results, sealed; what item 9 asks for happens in the same transaction."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from domain.access import ReadableClientId, WritableClientId
from domain.consents import required_for
from domain.ids import new_id
from domain.journeys import Step, refuse_too_early
from domain.risk import Source, urgency_of_c_ssrs, urgency_of_item9
from domain.screening import Item9Followup, Score, answers_in_order, item9_followup, score
from domain.stages import Stage
from encryption.keys import DataKey, KeyScope
from encryption.rooms import open_field, seal_field
from records import check_in_measures, clients, consents, intake, journeys, needs
from records.database import Row, Transaction, dumps
from records.risk import Flag, raise_flag

ASKED_ONCE_MORE_WITHIN: Final = timedelta(days=1)
"""A second answer within this time is the answer to "once more", later it is a measure of its own."""

SILENCE_IS_A_TASK_AFTER: Final = timedelta(hours=1)
"""A question about safety that was skipped, put once more, and met with silence: a clinician's task of that day."""

_ITEM_9: Final = 8


@dataclass(frozen=True, slots=True)
class Result:
    """A measure as taken. `ask_again`: numbers of questions that are put once more; `question`: asked at once."""

    id: UUID
    instrument: str
    taken_at: datetime
    score: Score = field(repr=False)
    ask_again: tuple[int, ...] = ()
    flag: Flag | None = None


Answers = Sequence[int | None] | Mapping[str, object]


async def record(
    tx: Transaction,
    client: WritableClientId,
    instrument: str,
    answers: Answers,
    *,
    closing: int | None = None,
) -> Result:
    """Score and keep a measure; raise the flag that it calls for; move the journey. The answer to a `closing`
    question is kept behind the others and never scored.

    Raises Conflict (`consents_first`), NotFound for an unknown measure, Invalid naming wrong answers by place.
    """
    await journeys.hold(tx, client.id)
    await _refuse_too_early(tx, client.id)
    if not isinstance(answers, Mapping):
        answers = answers_in_order(instrument, answers)
    who = await clients.profile(tx, client.id)
    found = score(instrument, answers, sex=who.sex_on_file)
    key = await tx.key(KeyScope.CHART, client.id)
    earlier = await _earlier(tx, key, client.id, found.instrument)
    response_id = new_id()
    await tx.insert(
        "measure_responses",
        id=response_id,
        client_id=client.id,
        instrument=found.instrument,
        answers_sealed=_seal(key, client.id, "answers_sealed", response_id, _kept(answers, closing)),
        result_sealed=_seal(key, client.id, "result_sealed", response_id, dict(found.figures)),
        taken_at=tx.now,
        complete=found.complete,
        check_in_id=await check_in_measures.check_in_of(tx, client.id, found.instrument),
    )
    await tx.audit("answer_measure", subject_id=response_id)
    result = await _follow_up(tx, client.id, found, answers, response_id, earlier)
    if found.instrument == "C-SSRS":
        await intake.judge(tx, client.id)  # messages alone are not for a high risk
    await needs.keep(tx, client.id)
    await journeys.advance(tx, client.id)
    return result


def _kept(answers: Answers, closing: int | None) -> Answers:
    return answers if closing is None or isinstance(answers, Mapping) else [*answers, closing]


async def _refuse_too_early(tx: Transaction, client_id: UUID) -> None:
    """On the way in every consent comes first; in care those that measures rest on, wherever the client is now."""
    facts = await journeys.facts(tx, client_id)
    if facts.room_opened_at is None or facts.closed_at is not None:
        refuse_too_early(Step.MEASURES, facts)
    else:
        await consents.refuse_without(tx, client_id, required_for(Stage.SCREENING))


async def _follow_up(
    tx: Transaction, client_id: UUID, found: Score, answers: Answers, response_id: UUID, earlier: Any
) -> Result:
    """Skipped questions are put once more; what asks about safety is, whichever time it was skipped first."""
    source, urgency = Source.ITEM_9, None
    again = found.missing if earlier is None else ()
    await _answered_again(tx, client_id, found.instrument, response_id)
    if found.instrument == "PHQ-9" and not isinstance(answers, Mapping):
        skipped_before = earlier is not None and earlier[_ITEM_9] is None
        followup = item9_followup(answers[_ITEM_9], asked_again=skipped_before)
        urgency = urgency_of_item9(followup)
        if followup is Item9Followup.ASK_ONCE_MORE:
            again = found.missing
            await _await_answer(tx, response_id)
    elif found.instrument == "C-SSRS":
        source, urgency = Source.C_SSRS, urgency_of_c_ssrs(found.band)
        if found.band is None and earlier is not None:
            urgency = urgency_of_item9(Item9Followup.SAME_DAY_TASK)
        elif found.band is None:
            await _await_answer(tx, response_id)
    flag = None
    if urgency is not None:
        flag = await raise_flag(tx, source=source, urgency=urgency, client_id=client_id)
    return Result(response_id, found.instrument, tx.now, found, again, flag)


async def _await_answer(tx: Transaction, response_id: UUID) -> None:
    await tx.run(
        "UPDATE measure_responses SET answer_again_by = %s WHERE id = %s",
        (tx.now + SILENCE_IS_A_TASK_AFTER, response_id),
    )


async def _answered_again(tx: Transaction, client_id: UUID, instrument: str, response_id: UUID) -> None:
    """They came back to it: whatever follows now follows from this answer."""
    await tx.run(
        "UPDATE measure_responses SET answer_again_by = NULL WHERE client_id = %s AND instrument = %s"
        " AND id <> %s AND answer_again_by IS NOT NULL",
        (client_id, instrument, response_id),
    )


async def take_silence_for_skipping(tx: Transaction) -> int:
    """A task for each question about safety that was skipped, put once more, and not come back to. How many.

    Run it every few seconds in each worker process, without Temporal.
    """
    rows = await tx.all(
        "UPDATE measure_responses SET answer_again_by = NULL WHERE id IN (SELECT id FROM measure_responses"
        " WHERE answer_again_by <= %s LIMIT 50 FOR UPDATE SKIP LOCKED) RETURNING client_id, instrument",
        (tx.now,),
    )
    for row in rows:
        source = Source.C_SSRS if row["instrument"] == "C-SSRS" else Source.ITEM_9
        urgency = urgency_of_item9(Item9Followup.SAME_DAY_TASK)
        assert urgency is not None  # noqa: S101  of the rule
        await raise_flag(tx, source=source, urgency=urgency, client_id=row["client_id"])
    return len(rows)


async def _earlier(tx: Transaction, key: DataKey, client_id: UUID, instrument: str) -> Any:
    """The answers to this measure of the past day, if there are any: this one then answers "once more"."""
    row = await tx.one(
        "SELECT id, answers_sealed FROM measure_responses WHERE client_id = %s AND instrument = %s"
        " AND taken_at > %s ORDER BY taken_at DESC, id LIMIT 1",
        (client_id, instrument, tx.now - ASKED_ONCE_MORE_WITHIN),
    )
    return None if row is None else _open(key, client_id, "answers_sealed", row["id"], row["answers_sealed"])


@dataclass(frozen=True, slots=True)
class Taken:
    """A measure on file: its figures under their published keys."""

    id: UUID
    instrument: str
    taken_at: datetime
    figures: dict[str, Any] = field(repr=False)


async def history(tx: Transaction, client: ReadableClientId, instrument: str | None = None) -> list[Taken]:
    """Results on file, oldest first. The read is audited before anything is opened."""
    rows = await tx.all(
        "SELECT id, instrument, taken_at, result_sealed FROM measure_responses WHERE client_id = %(id)s"
        " AND (%(name)s::text IS NULL OR instrument = %(name)s) ORDER BY taken_at, id",
        {"id": client.id, "name": instrument},
    )
    await tx.audit("read_measures", subject_id=client.id, count=len(rows))
    key = await tx.key(KeyScope.CHART, client.id)
    return [_taken(key, client.id, row) for row in rows]


def _taken(key: DataKey, client_id: UUID, row: Row) -> Taken:
    figures = _open(key, client_id, "result_sealed", row["id"], row["result_sealed"])
    return Taken(row["id"], row["instrument"], row["taken_at"], figures)


def _seal(key: DataKey, client_id: UUID, column: str, row_id: UUID, value: object) -> bytes:
    return seal_field(key, client_id, "measure_responses", column, row_id, dumps(value))


def _open(key: DataKey, client_id: UUID, column: str, row_id: UUID, sealed: bytes) -> Any:
    return json.loads(open_field(key, client_id, "measure_responses", column, row_id, sealed))
