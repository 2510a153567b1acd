"""The client's journey: where it stands, who acts next and by when."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from api.deps import Care, own
from domain import journeys as rules
from domain.access import Action, Actor
from domain.stages import Party, Stage, Wait
from records import journeys, pauses, rooms, suitability
from records.database import Transaction
from web.pages.frame import Frame, InFrame, go
from web.pages.refusals import PageRoute
from web.views.journeys import EarlierRoom, Journey, JourneyView, Step

router = APIRouter(route_class=PageRoute)

NAMES = {
    rules.Step.CONFIRM: "Account",
    rules.Step.INTAKE: "About you",
    rules.Step.CONSENTS: "Agreements",
    rules.Step.MEASURES: "Short questionnaires",
    rules.Step.COVERAGE: "Who pays",
    rules.Step.MATCHING: "A therapist who fits",
    rules.Step.ROOM: "Your room",
}
PLACES = {
    rules.Step.INTAKE: "/journey/intake/focus",
    rules.Step.CONSENTS: "/journey/consents",
    rules.Step.MEASURES: "/journey/questions",
    rules.Step.COVERAGE: "/journey/cover",
    rules.Step.MATCHING: "/journey/people",
}
STATES = {
    rules.StepState.DONE: "done",
    rules.StepState.CURRENT: "current",
    rules.StepState.WAITING: "current",
    rules.StepState.NEEDS_YOU: "current",
    rules.StepState.TODO: "ahead",
}
NOTES = {rules.StepState.WAITING: "We are waiting for an answer", rules.StepState.NEEDS_YOU: "Your turn"}
ACTIONS = {
    Wait.INTAKE: ("/journey/intake", "Go on"),
    Wait.SUITABILITY: ("/journey/recommendation", "See what we recommend"),
    Wait.GUARDIAN: ("/journey/guardian", "See how far it is"),
    Wait.CONSENTS: ("/journey/consents", "Read and sign"),
    Wait.MEASURES: ("/journey/questions", "Answer them"),
    Wait.COVERAGE: ("/journey/cover", "Go on"),
    Wait.PAYER_ANSWER: ("/journey/estimate", "See how far it is"),
    Wait.COVERAGE_DETAILS: ("/journey/estimate", "Look at it"),
    Wait.OTHER_COVERAGE: ("/journey/estimate", "Look at it"),
    Wait.COVERAGE_REVIEW: ("/journey/estimate", "Look at it"),
    Wait.CANDIDATES: ("/journey/people", "See how far it is"),
    Wait.CHOICE: ("/journey/people", "See who fits"),
    Wait.OFFER_ANSWER: ("/journey/people", "Look at it"),
    Wait.NEXT_OFFER: ("/journey/people", "Look at it"),
    Wait.HUMAN_MATCH: ("/journey/people", "Look at it"),
}
ClientOf = Annotated[Actor, Depends(own(Action.READ_JOURNEY))]


@router.get("/journey")
async def show_journey(frame: InFrame, tx: Care, actor: ClientOf) -> Response:
    """The overview."""
    found = await journeys.view(tx, actor.account_id)
    view = journey_view(found, frame)
    if found.stage is Stage.CLOSED and not view.next_href:
        told = await suitability.standing(tx, actor.account_id)
        if told is not None and told.letter:
            view = replace(view, next_href="/journey/recommendation", next_action="Read what we wrote to you")
    earlier = tuple(
        EarlierRoom(f"/rooms/{row['id']}", row["therapist_name"])
        for row in await rooms.headers(tx)
        if row["state"] == "closed"
    )
    return frame.page("journey/overview.html", replace(view, earlier=earlier), "/journey")


@router.get("/journey/steps")
async def show_steps(frame: InFrame, tx: Care, actor: ClientOf) -> Response:
    """The steps alone, for a page that heard of a change."""
    found = await journeys.view(tx, actor.account_id)
    return frame.page("journey/steps.html", journey_view(found, frame))


@router.post("/journey/pause")
async def pause(tx: Care, actor: Annotated[Actor, Depends(own(Action.PAUSE_JOURNEY))]) -> Response:
    """Silence reminders. Help and risk never pause."""
    await pauses.pause(tx, actor.account_id)
    return go("/journey", "paused")


@router.post("/journey/resume")
async def resume(tx: Care, actor: Annotated[Actor, Depends(own(Action.PAUSE_JOURNEY))]) -> Response:
    """Go on."""
    await pauses.resume(tx, actor.account_id)
    return go("/journey", "resumed")


def journey_view(found: rules.Journey, frame: Frame) -> JourneyView:
    """The journey as the client reads it."""
    room = next((item.href for item in frame.shell.nav if item.href.startswith("/rooms/")), "")
    at_rest = room and found.wait not in ACTIONS
    href, action = (room, "Open your room") if at_rest else ACTIONS.get(found.wait, ("", ""))
    return JourneyView(
        journey=steps_of(found, room),
        waiting_on=_turn(found),
        next_words=found.next_step or ("Your room is open." if room else "Nothing to do."),
        due_at=found.due_at,
        next_href=href,
        next_action=action,
        paused=found.paused,
        change_href=f"{room}/change" if room else "",
    )


def _turn(found: rules.Journey) -> str:
    if found.waiting_on is Party.CLIENT:
        return "Your turn"
    return "" if found.wait is Wait.NOTHING else f"With {found.owner}"


def steps_of(found: rules.Journey, room: str = "", title: str = "", sub: str = "") -> Journey:
    """The steps beside a page, the present one counted."""
    steps = tuple(
        Step(
            name=NAMES[line.name],
            state=STATES[line.state],
            href=room if line.name is rules.Step.ROOM else _href(line),
            at=line.at if line.state is rules.StepState.DONE else None,
            note=NOTES.get(line.state, ""),
        )
        for line in found.steps
    )
    current = next((n for n, step in enumerate(steps, 1) if step.state != "done"), len(steps))
    return Journey(steps, current, title or "Your journey", sub)


async def journey_at(frame: Frame, tx: Transaction, step: rules.Step, title: str, sub: str = "") -> Journey:
    """The steps beside the page of one step, that step counted."""
    found = await journeys.view(tx, frame.signed_in().account_id)
    beside = steps_of(found, title=title, sub=sub)
    place = next(n for n, line in enumerate(found.steps, 1) if line.name is step)
    return replace(beside, step=place)


def _href(line: rules.StepLine) -> str:
    return PLACES.get(line.name, "") if line.state is not rules.StepState.TODO else ""
