"""Licences: every one of the clinic, one therapist's with history, and the forms that change them."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import ValidationError

from api.deps import Care, SignedIn, allowed
from api.licences import CredentialEndIn, CredentialIn, EndingIn, LicenceIn, RenewalIn, new_licence
from domain.access import CLINIC, OWN_ACCOUNT, Action, Actor, Role, can, require
from domain.errors import Conflict, Invalid
from domain.licences import WARNING_DAYS
from domain.states import STATES
from records import licence_office, payers
from records.database import Row, Transaction
from web.pages.frame import Frame, InFrame, go
from web.pages.office_forms import read, refused
from web.pages.refusals import PageRoute
from web.views.licences import Change, HolderView, Licence, LicencesView, Listing
from web.views.shell import Choice, Form

router = APIRouter(route_class=PageRoute)

HERE: Final = "/licences"
_KINDS = {"licence": "Licence", "privilege": "Compact privilege"}
_DONE = {
    "added": "Added",
    "renewed": "Renewed",
    "suspended": "Suspended",
    "revoked": "Revoked",
    "surrendered": "Given back",
    "ended": "Ended",
}
_STATES = tuple(Choice(code, f"{each.name} ({code})") for code, each in sorted(STATES.items()))
_OFFICE = [Depends(allowed(Action.MANAGE_STAFF))]
_Refused = (ValidationError, Invalid, Conflict)


@router.get("/licences")
async def show(frame: InFrame, tx: Care, actor: SignedIn) -> Response:
    """A therapist's own; for the office all of them, the next to end first."""
    if actor.role is Role.THERAPIST:
        require(actor, Action.READ_LICENCES, OWN_ACCOUNT)
        return await _holder(frame, tx, actor, actor.account_id)
    require(actor, Action.READ_LICENCES, CLINIC)
    rows = await licence_office.listing(tx)
    people = tuple(Choice(str(row["id"]), row["name"]) for row in await licence_office.everybody(tx))
    return frame.page("admin/licences.html", LicencesView(_licences(rows, tx.now.date()), people), HERE)


@router.get("/licences/{therapist}", dependencies=[Depends(allowed(Action.READ_LICENCES))])
async def show_holder(therapist: UUID, frame: InFrame, tx: Care, actor: SignedIn) -> Response:
    """One therapist's, with history."""
    return await _holder(frame, tx, actor, therapist)


@router.post("/licences/{therapist}/add", dependencies=_OFFICE)
async def add(therapist: UUID, request: Request, frame: InFrame, tx: Care, actor: SignedIn) -> Response:
    """A licence that was issued."""
    form = await request.form()
    try:
        await licence_office.add(tx, therapist, new_licence(read(form, LicenceIn)))
    except _Refused as refusal:
        return await _holder(frame, tx, actor, therapist, refused(form, refusal), "add")
    return go(f"{HERE}/{therapist}", "saved")


@router.post("/licences/{therapist}/renew/{licence}", dependencies=_OFFICE)
async def renew(
    therapist: UUID, licence: UUID, request: Request, frame: InFrame, tx: Care, actor: SignedIn
) -> Response:
    """It holds longer."""
    form = await request.form()
    try:
        await licence_office.renew(tx, licence, read(form, RenewalIn).expires_on)
    except _Refused as refusal:
        return await _holder(frame, tx, actor, therapist, refused(form, refusal), f"renew {licence}")
    return go(f"{HERE}/{therapist}", "saved")


@router.post("/licences/{therapist}/end/{licence}", dependencies=_OFFICE)
async def end(
    therapist: UUID, licence: UUID, request: Request, frame: InFrame, tx: Care, actor: SignedIn
) -> Response:
    """It ends early."""
    form = await request.form()
    try:
        body = read(form, EndingIn)
        await licence_office.end(tx, licence, body.on, body.why)
    except _Refused as refusal:
        return await _holder(frame, tx, actor, therapist, refused(form, refusal), f"end {licence}")
    return go(f"{HERE}/{therapist}", "saved")


@router.post("/licences/{therapist}/listings", dependencies=_OFFICE)
async def add_listing(
    therapist: UUID, request: Request, frame: InFrame, tx: Care, actor: SignedIn
) -> Response:
    """A payer lists the therapist."""
    form = await request.form()
    try:
        body = read(form, CredentialIn)
        await licence_office.add_credential(tx, therapist, body.payer, body.active_from, body.active_to)
    except _Refused as refusal:
        return await _holder(frame, tx, actor, therapist, refused(form, refusal), "listing")
    return go(f"{HERE}/{therapist}", "saved")


@router.post("/licences/{therapist}/listings/end", dependencies=_OFFICE)
async def end_listing(
    therapist: UUID, request: Request, frame: InFrame, tx: Care, actor: SignedIn
) -> Response:
    """A payer lists them no longer."""
    form = await request.form()
    try:
        body = read(form, CredentialEndIn)
        await licence_office.end_credential(tx, therapist, body.payer, body.active_from, body.active_to)
    except _Refused as refusal:
        return await _holder(frame, tx, actor, therapist, refused(form, refusal), "listing")
    return go(f"{HERE}/{therapist}", "saved")


async def _holder(
    frame: Frame, tx: Transaction, actor: Actor, therapist: UUID, form: Form | None = None, doing: str = ""
) -> Response:
    who = await licence_office.therapist(tx, therapist)
    keeps = can(actor, Action.MANAGE_STAFF, CLINIC).allowed
    choices = await payers.all_payers(tx) if keeps else []
    view = HolderView(
        therapist_id=str(therapist),
        name=who["name"],
        keeps=keeps,
        mine=actor.account_id == therapist,
        licences=_licences(await licence_office.listing(tx, therapist), tx.now.date()),
        listings=tuple(
            Listing(row["payer"], row["code"], row["active_from"], row["active_to"])
            for row in await licence_office.credentials(tx, therapist)
        ),
        history=await _history(tx, therapist),
        states=_STATES,
        payers=tuple(Choice(row["code"], row["name"]) for row in choices),
        form=form or Form(),
        doing=doing,
    )
    return frame.page("admin/licence_holder.html", view, HERE, 422 if form else 200)


async def _history(tx: Transaction, therapist: UUID) -> tuple[Change, ...]:
    licences = [
        Change(
            _DONE[row["action"]],
            f"{row['state']}, {_KINDS[row['kind']].lower()} {row['number']}: {row['active_from']}"
            f" to {row['expires_on']}",
            row["by_name"] or "The clinic",
            row["at"],
        )
        for row in await licence_office.history(tx, therapist)
    ]
    listings = [
        Change(
            _DONE[row["action"]],
            f"{row['payer']}: {row['active_from']} to {row['active_to'] or 'further notice'}",
            row["by_name"] or "The clinic",
            row["at"],
        )
        for row in await licence_office.credential_history(tx, therapist)
    ]
    return tuple(sorted([*licences, *listings], key=lambda each: each.at, reverse=True))


def _licences(rows: list[Row], today: date) -> tuple[Licence, ...]:
    return tuple(_licence(row, today) for row in rows)


def _licence(row: Row, today: date) -> Licence:
    left = (row["expires_on"] - today).days
    if left <= 0:
        words, tone, icon = "Over", "", "x"
    elif row["active_from"] > today:
        words, tone, icon = "To come", "", "clock"
    elif row["continued"]:
        words, tone, icon = "Continued by another", "good", "check"
    elif left <= min(WARNING_DAYS):
        words, tone, icon = f"{left} days left", "late", "triangle-alert"
    elif left <= max(WARNING_DAYS):
        words, tone, icon = f"{left} days left", "soon", "clock"
    else:
        words, tone, icon = "In force", "good", "check"
    return Licence(
        str(row["id"]),
        str(row["therapist_id"]),
        row["name"],
        row["state"],
        _KINDS[row["kind"]],
        row["number"],
        row["active_from"],
        row["expires_on"],
        words,
        tone,
        icon,
        row["rooms"],
        left <= 0,
    )
