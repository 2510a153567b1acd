"""Signing in and up, the lock, signing out; and the way home."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from api.accounts import open_session
from api.clients import RegistrationIn, register_client
from api.deps import (
    COOKIE,
    PLAIN_COOKIE,
    Address,
    InServices,
    MaybeSignedIn,
    SignedInEvenIfLocked,
    own,
)
from api.security import CSRF_COOKIE, new_csrf_token
from domain.access import Action, Actor, Role
from domain.errors import FieldError, Invalid, TooMany, Unauthenticated, WrongPasscode
from domain.states import STATES
from records import clients, consents, devices, passcodes, places, rooms
from records.accounts import Credentials
from web.pages.forms import text_of, typed
from web.pages.frame import HOME, InAnyFrame, go, own_path
from web.pages.refusals import PageRoute
from web.views.accounts import ConfirmView, LockedView, SignInView, SignUpView
from web.views.shell import Form

router = APIRouter(route_class=PageRoute)

ZONES = tuple(sorted({zone for state in STATES.values() for zone in state.zones}))

_DEVICES = (
    ("iPhone", "an iPhone"),
    ("iPad", "an iPad"),
    ("Android", "an Android device"),
    ("Windows", "Windows"),
    ("Macintosh", "a Mac"),
    ("Linux", "Linux"),
)
_BROWSERS = (("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))

_WRONG = {
    "wrong_credentials": "That did not match. Check the name and the password.",
    "wrong_code": "That code did not match. Wait for the next one and try again.",
}
_WORDS = {
    "not_an_address": "This does not look like an e-mail address.",
    "required": "Please fill this in.",
    "missing": "Please fill this in.",
    "unknown_zone": "Choose a zone of the list.",
    "too_young": "You must be at least 13. Please talk to someone you trust, or call 988 at any hour.",
    "not_a_date_of_birth": "Look at the year once more.",
    "not_a_date": "Please give a date.",
    "too_short": "Use at least 12 characters.",
    "too_common": "Many people use this one. A few words in a row are easy to remember and hard to guess.",
    "too_long": "This is too long.",
}


@router.get("/")
async def home(actor: MaybeSignedIn, services: InServices) -> Response:
    """To where one's work is; for a client with a room, into the room, by way of saying where they are when due."""
    if actor is None:
        return go("/sign-in")
    if actor.sealed and not actor.locked:
        return go("/leaving")
    if actor.role is not Role.CLIENT or actor.locked:
        return go(HOME.get(actor.role, "/account"))
    async with services.care.transaction(actor) as tx:
        mine = [row for row in await rooms.headers(tx) if row["state"] == "open"]
        asked = await places.must_say(tx, actor.account_id)
    path = f"/rooms/{mine[0]['id']}" if mine else HOME[Role.CLIENT]
    return go(f"/where?next={path}" if asked else path)


@router.get("/sign-in")
async def show_sign_in(
    frame: InAnyFrame, next_path: Annotated[str, Query(alias="next", max_length=500)] = ""
) -> Response:
    """The door."""
    return frame.page("sign_in.html", SignInView(next_path=own_path(next_path, "")))


@router.post("/sign-in")
async def sign_in(frame: InAnyFrame, request: Request, services: InServices, address: Address) -> Response:
    """Open a session in a cookie that scripts cannot read."""
    form = await request.form()
    next_path = own_path(text_of(form, "next", most=500), "")
    code = text_of(form, "totp", most=20) or None
    shown = Credentials(
        text_of(form, "username"),
        str(form.get("password", ""))[:1_000],
        code,
        device_name(request.headers.get("user-agent", "")),
        address,
    )
    try:
        session = await open_session(services, shown)
    except Unauthenticated as refusal:
        words = (
            "" if refusal.code == "code_required" else _WRONG.get(refusal.code, _WRONG["wrong_credentials"])
        )
        asked = refusal.code in {"code_required", "wrong_code"}
        view = SignInView(Form(typed(form), problem=words), next_path, ask_code=asked)
        return frame.page("sign_in.html", view, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    except TooMany as refusal:
        minutes = max(1, round(refusal.retry_after.total_seconds() / 60))
        words = f"That was often in a short time. Try again in {minutes} min."
        view = SignInView(Form(typed(form), problem=words), next_path)
        return frame.page("sign_in.html", view, status=HTTPStatus.TOO_MANY_REQUESTS)
    onward = next_path or "/"
    if session.role is Role.CLIENT:
        async with services.care.transaction() as tx:
            if not next_path and await consents.asked_anew(tx, session.account_id):
                onward = "/agreements"
            if await places.must_say(tx, session.account_id):
                onward = f"/where?next={quote(onward)}"
    response = go(onward)
    secure = services.cookie_secure
    seconds = int(session.lifetime.total_seconds())
    response.set_cookie(
        COOKIE if secure else PLAIN_COOKIE,
        session.token,
        max_age=seconds,
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )
    # A new session gets a new token: one that was known before signing in is worth nothing after.
    response.set_cookie(CSRF_COOKIE, new_csrf_token(), path="/", secure=secure, samesite="lax")
    return response


@router.post("/sign-out")
async def sign_out(actor: MaybeSignedIn, services: InServices) -> Response:
    """End this session, also on a locked device."""
    if actor is not None:
        async with services.care.transaction(actor) as tx:
            await devices.sign_out(tx)
    response = go("/sign-in")
    for name in (COOKIE, PLAIN_COOKIE, CSRF_COOKIE):
        response.delete_cookie(name, path="/", secure=services.cookie_secure)
    # Nothing of the session stays in this browser's caches.
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@router.get("/sign-up")
async def show_sign_up(frame: InAnyFrame) -> Response:
    """Ask for an account."""
    return frame.page("sign_up.html", SignUpView(zones=ZONES))


@router.post("/sign-up")
async def sign_up(frame: InAnyFrame, request: Request, services: InServices, address: Address) -> Response:
    """The same page follows whether or not the address is known."""
    form = await request.form()
    try:
        new = RegistrationIn(
            email=text_of(form, "email", least=1),
            password=str(form.get("password", ""))[:1_000],
            legal_name=text_of(form, "legal_name", least=1),
            date_of_birth=_date(text_of(form, "date_of_birth")),
            time_zone=text_of(form, "time_zone", least=1),
        )
        await register_client(new, services, address)
    except Invalid as refusal:
        errors = {
            each.field: _WORDS.get(each.code, "Please look at this once more.") for each in refusal.errors
        }
        view = SignUpView(Form(typed(form), errors=errors), ZONES)
        return frame.page("sign_up.html", view, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    if services.confirm_at_once:
        return go("/sign-in", "welcome")
    return frame.page("sign_up.html", SignUpView(sent=True))


@router.get("/confirm/{token}")
async def show_confirm(token: UUID, frame: InAnyFrame) -> Response:
    """Where the link of the mail leads."""
    return frame.page("confirm.html", ConfirmView(str(token)))


@router.post("/confirm/{token}")
async def confirm(token: UUID, frame: InAnyFrame, request: Request, services: InServices) -> Response:
    """The address is theirs, and so is the password."""
    form = await request.form()
    try:
        await clients.confirm(services.care, services.passwords, token, str(form.get("password", ""))[:1_000])
    except Unauthenticated:
        view = ConfirmView(str(token), "That was not the password you chose.")
        return frame.page("confirm.html", view, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return go("/sign-in", "welcome")


@router.get("/locked")
async def show_locked(frame: InAnyFrame, actor: SignedInEvenIfLocked) -> Response:
    """The lock; gone when the device is open."""
    return frame.page("locked.html", LockedView()) if actor.locked else go("/")


@router.post("/locked")
async def unlock(
    frame: InAnyFrame,
    request: Request,
    services: InServices,
    actor: Annotated[Actor, Depends(own(Action.UNLOCK))],
) -> Response:
    """Open with the passcode. The fifth wrong one signs this device out."""
    form = await request.form()
    try:
        await passcodes.unlock(services.care, services.passwords, actor, text_of(form, "passcode", most=20))
    except WrongPasscode as refusal:
        if refusal.tries_left <= 0:
            return go("/sign-in")
        return frame.page("locked.html", LockedView(refusal.tries_left), status=HTTPStatus.FORBIDDEN)
    return go("/")


def device_name(agent: str) -> str:
    """`Chrome on a Mac`: as much as its owner needs to know it again."""
    browser = next((name for mark, name in _BROWSERS if mark in agent), "A browser")
    return f"{browser} on {next((name for mark, name in _DEVICES if mark in agent), 'a device')}"


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid(FieldError("date_of_birth", "not_a_date")) from error
