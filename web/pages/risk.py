"""Help now, the one plain question, and the queue of flags."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from api.deps import Address, Care, InServices, allowed, own
from api.risk import raise_help, send
from domain.access import Action, Actor
from domain.errors import FieldError, Invalid, Unavailable
from domain.permissions import NEEDED_DUTY
from domain.risk import FlagState, Source
from domain.roles import Relation
from records import risk, risk_queue
from records.risk_queue import QueuedFlag
from web.pages.forms import text_of
from web.pages.frame import InAnyFrame, InFrame, go
from web.pages.refusals import PageRoute
from web.views.help import HelpView
from web.views.journeys import SafetyView
from web.views.risk import Flag, FlagsView

router = APIRouter(route_class=PageRoute)

SOURCES = {
    Source.HELP_NOW: "Asked for help now",
    Source.ITEM_9: "An answer in a questionnaire",
    Source.LEXICON: "Words in a message",
    Source.CLINICIAN: "Raised by a clinician",
    Source.INTAKE: "An answer at intake",
    Source.C_SSRS: "An answer in a screening",
}


@router.get("/help")
async def show_help(frame: InAnyFrame) -> Response:
    """The card: signed out, locked, with everything behind it down."""
    return frame.page("help.html", HelpView())


@router.post("/help")
async def ask_for_help(
    frame: InAnyFrame, request: Request, services: InServices, address: Address
) -> Response:
    """Call people of the clinic; the card stands either way."""
    form = await request.form()
    contact = text_of(form, "contact") or None
    try:
        flag = await raise_help(services, frame.actor, address, contact)
    except Unavailable:
        return frame.page("help.html", HelpView(failed=True), status=503)
    paged_at = flag.paged_at if flag else None
    return frame.page("help.html", HelpView(paged_at=paged_at, failed=paged_at is None))


@router.get("/journey/safe")
async def show_question(
    frame: InFrame, tx: Care, actor: Annotated[Actor, Depends(own(Action.ANSWER_MEASURE))]
) -> Response:
    """The question that waits for an answer."""
    for flag in await risk.questions(tx, actor.account_id):
        if flag.answer_due_at is not None:
            return frame.page("journey/safety.html", SafetyView(str(flag.id), flag.answer_due_at))
    return go("/journey")


@router.post("/journey/safe")
async def answer_question(
    frame: InFrame,
    request: Request,
    services: InServices,
    actor: Annotated[Actor, Depends(own(Action.ANSWER_MEASURE))],
) -> Response:
    """No calls people at once; yes is a task for a clinician the same day."""
    form = await request.form()
    safe = {"yes": True, "no": False}.get(text_of(form, "safe"))
    if safe is None:
        raise Invalid(FieldError("safe", "missing"))
    async with services.care.transaction(actor) as tx:
        flag = await risk.answer_safe_now(tx, _uuid(text_of(form, "flag_id")), safe)
    await send(services, flag)
    if not safe:
        return frame.page("help.html", HelpView(paged_at=flag.paged_at, failed=flag.paged_at is None))
    return go("/journey", "safe")


@router.get("/flags", dependencies=[Depends(allowed(Action.READ_RISK_FLAGS))])
async def show_flags(frame: InFrame, tx: Care) -> Response:
    """The queue, the longest waiting first."""
    responds = bool(frame.signed_in().duties & NEEDED_DUTY[Relation.ON_CALL])
    flags = tuple(_flag(found, responds) for found in await risk_queue.queue(tx))
    return frame.page("staff/flags.html", FlagsView(flags), "/flags")


@router.post("/flags/{flag_id}/acknowledge")
async def acknowledge(flag_id: UUID, tx: Care) -> Response:
    """A clinician has read it."""
    await risk.acknowledge(tx, flag_id)
    return go("/flags", "seen")


@router.post("/flags/{flag_id}/close")
async def close(flag_id: UUID, request: Request, tx: Care) -> Response:
    """A named clinician closes it, and says why."""
    form = await request.form()
    await risk.close(tx, flag_id, text_of(form, "rationale", least=1, most=4_000))
    return go("/flags", "closed")


def _flag(found: QueuedFlag, responds: bool) -> Flag:
    row = found.row
    intake = responds and row["client_id"] is not None and row["room_id"] is None
    state = "open" if row["state"] in (FlagState.OPEN, FlagState.ASKING) else row["state"]
    return Flag(
        flag_id=str(row["id"]),
        client_code=row["client_code"] or "Somebody who was not signed in",
        source=SOURCES.get(Source(row["source"]), "Raised"),
        raised_at=row["opened_at"],
        state=state,
        rung="Asked: are you safe right now?"
        if row["state"] == FlagState.ASKING
        else _paged(row["paged_at"]),
        room_id=str(row["room_id"] or ""),
        intake=f"/clients/{row['client_id']}/intake" if intake else "",
        acknowledged_by=row["acknowledged_name"] or "",
        contact=found.contact or "",
        due_at=row["answer_due_at"] if row["state"] == FlagState.ASKING else row["due_at"],
    )


def _paged(at: object) -> str:
    return "People have been called" if at is not None else ""


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Invalid(FieldError("flag_id", "not_an_id")) from error
