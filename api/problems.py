"""Refusals as RFC 9457 problems. One table; never an echo of what was sent."""

import math
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from api.services import Services
from domain import errors
from domain.access import Refusal, Role
from encryption.errors import KeyMissing, KeyStoreRefused, Unreadable
from records.audit import record_damage, record_refusal

_STATUS: Sequence[tuple[type[errors.KindroomError], int, str]] = (
    (errors.Unauthenticated, 401, "Please sign in"),
    (errors.Forbidden, 403, "Not allowed"),
    (errors.NotFound, 404, "Not found"),
    (errors.Conflict, 409, "Not possible now"),
    (errors.TooLarge, 413, "Too large"),
    (errors.Invalid, 422, "Something is not right"),
    (errors.PasscodeLocked, 423, "This device is locked"),
    (errors.TooMany, 429, "Too many tries"),
    (errors.Unavailable, 503, "Back in a moment"),
    (KeyMissing, 404, "Not found"),
    (Unreadable, 500, "This cannot be opened"),
    (KeyStoreRefused, 500, "This cannot be opened"),
)
_DAMAGED = (
    "What is stored here is damaged. It was noted for whoever runs the service; everything else goes on."
)
_HTTP_CODES = {401: "not_signed_in", 404: "not_found", 405: "method_not_allowed", 413: "too_large"}


def problem(
    status: int,
    title: str,
    code: str,
    detail: str | None = None,
    fields: Sequence[errors.FieldError] = (),
    headers: dict[str, str] | None = None,
    **extra: int | str,
) -> JSONResponse:
    """One problem document; `extra` members are numbers and instants."""
    body: dict[str, Any] = {
        "type": f"urn:kindroom:problem:{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
        "errors": [{"field": e.field, "code": e.code} for e in fields],
        **extra,
    }
    return JSONResponse(body, status, headers, media_type="application/problem+json")


def problem_of(error: errors.KindroomError) -> JSONResponse:
    """The problem that tells of this refusal."""
    status, title = next(((s, t) for kind, s, t in _STATUS if isinstance(error, kind)), (500, "Our mistake"))
    fields = error.errors if isinstance(error, errors.Invalid) else ()
    headers = {}
    if isinstance(error, errors.TooMany | errors.Unavailable):
        headers["Retry-After"] = str(max(1, math.ceil(error.retry_after.total_seconds())))
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    extra: dict[str, int | str] = {}
    if isinstance(error, errors.WrongPasscode):
        extra = {"tries_left": error.tries_left}
    if isinstance(error, errors.RetainedUntil):
        extra = {"until": error.until.isoformat().replace("+00:00", "Z")}
    if isinstance(error, errors.OffsetMismatch):
        extra = {"offset": error.offset}
        headers["Upload-Offset"] = str(error.offset)
    code, detail = ("damaged", _DAMAGED) if is_damage(error) else (error.code, error.detail)
    return problem(status, title, code, detail, fields, headers, **extra)


def install_problems(app: FastAPI) -> None:
    """Answer every refusal, known or not, as a problem."""
    app.add_exception_handler(errors.KindroomError, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


async def _refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, errors.KindroomError)  # noqa: S101  registered for this class
    try:
        await note_refusal(request, error)
    except errors.Unavailable as away:
        return problem_of(away)
    return problem_of(error)


async def note_refusal(request: Request, error: errors.KindroomError) -> None:
    """Leave a refused try, or what is damaged, in the audit log before it is answered.

    Raises Unavailable: no entry, no answer.
    """
    if isinstance(error.refusal, Refusal):
        services: Services = request.app.state.services
        office = error.refusal.actor.role is Role.BILLING
        await record_refusal(services.billing if office else services.care, error.refusal)
    if is_damage(error):
        await record_damage(request.app.state.services.care, _room_of(request))


def is_damage(error: BaseException) -> bool:
    """Whether it tells of stored bytes, or their key, that do not open any more; not of a key that is not there."""
    return isinstance(error, Unreadable | KeyStoreRefused) and not isinstance(error, KeyMissing)


def _room_of(request: Request) -> UUID | None:
    try:
        return UUID(str(request.path_params.get("room_id")))
    except ValueError:
        return None


async def _invalid(_: Request, error: Exception) -> JSONResponse:
    """Names the fields and the rule; FastAPI's own answer would echo the input."""
    assert isinstance(error, RequestValidationError)  # noqa: S101  registered for this class
    fields = [errors.FieldError(_path(e["loc"], str(e["type"])), str(e["type"])) for e in error.errors()]
    return problem_of(errors.Invalid(*fields))


def _path(location: Sequence[object], rule: str) -> str:
    """The field's path, from the model's own names: a name that the sender made up is not echoed."""
    parts = [str(p) for p in location[1:]] or [str(location[0])]
    if rule == "extra_forbidden":
        parts[-1] = "?"
    if "[key]" in parts:
        parts[parts.index("[key]") - 1] = "?"
    return ".".join(p if p == "[key]" or (p.isidentifier() and len(p) <= 40) else "?" for p in parts)


async def _http(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101  registered for this class
    code = _HTTP_CODES.get(error.status_code, f"http_{error.status_code}")
    return problem(error.status_code, "Not possible", code, headers=dict(error.headers or {}))


def unexpected() -> JSONResponse:
    """Our mistake, told without its cause."""
    return problem(500, "Our mistake", "internal", "It was noted. Nothing of yours was lost.")
