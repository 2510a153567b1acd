"""Time off: a therapist takes it, changes it, comes back to it; supervisors see who is away and fill the gaps."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData

from api.deps import Care, SignedIn, allowed, own
from api.leaves import theirs_or_supervised
from domain.access import Action, Actor
from domain.errors import Conflict, FieldError, Invalid, NotFound
from domain.zones import resolve
from records import covers, leave_views, leaves
from records.database import Row, Transaction
from web.pages.forms import text_of, typed
from web.pages.frame import Frame, InFrame, go
from web.pages.refusals import PageRoute
from web.pages.said import SAID
from web.views.shell import Choice, Form
from web.views.working_time import (
    Asked,
    AwayRow,
    AwayView,
    Covered,
    LeaveCoverView,
    LeaveRow,
    LeaveView,
    RoomCover,
    RoomStory,
    StoryView,
    Unfit,
)

router = APIRouter(route_class=PageRoute)

_WORDS = {
    "not_a_time": "Choose a day and a time.",
    "missing": "Choose a day and a time.",
    "not_after_from": "The end comes before the beginning.",
    "in_the_past": "Choose a time to come.",
    "unknown": "Choose somebody of the list.",
}
WHY_NOT = {
    "no_licence": "No licence where the client is, through the last day",
    "no_credential": "Not listed with the client's payer through the last day",
    "age_outside_band": "Does not see clients of this age",
    "language": "Does not work in the client's language",
    "no_capacity": "No free place",
    "acuity_outside_scope": "Needs more than they take on",
    "blocked": "Blocked or in conflict",
    "messaging_off": "Does not offer messaging",
    "same_therapist": "Is the one who is away",
    "on_leave": "Away themselves",
    "no_hours": "No working hours on file",
}
"""Refusals of cover in the words that staff read."""
_SAID = {
    "open": ("Asked", "soon"),
    "taken": ("Said yes", "good"),
    "declined": ("Said no", ""),
    "expired": ("Did not answer", ""),
}
MOST_NOTE = 10_000


@router.get("/leave", dependencies=[Depends(own(Action.TAKE_LEAVE))])
async def show_leave(frame: InFrame, tx: Care, actor: SignedIn) -> Response:
    """What is taken, and the form for more."""
    return await _own_page(frame, tx, actor, Form())


@router.post("/leave", dependencies=[Depends(own(Action.TAKE_LEAVE))])
async def take_leave(request: Request, frame: InFrame, tx: Care, actor: SignedIn) -> Response:
    """Time off. The search for cover begins by itself."""
    form = await request.form()
    try:
        start, end = _span(form, frame.shell.zone)
        cover = text_of(form, "cover", most=36)
        note = text_of(form, "note", most=MOST_NOTE)
        if end <= tx.now:
            raise Invalid(FieldError("to", "in_the_past"))
        await leaves.take_leave(tx, actor.account_id, start, end, _uuid(cover), note)
    except Invalid as refusal:
        return await _own_page(frame, tx, actor, Form(typed(form), errors=_errors(refusal)), 422)
    return go("/leave", "leave_taken")


@router.get("/leave/{leave_id}", dependencies=[Depends(own(Action.TAKE_LEAVE))])
async def show_story(leave_id: UUID, frame: InFrame, tx: Care, actor: SignedIn) -> Response:
    """What happened meanwhile, room by room. Raises NotFound for a leave of somebody else."""
    leave = await theirs_or_supervised(tx, actor, leave_id)
    row = next(
        (each for each in await leave_views.of_therapist(tx, actor.account_id) if each["id"] == leave_id),
        None,
    )
    if row is None:
        raise NotFound
    if leave["note_sealed"] is not None:
        await tx.audit("read_hand_over_note", subject_id=leave_id)
    view = StoryView(
        leave=_leave_row(row, frame.shell.zone),
        rooms=tuple(
            RoomStory(str(each.room_id), each.client_code, each.from_client, each.answers, each.covered_by)
            for each in await leave_views.happened(tx, leave)
        ),
        note=await leaves.note(tx, leave),
    )
    return frame.page("staff/leave_story.html", view, "/hours")


@router.post("/leave/{leave_id}/days")
async def change_days(
    leave_id: UUID, request: Request, frame: InFrame, tx: Care, actor: SignedIn
) -> Response:
    """Other days."""
    await theirs_or_supervised(tx, actor, leave_id)
    form = await request.form()
    try:
        await leaves.change_leave(tx, leave_id, *_span(form, frame.shell.zone))
    except Invalid:
        return go("/leave", "leave_days_wrong")
    return go("/leave", "saved")


@router.post("/leave/{leave_id}/call-off")
async def call_off(leave_id: UUID, tx: Care, actor: SignedIn, frame: InFrame) -> Response:
    """Not any more; or back early."""
    await theirs_or_supervised(tx, actor, leave_id)
    await leaves.cancel_leave(tx, leave_id)
    return go("/leave" if frame.shell.role == "therapist" else "/leaves", "leave_called_off")


@router.get("/leaves", dependencies=[Depends(allowed(Action.MANAGE_COVER))])
async def show_leaves(frame: InFrame, tx: Care) -> Response:
    """Who is away when, and in how many rooms nobody answers."""
    view = AwayView(tuple(_away_row(row) for row in await leave_views.ahead(tx)))
    return frame.page("staff/leaves.html", view, "/leaves")


@router.get("/leaves/{leave_id}", dependencies=[Depends(allowed(Action.MANAGE_COVER))])
async def show_cover(leave_id: UUID, frame: InFrame, tx: Care) -> Response:
    """Room by room: who covers, who was asked, who could."""
    found = await leave_views.view(tx, leave_id)
    view = LeaveCoverView(
        row=_away_row(found.leave),
        over=found.leave["state"] in ("over", "cancelled"),
        rooms=tuple(_room_cover(row) for row in found.rooms),
    )
    return frame.page("staff/leave_cover.html", view, "/leaves")


@router.post("/leaves/{leave_id}/covers", dependencies=[Depends(allowed(Action.MANAGE_COVER))])
async def arrange(leave_id: UUID, request: Request, tx: Care) -> Response:
    """Cover for one room, in force at once."""
    form = await request.form()
    room_id, who = (
        _uuid(text_of(form, "room_id", least=1, most=36)),
        _uuid(text_of(form, "therapist_id", least=1)),
    )
    if room_id is None or who is None:
        raise NotFound
    try:
        await covers.arrange(tx, leave_id, room_id, who)
    except Conflict as refusal:
        said = f"cover_{refusal.code}"
        return go(f"/leaves/{leave_id}", said if said in SAID else "cover_refused")
    return go(f"/leaves/{leave_id}", "cover_arranged")


async def _own_page(frame: Frame, tx: Transaction, actor: Actor, form: Form, status: int = 200) -> Response:
    view = LeaveView(
        form=form,
        leaves=tuple(
            _leave_row(row, frame.shell.zone)
            for row in await leave_views.of_therapist(tx, actor.account_id)
            if row["state"] != "cancelled"
        ),
        colleagues=tuple(
            Choice(str(row["id"]), row["name"]) for row in await leave_views.colleagues(tx, actor.account_id)
        ),
        zone=frame.shell.zone,
    )
    return frame.page("staff/leave.html", view, "/hours", status)


def _span(form: FormData, zone: str) -> tuple[datetime, datetime]:
    return _instant(form, "from", zone), _instant(form, "to", zone)


def _instant(form: FormData, name: str, zone: str) -> datetime:
    """A local date and time of the reader's zone. Raises Invalid (`not_a_time`)."""
    try:
        local = datetime.fromisoformat(text_of(form, name, least=1, most=19))
    except ValueError as error:
        raise Invalid(FieldError(name, "not_a_time")) from error
    if local.tzinfo is not None:
        raise Invalid(FieldError(name, "not_a_time"))
    return resolve(local, ZoneInfo(zone))


def _errors(refusal: Invalid) -> dict[str, str]:
    return {each.field: _WORDS.get(each.code, "Please look at this once more.") for each in refusal.errors}


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError as error:
        raise Invalid(FieldError("cover", "unknown")) from error


def _leave_row(row: Row, zone: str) -> LeaveRow:
    local = ZoneInfo(zone)
    return LeaveRow(
        leave_id=str(row["id"]),
        start=row["starts_at"],
        end=row["ends_at"],
        state=row["state"],
        rooms=row["rooms"],
        gaps=row["gaps"],
        asked=row["asked"],
        begins=f"{row['starts_at'].astimezone(local):%Y-%m-%dT%H:%M}",
        ends=f"{row['ends_at'].astimezone(local):%Y-%m-%dT%H:%M}",
    )


def _away_row(row: Row) -> AwayRow:
    return AwayRow(
        leave_id=str(row["id"]),
        therapist=row["therapist"],
        start=row["starts_at"],
        end=row["ends_at"],
        away_now=row["state"] == "away",
        rooms=row["rooms"],
        gaps=row["gaps"],
        asked=row["asked"],
    )


def _room_cover(row: Row) -> RoomCover:
    fit = [each for each in row["candidates"] if each["position"] is not None]
    return RoomCover(
        room_id=str(row["room_id"]),
        client_code=row["client_code"],
        covered=row["covered"],
        covers=tuple(_cover(row, each) for each in row["covers"]),
        asked=tuple(
            Asked(
                each["name"],
                *_SAID[each["state"]],
                datetime.fromisoformat(each["until"]) if each["state"] == "open" else None,
            )
            for each in row["offers"]
        ),
        choices=tuple(Choice(each["therapist_id"], _why(each)) for each in fit),
        unfit=tuple(
            Unfit(each["name"], tuple(WHY_NOT.get(code, code) for code in each["rejected"]))
            for each in row["candidates"]
            if each["position"] is None
        ),
        looked=bool(row["candidates"]),
    )


def _cover(row: Row, cover: dict[str, Any]) -> Covered:
    start, end = datetime.fromisoformat(cover["from"]), datetime.fromisoformat(cover["to"])
    return Covered(str(row["room_id"]), row["client_code"], cover["name"], start, end, begun=False)


def _why(candidate: dict[str, Any]) -> str:
    """Who they are and why they stand where they stand."""
    hours, places = candidate["shared_minutes"] / 60, candidate["places"]
    free = "1 free place" if places == 1 else f"{places} free places"
    return f"{candidate['name']}: {hours:g} h a week at the same time, {free}"
