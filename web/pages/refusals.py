"""Refusals as pages, and forms that were sent by us: what a route that answers people does beside its work."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute

from api.problems import note_refusal
from api.security import CSRF_COOKIE, CSRF_FIELD
from domain import errors
from encryption.errors import KeyMissing, KeyStoreRefused, Unreadable
from web.pages.frame import HELP, html, plain_shell
from web.views.accounts import ProblemView


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
    return html(request, "problem.html", view, plain_shell(request), status)


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
