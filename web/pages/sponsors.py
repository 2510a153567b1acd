"""Sponsors for administrators: what they grant, who is on their rosters by number, how their sessions are used."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import ValidationError
from starlette.datastructures import FormData, UploadFile

from api.contracts import LastDayIn
from api.deps import Care, InServices, allowed
from api.sponsors import RosterMode, SponsorIn, TermsChangeIn
from domain.access import Action
from domain.errors import Conflict, FieldError, Invalid
from domain.rosters import LARGEST
from domain.sponsors import LEAST_SHOWN, SponsorKind, Terms
from domain.zones import date_everywhere
from records import rosters, sponsor_terms
from records.database import Row, Transaction
from reports.report import Period
from reports.sponsor_utilisation import utilisation
from web.pages.frame import Frame, InFrame, go
from web.pages.office_forms import day_of, read, refused
from web.pages.office_words import said_of
from web.pages.refusals import PageRoute
from web.views.shell import Choice, Form
from web.views.sponsors import (
    FigureLine,
    NewSponsorView,
    RefusalLine,
    RosterLine,
    RosterView,
    SponsorLine,
    SponsorsView,
    SponsorView,
    TermsLine,
)

router = APIRouter(route_class=PageRoute, dependencies=[Depends(allowed(Action.MANAGE_SPONSORS))])

HERE = "/admin/sponsors"
PLACE = "/admin/payers"
"""Sponsors stand under the place of payers in the menu."""
KINDS = (
    Choice(SponsorKind.EMPLOYER, "Employer"),
    Choice(SponsorKind.SCHOOL, "School"),
    Choice(SponsorKind.MEMBER_ORGANISATION, "Member organisation"),
)
_KIND = {choice.value: choice.label for choice in KINDS}
_BOXES = ("covers_dependants", "needs_roster", "needs_authorisation")
_REFUSALS = {
    "required": "Nothing stands there.",
    "too_long": "More than 100 characters.",
    "not_a_date": "Not a date such as 1990-05-17.",
    "not_a_date_of_birth": "Not a date of birth.",
    "unknown_relationship": "self, spouse, child or other.",
    "range_empty": "Ends before it begins.",
    "not_a_number": "A whole number from 1 to 1,000.",
    "too_many_columns": "More cells than the first line has.",
    "listed_twice": "The same person stands above.",
}


@router.get(HERE)
async def list_sponsors(frame: InFrame, tx: Care) -> Response:
    """Every sponsor, with what it grants today."""
    rows = await sponsor_terms.listing(tx)
    return frame.page("admin/sponsors.html", SponsorsView(tuple(_line(row, tx) for row in rows)), PLACE)


@router.get(f"{HERE}/new")
async def new(frame: InFrame, tx: Care) -> Response:
    """A sponsor that is not there yet."""
    form = Form({"valid_days": "365", "active_from": date_everywhere(tx.now).isoformat()})
    return frame.page("admin/sponsor_new.html", NewSponsorView(KINDS, form), PLACE)


@router.post(f"{HERE}/new")
async def add(request: Request, frame: InFrame, tx: Care, services: InServices) -> Response:
    """Add a sponsor: from its first day on its code is taken."""
    form = await request.form()
    try:
        body = read(form, SponsorIn, flags=_BOXES)
        sponsor_id = await sponsor_terms.add_sponsor(
            tx, services.index, sponsor_terms.NewSponsor(**body.model_dump())
        )
    except (ValidationError, Invalid, Conflict) as refusal:
        return frame.page("admin/sponsor_new.html", NewSponsorView(KINDS, refused(form, refusal)), PLACE, 422)
    return go(f"{HERE}/{sponsor_id}", "saved")


@router.get(f"{HERE}/{{sponsor_id}}")
async def show(sponsor_id: UUID, frame: InFrame, tx: Care) -> Response:
    """One sponsor."""
    return await _page(frame, tx, sponsor_id, {})


@router.post(f"{HERE}/{{sponsor_id}}/terms")
async def set_terms(sponsor_id: UUID, request: Request, frame: InFrame, tx: Care) -> Response:
    """Grant something else from a day on."""
    form = await request.form()
    try:
        await sponsor_terms.set_terms(
            tx, sponsor_id, Terms(**read(form, TermsChangeIn, flags=_BOXES).model_dump())
        )
    except (ValidationError, Invalid) as refusal:
        return await _page(frame, tx, sponsor_id, {"terms": refused(form, refusal)}, 422)
    return go(f"{HERE}/{sponsor_id}", "saved")


@router.post(f"{HERE}/{{sponsor_id}}/end")
async def end(sponsor_id: UUID, request: Request, frame: InFrame, tx: Care) -> Response:
    """Nobody new comes by this sponsor after a day."""
    form = await request.form()
    try:
        await sponsor_terms.end_sponsor(tx, sponsor_id, read(form, LastDayIn).last_day)
    except (ValidationError, Invalid) as refusal:
        return await _page(frame, tx, sponsor_id, {"end": refused(form, refusal)}, 422)
    return go(f"{HERE}/{sponsor_id}", "saved")


@router.post(f"{HERE}/{{sponsor_id}}/rosters")
async def send_roster(sponsor_id: UUID, request: Request, frame: InFrame, tx: Care) -> Response:
    """Send a roster; it is worked off in the background, and the next page says how far it is."""
    form = await request.form()
    try:
        mode = RosterMode.REPLACE if form.get("mode") == RosterMode.REPLACE else RosterMode.ADD
        since = day_of(form, "since") or date_everywhere(tx.now)
        roster_id = await rosters.send(tx, sponsor_id, await _file(form), mode.value, since)
    except Invalid as refusal:
        return await _page(frame, tx, sponsor_id, {"roster": refused(form, refusal)}, 422)
    return go(f"{HERE}/{sponsor_id}/rosters/{roster_id}")


async def _file(form: FormData) -> bytes:
    sent = form.get("file")
    if not isinstance(sent, UploadFile) or not sent.filename:
        raise Invalid(FieldError("file", "required"))
    return await sent.read(LARGEST + 1)


@router.get(f"{HERE}/{{sponsor_id}}/rosters/{{roster_id}}")
async def show_roster(sponsor_id: UUID, roster_id: UUID, frame: InFrame, tx: Care) -> Response:
    """How far a roster is, and which of its rows were refused."""
    sponsor = await sponsor_terms.find(tx, sponsor_id)
    row = await rosters.find(tx, sponsor_id, roster_id)
    refusals = tuple(
        RefusalLine(line, column or "The row", _REFUSALS.get(code, "It could not be read."))
        for line, column, code in row["refusals"]["rows"]
    )
    view = RosterView(str(sponsor_id), sponsor["name"], _roster(row), refusals)
    return frame.page("admin/roster.html", view, PLACE)


async def _page(
    frame: Frame, tx: Transaction, sponsor_id: UUID, forms: dict[str, Form], status: int = 200
) -> Response:
    await sponsor_terms.find(tx, sponsor_id)
    row = next(each for each in await sponsor_terms.listing(tx) if each["id"] == sponsor_id)
    today = date_everywhere(tx.now)
    report = await utilisation(tx, sponsor_id, Period(None, today))
    await tx.audit(f"read_report_{report.name}", subject_id=sponsor_id)
    view = SponsorView(
        sponsor=_line(row, tx),
        terms=_terms(await sponsor_terms.terms_history(tx, sponsor_id), tx),
        rosters=tuple(_roster(each) for each in await rosters.of_sponsor(tx, sponsor_id)),
        listed=await rosters.counted(tx, sponsor_id, today),
        figures=tuple(_figure(each) for each in report.rows),
        formula=report.formula,
        forms={"terms": _terms_form(row, tx), "roster": Form({"mode": "add"}), **forms},
    )
    return frame.page("admin/sponsor.html", view, PLACE, status)


def _line(row: Row, tx: Transaction) -> SponsorLine:
    until = row["active_to"]
    return SponsorLine(
        sponsor_id=str(row["id"]),
        name=row["name"],
        kind=_KIND[row["kind"]],
        grants=_grants(row) if row["sessions_each"] is not None else "Nothing before its first day",
        since=row["active_from"],
        until=until,
        ended=until is not None and until < date_everywhere(tx.now),
    )


def _grants(row: Row) -> str:
    told = [f"{row['sessions_each']} sessions each"]
    if row["needs_authorisation"]:
        told.append("with an authorisation of theirs")
    else:
        told.append(f"for {row['valid_days']} days")
    if row["needs_roster"]:
        told.append(
            "people of the roster and their families" if row["covers_dependants"] else "people of the roster"
        )
    else:
        told.append("whoever has the code")
    return ", ".join(told)


def _terms(rows: list[Row], tx: Transaction) -> tuple[TermsLine, ...]:
    lines, seen = [], False
    for row in rows:
        now = not seen and row["superseded_at"] is None and row["effective_from"] <= date_everywhere(tx.now)
        seen = seen or now
        lines.append(
            TermsLine(row["effective_from"], _grants(row), said_of(row, date_everywhere(tx.now), now=now))
        )
    return tuple(lines)


def _terms_form(row: Row, tx: Transaction) -> Form:
    boxes = {name: "yes" for name in _BOXES if row[name]}
    numbers = {name: str(row[name] or "") for name in ("sessions_each", "valid_days")}
    return Form({**numbers, **boxes, "effective_from": date_everywhere(tx.now).isoformat()})


def _roster(row: Row) -> RosterLine:
    return RosterLine(
        roster_id=str(row["id"]),
        mode="The whole list" if row["mode"] == rosters.REPLACE else "People to add",
        sent_at=row["sent_at"],
        sent_by=row["sent_by_name"] or "",
        since=row["effective_from"],
        total=row["total"],
        done=row["done"],
        taken=row["taken"],
        refused=row["refused"],
        left_out=row["left_out"],
        finished=row["finished_at"] is not None,
    )


def _figure(row: dict[str, Any]) -> FigureLine:
    """A hidden figure says so; a dash stands where there is none to tell."""
    told = {"Relationship": ("people",), "Month": ("people", "sessions")}
    asked = told.get(row["group"], ("sessions",) if row["value"] == "Sessions used" else ("people",))
    people, sessions = (_shown(row[name], name in asked) for name in ("people", "sessions"))
    return FigureLine(row["group"], row["value"], people, sessions)


def _shown(figure: int | None, asked: bool) -> str:
    if figure is None:
        return f"Hidden (fewer than {LEAST_SHOWN})" if asked else "–"
    return f"{figure:,}"
