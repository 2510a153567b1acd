"""Questionnaires: their words, and answers to them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field, StrictInt

from api.deps import Care, OnceOnly, own
from api.risk import QuestionOut, question_out
from api.schemas import Input
from domain.access import Action, Actor
from domain.errors import FieldError, Invalid
from domain.instruments import Instrument, Item, Option
from records import check_in_measures, journeys, measures, relations, screening

router = APIRouter(prefix="/v1/measures", tags=["measures"])


class OptionOut(BaseModel):
    """One answer that can be chosen."""

    value: int
    text: str
    loinc: str | None


class ItemOut(BaseModel):
    """One question. `options` where it has answers of its own; `after`: it is put only after yes (1) to that one."""

    n: int
    text: str
    loinc: str | None
    options: list[OptionOut]
    after: int | None


class InstrumentOut(BaseModel):
    """A questionnaire as it is put to the client."""

    name: str
    title: str
    stem: str
    items: list[ItemOut]
    options: list[OptionOut]
    closing_question: ItemOut | None
    licence: str
    loinc_panel: str | None


class AnswersIn(Input):
    """Answers in the order of the questions; null for one that was skipped. Yes is 1, no is 0.

    `closing` answers the closing question, where there is one. It is kept, and never scored.
    """

    answers: Annotated[list[StrictInt | None], Field(max_length=60)]
    closing: StrictInt | None = None


class ResultOut(BaseModel):
    """What the answers say. `ask_again`: skipped questions to put once more; `question`: put at once."""

    response_id: UUID
    instrument: str
    taken_at: datetime
    complete: bool
    total: int | None
    band: str | None
    missing: list[int]
    ask_again: list[int]
    question: QuestionOut | None = None


class TakenOut(BaseModel):
    """A result on file, under the measure's published keys."""

    response_id: UUID
    instrument: str
    taken_at: datetime
    figures: dict[str, Any]


class HistoryOut(BaseModel):
    """Results on file, oldest first."""

    items: list[TakenOut]
    next_cursor: str | None = None


class MeasureOut(BaseModel):
    """A questionnaire that can be answered here. `wanted`: it is asked now; `taken_at`: when it was finished last."""

    name: str
    title: str
    wanted: bool
    taken_at: datetime | None


class MeasuresOut(BaseModel):
    """All of them, in the order in which they are put."""

    items: list[MeasureOut]
    next_cursor: str | None = None


@router.get("")
async def list_measures(
    tx: Care, actor: Annotated[Actor, Depends(own(Action.ANSWER_MEASURE))]
) -> MeasuresOut:
    """What can be answered here, and what is asked now."""
    taken = await screening.last_taken(tx, actor.account_id)
    wanted = (
        *await journeys.measures_left(tx, actor.account_id),
        *await check_in_measures.left(tx, actor.account_id),
    )
    names = (await screening.policy(tx)).switched_on
    return MeasuresOut(
        items=[
            MeasureOut(
                name=name,
                title=(await screening.instrument(tx, name)).title,
                wanted=name in wanted,
                taken_at=taken.get(name),
            )
            for name in names
        ]
    )


@router.get("/{name}", dependencies=[Depends(own(Action.ANSWER_MEASURE))])
async def read_measure(name: str, tx: Care) -> InstrumentOut:
    """The questionnaire of this name, such as PHQ-9."""
    return instrument_out(await screening.instrument(tx, name))


@router.post("/{name}/responses", status_code=201, response_model=ResultOut)
async def answer_measure(
    name: str,
    body: AnswersIn,
    tx: Care,
    once: OnceOnly,
    actor: Annotated[Actor, Depends(own(Action.ANSWER_MEASURE))],
) -> JSONResponse:
    """Answer it. Item 9 of the PHQ-9 above 0 asks "are you safe right now?" in `question`."""

    async def work() -> ResultOut:
        client = await relations.writable_chart(tx, actor.account_id, Action.ANSWER_MEASURE)
        found = await screening.instrument(tx, name)
        if not found.takes_closing(body.closing):
            raise Invalid(FieldError("closing", "out_of_range"))
        return _result_out(await measures.record(tx, client, found.name, body.answers, closing=body.closing))

    return await once(tx, body, work)


@router.get("/{name}/responses")
async def list_responses(
    name: str, tx: Care, actor: Annotated[Actor, Depends(own(Action.READ_MEASURES))]
) -> HistoryOut:
    """One's own results."""
    client = await relations.readable_chart(tx, actor.account_id, Action.READ_MEASURES)
    taken = await measures.history(tx, client, (await screening.instrument(tx, name)).name)
    return HistoryOut(
        items=[
            TakenOut(response_id=t.id, instrument=t.instrument, taken_at=t.taken_at, figures=t.figures)
            for t in taken
        ]
    )


def instrument_out(found: Instrument) -> InstrumentOut:
    """A questionnaire on the wire."""
    return InstrumentOut(
        name=found.name,
        title=found.title,
        stem=found.stem,
        items=[_item_out(item) for item in found.items],
        options=_options_out(found.options),
        closing_question=found.closing_question and _item_out(found.closing_question),
        licence=found.licence,
        loinc_panel=found.loinc_panel,
    )


def _item_out(item: Item) -> ItemOut:
    return ItemOut(
        n=item.n, text=item.text, loinc=item.loinc, options=_options_out(item.options), after=item.after
    )


def _options_out(options: Sequence[Option]) -> list[OptionOut]:
    return [OptionOut(value=o.value, text=o.text, loinc=o.loinc) for o in options]


def _result_out(found: measures.Result) -> ResultOut:
    return ResultOut(
        response_id=found.id,
        instrument=found.instrument,
        taken_at=found.taken_at,
        complete=found.score.complete,
        total=found.score.total,
        band=found.score.band,
        missing=list(found.score.missing),
        ask_again=list(found.ask_again),
        question=question_out(found.flag),
    )
