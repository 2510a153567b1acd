"""A therapist's weekly hours, days off and places."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData

from api.deps import Care, SignedIn, own
from domain.access import Action
from domain.calendars import WEEKDAYS, Calendar, calendar_from_json
from domain.errors import FieldError, Invalid, NotFound
from domain.states import STATES
from domain.week_hours import length, week_hours
from records import working_hours
from records.database import Transaction
from web.pages.forms import many_of, text_of, typed
from web.pages.frame import Frame, InFrame, go
from web.pages.refusals import PageRoute
from web.views.shell import Choice, Form
from web.views.working_time import DayHours, HoursView

router = APIRouter(route_class=PageRoute)

NAMES = dict(
    zip(
        WEEKDAYS,
        ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
        strict=True,
    )
)
PAIRS, MOST_PAIRS = 2, 6
NEW_DAYS = 3
COUNTRY = "US"
MOST_PLACES = 200
ZONES = tuple(sorted({zone for state in STATES.values() for zone in state.zones}))
_WORDS = {
    "half": "Give both a beginning and an end.",
    "same": "Beginning and end are the same.",
    "bad_time": "Give times as hours and minutes.",
    "unknown_zone": "Choose a zone of the list.",
    "not_a_date": "Choose a day.",
    "not_a_number": "Give a number between 0 and 200.",
    "unknown_public_holidays": "We do not know the holidays of this place.",
}


@router.get("/hours", dependencies=[Depends(own(Action.SET_HOURS))])
async def show_hours(frame: InFrame, tx: Care, actor: SignedIn) -> Response:
    """The week as it is."""
    try:
        hours = await working_hours.hours(tx, actor.account_id)
    except NotFound:
        hours = {"tz": frame.shell.zone, "weekly": {}, "holidays": [], "public_holidays": []}
    return await _page(frame, tx, _form_of(hours, _today(tx, frame)))


@router.post("/hours", dependencies=[Depends(own(Action.SET_HOURS))])
async def set_hours(request: Request, frame: InFrame, tx: Care, actor: SignedIn) -> Response:
    """New hours: reply times move at once."""
    form = await request.form()
    try:
        calendar, public = _calendar_of(form)
        await working_hours.set_hours(tx, actor.account_id, calendar, public)
    except Invalid as refusal:
        errors = {
            each.field.split("[")[0]: _WORDS.get(each.code, _WORDS["bad_time"]) for each in refusal.errors
        }
        many = {name: many_of(form, name) for name in ("days_off", "past", "others", "public")}
        return await _page(frame, tx, Form(typed(form), many, errors), 422)
    return go("/hours", "saved")


@router.post("/hours/places", dependencies=[Depends(own(Action.SET_CAPACITY))])
async def set_places(request: Request, frame: InFrame, tx: Care, actor: SignedIn) -> Response:
    """How many clients at once."""
    text = text_of(await request.form(), "places", most=4)
    if not text.isdigit() or int(text) > MOST_PLACES:
        hours = await working_hours.hours(tx, actor.account_id)
        errors = {"places": _WORDS["not_a_number"]}
        return await _page(frame, tx, _form_of(hours, _today(tx, frame), errors), 422)
    await working_hours.set_capacity(tx, actor.account_id, int(text))
    return go("/hours", "saved")


async def _page(frame: Frame, tx: Transaction, form: Form, status: int = 200) -> Response:
    places = await working_hours.places(tx, frame.signed_in().account_id)
    today = date.fromisoformat(_today(tx, frame))
    days = form.many.get("days_off", ())
    view = HoursView(
        form=form,
        days=tuple(_day(key, form) for key in WEEKDAYS),
        zones=tuple(sorted({*ZONES, form.value("tz") or frame.shell.zone})),
        days_off=tuple(Choice(day, _spoken(day)) for day in days),
        past=form.many.get("past", ()),
        others=form.many.get("others", ()),
        week=_week(form, today),
        capacity=places["capacity"],
        clients=places["active_rooms"],
    )
    return frame.page("staff/hours.html", view, "/hours", status)


def _today(tx: Transaction, frame: Frame) -> str:
    """The reader's date."""
    return tx.now.astimezone(ZoneInfo(frame.shell.zone)).date().isoformat()


def _form_of(hours: Mapping[str, Any], today: str, errors: Mapping[str, str] | None = None) -> Form:
    """The stored hours as the form's fields."""
    values = {"tz": hours["tz"]}
    for key in WEEKDAYS:
        for n, (start, end) in enumerate(hours["weekly"].get(key, ())):
            values[f"{key}_{n}_from"], values[f"{key}_{n}_to"] = start, "00:00" if end == "24:00" else end
    public = hours["public_holidays"]
    mine = [code for code in public if code == COUNTRY or code.removeprefix(f"{COUNTRY}-") in STATES]
    values["state"] = next((code.removeprefix(f"{COUNTRY}-") for code in mine if code != COUNTRY), "")
    kept = [code for code in public if code != COUNTRY and code != f"{COUNTRY}-{values['state']}"]
    many = {
        "public": (COUNTRY,) if COUNTRY in mine else (),
        "others": tuple(kept),
        "days_off": tuple(day for day in hours["holidays"] if day >= today),
        "past": tuple(day for day in hours["holidays"] if day < today),
    }
    return Form(values, many, errors or {})


def _day(key: str, form: Form) -> DayHours:
    used = sum(bool(form.value(f"{key}_{n}_from")) for n in range(MOST_PAIRS))
    shown = min(max(PAIRS, used), MOST_PAIRS)
    return DayHours(key, NAMES[key], tuple((f"{key}_{n}_from", f"{key}_{n}_to") for n in range(shown)))


def _calendar_of(form: FormData) -> tuple[Calendar, list[str]]:
    """The calendar and the public holidays that were sent. Raises Invalid with the field to look at."""
    weekly = {key: shifts for key in WEEKDAYS if (shifts := _shifts(form, key))}
    own_days = {*many_of(form, "days_off"), *many_of(form, "past"), *many_of(form, "new_day")}
    calendar = calendar_from_json(
        {"tz": text_of(form, "tz"), "weekly": weekly, "holidays": sorted(_dates(own_days))}
    )
    state = text_of(form, "state", most=2)
    codes = [*many_of(form, "public"), *([f"{COUNTRY}-{state}"] if state else []), *many_of(form, "others")]
    return calendar, codes


def _shifts(form: FormData, key: str) -> list[tuple[str, str]]:
    found = []
    for n in range(MOST_PAIRS):
        start, end = text_of(form, f"{key}_{n}_from", most=5), text_of(form, f"{key}_{n}_to", most=5)
        if not start and not end:
            continue
        if not start or not end:
            raise Invalid(FieldError(key, "half"))
        if start == end != "00:00":
            raise Invalid(FieldError(key, "same"))
        found.append((start, end))
    return found


def _dates(days: Iterable[str]) -> list[str]:
    try:
        return [date.fromisoformat(day).isoformat() for day in days]
    except ValueError as error:
        raise Invalid(FieldError("new_day", "not_a_date")) from error


def _spoken(day: str) -> str:
    at = date.fromisoformat(day)
    return f"{at:%a}, {at:%b} {at.day}, {at.year}"


def _week(form: Form, today: date) -> str:
    """How long the week is, as saved or as typed; nothing while it cannot be read."""
    weekly = {
        key: [
            (form.value(f"{key}_{n}_from"), form.value(f"{key}_{n}_to"))
            for n in range(MOST_PAIRS)
            if form.value(f"{key}_{n}_from")
        ]
        for key in WEEKDAYS
    }
    try:
        hours = week_hours(calendar_from_json({"tz": form.value("tz"), "weekly": weekly}), today)
    except Invalid:
        return ""
    return f"{length(hours).total_seconds() / 3600:g}"
