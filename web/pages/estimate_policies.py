"""What estimates take for usual: its history, and the form for what holds from now or later."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Response
from pydantic import ValidationError

from api.deps import Care, allowed
from api.estimate_policies import EstimatePolicyIn
from domain.access import Action
from domain.errors import Conflict, FieldError, Invalid
from records import estimate_policies
from records.database import Transaction
from web.pages.contracts import CLINICIAN, CLINICIANS
from web.pages.forms import typed
from web.pages.frame import Frame, InFrame, go
from web.pages.office_forms import read, refused
from web.pages.office_words import said_in_turn
from web.pages.policy_words import starts_of, wrong
from web.pages.refusals import PageRoute
from web.views.estimate_policies import UsualLine, UsualView
from web.views.shell import Form

router = APIRouter(route_class=PageRoute, dependencies=[Depends(allowed(Action.MANAGE_PAYERS))])

HERE, MENU = "/admin/estimates", "/admin/payers"


@router.get(HERE)
async def show_usual(frame: InFrame, tx: Care) -> Response:
    """What is usual now, was and will be."""
    policy = await estimate_policies.in_force(tx)
    form = {
        "sessions_per_month": str(policy.sessions_per_month),
        "typical_minutes": str(policy.typical_minutes),
        "clinician_kind": policy.clinician_kind,
    }
    return await _page(frame, tx, Form(form))


@router.post(HERE)
async def set_usual(request: Request, frame: InFrame, tx: Care) -> Response:
    """Say what is usual, now or from a later instant on."""
    form = await request.form()
    try:
        starts = starts_of(form, frame.shell.zone)
        await estimate_policies.set_usual(tx, read(form, EstimatePolicyIn).policy, starts)
    except ValidationError as refusal:
        return await _page(frame, tx, refused(form, refusal), 422)
    except Invalid as refusal:
        errors = {**refused(form, refusal).errors, **_of_starts(refusal)}
        return await _page(frame, tx, Form(typed(form), errors=errors), 422)
    except Conflict as refusal:
        errors = wrong([FieldError("starts", refusal.code)])
        return await _page(frame, tx, Form(typed(form), errors=errors), 422)
    return go(HERE, "saved")


def _of_starts(refusal: Invalid) -> dict[str, str]:
    return wrong(error for error in refusal.errors if error.field in ("starts", "effective_from"))


async def _page(frame: Frame, tx: Transaction, form: Form, status: int = 200) -> Response:
    versions = await estimate_policies.history(tx)
    said = said_in_turn([row for _, row in versions], tx.now)
    lines = tuple(
        UsualLine(
            since=row["effective_from"],
            sessions=policy.sessions_per_month,
            minutes=policy.typical_minutes,
            clinician=CLINICIAN[policy.clinician_kind],
            said=each,
        )
        for (policy, row), each in zip(versions, said, strict=True)
    )
    view = UsualView(lines, CLINICIANS, form, frame.shell.zone)
    return frame.page("admin/estimates.html", view, MENU, status)
