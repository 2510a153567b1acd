"""What surrounds every page: who is signed in, where they can go, and what the last form came to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api.deps import Billing, Care, SignedIn, maybe_signed_in, services_of
from api.security import CSRF_COOKIE, new_csrf_token
from domain import errors
from domain.access import CLINIC, Action, Actor, Role, can
from records.database import Transaction
from records.notice_lists import COUNTED
from records.waiting import waiting
from web.pages.said import SAID
from web.templating import render
from web.views.shell import SEALED_PLACES, Shell, navigation

HOME = {
    Role.CLIENT: "/journey",
    Role.THERAPIST: "/inbox",
    Role.SUPERVISOR: "/board",
    Role.BILLING: "/billing",
    Role.ADMINISTRATOR: "/admin/payers",
}

HELP = "/help"


@dataclass(frozen=True)
class Frame:
    """The page's surroundings, for one request."""

    request: Request
    shell: Shell
    actor: Actor | None

    def page(self, template: str, view: object, here: str = "", status: int = HTTPStatus.OK) -> HTMLResponse:
        """The rendered page. `here` is the place in the menu."""
        return html(self.request, template, view, _at(self.shell, here), status)

    def signed_in(self) -> Actor:
        """Who is. Raises Unauthenticated."""
        if self.actor is None:
            raise errors.Unauthenticated
        return self.actor


def _at(shell: Shell, here: str) -> Shell:
    return replace(shell, here=here) if here else shell


def html(request: Request, template: str, view: object, shell: Shell, status: int) -> HTMLResponse:
    response = HTMLResponse(render(template, view, shell), status, headers={"Vary": "HX-Request"})
    if request.cookies.get(CSRF_COOKIE) != shell.csrf:
        secure = services_of(request).cookie_secure
        # Readable on purpose: scripts send it back as a header, forms as a field.
        response.set_cookie(CSRF_COOKIE, shell.csrf, path="/", secure=secure, httponly=False, samesite="lax")
    return response


def _token(request: Request) -> str:
    return request.cookies.get(CSRF_COOKIE) or new_csrf_token()


def _toast(request: Request) -> str:
    return SAID.get(request.query_params.get("said", ""), "")


def _undo(request: Request) -> str:
    """What the toast offers to take back."""
    try:
        return str(UUID(request.query_params["undo"])) if "undo" in request.query_params else ""
    except ValueError:
        return ""


async def signed_in_frame(request: Request, actor: SignedIn, tx: Care) -> Frame:
    """The frame for somebody who is signed in on an open device."""
    return Frame(request, await shell_of(request, tx, actor), actor)


async def office_frame(request: Request, actor: SignedIn, tx: Billing) -> Frame:
    """The frame for the billing office, under its own login."""
    return Frame(request, await shell_of(request, tx, actor), actor)


async def shell_of(request: Request, tx: Transaction, actor: Actor) -> Shell:
    """The frame's own facts: name, zone, the client's room, what is unread."""
    row = await tx.one(
        "SELECT a.display_name, a.time_zone, has_passcode() AS locks,"
        " (SELECT r.id FROM rooms r WHERE r.client_id = a.id"
        " ORDER BY r.state = 'open' DESC, r.opened_at DESC LIMIT 1) AS room_id,"
        " (SELECT count(*) FROM (SELECT FROM notices n WHERE n.account_id = a.id AND n.read_at IS NULL LIMIT %s) few)"
        " AS unread FROM accounts a WHERE a.id = %s",
        (COUNTED, actor.account_id),
    )
    if row is None:
        raise errors.Unauthenticated
    room: UUID | None = row["room_id"]
    client = actor.role is Role.CLIENT
    return Shell(
        now=tx.now,
        zone=row["time_zone"],
        csrf=_token(request),
        role=actor.role.value,
        name="You" if client else row["display_name"],
        nav=SEALED_PLACES
        if actor.sealed
        else navigation(
            actor.role.value,
            room=str(room) if room else None,
            counts=await waiting(tx, actor),
            keeps_records=can(actor, Action.READ_SEALED_ROOMS, CLINIC).allowed,
            matches=can(actor, Action.READ_MATCH_DESK, CLINIC).allowed,
            helps_journeys=can(actor, Action.READ_STUCK_JOURNEYS, CLINIC).allowed,
        ),
        toast=_toast(request),
        undo=_undo(request),
        live=True,
        lock_after=int(services_of(request).passcode_idle.total_seconds()) if row["locks"] else 0,
        unread=row["unread"],
    )


async def anyones_frame(request: Request) -> Frame:
    """The frame for pages outside: signed in or not, locked or not. Works with the database down."""
    try:
        actor = await maybe_signed_in(request)
    except errors.Unavailable:
        actor = None
    return Frame(request, plain_shell(request, actor), actor)


def plain_shell(request: Request, actor: Actor | None = None) -> Shell:
    """A frame that asks no database. Times are told in UTC, which names itself."""
    role = actor.role.value if actor else None
    return Shell(datetime.now(UTC), "UTC", _token(request), role, toast=_toast(request))


InFrame = Annotated[Frame, Depends(signed_in_frame)]
InOffice = Annotated[Frame, Depends(office_frame)]
InAnyFrame = Annotated[Frame, Depends(anyones_frame)]


def go(path: str, said: str = "") -> RedirectResponse:
    """On to another page after a form, with a word of what happened."""
    joint = "&" if "?" in path else "?"
    return RedirectResponse(f"{path}{joint}said={said}" if said else path, HTTPStatus.SEE_OTHER)


def onward(request: Request, path: str) -> Response:
    """On to another page; also where a part of the page asked for itself and its story is over."""
    if "hx-request" in request.headers:
        return Response(headers={"HX-Redirect": path})
    return go(path)


def own_path(path: str, otherwise: str = "/") -> str:
    """A path of ours to go on to; anything that could lead elsewhere is replaced."""
    parts = urlsplit(path)
    fine = path.startswith("/") and not path.startswith(("//", "/\\")) and not (parts.scheme or parts.netloc)
    return path if fine and path.isprintable() else otherwise
