"""Matching: the client's candidates and choice, therapists' offers, the desk of our matching team."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from api.deps import Care, OnceOnly, SignedIn
from api.offers import MissOut, miss_out
from api.schemas import Input
from domain.access import Action
from domain.match_states import MatchStatus, next_words
from records import offers, relations
from records.match_views import SearchView, search_view
from records.rankings import Considered

router = APIRouter(prefix="/v1", tags=["matches"])


class CandidateOut(BaseModel):
    """A therapist who fits, with up to three reasons from the score (0 to 1)."""

    therapist_id: UUID
    name: str
    credential: str
    pronoun: str
    bio: str
    reasons: list[str]
    score: float


class OpenOfferOut(BaseModel):
    """Who is asked now, and until when."""

    therapist_id: UUID
    name: str
    expires_at: datetime


class MatchesOut(BaseModel):
    """The search. `next` says what comes next, `next_by` by when; `status` is `none` before a search begins."""

    match_id: UUID | None
    status: str
    candidates: list[CandidateOut]
    choice: list[UUID]
    offer: OpenOfferOut | None
    missed: list[MissOut]
    next: str
    next_by: datetime | None
    rejected_count: int
    room_id: UUID | None


class ChoiceIn(Input):
    """One to three candidates, the one liked best first."""

    therapist_ids: Annotated[list[UUID], Field(min_length=1, max_length=3)]


@router.get("/matches")
async def read_matches(tx: Care, actor: SignedIn) -> MatchesOut:
    """The client's search: candidates, the open offer, what comes next and by when."""
    me = await relations.readable_chart(tx, actor.account_id, Action.READ_MATCHES)
    return matches_out(await search_view(tx, me))


@router.post("/matches/choice", status_code=202, response_model=MatchesOut)
async def choose(body: ChoiceIn, tx: Care, actor: SignedIn, once: OnceOnly) -> JSONResponse:
    """Choose up to three, best first: they are asked in this order, one at a time."""
    me = await relations.writable_chart(tx, actor.account_id, Action.CHOOSE_MATCH)

    async def work() -> MatchesOut:
        await offers.choose(tx, me, body.therapist_ids)
        readable = await relations.readable_chart(tx, actor.account_id, Action.READ_MATCHES)
        return matches_out(await search_view(tx, readable))

    return await once(tx, body, work, 202)


def matches_out(found: SearchView) -> MatchesOut:
    """The search on the wire."""
    return MatchesOut(
        match_id=found.match["id"] if found.match else None,
        status=found.match["status"] if found.match else "none",
        candidates=[_candidate_out(each) for each in found.shown],
        choice=found.match["choice"] if found.match else [],
        offer=OpenOfferOut(
            therapist_id=found.open["therapist_id"],
            name=found.open["display_name"],
            expires_at=found.open["expires_at"],
        )
        if found.open
        else None,
        missed=[miss_out(row) for row in found.missed],
        next=_next(found),
        next_by=found.next_by,
        rejected_count=found.rejected_count,
        room_id=found.match["room_id"] if found.match else None,
    )


def _next(found: SearchView) -> str:
    if found.match is None:
        return found.journey_words
    asked = found.open["display_name"] if found.open else None
    return next_words(MatchStatus(found.match["status"]), asked, found.then, found.match["misses"])


def _candidate_out(each: Considered) -> CandidateOut:
    return CandidateOut(
        therapist_id=each.therapist_id,
        name=each.name,
        credential=each.credential,
        pronoun=each.pronoun,
        bio=each.bio,
        reasons=list(each.reasons),
        score=each.score or 0.0,
    )
