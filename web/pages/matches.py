"""A therapist who fits: candidates with reasons, the choice, the offer that is out."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData

from api.deps import Care, own
from domain.access import Action, Actor
from domain.errors import FieldError, Invalid
from domain.journeys import Step
from domain.match_states import MatchStatus, OfferState, next_words
from records import offers, relations
from records.database import Row, Transaction
from records.match_views import SearchView, search_view
from records.rankings import Considered
from web.pages.forms import many_of, text_of
from web.pages.frame import Frame, InFrame, go, onward
from web.pages.journeys import journey_at
from web.pages.people import initials
from web.pages.refusals import PageRoute
from web.views.journeys import Candidate, MatchesView, OfferedView

router = APIRouter(route_class=PageRoute)

TITLE = "A therapist who fits"
NOBODY = "nobody"
_STATES = {
    MatchStatus.RANKING: "searching",
    MatchStatus.CHOOSING: "choosing",
    MatchStatus.OFFERING: "asking",
    MatchStatus.HUMAN: "person",
}
_MISSED = {
    OfferState.DECLINED: "{} cannot take you now.",
    OfferState.EXPIRED: "{} did not answer in time.",
    OfferState.WITHDRAWN: "{} has no place left.",
}
Reader = Annotated[Actor, Depends(own(Action.READ_MATCHES))]
Chooser = Annotated[Actor, Depends(own(Action.CHOOSE_MATCH))]


@router.get("/journey/people")
async def show_search(frame: InFrame, tx: Care, actor: Reader) -> Response:
    """Where the search stands; once it has found, the room."""
    return await _page(frame, tx, actor)


@router.post("/journey/people")
async def choose(request: Request, frame: InFrame, tx: Care, actor: Chooser) -> Response:
    """The one who is asked first, then the others, in their order."""
    chosen = chosen_order(await request.form())
    if not chosen:
        return await _page(frame, tx, actor, "Choose one of them.", 422)
    me = await relations.writable_chart(tx, actor.account_id, Action.CHOOSE_MATCH)
    await offers.choose(tx, me, chosen)
    return go("/journey/people")


async def _page(
    frame: Frame, tx: Transaction, actor: Actor, problem: str = "", status: int = 200
) -> Response:
    me = await relations.readable_chart(tx, actor.account_id, Action.READ_MATCHES)
    found = await search_view(tx, me)
    if found.match is None or found.match["status"] not in _STATES:
        room = found.match["room_id"] if found.match else None
        return onward(frame.request, f"/rooms/{room}" if room else "/journey")
    if found.open is not None:
        return frame.page("journey/offered.html", await _offered(frame, tx, found, found.open), "/journey")
    view = await _matches(frame, tx, found, found.match, problem)
    return frame.page("journey/matches.html", view, "/journey", status)


async def _matches(frame: Frame, tx: Transaction, found: SearchView, match: Row, problem: str) -> MatchesView:
    state = MatchStatus(match["status"])
    return MatchesView(
        journey=await journey_at(frame, tx, Step.MATCHING, TITLE),
        candidates=tuple(_candidate(each) for each in found.shown),
        state=_STATES[state],
        words=next_words(state, None, found.then, match["misses"]),
        before=missed_words(found),
        by=found.next_by,
        problem=problem,
    )


async def _offered(frame: Frame, tx: Transaction, found: SearchView, offer: Row) -> OfferedView:
    name = offer["display_name"]
    after = (
        f"{found.then[0]} is asked"
        if found.then
        else "you choose again, or a person of our team looks for you"
    )
    return OfferedView(
        journey=await journey_at(frame, tx, Step.MATCHING, TITLE),
        name=name,
        initials=initials(name),
        expires_at=offer["expires_at"],
        then=f"With a yes your room opens at once. Without one in time {after}; you need do nothing.",
        missed=missed_words(found),
    )


def missed_words(found: SearchView) -> str:
    """What the last offer came to; empty before any."""
    if not found.missed:
        return ""
    last = found.missed[-1]
    return _MISSED[OfferState(last["state"])].format(last["display_name"])


def _candidate(each: Considered) -> Candidate:
    return Candidate(
        therapist_id=str(each.therapist_id),
        name=each.name,
        initials=initials(each.name),
        credentials=each.credential,
        reasons=each.reasons,
        bio=each.bio,
    )


def chosen_order(form: FormData) -> list[UUID]:
    """The client's own order: the first, then `second` and `third`. Left open: the next one shown."""
    first = text_of(form, "choice")
    if not first:
        return []
    order, shown = [first], many_of(form, "shown")
    for name in ("second", "third"):
        word = text_of(form, name)
        if word == NOBODY:
            break
        left = [each for each in shown if each not in order]
        order += [word] if word and word not in order else left[:1]
    try:
        return [UUID(word) for word in order]
    except ValueError as error:
        raise Invalid(FieldError("choice", "not_an_id")) from error
