"""Policies of reply times: what is promised, to whom, and from when."""

from __future__ import annotations

import re

from fastapi import APIRouter, Depends, Request, Response

from api.deps import Care, allowed
from api.policies import NAME
from domain.access import Action
from domain.errors import Conflict, FieldError, Invalid, NotFound
from domain.policies import preset
from domain.response_items import ItemKind
from records import response_policies, response_terms
from records.database import Row, Transaction
from records.response_policies import Kept, Version, put_version
from records.response_terms import Reach
from web.pages import policy_words as words
from web.pages.forms import text_of, typed
from web.pages.frame import Frame, InFrame, go
from web.pages.refusals import PageRoute
from web.pages.reprojections import moving
from web.views.policies import PoliciesView, PolicyLine, PolicyView, TermLine, VersionLine
from web.views.shell import Choice, Form

router = APIRouter(route_class=PageRoute, dependencies=[Depends(allowed(Action.MANAGE_RESPONSE_POLICIES))])

HERE = "/policies"
KINDS = (
    Choice(ItemKind.WELCOME, "The welcome, when a room opens"),
    Choice(ItemKind.FIRST_RESPONSE, "First answers"),
    Choice(ItemKind.NEXT_RESPONSE, "Every later answer"),
    Choice(ItemKind.CONSULT, "Second opinions for therapists"),
)
_ITEMS = {str(kind.value): kind.label for kind in KINDS}


@router.get("/policies")
async def list_policies(frame: InFrame, tx: Care) -> Response:
    """Every policy, and who is promised which."""
    return await _list(frame, tx, Form())


@router.post("/policies/terms")
async def set_terms(request: Request, frame: InFrame, tx: Care) -> Response:
    """Let a policy hold for the clinic or for a service plan, now or later."""
    form = await request.form()
    try:
        plan, kind = text_of(form, "plan"), text_of(form, "items")
        if plan and not re.fullmatch(NAME, plan):
            raise Invalid(FieldError("plan", "bad_name"))
        if kind and kind not in _ITEMS:
            raise Invalid(FieldError("items", "missing"))
        await response_terms.set_terms(
            tx,
            Reach(plan=plan or None),
            policy_name=text_of(form, "policy") or None,
            kind=ItemKind(kind) if kind else None,
            effective_from=words.starts_of(form, frame.shell.zone),
        )
    except Invalid as refused:
        return await _list(frame, tx, Form(typed(form), errors=words.wrong(refused.errors)), 422)
    except NotFound as refused:
        wrong = words.wrong([FieldError("policy", refused.code)])
        return await _list(frame, tx, Form(typed(form), errors=wrong), 422)
    return go(HERE, "saved")


@router.get("/policies/new")
async def new_policy(frame: InFrame) -> Response:
    """A policy that is not there yet."""
    return _one(frame, None, words.form_of(preset("next_response")))


@router.post("/policies/new")
async def add_policy(request: Request, frame: InFrame, tx: Care) -> Response:
    """Put a policy of a new name in force, now or later."""
    form = await request.form()
    try:
        name = text_of(form, "name", least=1)
        if not re.fullmatch(NAME, name):
            raise Invalid(FieldError("name", "bad_name"))
    except Invalid as refused:
        return _one(frame, None, Form(typed(form), errors=words.wrong(refused.errors)), 422)
    return await _put(request, frame, tx, name, None)


@router.get("/policies/{name}")
async def show_policy(name: str, frame: InFrame, tx: Care) -> Response:
    """One policy in words, its history, and the form for its next version."""
    kept = await response_policies.find(tx, name)
    shown = kept.in_force or kept.versions[0]
    return _one(frame, kept, words.form_of(shown.policy))


@router.post("/policies/{name}")
async def put_policy(name: str, request: Request, frame: InFrame, tx: Care) -> Response:
    """A new version of a policy, now or later."""
    return await _put(request, frame, tx, name, await response_policies.find(tx, name))


async def _put(request: Request, frame: Frame, tx: Transaction, name: str, kept: Kept | None) -> Response:
    form = await request.form()
    try:
        policy = words.policy_of(form, name)
        await put_version(tx, policy, words.starts_of(form, frame.shell.zone))
    except Invalid as refused:
        return _one(frame, kept, Form(typed(form), errors=words.wrong(refused.errors)), 422)
    except Conflict as refused:
        wrong = words.wrong([FieldError("starts", refused.code)])
        return _one(frame, kept, Form(typed(form), errors=wrong), 422)
    return go(f"{HERE}/{name}", "saved")


async def _list(frame: Frame, tx: Transaction, form: Form, status: int = 200) -> Response:
    kept = await response_policies.listing(tx)
    view = PoliciesView(
        policies=tuple(_line(each) for each in kept),
        terms=tuple(_term(row) for row in await response_terms.terms(tx)),
        choices=tuple(Choice(each.name, each.name) for each in kept),
        kinds=KINDS,
        plans=tuple(row["plan"] for row in await response_terms.plans_in_use(tx)),
        form=form,
        moving=await moving(tx),
    )
    return frame.page("staff/policies.html", view, HERE, status)


def _line(kept: Kept) -> PolicyLine:
    shown = kept.in_force
    return PolicyLine(
        kept.name,
        words.in_words(shown.policy) if shown else "",
        kept.running,
        words.warns_at(shown.policy) if shown else None,
        kept.upcoming[0].effective_from if kept.upcoming else None,
    )


def _term(row: Row) -> TermLine:
    return TermLine(
        whom="Everyone" if row["plan"] is None else f"Clients on {row['plan']}",
        items=_ITEMS.get(row["kind"], "Everything"),
        policy=row["policy_name"] or "As for everyone else",
        since=row["effective_from"],
        in_force=row["in_force"],
    )


def _one(frame: Frame, kept: Kept | None, form: Form, status: int = 200) -> Response:
    shown = None if kept is None else kept.in_force
    policy = None if shown is None else shown.policy
    view = PolicyView(
        name=kept.name if kept else "",
        words=words.in_words(policy) if policy else "",
        rows=words.rows_of(policy) if policy else (),
        rungs=words.rungs_of(policy) if policy else (),
        running=kept.running if kept else 0,
        versions=tuple(_version(kept, each) for each in kept.versions) if kept else (),
        form=form,
        windows=max(words.WINDOWS, len(policy.table) if policy else 0),
        zone=frame.shell.zone,
    )
    return frame.page("staff/policy.html", view, HERE, status)


def _version(kept: Kept, version: Version) -> VersionLine:
    state, tone = "Earlier", ""
    if version == kept.in_force:
        state, tone = "In force", "good"
    elif version in kept.upcoming:
        state, tone = "To come", "soon"
    return VersionLine(
        words.in_words(version.policy),
        words.ladder_in_words(version.policy),
        version.effective_from,
        state,
        tone,
        version.entered_by or "The beginning",
    )
