"""What every page route needs: the frame around the page, refusals as pages, forms that were sent by us."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote, urlsplit
from uuid import UUID

from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute

from api.deps import Billing, Care, SignedIn, maybe_signed_in, services_of
from api.problems import note_refusal
from api.security import CSRF_COOKIE, CSRF_FIELD, new_csrf_token
from domain import errors
from domain.access import CLINIC, Action, Actor, Role, can
from encryption.errors import KeyMissing, KeyStoreRefused, Unreadable
from records.database import Transaction
from records.notice_lists import COUNTED
from records.waiting import waiting
from web.templating import render
from web.views.accounts import ProblemView
from web.views.shell import SEALED_PLACES, Shell, navigation

HOME = {
    Role.CLIENT: "/journey",
    Role.THERAPIST: "/inbox",
    Role.SUPERVISOR: "/board",
    Role.BILLING: "/billing",
    Role.ADMINISTRATOR: "/admin/payers",
}

HELP = "/help"

SAID = {
    "saved": "Saved.",
    "agreement_needed": "Your insurance is asked once you have signed what allows it.",
    "agreement_taken_back": "Taken back. What it allowed has stopped.",
    "journey_yours": "Yours now. Colleagues see your name on it.",
    "journey_back": "Handed back. It has nobody's name now.",
    "journey_reminded": "Reminded.",
    "journey_taken": "A colleague has it already.",
    "journey_not_waiting": "Nobody waits there any more.",
    "journey_nobody_to_remind": "There is nobody to remind: we ask by ourselves, or the client has paused.",
    "journey_reminded_today": "They were reminded within the last day.",
    "sent": "Sent.",
    "decided": "Decided, with your name and your reason. The client has been told.",
    "located": "Thank you. We have noted where you are.",
    "signed": "Signed.",
    "attested": "Attested. The billing office takes it from here.",
    "accepted": "Accepted. The room is open.",
    "declined": "Declined. The next therapist is asked.",
    "desk_placed": "Placed. The room is open, and both have been told.",
    "desk_asked": "Asked by an offer. The client has been told.",
    "desk_some_refused": "Asked where it was possible. What stops the others stands in their rows.",
    "desk_again": "Looking again, with today’s places.",
    "desk_apart": "Kept apart from now on.",
    "desk_offer_open": "Not asked: somebody is being asked already.",
    "desk_decided": "Nothing was done: this search is decided.",
    "desk_not_waiting": "Nothing was done: this search goes on by itself.",
    "desk_not_ranked": "Not possible yet: look again first, so that every rule is looked at.",
    "desk_no_licence": "Not possible: there is no licence where the client is.",
    "desk_no_credential": "Not possible: the client’s payer does not list them.",
    "desk_no_capacity": "Not possible: there is no free place.",
    "desk_blocked": "Not possible: the two are kept apart.",
    "desk_messaging_off": "Not possible: they do not work by messages.",
    "desk_not_accepting": "Not possible: they take nobody new now.",
    "desk_already_asked": "Not asked: they were asked already in this search.",
    "desk_age_outside_band": "Not possible: they do not see people of this age.",
    "desk_language": "Not possible: they do not work in this language.",
    "desk_acuity_outside_scope": "Not possible: this needs more than they take on.",
    "desk_must_unmet": "Not possible: it is not what the client insists on.",
    "offer_no_capacity": "You have no place left, so the offer went back. The next therapist is asked.",
    "offer_no_licence": "Your licence there is not in force, so the offer went back. The next therapist is asked.",
    "change_asked": "We are looking for somebody else. Your room stays open meanwhile.",
    "cover_taken": "Thank you. It is yours; the room is below.",
    "cover_declined": "Declined. Somebody else is asked.",
    "cover_arranged": "Arranged. Whoever covers has been told.",
    "cover_no_licence": "Not arranged: there is no licence where the client is, through the last day.",
    "cover_no_credential": "Not arranged: the client's payer does not list them through the last day.",
    "cover_no_capacity": "Not arranged: there is no free place.",
    "cover_on_leave": "Not arranged: they are away themselves.",
    "cover_already_covered": "This room is covered already.",
    "cover_refused": "Not arranged: it is not possible any more.",
    "leave_taken": "Taken. Cover is being looked for; your clients hear of it in time.",
    "leave_called_off": "Called off. Everybody concerned has been told.",
    "leave_days_wrong": "Not saved: choose a beginning and a later end, both to come.",
    "all_read": "All marked as read.",
    "seen": "Noted, with your name.",
    "moved": "Reassigned. The client has been told.",
    "moved_many": "Reassigned. Each client has been told.",
    "undone": "Taken back. Each client has been told.",
    "none_chosen": "Choose at least one row first.",
    "closed": "Closed, with your name and reason.",
    "asked": "Asked. The answer appears here.",
    "missing": "Almost done: something here is still missing.",
    "safe": "Thank you. A clinician of ours looks at it today.",
    "welcome": "Your account is ready. Sign in to begin.",
    "signed_out": "Signed out there.",
    "signed_out_elsewhere": "Signed out everywhere else.",
    "glass_broken": "Open for one hour. The client, their therapist and the supervisors have been told.",
    "passcode_set": "Your passcode is set.",
    "passcode_removed": "Removed. You are signed out everywhere else.",
    "paused": "Reminders rest until you go on.",
    "more_time": "Thank you. The new time is shown here.",
    "question_closed": "Closed. Write again at any hour.",
    "no_reply": "Noted, with your name and your reason.",
    "held": "On hold. The client has been told.",
    "hold_ended": "Reply times count again. The client has been told.",
    "resumed": "Good to have you back.",
    "batched": "On its way. The answers appear here by themselves.",
    "settled": "Entered, with your name.",
    "care_ended": "Your care has ended. Your room stays for you to read.",
    "erasure_asked": "Done. Everything is sealed.",
    "erasure_withdrawn": "Your record is yours again, to read and to export.",
    "held_for_law": "Held. Nothing of this client is destroyed.",
    "hold_lifted": "Lifted.",
    "rule_set": "Set. The dates of those who wait move with it.",
    "codes_refused": "Not entered: each must be an ICD-10-CM code, the first one no Z code.",
}
"""What a page says after a form was sent; the address carries the key, never a text."""


@dataclass(frozen=True)
class Frame:
    """The page's surroundings, for one request."""

    request: Request
    shell: Shell
    actor: Actor | None

    def page(self, template: str, view: object, here: str = "", status: int = HTTPStatus.OK) -> HTMLResponse:
        """The rendered page. `here` is the place in the menu."""
        return _html(self.request, template, view, _at(self.shell, here), status)

    def signed_in(self) -> Actor:
        """Who is. Raises Unauthenticated."""
        if self.actor is None:
            raise errors.Unauthenticated
        return self.actor


def _at(shell: Shell, here: str) -> Shell:
    return replace(shell, here=here) if here else shell


def _html(request: Request, template: str, view: object, shell: Shell, status: int) -> HTMLResponse:
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


class PageRoute(APIRoute):
    """A route that answers people. Its refusals become pages in `refuses_in_pages`, after its transaction ended."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler of FastAPI, behind the check that a form was sent by us."""
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                await _refuse_foreign_form(request)
                return await inner(request)
            finally:
                await request.close()  # files that came with a form

        return handle


Refuser = Callable[[Request, Exception], Any]


def refuses_in_pages(otherwise: Refuser) -> Refuser:
    """Answers a refusal of a page with a page that says what to do next, and of the API as `otherwise` does.

    An exception handler, because those run outside a route's transaction: refused inside, it would be committed.
    """

    async def refuse(request: Request, error: Exception) -> Response:
        if not isinstance(request.scope.get("route"), PageRoute):
            answer: Response = await otherwise(request, error)
            return answer
        if not isinstance(error, errors.KindroomError):
            return _refused(request, errors.Invalid())
        try:
            await note_refusal(request, error)
        except errors.Unavailable as away:
            return _refused(request, away)
        return _refused(request, error)

    return refuse


async def _refuse_foreign_form(request: Request) -> None:
    """A form must bring the token of the readable cookie: another site can neither read nor set it."""
    if request.method != "POST" or request.url.path == HELP:  # nothing may stand between a person and help
        return
    form = await request.form()
    sent, kept = str(form.get(CSRF_FIELD, "")), request.cookies.get(CSRF_COOKIE, "")
    if not kept or not secrets.compare_digest(sent.encode(), kept.encode()):
        raise errors.Forbidden("stale_form")


def _refused(request: Request, error: errors.KindroomError) -> Response:
    polled = "hx-request" in request.headers
    if isinstance(error, errors.Unauthenticated):
        if polled:
            return Response(status_code=HTTPStatus.UNAUTHORIZED)
        back = request.url.path if request.method == "GET" else ""
        return RedirectResponse(f"/sign-in?next={quote(back)}" if back else "/sign-in", HTTPStatus.SEE_OTHER)
    if isinstance(error, errors.PasscodeLocked):
        if polled:
            return Response(status_code=HTTPStatus.LOCKED)
        return RedirectResponse("/locked", HTTPStatus.SEE_OTHER)
    status, view = _words(error)
    return _html(request, "problem.html", view, plain_shell(request), status)


def _words(error: errors.KindroomError) -> tuple[int, ProblemView]:
    if error.code == "stale_form":
        return _STALE
    return next((page for kinds, page in _PAGES if isinstance(error, kinds)), _UNREADABLE)


_STALE = (
    403,
    ProblemView(
        "Please send it again",
        "This page was open for a long time. Go back, reload it and send it again. Nothing was changed.",
    ),
)
_UNREADABLE = (
    422,
    ProblemView("Something is not right", "Go back and look at what was typed. Nothing was changed."),
)
_PAGES: tuple[tuple[tuple[type[errors.KindroomError], ...], tuple[int, ProblemView]], ...] = (
    (
        (errors.NotFound, KeyMissing),
        (404, ProblemView("Not here", "There is no such page, or it is not yours to open.")),
    ),
    (
        (Unreadable, KeyStoreRefused),
        (
            500,
            ProblemView(
                "This cannot be opened",
                "What is stored here is damaged. It was noted for whoever runs the service; everything else goes on.",
            ),
        ),
    ),
    ((errors.Forbidden,), (403, ProblemView("Not yours to open", "This page belongs to another role."))),
    (
        (errors.Conflict,),
        (
            409,
            ProblemView(
                "Not possible any more",
                "Somebody was quicker, or it is not the time for this. Nothing was changed.",
            ),
        ),
    ),
    (
        (errors.TooMany,),
        (
            429,
            ProblemView("A short pause", "That was often in a short time. Try again in a minute."),
        ),
    ),
    (
        (errors.Unavailable,),
        (
            503,
            ProblemView(
                "Back in a moment",
                "A part of the service is away for a moment. Nothing of yours was lost. Try again in a minute.",
            ),
        ),
    ),
)
