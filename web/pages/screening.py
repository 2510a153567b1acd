"""Questionnaires for administrators: which are asked here, and in whose words."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Depends, Request, Response

from api.deps import Care, allowed
from domain.access import Action
from domain.errors import FieldError, Invalid
from domain.screening_packs import IN_CARE_ONLY
from records import screening
from records.database import Transaction
from records.screening import Pack
from web.pages.forms import many_of, text_of, typed
from web.pages.frame import Frame, InFrame, go
from web.pages.refusals import PageRoute
from web.views.screening import PackLine, ScreeningView
from web.views.shell import Choice, Form

router = APIRouter(route_class=PageRoute, dependencies=[Depends(allowed(Action.MANAGE_SCREENING))])

HERE = "/admin/questionnaires"
_MOST = 40_000
_WORDS = {
    "words_missing": "One of these has no words here yet. Bring them below, then switch it on.",
    "unknown_pack": "Choose from the list.",
    "named_twice": "Choose each once.",
}


@router.get(HERE)
async def show(frame: InFrame, tx: Care) -> Response:
    """Every pack, and the forms to switch and to bring words."""
    return await _page(frame, tx)


@router.post(HERE)
async def switch(request: Request, frame: InFrame, tx: Care) -> Response:
    """Ask the ticked packs of everybody who comes from now on."""
    form = await request.form()
    chosen = many_of(form, "packs")
    try:
        await screening.switch(tx, chosen)
    except Invalid as refused:
        words = next((_WORDS[e.code] for e in refused.errors if e.code in _WORDS), "Please look once more.")
        wrong = Form(many={"packs": chosen}, errors={"packs": words})
        return await _page(frame, tx, switching=wrong, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return go(HERE, "saved")


@router.post(HERE + "/words")
async def bring(request: Request, frame: InFrame, tx: Care) -> Response:
    """Keep the words that the site may use."""
    form = await request.form()
    try:
        await screening.bring(tx, text_of(form, "name"), _read(text_of(form, "words", most=_MOST)))
    except Invalid as refused:
        places = ", ".join(error.field for error in refused.errors)
        wrong = Form(typed(form), errors={"words": f"This does not fit how it is scored: {places}."})
        return await _page(frame, tx, bringing=wrong, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return go(HERE, "saved")


def _read(text: str) -> dict[str, Any]:
    try:
        words = json.loads(text)
    except ValueError:
        words = None
    if not isinstance(words, dict):
        raise Invalid(FieldError("the whole text", "not_json"))
    return words


async def _page(
    frame: Frame,
    tx: Transaction,
    *,
    switching: Form | None = None,
    bringing: Form | None = None,
    status: HTTPStatus = HTTPStatus.OK,
) -> Response:
    packs = await screening.packs(tx)
    on = tuple(pack.name for pack in packs if pack.on)
    view = ScreeningView(
        packs=tuple(_line(pack) for pack in packs),
        choices=tuple(Choice(pack.name, pack.name, _hint(pack)) for pack in packs),
        brought=tuple(Choice(pack.name, pack.name) for pack in packs if not pack.ships),
        switching=switching or Form(many={"packs": on}),
        bringing=bringing or Form(),
    )
    return frame.page("admin/screening.html", view, HERE, status)


def _hint(pack: Pack) -> str:
    if pack.words is None:
        return "Its words are not on file: bring them below"
    asked = "asked once a room is open" if pack.name in IN_CARE_ONLY else "asked before matching"
    return f"{len(pack.words.items)} questions, {asked}"


def _line(pack: Pack) -> PackLine:
    words = pack.words
    return PackLine(
        name=pack.name,
        on=pack.on,
        ships=pack.ships,
        in_care=pack.name in IN_CARE_ONLY,
        title=words.title if words else "",
        questions=len(words.items) if words else 0,
        licence=words.licence if words else "",
    )
