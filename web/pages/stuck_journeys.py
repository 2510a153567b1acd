"""Clients on the way into care who wait: filters in the address, who must act and why, and what staff do about it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Literal
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from api.deps import Care, allowed
from api.stuck_journeys import cursor_after, place_of
from domain.access import Action, Actor, Duty, Role, WritableClientId
from domain.errors import Conflict
from domain.journey_words import WHO, WHY
from domain.stages import Party, Stage, Wait
from records import relations, stuck_journeys
from records.database import Transaction
from records.stuck_journeys import Standing, Stuck, StuckFilter, Taken
from web.pages.forms import text_of
from web.pages.frame import InFrame, go, own_path
from web.pages.refusals import PageRoute
from web.views.clocks import Filter
from web.views.shell import Choice
from web.views.stuck_journeys import StuckRow, StuckView, ToldRung

router = APIRouter(route_class=PageRoute)

HERE = "/board/journeys"
PAGE = 50
STATES = (
    Choice(Standing.STUCK, "Past due"),
    Choice(Standing.MOVING, "On the way"),
    Choice(Standing.ALL, "Everybody"),
)
STAGES = {
    Stage.REGISTERED: "New account",
    Stage.INTAKE: "Intake",
    Stage.CONSENTS: "Agreements",
    Stage.SCREENING: "Questionnaires",
    Stage.COVERAGE: "Who pays",
    Stage.MATCHING: "Finding a therapist",
    Stage.OFFER: "Offer is out",
    Stage.IN_CARE: "To another therapist",
}
TAKERS = (
    Choice(Taken.NOBODY, "Nobody"),
    Choice(Taken.MINE, "Me"),
    Choice(Taken.SOMEBODY, "Somebody"),
)
SEARCHES = frozenset({Stage.MATCHING, Stage.OFFER, Stage.IN_CARE})
Reader = Annotated[Actor, Depends(allowed(Action.READ_STUCK_JOURNEYS))]


@router.get(HERE)
async def show_stuck_journeys(
    frame: InFrame,
    tx: Care,
    actor: Reader,
    state: Standing = Standing.STUCK,
    owner: Party | Literal[""] = "",
    stage: Stage | Literal[""] = "",
    taken: Taken | Literal[""] = "",
    cursor: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """What is due first at the top."""
    chosen = StuckFilter(state, owner or None, stage or None, taken or None)
    found = await stuck_journeys.queue(tx, chosen, PAGE + 1, place_of(cursor))
    counts = await stuck_journeys.counts(tx, chosen)
    more = cursor_after(found[PAGE - 1]) if len(found) > PAGE else ""
    parties = [None, *(party for party in Party if counts[party] or party is chosen.owner)]
    view = StuckView(
        rows=tuple(_row(each) for each in found[:PAGE]),
        filters=tuple(
            Filter(
                WHO[party] if party else "Everyone",
                address(chosen, party),
                counts[party] if party else counts.total(),
                party is chosen.owner,
            )
            for party in parties
        ),
        states=STATES,
        stages=tuple(Choice(key, name) for key, name in STAGES.items()),
        takers=TAKERS,
        state=state,
        owner=owner,
        stage=stage,
        taken=taken,
        address=address(chosen, chosen.owner, cursor),
        helps=actor.role is Role.SUPERVISOR or Duty.MATCHER in actor.duties,
        supervises=actor.role is Role.SUPERVISOR,
        next_href=address(chosen, chosen.owner, more) if more else "",
    )
    return frame.page("staff/journeys.html", view, HERE)


@router.post(HERE + "/{client_id}/take")
async def take(client_id: UUID, request: Request, tx: Care) -> Response:
    """From now on it has a person's name."""
    return await _do(client_id, request, tx, stuck_journeys.take, "journey_yours")


@router.post(HERE + "/{client_id}/hand-back")
async def hand_back(client_id: UUID, request: Request, tx: Care) -> Response:
    """It is nobody's again."""
    return await _do(client_id, request, tx, stuck_journeys.hand_back, "journey_back")


@router.post(HERE + "/{client_id}/remind")
async def remind(client_id: UUID, request: Request, tx: Care) -> Response:
    """Tell whoever must act once more."""
    return await _do(client_id, request, tx, stuck_journeys.remind, "journey_reminded")


Deed = Callable[[Transaction, WritableClientId], Awaitable[object]]


async def _do(client_id: UUID, request: Request, tx: Transaction, deed: Deed, said: str) -> Response:
    """Do it and go back to the list as it was; what is not possible any more is said there."""
    back = own_path(text_of(await request.form(), "next", most=1_000), HERE)
    client = await relations.writable_chart(tx, client_id, Action.HELP_JOURNEY)
    try:
        await deed(tx, client)
    except Conflict as refusal:
        return go(back, f"journey_{refusal.code}")
    return go(back, said)


def address(chosen: StuckFilter, owner: Party | None, cursor: str = "") -> str:
    """The list with these filters, as an address."""
    query = {
        "state": "" if chosen.standing is Standing.STUCK else chosen.standing,
        "owner": owner or "",
        "stage": chosen.stage or "",
        "taken": chosen.taken or "",
        "cursor": cursor,
    }
    told = urlencode({name: text for name, text in query.items() if text})
    return f"{HERE}?{told}" if told else HERE


def _row(each: Stuck) -> StuckRow:
    rung = each.next_rung
    calling = [told for told in each.told if told.whom not in (Party.CLIENT, Party.GUARDIAN)]
    desk = f"/match-desk/{each.client_id}" if each.stage in SEARCHES else ""
    return StuckRow(
        client_id=str(each.client_id),
        client_code=each.client_code,
        stage=STAGES.get(each.stage, ""),
        who=each.owner_name or WHO[each.owner],
        why=WHY[each.wait],
        since=each.since,
        due_at=each.due_at,
        tone="late" if each.late else "soon" if calling else "",
        told=tuple(ToldRung(", ".join(told.names) or WHO[told.whom], told.at) for told in each.told),
        next_whom=WHO[rung.whom] if rung else "",
        next_at=rung.at if rung else None,
        taken_by=each.taken_by or "",
        mine=each.mine,
        may_remind=each.may_remind,
        desk=desk or ("/suitability" if each.wait is Wait.SUITABILITY else ""),
        desk_name="Match desk" if desk else "Decide" if each.wait is Wait.SUITABILITY else "",
    )
