"""Leaving, for the client: the end of care, and being forgotten."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from api.deps import Care, InServices, allowed, own
from domain.access import Action, Actor
from domain.errors import Invalid, TooMany
from records import closings, erasures
from records.database import Transaction
from records.step_up import step_up
from web.pages.frame import Frame, InFrame, go, shell_of
from web.pages.refusals import PageRoute
from web.views.leaving import LeavingView, SealedRoom, SealedRoomsView
from web.views.shell import Form

router = APIRouter(route_class=PageRoute)

HERE = "/leaving"
Leaver = Annotated[Actor, Depends(own(Action.ERASE_RECORD))]

_WRONG = "That was not your password."
_OFTEN = "Too many tries. Please wait a quarter of an hour."


@router.get(HERE)
async def show_leaving(frame: InFrame, tx: Care, actor: Leaver) -> Response:
    """What can be done, what it does, and the date."""
    return await _page(frame, tx, actor, Form())


@router.post(f"{HERE}/close")
async def close(tx: Care, actor: Annotated[Actor, Depends(own(Action.LEAVE))]) -> Response:
    """End one's care."""
    await closings.end_care(tx, actor.account_id)
    return go(HERE, "care_ended")


@router.post(f"{HERE}/erasure")
async def ask(request: Request, services: InServices, actor: Leaver) -> Response:
    """Ask to be forgotten, with the password once more."""
    form = await request.form()
    try:
        password = str(form.get("password", ""))
        await step_up(services.care, services.passwords, actor, "ask_erasure", password, None)
    except (Invalid, TooMany) as refusal:
        words = _OFTEN if isinstance(refusal, TooMany) else _WRONG
        async with services.care.transaction(actor) as tx:
            frame = Frame(request, await shell_of(request, tx, actor), actor)
            return await _page(
                frame, tx, actor, Form(errors={"password": words}), HTTPStatus.UNPROCESSABLE_ENTITY
            )
    async with services.care.transaction(actor) as tx:
        await erasures.ask(tx, actor.account_id)
    return go(HERE, "erasure_asked")


@router.post(f"{HERE}/withdraw")
async def withdraw(tx: Care, actor: Leaver) -> Response:
    """Keep the record after all."""
    await erasures.withdraw(tx, actor.account_id)
    return go(HERE, "erasure_withdrawn")


@router.get("/records", dependencies=[Depends(allowed(Action.READ_SEALED_ROOMS))])
async def show_sealed_rooms(frame: InFrame, tx: Care) -> Response:
    """What record keepers keep: each room opens with a purpose."""
    rooms = tuple(
        SealedRoom(str(row["id"]), row["code"], row["sealed_at"], in_words(row["not_before"]))
        for row in await erasures.sealed_rooms(tx)
    )
    return frame.page("staff/records.html", SealedRoomsView(rooms), "/records")


async def _page(
    frame: Frame, tx: Transaction, actor: Actor, form: Form, status: HTTPStatus = HTTPStatus.OK
) -> Response:
    found = await erasures.outlook(tx, actor.account_id)
    mine = await tx.one(
        "SELECT c.closed_at, (SELECT r.id FROM rooms r WHERE r.client_id = c.id AND r.state IN ('open', 'closed')"
        " ORDER BY r.opened_at DESC LIMIT 1) AS room_id FROM clients c WHERE c.id = %s",
        (actor.account_id,),
    )
    view = LeavingView(
        state=found.state.value if found.state else "",
        until=in_words(found.until),
        erases_at=found.erases_at,
        closed_at=mine["closed_at"] if mine else None,
        asked_at=found.asked_at,
        room_id=str(mine["room_id"]) if mine and mine["room_id"] else "",
        kept_back=found.held,
        form=form,
    )
    return frame.page("account/leaving.html", view, HERE, status)


def in_words(day: date | None) -> str:
    """`March 1, 2033`; empty for none."""
    return f"{day:%B} {day.day}, {day.year}" if day else ""
