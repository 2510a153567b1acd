"""Letters of a plan that is somebody else's: who reads them, and how to keep them to oneself."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from api.deps import Care, own
from domain.access import Action, Actor
from domain.errors import FieldError, Invalid, NotFound
from domain.letters import REQUEST, WORDS, Letters
from records import letters, relations
from records.database import Row, Transaction
from web.pages.forms import text_of
from web.pages.frame import InFrame, go
from web.pages.refusals import PageRoute
from web.views.consents import LettersView

router = APIRouter(route_class=PageRoute)

HERE = "/letters"
Payer = Annotated[Actor, Depends(own(Action.GIVE_COVERAGE))]


@router.get(HERE)
async def show(frame: InFrame, tx: Care, actor: Payer) -> Response:
    """Where the letters go now, and the request to the insurer in words to send."""
    cover = await _cover(tx, actor)
    chosen = Letters(cover["letters"])
    return frame.page("account/letters.html", LettersView(chosen.value, WORDS[chosen], REQUEST), HERE)


@router.post(HERE)
async def choose(request: Request, tx: Care, actor: Payer) -> Response:
    """Ask, tell that the insurer agreed, or leave it."""
    wanted = text_of(await request.form(), "letters")
    if wanted not in set(Letters):
        raise Invalid(FieldError("letters", "unknown"))
    cover = await _cover(tx, actor)
    client = await relations.writable_chart(tx, actor.account_id, Action.GIVE_COVERAGE)
    await letters.choose(tx, client, cover["id"], Letters(wanted))
    return go(HERE, "saved")


async def _cover(tx: Transaction, actor: Actor) -> Row:
    me = await relations.readable_chart(tx, actor.account_id, Action.READ_COVERAGE)
    cover = await letters.in_question(tx, me)
    if cover is None:
        raise NotFound
    return cover
