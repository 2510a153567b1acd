"""Intake as a wizard: each answer is saved by itself, with a script at once, without one at the next press."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import ValidationError
from starlette.datastructures import FormData

from api.deps import Care, own
from api.intake import IntakeIn
from domain.access import Action, Actor
from domain.errors import Invalid, NotFound
from domain.intake_forms import Field, Kind, step_missing
from domain.intake_forms import Step as FormStep
from domain.intakes import nested
from domain.journeys import Step
from domain.stages import Wait
from records import intake, journeys, relations
from records.database import Transaction
from records.intake import Intake
from web.pages.forms import many_of, text_of, typed
from web.pages.frame import Frame, InFrame, go
from web.pages.intake_questions import CLEARED, form_of, question, shown_of, words_of
from web.pages.journeys import journey_at
from web.pages.refusals import PageRoute
from web.views.intake import IntakeView, Part
from web.views.shell import Form

router = APIRouter(route_class=PageRoute)

NEXT = {Wait.SUITABILITY: "/journey/recommendation", Wait.GUARDIAN: "/journey/guardian"}
"""Where the way goes on when the intake is in; else to the documents."""

Client = Annotated[Actor, Depends(own(Action.SAVE_INTAKE))]


@router.get("/journey/intake")
async def go_on(tx: Care, actor: Client) -> Response:
    """To the first part that lacks something."""
    chart = await relations.readable_chart(tx, actor.account_id, Action.READ_INTAKE)
    return go(_place(await intake.read(tx, chart)))


@router.get("/journey/intake/{part}")
async def show_part(part: str, frame: InFrame, tx: Care, actor: Client) -> Response:
    """One part, with what was saved."""
    chart = await relations.readable_chart(tx, actor.account_id, Action.READ_INTAKE)
    saved = await intake.read(tx, chart)
    return await _part_page(_step(saved, part), saved, frame, tx, form_of(saved.answers))


@router.post("/journey/intake/{part}")
async def save_part(part: str, request: Request, frame: InFrame, tx: Care, actor: Client) -> Response:
    """Keep every answer that can be kept, then go on, or say what is missing."""
    sent = await request.form()
    chart = await relations.readable_chart(tx, actor.account_id, Action.READ_INTAKE)
    step = _step(await intake.read(tx, chart), part)
    given, errors = _given(step, sent)
    client = await relations.writable_chart(tx, actor.account_id, Action.SAVE_INTAKE)
    saved = await intake.save(tx, client, nested(given), _version(sent))
    if saved.question is not None:
        return go("/journey/safe")
    later = bool(sent.get("later"))
    if later and not errors and not saved.overwrote:
        return go("/journey", "saved")
    lacking = [] if later else step_missing(step, saved.answers)
    errors |= {name: words_of(step, name) for name in lacking if name not in errors}
    if errors or saved.overwrote:
        form = form_of(saved.answers)
        asked = typed(sent)
        wrong = {name: asked[name] for name in errors if name in asked}
        form = Form({**form.values, **wrong}, form.many, errors)
        status = 422 if errors else 200
        return await _part_page(step, saved, frame, tx, form, status)
    following = _after(saved, step)
    return go(f"/journey/intake/{following}") if following else await hand_in(tx, actor)


async def hand_in(tx: Transaction, actor: Actor) -> Response:
    """Submit, or to the part that still lacks something."""
    client = await relations.writable_chart(tx, actor.account_id, Action.SAVE_INTAKE)
    chart = await relations.readable_chart(tx, actor.account_id, Action.READ_INTAKE)
    saved = await intake.read(tx, chart)
    if saved.missing:
        return go(_place(saved), "missing")
    await intake.submit(tx, client)
    found = await journeys.view(tx, actor.account_id)
    return go(NEXT.get(found.wait, "/journey/consents"))


def _step(saved: Intake, part: str) -> FormStep:
    """A part that this person is asked. Raises NotFound."""
    found = next((step for step in saved.form.shown(saved.answers) if step.name == part), None)
    if found is None:
        raise NotFound
    return found


def _place(saved: Intake) -> str:
    """The first part that lacks something; when none does, the first."""
    steps = saved.form.shown(saved.answers)
    lacking = (step.name for step in steps if step_missing(step, saved.answers))
    return f"/journey/intake/{next(lacking, steps[0].name)}"


def _after(saved: Intake, step: FormStep) -> str:
    names = [each.name for each in saved.form.shown(saved.answers)]
    place = names.index(step.name) + 1
    return names[place] if place < len(names) else ""


def _version(sent: FormData) -> int | None:
    text = text_of(sent, "version", most=12)
    return int(text) if text.isdecimal() else None


async def _part_page(
    step: FormStep, saved: Intake, frame: Frame, tx: Transaction, form: Form, status: int = 200
) -> Response:
    steps = saved.form.shown(saved.answers)
    number = steps.index(step) + 1
    view = IntakeView(
        journey=await journey_at(frame, tx, Step.INTAKE, "About you", step.title),
        part=step.name,
        number=number,
        of=len(steps),
        intro=step.intro,
        questions=tuple(question(each) for each in step.fields),
        parts=tuple(
            Part(each.title, f"/journey/intake/{each.name}", _state(each, step, saved)) for each in steps
        ),
        form=form,
        version=saved.version,
        shown=shown_of(step, saved.answers),
        elsewhere=tuple(each.label for each in saved.form.fields if each.name in saved.overwrote),
    )
    return frame.page("journey/intake.html", view, "/journey", status)


def _state(each: FormStep, here: FormStep, saved: Intake) -> str:
    if each.name == here.name:
        return "current"
    begun = any(field.name in saved.answers for field in each.fields)
    return "done" if begun and not step_missing(each, saved.answers) else "ahead"


def _given(step: FormStep, sent: FormData) -> tuple[dict[str, Any], dict[str, str]]:
    """What was changed here since the page was shown, each answer read by itself; and what cannot be read."""
    before = _shown(sent)
    given: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for field in step.fields:
        try:
            word = _sent(field, sent)
            if field.name in before and before[field.name] == word:
                continue
            value = _value(field, word)
            IntakeIn.model_validate(nested({field.name: value}))
        except (ValidationError, Invalid):
            errors[field.name] = "Please look at this once more."
            continue
        given[field.name] = value
    return given, errors


def _shown(sent: FormData) -> dict[str, Any]:
    try:
        before = json.loads(text_of(sent, "shown", most=40_000) or "{}")
    except ValueError:
        return {}
    return before if isinstance(before, dict) else {}


def _sent(field: Field, sent: FormData) -> str | list[str]:
    if field.kind is Kind.CHOICES:
        return list(many_of(sent, field.name))
    return text_of(sent, field.name, most=field.most)


def _value(field: Field, word: str | list[str]) -> Any:
    """As the API takes it. What was emptied is taken back, unless "none" is an answer."""
    if field.kind is Kind.YES_NO:
        return {"yes": True, "no": False}.get(str(word))
    if word in CLEARED and not field.none_counts:
        return None
    return word
