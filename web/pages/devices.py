"""One's devices and the passcode that opens them."""

from __future__ import annotations

from collections.abc import Awaitable
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData

from api.deps import Care, InServices, own
from domain.access import Action, Actor
from domain.errors import Conflict, FieldError, Invalid, TooMany, WrongPasscode
from records import accounts, devices, passcodes
from records.passcodes import Proof
from web.pages.forms import text_of
from web.pages.frame import Frame, InFrame, go, shell_of
from web.pages.refusals import PageRoute
from web.views.accounts import AccountView, Device
from web.views.shell import Form

router = APIRouter(route_class=PageRoute)

Setting = Annotated[Actor, Depends(own(Action.SET_PASSCODE))]

_WORDS = {
    ("passcode", "not_six_digits"): "Use six digits.",
    ("passcode", "too_common"): "Anybody would guess this one. Choose another.",
    ("passcode", "missing"): "Please fill this in.",
    ("current", "required"): "Give the passcode of now, or your password below.",
    ("password", "wrong"): "That was not your password.",
    ("totp", "required"): "Please give the code of your authenticator.",
    ("totp", "wrong"): "That code did not match. Wait for the next one and try again.",
}


@router.get("/account", dependencies=[Depends(own(Action.MANAGE_DEVICES))])
async def show_account(frame: InFrame, tx: Care) -> Response:
    """One's devices and passcode."""
    return await _page(frame, tx, Form())


@router.post("/account/devices/revoke-others", dependencies=[Depends(own(Action.MANAGE_DEVICES))])
async def revoke_others(tx: Care) -> Response:
    """Sign out everywhere but here, at once."""
    await devices.revoke_others(tx)
    return go("/account", "signed_out_elsewhere")


@router.post("/account/devices/{device_id}/revoke", dependencies=[Depends(own(Action.MANAGE_DEVICES))])
async def revoke_device(device_id: UUID, tx: Care) -> Response:
    """Sign a device out, at once."""
    await devices.revoke(tx, device_id)
    return go("/account", "signed_out")


@router.post("/account/lock", dependencies=[Depends(own(Action.LOCK))])
async def lock(tx: Care) -> Response:
    """Lock this device now."""
    await passcodes.lock(tx)
    return go("/locked")


@router.post("/account/passcode")
async def set_passcode(request: Request, services: InServices, actor: Setting) -> Response:
    """Set or change it."""
    form = await request.form()
    changing = passcodes.change(services.care, services.passwords, actor, _new(form), _proof(form))
    return await _done(request, services, actor, changing, "passcode_set")


@router.post("/account/passcode/remove")
async def remove_passcode(request: Request, services: InServices, actor: Setting) -> Response:
    """Have none any more."""
    form = await request.form()
    removing = passcodes.remove(services.care, services.passwords, actor, _proof(form))
    return await _done(request, services, actor, removing, "passcode_removed")


async def _done(
    request: Request, services: InServices, actor: Actor, work: Awaitable[None], said: str
) -> Response:
    """Back to the page; with words at the field, when it was refused."""
    try:
        await work
    except WrongPasscode as refusal:
        if refusal.tries_left <= 0:
            return go("/sign-in")
        left = f"{refusal.tries_left} {'try' if refusal.tries_left == 1 else 'tries'} left"
        form = Form(errors={"current": f"That was not the passcode. {left}, then this device is signed out."})
    except Invalid as refusal:
        form = Form(errors={each.field: _words(each) for each in refusal.errors})
    except TooMany as refusal:
        minutes = max(1, round(refusal.retry_after.total_seconds() / 60))
        form = Form(problem=f"That was often in a short time. Try again in {minutes} min.")
    except Conflict:
        return go("/account")
    else:
        return go("/account", said)
    async with services.care.transaction(actor) as tx:  # only now: no connection is held while one is hashing
        frame = Frame(request, await shell_of(request, tx, actor), actor)
        return await _page(frame, tx, form, HTTPStatus.UNPROCESSABLE_ENTITY)


async def _page(frame: Frame, tx: Care, form: Form, status: int = HTTPStatus.OK) -> Response:
    shown = tuple(
        Device(str(device.id), device.name, device.signed_in_at, device.last_seen_at, device.this)
        for device in await devices.devices(tx)
    )
    mine = await accounts.me(tx)
    return frame.page("account.html", AccountView(shown, mine.passcode_set, form), "/account", status)


def _new(form: FormData) -> str:
    return str(form.get("passcode", ""))[:20].strip()


def _proof(form: FormData) -> Proof:
    password = form.get("password", "")
    return Proof(
        text_of(form, "current", most=20) or None,
        password[:1_000] if isinstance(password, str) and password else None,
        text_of(form, "totp", most=20) or None,
    )


def _words(error: FieldError) -> str:
    return _WORDS.get((error.field, error.code), "Please look at this once more.")
