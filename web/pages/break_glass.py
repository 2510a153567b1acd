"""Opening a room in an emergency, and the second look that somebody else takes at it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from api.deps import Care, InServices, allowed, own
from api.problems import note_refusal
from domain.access import Action, Actor
from domain.errors import Conflict, Invalid, KindroomError, NotFound, TooMany
from records import access_reviews
from records.access_reviews import Review
from records.break_glass import Emergency, break_glass
from web.pages.access_words import FOUND, ROLES, did, times
from web.pages.forms import text_of, typed
from web.pages.frame import Frame, InFrame, go, shell_of
from web.pages.refusals import PageRoute
from web.views.access import BreakGlassView, Opening, OpeningsView
from web.views.shell import Form

router = APIRouter(route_class=PageRoute)

Clinician = Annotated[Actor, Depends(own(Action.BREAK_GLASS))]
Reviewer = Annotated[Actor, Depends(allowed(Action.REVIEW_ACCESS))]

_REFUSED = {
    ("client_code", "missing"): "Please give the code, such as K-7Q2F.",
    ("reason", "missing"): "Please say why.",
    ("reason", "too_short"): "Please say it in 20 characters or more.",
    ("password", "wrong"): "That was not your password.",
    ("totp", "required"): "Please give the code of your authenticator.",
    ("totp", "wrong"): "That code did not match. Wait for the next one and try again.",
}


@router.get("/break-glass")
async def show_form(frame: InFrame, _: Clinician) -> Response:
    """The form of an emergency."""
    return frame.page("staff/break_glass.html", BreakGlassView(), "/break-glass")


@router.post("/break-glass")
async def open_room(request: Request, services: InServices, actor: Clinician) -> Response:
    """Into the room, for an hour; everybody concerned is told."""
    form = await request.form()
    try:
        emergency = Emergency(
            text_of(form, "client_code", least=1, most=40),
            text_of(form, "reason", least=1, most=2_000),
            str(form.get("password", ""))[:1_000],
            text_of(form, "totp", most=20) or None,
        )
        broken = await break_glass(services.care, services.passwords, actor, emergency)
    except (Invalid, NotFound, Conflict, TooMany) as refusal:
        if isinstance(refusal, NotFound):
            await note_refusal(request, refusal)
        said = _form(typed(form), refusal)
        async with services.care.transaction(
            actor
        ) as tx:  # only now: none is held while the password is hashed
            frame = Frame(request, await shell_of(request, tx, actor), actor)
            status = HTTPStatus.UNPROCESSABLE_ENTITY
            return frame.page("staff/break_glass.html", BreakGlassView(said), "/break-glass", status)
    return go(f"/rooms/{broken.room_id}", "glass_broken")


def _form(values: dict[str, str], refusal: KindroomError) -> Form:
    match refusal:
        case Invalid():
            words = "Please look at this once more."
            return Form(
                values,
                errors={each.field: _REFUSED.get((each.field, each.code), words) for each in refusal.errors},
            )
        case NotFound():
            return Form(values, errors={"client_code": "There is no room to open under this code."})
        case TooMany():
            minutes = max(1, round(refusal.retry_after.total_seconds() / 60))
            return Form(values, problem=f"That was often in a short time. Try again in {minutes} min.")
        case _:
            return Form(values, problem="This room is open to you as it is. Look for it where you work.")


@router.get("/openings")
async def show_openings(frame: InFrame, tx: Care, _: Reviewer) -> Response:
    """Those that wait for a second look, overdue ones marked, and the last that had it."""
    waiting = await access_reviews.openings(tx)
    reviewed = await access_reviews.openings(tx, reviewed=True, limit=20)
    view = OpeningsView(tuple(map(_opening, waiting)), tuple(map(_opening, reviewed)))
    return frame.page("staff/openings.html", view, "/openings")


@router.post("/openings/{access_id}/review")
async def review(access_id: UUID, request: Request, tx: Care, _: Reviewer) -> Response:
    """Justified or not."""
    form = await request.form()
    found = text_of(form, "review", least=1, most=20)
    if found not in set(Review):
        raise Invalid
    await access_reviews.review(tx, access_id, Review(found))
    return go("/openings", "seen")


def _opening(opening: access_reviews.Opening) -> Opening:
    return Opening(
        access_id=str(opening.id),
        room_id=str(opening.room_id),
        client_code=opening.client_code,
        who=opening.who,
        role=ROLES.get(opening.role, opening.role),
        at=opening.at,
        due_at=opening.due_at,
        overdue=opening.overdue,
        own=opening.own,
        reason=str(opening.reason or ""),
        done=tuple(times(did(action), number) for action, number in opening.done),
        found=FOUND.get(opening.review or "", ""),
        reviewed_by=opening.reviewed_by or "",
        reviewed_at=opening.reviewed_at,
    )
