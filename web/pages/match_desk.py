"""The match desk: every search that is not decided with who must act and why; everyone considered; placing by hand."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Annotated, Literal
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from api.deps import Care, allowed
from domain.access import Action, Role, WritableClientId
from domain.errors import Conflict, FieldError, Invalid
from domain.ids import TherapistId
from domain.match_filters import Refusal
from domain.match_states import LIVE, SHOWN, Block, MatchStatus, OfferState, waits_for
from domain.states import STATES
from records import blocks, match_desk, relations, waiting_lists
from records.database import Row, Transaction
from records.match_desk import Desk
from records.rankings import Considered
from web.pages.forms import text_of
from web.pages.frame import Frame, InFrame, go
from web.pages.refusals import PageRoute
from web.views.clocks import Filter
from web.views.match_desk import Asked, DeskView, Person, RunRow, SearchRow, SearchView, Term

router = APIRouter(route_class=PageRoute)

HERE = "/match-desk"
ONE = HERE + "/{search_id}"
MOST_REJECTED = 100
Owner = Literal["", "matcher", "client", "therapist", "nobody"]
OWNERS = {
    "": "Everyone",
    "matcher": "One of us",
    "client": "The client",
    "therapist": "A therapist",
    "nobody": "Nobody, we are at work",
}
STATUS = {
    MatchStatus.RANKING: "Being looked for",
    MatchStatus.CHOOSING: "The client chooses",
    MatchStatus.OFFERING: "Somebody is asked",
    MatchStatus.HUMAN: "Waits for one of us",
    MatchStatus.MATCHED: "Found",
    MatchStatus.WITHDRAWN: "Ended",
}
SHORT = {
    Refusal.NO_LICENCE: "not licensed there",
    Refusal.NO_CREDENTIAL: "not with the payer",
    Refusal.AGE_OUTSIDE_BAND: "other ages",
    Refusal.LANGUAGE: "other languages",
    Refusal.NO_CAPACITY: "no free place",
    Refusal.ACUITY_OUTSIDE_SCOPE: "needs more than they take on",
    Refusal.BLOCKED: "kept apart",
    Refusal.MESSAGING_OFF: "no messaging",
    Refusal.NOT_ACCEPTING: "takes nobody new",
    Refusal.MUST_UNMET: "not what the client insists on",
    Refusal.ALREADY_ASKED: "asked already",
}
OUTCOMES = {
    OfferState.OPEN: "asked",
    OfferState.ACCEPTED: "said yes",
    OfferState.DECLINED: "said no",
    OfferState.EXPIRED: "did not answer in time",
    OfferState.WITHDRAWN: "taken back",
}
TERMS = {
    "specialty": "What they work with",
    "modality": "Way of working",
    "hours": "Hours that suit",
    "preferences": "Wishes",
    "headroom": "Free places",
    "reliability": "Promises kept",
    "outcomes": "Outcomes",
}
STOPPED = {
    "offer_open": "desk_offer_open",
    "already_matched": "desk_decided",
    "not_ranked": "desk_not_ranked",
}


@router.get(HERE, dependencies=[Depends(allowed(Action.READ_MATCH_DESK))])
async def show_desk(frame: InFrame, tx: Care, owner: Owner = "") -> Response:
    """Those who wait for one of us at the top, due first."""
    rows = await match_desk.waiting(tx)
    counts = Counter(waits_for(MatchStatus(row["status"])) for row in rows)
    filters = tuple(
        Filter(name, f"{HERE}?owner={key}" if key else HERE, counts[key] if key else len(rows), key == owner)
        for key, name in OWNERS.items()
        if not key or counts[key] or key == owner
    )
    shown = [row for row in rows if not owner or waits_for(MatchStatus(row["status"])) == owner]
    view = DeskView(
        rows=tuple(_row(row, tx.now) for row in shown),
        filters=filters,
        runs=tuple(_run(row) for row in await waiting_lists.latest(tx, 5)),
        waiting=sum(1 for row in rows if row["status"] == MatchStatus.HUMAN),
        address=f"{HERE}?owner={owner}" if owner else HERE,
    )
    return frame.page("staff/match_desk.html", view, menu_place(frame))


@router.get(ONE)
async def show_search(
    search_id: UUID,
    frame: InFrame,
    tx: Care,
    why: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    """Everyone considered for a client, with reasons. `search_id`: the search's id or the client's."""
    match = await match_desk.whose(tx, search_id)
    client = await relations.readable_chart(tx, match["client_id"], Action.READ_MATCH_DESK)
    found = await match_desk.desk(tx, client, match)
    if why and why not in set(Refusal):
        raise Invalid(FieldError("why", "unknown"))
    return frame.page("staff/match_search.html", _search(found, why), menu_place(frame))


@router.post(ONE + "/place")
async def place(search_id: UUID, request: Request, tx: Care) -> Response:
    """A therapist said yes to one of us: the room opens at once."""
    match, permit, therapist_id = await _deed(search_id, request, tx)
    try:
        await match_desk.place(tx, permit, match["id"], therapist_id)
    except Conflict as refused:
        return _stopped(match, refused)
    return go(HERE, "desk_placed")


@router.post(ONE + "/offer")
async def offer(search_id: UUID, request: Request, tx: Care) -> Response:
    """Ask a therapist by an offer."""
    match, permit, therapist_id = await _deed(search_id, request, tx)
    try:
        await match_desk.ask(tx, permit, match["id"], therapist_id)
    except Conflict as refused:
        return _stopped(match, refused)
    return go(_path(match), "desk_asked")


@router.post(ONE + "/keep-apart")
async def keep_apart(search_id: UUID, request: Request, tx: Care) -> Response:
    """Never this therapist for this client."""
    match, permit, therapist_id = await _deed(search_id, request, tx)
    word = text_of(await request.form(), "reason", least=1)
    if word not in set(Block):
        raise Invalid(FieldError("reason", "unknown"))
    await blocks.keep_apart(tx, permit, therapist_id, Block(word))
    return go(_path(match), "desk_apart")


@router.post(ONE + "/look-again")
async def look_again(search_id: UUID, tx: Care) -> Response:
    """Rank anew; whoever fits is put to the client."""
    match = await match_desk.whose(tx, search_id)
    permit = await relations.writable_chart(tx, match["client_id"], Action.PLACE_CLIENT)
    try:
        await match_desk.look_again(tx, permit, match["id"])
    except Conflict as refused:
        return _stopped(match, refused)
    return go(_path(match), "desk_again")


def menu_place(frame: Frame) -> str:
    """Supervisors come to the desk from the board; a therapist with this duty has it in the menu."""
    return "/board" if frame.signed_in().role is Role.SUPERVISOR else HERE


async def _deed(
    search_id: UUID, request: Request, tx: Transaction
) -> tuple[Row, WritableClientId, TherapistId]:
    match = await match_desk.whose(tx, search_id)
    permit = await relations.writable_chart(tx, match["client_id"], Action.PLACE_CLIENT)
    try:
        chosen = UUID(text_of(await request.form(), "therapist_id", least=1))
    except ValueError:
        raise Invalid(FieldError("therapist_id", "not_an_id")) from None
    return match, permit, TherapistId(chosen)


def _stopped(match: Row, refused: Conflict) -> Response:
    return go(_path(match), STOPPED.get(refused.code, f"desk_{refused.code}"))


def _path(match: Row) -> str:
    return f"{HERE}/{match['id']}"


def _row(row: Row, now: datetime) -> SearchRow:
    status = MatchStatus(row["status"])
    late = row["due_at"] is not None and row["due_at"] < now
    return SearchRow(
        search_id=str(row["id"]),
        client_code=row["client_code"],
        state=_state(row["state"]),
        who=row["asked"] or OWNERS[waits_for(status)],
        why=_why(row, status),
        tone="late" if late else "soon" if status is MatchStatus.HUMAN else "",
        since=row["decided_at"] or row["created_at"],
        due_at=row["due_at"],
        eligible=row["eligible"],
    )


def _why(row: Row, status: MatchStatus) -> str:
    """Why it stands where it stands, in a sentence; who changes therapist is said to."""
    fits = f"{row['eligible']} could" if row["eligible"] else "Nobody could"
    missed = {0: "", 1: "One did not take it. "}.get(row["misses"], f"{row['misses']} did not take it. ")
    switching = "Changes therapist. " if row["switching"] else ""
    if status is MatchStatus.HUMAN:
        why = ", ".join(f"{n} {SHORT[Refusal(code)]}" for code, n in (row["why"] or ())[:3])
        others = f" Of the others: {why}." if why else ""
        return f"{switching}{missed}{fits} when we last looked.{others}"
    if status is MatchStatus.CHOOSING:
        return f"{switching}{missed}{fits}; the client chooses."
    if status is MatchStatus.OFFERING and row["asked"]:
        return f"{switching}{missed}An offer is out."
    return f"{switching}{missed}We are at work."


def _run(row: Row) -> RunRow:
    return RunRow(
        str(row["id"]),
        row["asked_at"],
        row["state"] == "ready",
        row["clients"],
        row["placed"],
        row["in_turn"],
    )


def _search(found: Desk, why: str) -> SearchView:
    match, status = found.match, MatchStatus(found.match["status"])
    live = status in LIVE
    rejected = [each for each in found.considered if each.position is None]
    counts = Counter(code for each in rejected for code in each.rejected)
    path = _path(match)
    filters = [Filter("All", path, len(rejected), not why)] + [
        Filter(SHORT[Refusal(code)], f"{path}?{urlencode({'why': code})}", n, code == why)
        for code, n in sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    ]
    listed = [each for each in rejected if not why or why in each.rejected]
    return SearchView(
        search_id=str(match["id"]),
        client_code=found.client_code,
        state=_state(found.state),
        status=STATUS[status],
        who=OWNERS[waits_for(status)] if live else "",
        since=match["decided_at"] or match["created_at"],
        due_at=found.due_at if live else None,
        live=live,
        may_ask=live and all(row["state"] != OfferState.OPEN for row in found.offers),
        may_look_again=status in (MatchStatus.HUMAN, MatchStatus.CHOOSING),
        candidates=tuple(_person(each) for each in found.considered if each.position),
        rejected=tuple(_person(each) for each in listed[:MOST_REJECTED]),
        more_rejected=max(0, len(listed) - MOST_REJECTED),
        filters=tuple(filters),
        asked=tuple(
            Asked(
                row["display_name"],
                OUTCOMES[OfferState(row["state"])],
                row["decided_at"] or row["offered_at"],
            )
            for row in found.offers
        ),
        address=f"{path}?{urlencode({'why': why})}" if why else path,
        leaving=found.leaving or "",
    )


def _person(each: Considered) -> Person:
    codes = tuple(SHORT[Refusal(code)] for code in each.rejected)
    return Person(
        therapist_id=str(each.therapist_id),
        name=each.name,
        credentials=each.credential,
        reasons=each.reasons or codes,
        score=each.score,
        shown=each.position is not None and each.position <= SHOWN,
        terms=tuple(Term(TERMS[name], share) for name, share in each.terms.items()),
    )


def _state(code: str | None) -> str:
    state = STATES.get(code or "")
    return state.name if state else ""
