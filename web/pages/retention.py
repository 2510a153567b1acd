"""Retention and holds, for administrators."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData

from api.deps import Care, allowed
from domain.access import Action
from domain.errors import Conflict, FieldError, Invalid, KindroomError, NotFound
from domain.retention import OTHERWISE, RetentionRule, erases_at
from domain.states import STATES
from domain.zones import date_everywhere
from records import erasures, legal_holds, retention
from records.database import Row, Transaction
from web.pages.erasures import in_words
from web.pages.forms import text_of, typed
from web.pages.frame import Frame, InFrame, go
from web.pages.refusals import PageRoute
from web.views.leaving import Hold, RetentionView, Rule, Shredded, WaitingErasure
from web.views.shell import Choice, Form

router = APIRouter(route_class=PageRoute, dependencies=[Depends(allowed(Action.MANAGE_RETENTION))])

HERE = "/retention"
_MOST = 200
_LEAST_REASON = 5

_WORDS = {
    "missing": "Please fill this in.",
    "too_short": "Say a little more: the case, and who asked.",
    "too_long": "This is too long.",
    "unknown_state": "Choose a state of the list.",
    "in_the_past": "A rule begins today at the earliest: what was in force stays on record.",
    "not_a_number": "Give a whole number of years.",
    "not_a_date": "Give a day.",
    "not_found": "There is no client with this code.",
    "erasing": "Too late: the record is being destroyed, or was.",
    "rule_of_that_day": "This state has a rule of that day already.",
}


@router.get(HERE)
async def show_retention(frame: InFrame, tx: Care) -> Response:
    """Who waits and until when, what is held, and the rules."""
    return await _page(frame, tx)


@router.post(f"{HERE}/holds")
async def place_hold(request: Request, frame: InFrame, tx: Care) -> Response:
    """Hold everything of a client, found by code."""
    form = await request.form()
    try:
        code = text_of(form, "code", least=1)
        reason = text_of(form, "reason", least=_LEAST_REASON, most=2_000)
        await legal_holds.place(tx, await legal_holds.client_by_code(tx, code), reason)
    except (Invalid, NotFound, Conflict) as refusal:
        return await _page(frame, tx, hold=_refused(form, refusal, "code"))
    return go(HERE, "held_for_law")


@router.post(f"{HERE}/holds/{{client_id}}/{{hold_id}}/lift")
async def lift_hold(client_id: UUID, hold_id: UUID, tx: Care) -> Response:
    """The hold is over."""
    await legal_holds.lift(tx, client_id, hold_id)
    return go(HERE, "hold_lifted")


@router.post(f"{HERE}/rules")
async def set_rule(request: Request, frame: InFrame, tx: Care) -> Response:
    """A further rule of a state."""
    form = await request.form()
    try:
        age = text_of(form, "minor_until_age")
        rule = RetentionRule(
            text_of(form, "state", least=1),
            _day(text_of(form, "effective_from", least=1)),
            _number("years", text_of(form, "years", least=1), 50),
            _number("minor_until_age", age, 40) if age else None,
            text_of(form, "source", least=_LEAST_REASON),
        )
        await retention.put_rule(tx, rule)
    except (Invalid, Conflict) as refusal:
        return await _page(frame, tx, rule=_refused(form, refusal, "effective_from"))
    return go(HERE, "rule_set")


async def _page(
    frame: Frame, tx: Transaction, hold: Form | None = None, rule: Form | None = None
) -> Response:
    rules = sorted(
        await retention.rules(tx), key=lambda each: (each.state == OTHERWISE, each.state, each.effective_from)
    )
    today = date_everywhere(tx.now)
    view = RetentionView(
        waiting=tuple(_waiting(row, tx) for row in await erasures.listing(tx, limit=_MOST)),
        holds=tuple(
            Hold(str(h.id), str(h.client_id), h.client_code, h.reason, h.placed_by, h.placed_at)
            for h in await legal_holds.listing(tx, limit=_MOST)
        ),
        rules=tuple(
            Rule(
                "Every other state" if each.state == OTHERWISE else STATES[each.state].name,
                each.years,
                each.minor_until_age,
                in_words(each.effective_from),
                each.source,
                each.effective_from > today,
            )
            for each in rules
        ),
        done=tuple(
            Shredded(row["code"], row["shredded_at"], row["keys_destroyed"] or 0, row["blobs_destroyed"] or 0)
            for row in await erasures.listing(tx, over=True, limit=20)
        ),
        states=(
            *(Choice(code, state.name) for code, state in STATES.items()),
            Choice(OTHERWISE, "Every other state"),
        ),
        hold=hold or Form(),
        rule=rule or Form(),
    )
    status = HTTPStatus.UNPROCESSABLE_ENTITY if hold or rule else HTTPStatus.OK
    return frame.page("admin/retention.html", view, HERE, status)


def _waiting(row: Row, tx: Transaction) -> WaitingErasure:
    return WaitingErasure(
        client_code=row["code"],
        asked_at=row["asked_at"],
        until=in_words(row["not_before"]),
        due=erases_at(row["not_before"], row["asked_at"]) <= tx.now,
        held=row["held"],
        risk_open=row["risk_open"],
        under_way=row["state"] == "shredding",
    )


def _refused(form: FormData, refusal: KindroomError, otherwise: str) -> Form:
    errors = refusal.errors if isinstance(refusal, Invalid) else (FieldError(otherwise, refusal.code),)
    return Form(
        typed(form),
        errors={each.field: _WORDS.get(each.code, "Please look at this again.") for each in errors},
    )


def _number(field: str, text: str, most: int) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > most:
        raise Invalid(FieldError(field, "not_a_number"))
    return int(text)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(FieldError("effective_from", "not_a_date")) from None
