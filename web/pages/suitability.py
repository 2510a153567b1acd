"""What care we recommend to a client and why; and the list of those for whom a clinician has the word."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from api.deps import Care, allowed, own
from domain.access import Action, Actor
from domain.intake_editions import FORMS
from domain.journeys import Step
from domain.stages import Wait
from domain.states import STATES
from domain.suitability import BY_CODE, RECOMMENDATION, Rule, Suitability
from records import journeys, relations, suitability
from records.database import Transaction
from records.suitability import Undecided
from web.pages.forms import text_of, typed
from web.pages.frame import Frame, InFrame, go
from web.pages.journeys import journey_at
from web.pages.refusals import PageRoute
from web.views.intake import CareView, EarlierRow, SuitabilityView, UndecidedRow
from web.views.shell import Choice, Form

router = APIRouter(route_class=PageRoute)

LEVELS = {
    Suitability.LIVE: "Live care recommended",
    Suitability.HIGHER_CARE: "Higher care recommended",
    None: "A minor whom no pathway serves there",
}
CHOICES = (
    Choice("messaging", "Messages suit", "The way in goes on."),
    Choice("live", "Refer to live care", "The way in ends here; your letter says where to turn."),
    Choice("higher_care", "Refer to higher care", "The way in ends here; your letter says where to turn."),
)
SAID = {
    Suitability.MESSAGING: "Messages suit",
    Suitability.LIVE: "Referred to live care",
    Suitability.HIGHER_CARE: "Referred to higher care",
}
_WRONG = {
    "rationale": "Say why; it stays with your name.",
    "letter": "Tell them where to turn.",
    "suitability": "Please choose one.",
}


@router.get("/journey/recommendation")
async def show_care(
    frame: InFrame, tx: Care, actor: Annotated[Actor, Depends(own(Action.READ_JOURNEY))]
) -> Response:
    """What we recommend, in plain words, with the ways to a person now."""
    found = await suitability.standing(tx, actor.account_id)
    now = await journeys.view(tx, actor.account_id)
    beside = await journey_at(frame, tx, Step.INTAKE, "The care that fits you")
    waits = now.wait is Wait.SUITABILITY
    if found is None or (found.suitability is Suitability.MESSAGING and not waits):
        view = CareView(beside, "", (), decided=found is not None and found.decided)
    elif found.suitability is Suitability.MESSAGING:
        view = CareView(beside, now.next_step, (), by=now.due_at)
    else:
        view = CareView(
            beside,
            RECOMMENDATION[found.suitability] if not found.decided else "",
            tuple((rule.words, _place(rule)) for rule in _known(found.rules)),
            found.letter,
            found.decided,
            now.due_at if waits else None,
        )
    return frame.page("journey/care.html", view, "/journey")


@router.get("/suitability", dependencies=[Depends(allowed(Action.READ_SUITABILITY))])
async def show_undecided(frame: InFrame, tx: Care) -> Response:
    """Who waits for a decision."""
    return await _list(frame, tx)


@router.post("/suitability/{client_id}")
async def decide(client_id: UUID, request: Request, frame: InFrame, tx: Care) -> Response:
    """A clinician's decision with reasons."""
    client = await relations.writable_chart(tx, client_id, Action.DECIDE_SUITABILITY)
    form = await request.form()
    chosen = text_of(form, "suitability")
    rationale, letter = text_of(form, "rationale", most=4_000), text_of(form, "letter", most=4_000)
    wrong = {}
    if chosen not in set(Suitability):
        wrong["suitability"] = _WRONG["suitability"]
    if not rationale:
        wrong["rationale"] = _WRONG["rationale"]
    if chosen in (Suitability.LIVE, Suitability.HIGHER_CARE) and not letter:
        wrong["letter"] = _WRONG["letter"]
    if wrong:
        return await _list(frame, tx, client_id, Form(typed(form), errors=wrong), 422)
    await suitability.decide(tx, client, Suitability(chosen), rationale, letter)
    return go("/suitability", "decided")


async def _list(
    frame: Frame, tx: Transaction, at: UUID | None = None, form: Form | None = None, status: int = 200
) -> Response:
    rows = tuple(
        _row(each, form if form is not None and each.client_id == at else Form())
        for each in await suitability.undecided(tx)
    )
    return frame.page("staff/suitability.html", SuitabilityView(rows, CHOICES), "/suitability", status)


def _row(each: Undecided, form: Form) -> UndecidedRow:
    known = _known(each.rules)
    return UndecidedRow(
        str(each.client_id),
        each.code,
        STATES[each.state].name if each.state in STATES else "",
        LEVELS[each.suitability],
        tuple((rule.staff, rule.source) for rule in known),
        each.since,
        each.due_at,
        each.suitability is not None,
        tuple(EarlierRow(SAID[one.suitability], one.by, one.at, one.rationale) for one in each.earlier),
        form,
    )


def _known(codes: Iterable[str]) -> list[Rule]:
    return [BY_CODE[code] for code in codes if code in BY_CODE]


def _place(rule: Rule) -> str:
    """Where the answer is changed that a rule speaks of; nowhere for a screener, which is taken again."""
    steps = FORMS[-1].steps
    return next(
        (f"/journey/intake/{step.name}" for step in steps for each in step.fields if each.name == rule.field),
        "",
    )
