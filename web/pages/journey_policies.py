"""When each step of the way into care is due and who is told: read as a list, set one by one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData

from api.deps import Care, allowed
from domain.access import Action
from domain.errors import Conflict, FieldError, Invalid
from domain.journey_words import WHO, WHY
from domain.stage_policies import MOST_RUNGS
from domain.stages import Party, Rung, Wait, WaitPolicy
from records import stage_policies
from records.database import Row, Transaction
from records.stage_policies import Kept
from web.pages import policy_words
from web.pages.forms import text_of, typed
from web.pages.frame import Frame, InFrame, go
from web.pages.office_words import said_in_turn
from web.pages.refusals import PageRoute
from web.views.journey_policies import Timing, WaitLine, WaitsView, WaitView
from web.views.shell import Choice, Form

router = APIRouter(route_class=PageRoute, dependencies=[Depends(allowed(Action.MANAGE_RESPONSE_POLICIES))])

HERE = "/journey-policies"
MENU = "/policies"
PARTIES = tuple(
    Choice(party, WHO[party]) for party in Party if party not in (Party.NOBODY, Party.PAYER, Party.GUARDIAN)
)
_WRONG = {
    "required": "Say when it is due.",
    "not_a_number": "Please give hours as a number, such as 24 or 0.5.",
    "out_of_range": "Between now and a year.",
    "not_in_order": "Each line later than the one before.",
    "nobody_of_ours": "Somebody of ours has to be told within ten days: matching team, billing office or supervisors.",
    "too_many": "Fewer lines, please.",
    "pause_is_left_in_peace": "Who has paused is not reminded. Tell only people of ours.",
}


@router.get(HERE)
async def list_waits(frame: InFrame, tx: Care) -> Response:
    """Every step, in the order of the way."""
    lines = tuple(_line(each) for each in await stage_policies.listing(tx))
    return frame.page("staff/journey_policies.html", WaitsView(lines), MENU)


@router.get(HERE + "/{wait}")
async def show_wait(wait: Wait, frame: InFrame, tx: Care) -> Response:
    """One step, with what holds for it."""
    kept = await stage_policies.find(tx, wait)
    return await _one(frame, tx, kept, _form_of(kept))


@router.post(HERE + "/{wait}")
async def set_wait(wait: Wait, request: Request, frame: InFrame, tx: Care) -> Response:
    """Put another timing in force, now or later."""
    form = await request.form()
    kept = await stage_policies.find(tx, wait)
    try:
        starts = policy_words.starts_of(form, frame.shell.zone)
        await stage_policies.set_timing(tx, wait, _due(form), tuple(_ladder(form)), starts)
    except Invalid as refused:
        words = policy_words.wrong(refused.errors)
        errors = words | {each.field: _WRONG[each.code] for each in refused.errors if each.code in _WRONG}
        return await _one(frame, tx, kept, Form(typed(form), errors=errors), 422)
    except Conflict as refused:
        errors = policy_words.wrong([FieldError("starts", refused.code)])
        return await _one(frame, tx, kept, Form(typed(form), errors=errors), 422)
    return go(f"{HERE}/{wait}", "saved")


async def _one(frame: Frame, tx: Transaction, kept: Kept, form: Form, status: int = 200) -> Response:
    versions = await stage_policies.history(tx, kept.wait)
    view = WaitView(
        line=_line(kept),
        may_be_without=kept.wait is Wait.RESUMING,
        parties=PARTIES,
        rungs=tuple(range(1, MOST_RUNGS + 1)),
        form=form,
        versions=tuple(_timings(versions, tx)),
        zone=frame.shell.zone,
    )
    return frame.page("staff/journey_policy.html", view, MENU, status)


def _line(kept: Kept) -> WaitLine:
    policy = kept.policy
    return WaitLine(
        wait=kept.wait,
        why=WHY[kept.wait],
        who=WHO[policy.waiting_on],
        due=_due_words(policy),
        ladder=_ladder_words(policy),
        set_here=not kept.built_in,
    )


def _timings(versions: list[tuple[WaitPolicy, Row]], tx: Transaction) -> Iterable[Timing]:
    said = said_in_turn([row for _, row in versions], tx.now)
    for (policy, row), each in zip(versions, said, strict=True):
        yield Timing(row["effective_from"], _due_words(policy), _ladder_words(policy), each)


def _due_words(policy: WaitPolicy) -> str:
    return "no due time" if policy.due is None else _length(policy.due)


def _ladder_words(policy: WaitPolicy) -> tuple[str, ...]:
    return tuple(f"{_length(rung.after)}: {WHO[rung.whom]}" for rung in policy.ladder)


def _length(span: timedelta) -> str:
    """Days where they are whole, hours else; `at once` for none."""
    if not span:
        return "at once"
    days, rest = divmod(span, timedelta(days=1))
    if not rest:
        return f"{days} day{'' if days == 1 else 's'}"
    return f"{span / timedelta(hours=1):g} h"


def _form_of(kept: Kept) -> Form:
    values = {"due_seconds": "" if kept.policy.due is None else _hours(kept.policy.due)}
    for n, rung in enumerate(kept.policy.ladder, start=1):
        values |= {f"after_{n}": _hours(rung.after), f"whom_{n}": rung.whom.value}
    return Form(values)


def _hours(span: timedelta) -> str:
    return f"{span / timedelta(hours=1):g}"


def _due(form: FormData) -> timedelta | None:
    return _span(text_of(form, "due_seconds", most=12), "due_seconds")


def _ladder(form: FormData) -> Iterable[Rung]:
    """The lines that have a time; one without says nothing."""
    for n in range(1, MOST_RUNGS + 1):
        after = _span(text_of(form, f"after_{n}", most=12), "ladder")
        whom = text_of(form, f"whom_{n}", most=20)
        if after is not None:
            if whom not in {choice.value for choice in PARTIES}:
                raise Invalid(FieldError("ladder", "not_told"))
            yield Rung(after, Party(whom))


def _span(text: str, field: str) -> timedelta | None:
    if not text:
        return None
    try:
        return timedelta(hours=float(text))
    except (ValueError, OverflowError):
        raise Invalid(FieldError(field, "not_a_number")) from None
