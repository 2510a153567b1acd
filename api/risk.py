"""Help now, the question "are you safe right now?", and the risk queue."""

import json
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from activities.paging import send_pages
from api.deps import Address, Care, InServices, allowed, maybe_signed_in, own
from api.problems import problem_of
from api.schemas import Input, InWindow, ShortText, Text
from api.services import Services
from domain.access import Action, Actor, Role
from domain.errors import TooMany, Unavailable
from domain.risk import (
    CRISIS_CARD,
    SAFE_NOW_QUESTION,
    FlagState,
    Source,
    Urgency,
)
from records import risk, risk_queue, throttles
from records.risk import Flag
from records.risk_queue import QueuedFlag

router = APIRouter(prefix="/v1", tags=["risk"])

_HELP_WINDOW = timedelta(minutes=10)
_HELPS_FROM_ONE_ADDRESS = 5
_HELPS_FROM_ANYWHERE = 60


class HelpLineOut(BaseModel):
    """A way to reach a human at once."""

    name: str
    about: str
    call: str | None
    text_to: str | None
    text_word: str | None
    url: str | None


class CardOut(BaseModel):
    """The crisis card."""

    title: str
    lead: str
    lines: list[HelpLineOut]


class HelpIn(Input):
    """How to reach someone who is not signed in. Everything may be left out."""

    contact: ShortText | None = None


class HelpOut(BaseModel):
    """The card always; `paged_at` once people of the clinic were called."""

    card: CardOut
    flag_id: UUID | None
    paged_at: datetime | None


class QuestionOut(BaseModel):
    """Asked at once; no answer by `answer_by` pages people. Answer: POST /v1/risk-flags/{flag_id}/safe-now."""

    flag_id: UUID
    text: str
    answer_by: datetime
    card: CardOut


class SafeNowIn(Input):
    """The answer to "are you safe right now?"."""

    safe: bool


class SafeNowOut(BaseModel):
    """What follows from it."""

    flag_id: UUID
    state: FlagState
    urgency: Urgency
    paged_at: datetime | None
    card: CardOut


class FlagOut(BaseModel):
    """A flag on the risk queue. `contact`: how to reach someone who was not signed in."""

    flag_id: UUID
    client_id: UUID | None
    client_code: str | None
    room_id: UUID | None
    source: Source
    urgency: Urgency
    state: FlagState
    opened_at: datetime
    answer_due_at: datetime | None
    due_at: datetime | None
    safe_now: bool | None
    rung: str | None
    paged_at: datetime | None
    contact: str | None
    acknowledged_by: str | None
    acknowledged_at: datetime | None
    closed_at: datetime | None


class FlagsOut(BaseModel):
    """The queue, the longest waiting first."""

    items: list[FlagOut]
    next_cursor: str | None = None


class ClosingIn(Input):
    """Why the flag may be closed."""

    rationale: Text


def card_out() -> CardOut:
    """The crisis card on the wire."""
    lines = [
        HelpLineOut(
            name=line.name,
            about=line.about,
            call=line.call,
            text_to=line.text_to,
            text_word=line.text_word,
            url=line.url,
        )
        for line in CRISIS_CARD.lines
    ]
    return CardOut(title=CRISIS_CARD.title, lead=CRISIS_CARD.lead, lines=lines)


def question_out(flag: Flag | None) -> QuestionOut | None:
    """The question that a flag puts to the client, while it is open."""
    if flag is None or flag.answer_due_at is None:
        return None
    return QuestionOut(flag_id=flag.id, text=SAFE_NOW_QUESTION, answer_by=flag.answer_due_at, card=card_out())


@router.post("/help-now", response_model=HelpOut)
async def help_now(
    request: Request, services: InServices, address: Address, body: HelpIn | None = None
) -> HelpOut | JSONResponse:
    """Call people of the clinic and show the crisis card: also signed out, also on a locked device.

    Whoever asks too often still gets the card. With PostgreSQL down it is 503, and the card is in it.
    """
    try:
        actor = await maybe_signed_in(request)
        flag = await raise_help(services, actor, address, body.contact if body else None)
    except Unavailable as away:
        return _card_in(problem_of(away))
    return HelpOut(
        card=card_out(), flag_id=flag.id if flag else None, paged_at=flag.paged_at if flag else None
    )


async def raise_help(
    services: Services, actor: Actor | None, address: str, contact: str | None
) -> Flag | None:
    """Flag and first pages, committed; then the mails. None when this address asked too often. For pages, too.

    Raises Unavailable when nothing could be recorded.
    """
    client_id = actor.account_id if actor is not None and actor.role is Role.CLIENT else None
    if client_id is None and not await _may_flag(services, address):
        return None
    async with services.care.transaction(actor) as tx:
        flag = await risk.ask_for_help(tx, client_id, contact)
    await send(services, flag)
    return flag


async def _may_flag(services: Services, address: str) -> bool:
    limit = services.limits.get("help", _HELPS_FROM_ONE_ADDRESS)
    try:
        async with services.care.transaction() as tx:
            await throttles.take(tx, throttles.bucket("help", address.encode()), limit, _HELP_WINDOW)
            await throttles.take(tx, throttles.bucket("help"), _HELPS_FROM_ANYWHERE, _HELP_WINDOW)
    except TooMany:
        return False
    return True


async def send(services: Services, flag: Flag) -> None:
    """Mail the flag's pages, after its commit. What fails is tried again by others: the answer goes out."""
    if flag.paged_at is None:
        return
    try:
        await send_pages(services.care, services.notifier, flag.id)
    except Unavailable:
        return


def _card_in(answer: JSONResponse) -> JSONResponse:
    body: dict[str, Any] = json.loads(bytes(answer.body))
    headers = {"Retry-After": answer.headers["Retry-After"]}
    return JSONResponse(
        {**body, "card": card_out().model_dump()},
        answer.status_code,
        headers,
        media_type="application/problem+json",
    )


@router.get("/risk-flags/mine")
async def list_questions(
    tx: Care, actor: Annotated[Actor, Depends(own(Action.ANSWER_MEASURE))]
) -> list[QuestionOut]:
    """Questions that wait for the client's answer, so that a closed tab loses none."""
    flags = await risk.questions(tx, actor.account_id)
    return [question for flag in flags if (question := question_out(flag)) is not None]


@router.post("/risk-flags/{flag_id}/safe-now")
async def answer_safe_now(
    flag_id: UUID,
    body: SafeNowIn,
    services: InServices,
    actor: Annotated[Actor, Depends(own(Action.ANSWER_MEASURE))],
) -> SafeNowOut:
    """The client's answer. No calls people at once; yes is a task for a clinician the same day."""
    async with services.care.transaction(actor) as tx:
        flag = await risk.answer_safe_now(tx, flag_id, body.safe)
    await send(services, flag)
    return SafeNowOut(
        flag_id=flag.id, state=flag.state, urgency=flag.urgency, paged_at=flag.paged_at, card=card_out()
    )


@router.get("/risk-flags", dependencies=[Depends(allowed(Action.READ_RISK_FLAGS))])
async def list_flags(tx: Care, window: InWindow, closed: bool = False) -> FlagsOut:
    """The risk queue."""
    return FlagsOut(**window.of([_flag_out(found) for found in await risk_queue.queue(tx, closed=closed)]))


@router.post("/risk-flags/{flag_id}/acknowledge")
async def acknowledge_flag(flag_id: UUID, tx: Care) -> FlagOut:
    """A clinician has read it; paging stops."""
    await risk.acknowledge(tx, flag_id)
    return _flag_out(await risk_queue.queued(tx, flag_id))


@router.post("/risk-flags/{flag_id}/close")
async def close_flag(flag_id: UUID, body: ClosingIn, tx: Care) -> FlagOut:
    """A named clinician closes it, with a rationale."""
    await risk.close(tx, flag_id, body.rationale)
    return _flag_out(await risk_queue.queued(tx, flag_id))


def _flag_out(found: QueuedFlag) -> FlagOut:
    row = found.row
    return FlagOut(
        flag_id=row["id"],
        client_id=row["client_id"],
        client_code=row["client_code"],
        room_id=row["room_id"],
        source=row["source"],
        urgency=row["urgency"],
        state=row["state"],
        opened_at=row["opened_at"],
        answer_due_at=row["answer_due_at"],
        due_at=row["due_at"],
        safe_now=row["safe_now"],
        rung=row["rung"],
        paged_at=row["paged_at"],
        contact=found.contact,
        acknowledged_by=row["acknowledged_name"],
        acknowledged_at=row["acknowledged_at"],
        closed_at=row["closed_at"],
    )
