"""The desk of our matching team: everyone considered for a client, and placing by hand."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from api.deps import Care, OnceOnly, allowed
from api.offers import AcceptedOut, MissOut, miss_out
from api.schemas import Input, InWindow
from domain.access import Action
from domain.ids import TherapistId
from domain.match_states import Block, MatchStatus, waits_for
from records import blocks, match_desk, relations
from records.database import Row
from records.rankings import Considered

router = APIRouter(prefix="/v1", tags=["matches"])


class ConsideredOut(BaseModel):
    """A therapist on the desk: eligible with score and reasons, or rejected with codes and words."""

    therapist_id: UUID
    name: str
    position: int | None
    score: float | None
    reasons: list[str]
    reason_codes: list[str]
    terms: dict[str, float]


class DeskOut(BaseModel):
    """A search with everyone considered. `switch_reason`: why a client in care looks for another, if they said."""

    match_id: UUID
    client_id: UUID
    client_code: str
    state: str | None
    status: MatchStatus
    misses: int
    due_at: datetime | None
    candidates: list[ConsideredOut]
    rejected: list[ConsideredOut]
    offers: list[MissOut]
    switching: bool = False
    switch_reason: str | None = None


class DeskLineOut(BaseModel):
    """A search on the desk's list. `waits_for`: who acts now; `reason_codes`: why how many therapists cannot be."""

    match_id: UUID
    client_id: UUID
    client_code: str
    state: str | None
    status: MatchStatus
    waits_for: str
    misses: int
    since: datetime
    due_at: datetime | None
    eligible: int
    rejected: int
    reason_codes: dict[str, int]
    switching: bool


class DeskListOut(BaseModel):
    """Those that wait for a person at the top."""

    items: list[DeskLineOut]
    next_cursor: str | None = None


class PlaceIn(Input):
    """Who takes the client."""

    therapist_id: UUID


class KeepApartIn(Input):
    """Who is never to be this client's therapist, and why in a word."""

    therapist_id: UUID
    reason: Block


@router.get("/match-desk", dependencies=[Depends(allowed(Action.READ_MATCH_DESK))])
async def list_desk(tx: Care, window: InWindow) -> DeskListOut:
    """Searches that are not decided."""
    lines = [
        DeskLineOut(match_id=row["id"], since=row["created_at"], **_line(row))
        for row in await match_desk.waiting(tx)
    ]
    return DeskListOut(**window.of(lines))


def _line(row: Row) -> Row:
    names = ("client_id", "client_code", "state", "status", "misses", "due_at", "eligible", "rejected")
    return {
        **{name: row[name] for name in (*names, "switching")},
        "waits_for": waits_for(MatchStatus(row["status"])),
        "reason_codes": dict(row["why"] or ()),
    }


@router.get("/match-desk/{search_id}")
async def read_desk(search_id: UUID, tx: Care) -> DeskOut:
    """Everyone considered for a client, each with reasons. `search_id` is the search's or the client's id."""
    match = await match_desk.whose(tx, search_id)
    client = await relations.readable_chart(tx, match["client_id"], Action.READ_MATCH_DESK)
    found = await match_desk.desk(tx, client, match)
    return DeskOut(
        match_id=match["id"],
        client_id=match["client_id"],
        client_code=found.client_code,
        state=found.state,
        status=match["status"],
        misses=match["misses"],
        due_at=found.due_at,
        candidates=[_considered_out(each) for each in found.considered if each.position],
        rejected=[_considered_out(each) for each in found.considered if not each.position],
        offers=[miss_out(row) for row in found.offers if row["decided_at"]],
        switching=match["from_room_id"] is not None,
        switch_reason=found.leaving,
    )


@router.post("/match-desk/{search_id}/place", response_model=AcceptedOut, status_code=201)
async def place_client(search_id: UUID, body: PlaceIn, tx: Care, once: OnceOnly) -> JSONResponse:
    """Give the client to a therapist who was found in person. The hard filters hold; a licence has no override."""
    match = await match_desk.whose(tx, search_id)
    permit = await relations.writable_chart(tx, match["client_id"], Action.PLACE_CLIENT)

    async def work() -> AcceptedOut:
        therapist_id = TherapistId(body.therapist_id)
        return AcceptedOut(room_id=await match_desk.place(tx, permit, match["id"], therapist_id))

    return await once(tx, body, work)


@router.post("/match-desk/{search_id}/offer", status_code=204)
async def offer_client(search_id: UUID, body: PlaceIn, tx: Care) -> None:
    """Ask a therapist by an offer, one at a time: their yes opens the room. 409 with the filter that stops it."""
    match = await match_desk.whose(tx, search_id)
    permit = await relations.writable_chart(tx, match["client_id"], Action.PLACE_CLIENT)
    await match_desk.ask(tx, permit, match["id"], TherapistId(body.therapist_id))


@router.post("/match-desk/{search_id}/look-again", status_code=204)
async def look_again(search_id: UUID, tx: Care) -> None:
    """Rank anew with today's places and licences; whoever fits is put to the client."""
    match = await match_desk.whose(tx, search_id)
    permit = await relations.writable_chart(tx, match["client_id"], Action.PLACE_CLIENT)
    await match_desk.look_again(tx, permit, match["id"])


@router.post("/match-desk/{search_id}/keep-apart", status_code=204)
async def keep_apart(search_id: UUID, body: KeepApartIn, tx: Care) -> None:
    """Never this therapist for this client."""
    match = await match_desk.whose(tx, search_id)
    permit = await relations.writable_chart(tx, match["client_id"], Action.PLACE_CLIENT)
    await blocks.keep_apart(tx, permit, TherapistId(body.therapist_id), body.reason)


def _considered_out(each: Considered) -> ConsideredOut:
    return ConsideredOut(
        therapist_id=each.therapist_id,
        name=each.name,
        position=each.position,
        score=each.score,
        reasons=list(each.reasons),
        reason_codes=list(each.rejected),
        terms=each.terms,
    )
