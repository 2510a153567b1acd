"""Questionnaires, one page each, and what a skipped or heavy answer leads to at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request, Response

from api.deps import Care, own
from domain.access import Action, Actor
from domain.errors import KindroomError, NotFound
from domain.instruments import Instrument, Item
from domain.journeys import Step
from domain.screening import BANDS, HIGHEST
from domain.screening_packs import FIRST
from domain.screening_words import result_words
from records import check_in_measures, journeys, measures, relations, screening
from records.database import Transaction
from web.charts import Band, Score, Trend, score_trend, trend_words
from web.pages.forms import many_of, typed
from web.pages.frame import Frame, InFrame, go
from web.pages.journeys import journey_at
from web.pages.refusals import PageRoute
from web.views.journeys import Journey, MeasureLine, MeasuresView, MeasureView, Question
from web.views.plans import MeasureResult
from web.views.shell import Choice, Form

router = APIRouter(route_class=PageRoute)

SHORT = {"moderately_severe": "mod. severe"}
SUBJECTS = {"PHQ-9": "PHQ-9, mood over two weeks", "GAD-7": "GAD-7, worry over two weeks"}

# The address names a questionnaire by its place: its name would be a health word.
Place = Annotated[int, Path(ge=1, le=99)]
Client = Annotated[Actor, Depends(own(Action.ANSWER_MEASURE))]


@router.get("/journey/questions")
async def list_measures(frame: InFrame, tx: Care, actor: Client) -> Response:
    """All that can be answered here, with when each was answered last."""
    taken = await screening.last_taken(tx, actor.account_id)
    wanted = await _wanted(tx, actor)
    lines = [
        MeasureLine(place, (await screening.instrument(tx, name)).title, taken.get(name), name in wanted)
        for place, name in enumerate(await _names(tx), start=1)
    ]
    view = MeasuresView(await _journey(frame, tx), tuple(lines))
    return frame.page("journey/measures.html", view, "/journey")


@router.get("/journey/questions/{place}", dependencies=[Depends(own(Action.ANSWER_MEASURE))])
async def show_measure(place: Place, frame: InFrame, tx: Care) -> Response:
    """A questionnaire."""
    return await _page(place, frame, tx, Form())


@router.post("/journey/questions/{place}")
async def answer(place: Place, request: Request, frame: InFrame, tx: Care, actor: Client) -> Response:
    """Score and keep it. A skipped question is put once more, a heavy answer leads to one plain question."""
    form = await request.form()
    found = await _found(tx, place)
    answers = [_answer(found, item, str(form.get(f"item-{item.n}", ""))) for item in found.items]
    put = found.put(answers)
    answers = [given if item.n in put else None for item, given in zip(found.items, answers, strict=True)]
    if _unseen(found, put, many_of(form, "put")):
        return await _page(place, frame, tx, Form(typed(form)), put=put, more=True)
    if all(given is None for given in answers):
        return await _page(
            place, frame, tx, Form(problem="Nothing is answered yet. One answer is enough to send it."), 422
        )
    client = await relations.writable_chart(tx, actor.account_id, Action.ANSWER_MEASURE)
    last = found.closing_question
    closing = _answer(found, last, str(form.get(f"item-{last.n}", ""))) if last else None
    result = await measures.record(tx, client, found.name, answers, closing=closing)
    if result.flag is not None and result.flag.answer_due_at is not None:
        return go("/journey/safe")
    if result.ask_again:
        asked = ", ".join(str(n) for n in result.ask_again)
        words = f"Left blank: {asked}. If you can answer now, please do; if not, send it as it is."
        return await _page(place, frame, tx, Form(typed(form), problem=words), put=put)
    return go(await next_place(tx, actor))


def _unseen(found: Instrument, put: frozenset[int], seen: Sequence[str]) -> bool:
    """Whether an answer brings a question that the page did not put; with a script it did so at once."""
    return any(item.after is not None and item.n in put and str(item.n) not in seen for item in found.items)


def _answer(found: Instrument, item: Item, given: str) -> int | None:
    return {str(option.value): option.value for option in found.options_of(item)}.get(given)


async def _names(tx: Transaction) -> tuple[str, ...]:
    return (await screening.policy(tx)).switched_on


async def _found(tx: Transaction, place: int) -> Instrument:
    """The questionnaire at a place. Raises NotFound."""
    names = await _names(tx)
    if place > len(names):
        raise NotFound
    return await screening.instrument(tx, names[place - 1])


async def _wanted(tx: Transaction, actor: Actor) -> tuple[str, ...]:
    """What is asked of this client, on the way in or along with a check-in, and not answered yet."""
    return (
        *await journeys.measures_left(tx, actor.account_id),
        *await check_in_measures.left(tx, actor.account_id),
    )


async def to_answer(tx: Transaction, client_id: UUID) -> tuple[tuple[str, str], ...]:
    """What came along with the client's check-in: title and address of each that is not answered."""
    left, names = await check_in_measures.left(tx, client_id), await _names(tx)
    titles = [(await screening.instrument(tx, name)).title for name in left]
    return tuple(
        (title, f"/journey/questions/{names.index(name) + 1}")
        for name, title in zip(left, titles, strict=True)
    )


async def next_place(tx: Transaction, actor: Actor) -> str:
    """The next one that is wanted, else the overview."""
    left, names = await _wanted(tx, actor), await _names(tx)
    return f"/journey/questions/{names.index(left[0]) + 1}" if left else "/journey"


@dataclass(frozen=True, slots=True)
class Results:
    """How the first questionnaires went over time, and the newest answer to each other one."""

    trends: tuple[Trend, ...] = ()
    others: tuple[MeasureResult, ...] = ()


async def results_of(tx: Transaction, client_id: UUID, *, in_words: bool) -> Results:
    """For whoever may read them. One left incomplete is a gap. `in_words`: for clinicians, figures and cut-offs."""
    try:
        client = await relations.readable_chart(tx, client_id, Action.READ_MEASURES)
    except KindroomError:
        return Results()
    taken = await measures.history(tx, client)
    found = (_trend(name, [each for each in taken if each.instrument == name]) for name in FIRST)
    newest = {each.instrument: each for each in taken if each.instrument not in FIRST}
    others = (
        MeasureResult(name, each.taken_at, result_words(name, each.figures) if in_words else "")
        for name, each in newest.items()
    )
    return Results(tuple(trend for trend in found if trend is not None), tuple(others))


def _trend(name: str, taken: list[measures.Taken]) -> Trend | None:
    scores = tuple(_scores(taken))
    if not scores:
        return None
    bands = [Band(floor, SHORT.get(label, label)) for floor, label in BANDS[name]]
    return score_trend(trend_words(scores), SUBJECTS[name], scores, bands, HIGHEST[name])


def _scores(taken: list[measures.Taken]) -> Iterator[Score]:
    """The answers in time; what was asked once more and answered then counts once."""
    for place, each in enumerate(taken):
        after = taken[place + 1] if place + 1 < len(taken) else None
        again = after is not None and after.taken_at - each.taken_at <= measures.ASKED_ONCE_MORE_WITHIN
        if each.figures["total"] is not None or not again:
            yield Score(each.taken_at, each.figures["total"])


async def _page(
    place: int,
    frame: Frame,
    tx: Transaction,
    form: Form,
    status: int = 200,
    *,
    put: frozenset[int] = frozenset(),
    more: bool = False,
) -> Response:
    found = await _found(tx, place)
    view = MeasureView(
        journey=await _journey(frame, tx),
        place=place,
        of=len(await _names(tx)),
        stem=found.stem,
        questions=tuple(_question(found, item, put) for item in _in_order(found)),
        form=form,
        more=more,
    )
    return frame.page("journey/measure.html", view, "/journey", status)


def _in_order(found: Instrument) -> tuple[Item, ...]:
    """Every question, one that is not scored last."""
    return (*found.items, *([found.closing_question] if found.closing_question else []))


def _question(found: Instrument, item: Item, put: frozenset[int]) -> Question:
    options = (Choice(str(option.value), option.text) for option in found.options_of(item))
    return Question(item.n, item.text, tuple(options), item.after, item.after is None or item.n in put)


async def _journey(frame: Frame, tx: Transaction) -> Journey:
    return await journey_at(frame, tx, Step.MEASURES, "Short questionnaires")
