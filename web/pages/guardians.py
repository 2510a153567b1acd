"""A guardian's consent: what the client sees of it, and the one page a guardian's link opens."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from api.deps import Care, InServices, Visitor, own
from domain.access import Action, Actor
from domain.errors import Conflict, FieldError, Invalid, TooMany
from domain.guardians import GUARDIAN_FORM, Answer
from domain.journeys import Step
from records import guardian_letters, guardians, intake, relations
from records.guardians import Asked, Reply
from web.pages.forms import text_of, typed
from web.pages.frame import InAnyFrame, InFrame, go
from web.pages.journeys import journey_at
from web.pages.refusals import PageRoute
from web.views.intake import GuardianAskedView, GuardianView
from web.views.shell import Form

router = APIRouter(route_class=PageRoute)

_WRONG = {
    "born_does_not_match": "This is not the date of birth we were told.",
    "not_a_date": "Please give a date.",
    "missing": "Please type your full name.",
}


@router.get("/journey/guardian")
async def show_letter(
    frame: InFrame, tx: Care, actor: Annotated[Actor, Depends(own(Action.READ_JOURNEY))]
) -> Response:
    """To whom we wrote, and what came back."""
    beside = await journey_at(frame, tx, Step.CONSENTS, "Your parent or guardian")
    found = await guardian_letters.letter(tx, actor.account_id)
    view = GuardianAskedView(beside)
    if found is not None:
        view = GuardianAskedView(
            beside,
            found.email,
            found.asked_at,
            found.expires_at,
            found.mailed_at,
            found.answer or "",
            found.answered_at,
        )
    return frame.page("journey/guardian.html", view, "/journey")


@router.post("/journey/guardian")
async def write_again(tx: Care, actor: Annotated[Actor, Depends(own(Action.SAVE_INTAKE))]) -> Response:
    """Another letter, with a new link."""
    client = await relations.writable_chart(tx, actor.account_id, Action.SAVE_INTAKE)
    await intake.write_again(tx, client)
    return go("/journey/guardian", "sent")


@router.get("/guardian/{token}")
async def show_question(token: UUID, frame: InAnyFrame, tx: Visitor) -> Response:
    """What a guardian is asked: no name, nothing of what was told."""
    return frame.page("guardian.html", _view(token, await guardians.asked(tx, token)))


@router.post("/guardian/{token}")
async def reply(token: UUID, frame: InAnyFrame, request: Request, services: InServices) -> Response:
    """Yes, no, or not any more."""
    form = await request.form()
    problem, errors = "", {}
    try:
        answer = _answer(text_of(form, "answer", most=20))
        said = Reply(
            answer,
            _date(text_of(form, "date_of_birth")),
            text_of(form, "signature"),
            text_of(form, "version"),
        )
        found = await guardians.reply(services.care, token, said)
        return frame.page("guardian.html", _view(token, found))
    except Invalid as refusal:
        errors = {
            each.field: _WRONG.get(each.code, "Please look at this once more.") for each in refusal.errors
        }
    except TooMany:
        problem = "That was often. Please try again tomorrow, or ask for a new letter."
    except Conflict:
        problem = "This page was out of date. Please read it once more."
    async with services.care.transaction() as tx:
        view = _view(
            token, await guardians.asked(tx, token), Form(typed(form), errors=errors, problem=problem)
        )
    return frame.page("guardian.html", view, status=422)


def _view(token: UUID, found: Asked, form: Form | None = None) -> GuardianView:
    return GuardianView(
        str(token),
        GUARDIAN_FORM.paragraphs,
        GUARDIAN_FORM.version,
        found.answer or "",
        found.over,
        form or Form(),
    )


def _answer(text: str) -> Answer:
    if text not in set(Answer):
        raise Invalid(FieldError("answer", "unknown"))
    return Answer(text)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid(FieldError("date_of_birth", "not_a_date")) from error
