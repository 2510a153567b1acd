"""The two questionnaires of the journey, and what a skipped or heavy answer leads to at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request, Response

from api.deps import Care, own
from domain.access import Action, Actor
from domain.errors import KindroomError
from domain.instruments import instrument
from domain.journeys import Step
from domain.screening import BANDS, HIGHEST
from records import measures, relations
from records.database import Transaction
from records.journeys import FIRST_MEASURES
from web.charts import Band, Score, Trend, score_trend, trend_words
from web.pages.forms import typed
from web.pages.frame import Frame, InFrame, PageRoute, go
from web.pages.journeys import journey_at
from web.views.journeys import MeasureView, Question
from web.views.shell import Choice, Form

router = APIRouter(route_class=PageRoute)

SHORT = {"moderately_severe": "mod. severe"}
SUBJECTS = {"PHQ-9": "PHQ-9, mood over two weeks", "GAD-7": "GAD-7, worry over two weeks"}

# The address names a questionnaire by its place: its name would be a health word.
Place = Annotated[int, Path(ge=1, le=len(FIRST_MEASURES))]
Client = Annotated[Actor, Depends(own(Action.ANSWER_MEASURE))]


@router.get("/journey/questions/{place}", dependencies=[Depends(own(Action.ANSWER_MEASURE))])
async def show_measure(place: Place, frame: InFrame, tx: Care) -> Response:
    """A questionnaire."""
    return await _page(place, frame, tx, Form())


@router.post("/journey/questions/{place}")
async def answer(place: Place, request: Request, frame: InFrame, tx: Care, actor: Client) -> Response:
    """Score and keep it. A skipped question is put once more, a heavy answer leads to one plain question."""
    form = await request.form()
    found = instrument(FIRST_MEASURES[place - 1])
    values = {str(option.value): option.value for option in found.options}
    answers = [values.get(str(form.get(f"item-{item.n}", ""))) for item in found.items]
    if all(given is None for given in answers):
        return await _page(
            place, frame, tx, Form(problem="Nothing is answered yet. One answer is enough to send it."), 422
        )
    client = await relations.writable_chart(tx, actor.account_id, Action.ANSWER_MEASURE)
    result = await measures.record(tx, client, found.name, answers)
    if result.flag is not None and result.flag.answer_due_at is not None:
        return go("/journey/safe")
    if result.ask_again:
        asked = ", ".join(str(n) for n in result.ask_again)
        words = f"Left blank: {asked}. If you can answer now, please do; if not, send it as it is."
        return await _page(place, frame, tx, Form(typed(form), problem=words))
    return go(f"/journey/questions/{place + 1}" if place < len(FIRST_MEASURES) else "/journey")


async def trends_of(tx: Transaction, client_id: UUID) -> tuple[Trend, ...]:
    """How the first questionnaires went, for whoever may read them. One left incomplete is a gap."""
    try:
        client = await relations.readable_chart(tx, client_id, Action.READ_MEASURES)
    except KindroomError:
        return ()
    taken = await measures.history(tx, client)
    found = (_trend(name, [each for each in taken if each.instrument == name]) for name in FIRST_MEASURES)
    return tuple(trend for trend in found if trend is not None)


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


async def _page(place: int, frame: Frame, tx: Transaction, form: Form, status: int = 200) -> Response:
    found = instrument(FIRST_MEASURES[place - 1])
    view = MeasureView(
        journey=await journey_at(frame, tx, Step.MEASURES, "Two short questionnaires"),
        place=place,
        of=len(FIRST_MEASURES),
        stem=found.stem,
        questions=tuple(Question(item.n, item.text) for item in found.items),
        options=tuple(Choice(str(option.value), option.text) for option in found.options),
        form=form,
    )
    return frame.page("journey/measure.html", view, "/journey", status)
