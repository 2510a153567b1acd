"""Sponsors: terms, rosters and figures for administrators; to a client, what is left of their sessions."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field, StringConstraints

from api.contracts import LastDayIn, MadeOut, SaidOut, said
from api.coverages import OwnOrOffice, readable_coverage
from api.deps import Care, InServices, OnceOnly, allowed
from api.report_files import AnyForm, Since, Until, as_file, asked
from api.schemas import Input, InWindow, ShortText
from domain.access import Action
from domain.sponsors import SponsorKind, Terms
from domain.zones import date_everywhere
from records import rosters, sponsor_terms, sponsors
from records.database import Row
from reports.sponsor_utilisation import utilisation

router = APIRouter(prefix="/v1", tags=["sponsors"])
_keeps = [Depends(allowed(Action.MANAGE_SPONSORS))]


class TermsIn(Input):
    """What is granted from a day on, and to whom."""

    sessions_each: Annotated[int, Field(ge=1, le=1_000)]
    valid_days: Annotated[int, Field(ge=1, le=3_660)] = 365
    covers_dependants: bool = False
    needs_roster: bool = False
    needs_authorisation: bool = False


class SponsorIn(TermsIn):
    """A sponsor, with the code that its members type and its first terms."""

    name: ShortText
    kind: SponsorKind
    code: Annotated[ShortText, StringConstraints(min_length=6, max_length=60)]
    active_from: date
    active_to: date | None = None


class TermsChangeIn(TermsIn):
    """New terms, from today or later."""

    effective_from: date


class SponsorOut(BaseModel):
    """A sponsor with its terms of today, null before its first day. Its code is told to nobody again."""

    sponsor_id: UUID
    name: str
    kind: SponsorKind
    active_from: date
    active_to: date | None
    sessions_each: int | None
    valid_days: int | None
    covers_dependants: bool | None
    needs_roster: bool | None
    needs_authorisation: bool | None


class SponsorsOut(BaseModel):
    """By name."""

    items: list[SponsorOut]
    next_cursor: str | None = None


class TermsOut(SaidOut):
    """Terms as they were said."""

    sessions_each: int
    valid_days: int
    covers_dependants: bool
    needs_roster: bool
    needs_authorisation: bool


class TermsHistoryOut(BaseModel):
    """The newest day first."""

    items: list[TermsOut]
    next_cursor: str | None = None


class RosterMode(StrEnum):
    """`replace`: who is not on it leaves the day before; nobody does while a row of it was refused."""

    ADD = rosters.ADD
    REPLACE = rosters.REPLACE


class RefusedRowOut(BaseModel):
    """Why a row was not taken: its line (the heading is 1), its column, a code. Never what stood there."""

    line: int
    column: str
    code: str


class RosterOut(BaseModel):
    """How far a roster is: `done` of `total` rows. `left_out`: members who left by it."""

    roster_id: UUID
    mode: RosterMode
    state: str
    sent_at: datetime
    effective_from: date
    total: int
    done: int
    taken: int
    refused: int
    left_out: int
    finished_at: datetime | None


class RosterPageOut(RosterOut):
    """With the first thousand refusals."""

    refusals: list[RefusedRowOut]


class RostersOut(BaseModel):
    """The newest first."""

    items: list[RosterOut]
    next_cursor: str | None = None


class AuthorisationOut(BaseModel):
    """Sessions granted from one day to another, both included, and what is left of them."""

    number: str
    sessions: int
    left: int
    valid_from: date
    valid_to: date


class CreditsOut(BaseModel):
    """What a sponsor's cover still pays: `left` today, and the authorisations it comes from."""

    left: int
    items: list[AuthorisationOut]
    next_cursor: str | None = None


@router.get("/sponsors", dependencies=_keeps)
async def list_sponsors(tx: Care, window: InWindow) -> SponsorsOut:
    """Every sponsor."""
    return SponsorsOut(**window.of([_sponsor_out(row) for row in await sponsor_terms.listing(tx)]))


@router.post("/sponsors", status_code=201, response_model=MadeOut, dependencies=_keeps)
async def add_sponsor(body: SponsorIn, tx: Care, once: OnceOnly, services: InServices) -> JSONResponse:
    """Add a sponsor."""

    async def work() -> MadeOut:
        new = sponsor_terms.NewSponsor(**body.model_dump())
        return MadeOut(id=await sponsor_terms.add_sponsor(tx, services.index, new))

    return await once(tx, body, work)


@router.get("/sponsors/{sponsor_id}/terms", dependencies=_keeps)
async def list_terms(sponsor_id: UUID, tx: Care, window: InWindow) -> TermsHistoryOut:
    """What was, is and will be granted."""
    await sponsor_terms.find(tx, sponsor_id)
    names = list(TermsIn.model_fields)
    rows = await sponsor_terms.terms_history(tx, sponsor_id)
    return TermsHistoryOut(
        **window.of([TermsOut(**said(row), **{name: row[name] for name in names}) for row in rows])
    )


@router.post("/sponsors/{sponsor_id}/terms", status_code=204, dependencies=_keeps)
async def set_terms(sponsor_id: UUID, body: TermsChangeIn, tx: Care) -> None:
    """Grant something else from a day on. Who was granted sessions keeps them."""
    await sponsor_terms.set_terms(tx, sponsor_id, Terms(**body.model_dump()))


@router.post("/sponsors/{sponsor_id}/end", status_code=204, dependencies=_keeps)
async def end_sponsor(sponsor_id: UUID, body: LastDayIn, tx: Care) -> None:
    """Nobody new comes by this sponsor after a day."""
    await sponsor_terms.end_sponsor(tx, sponsor_id, body.last_day)


@router.get("/sponsors/{sponsor_id}/rosters", dependencies=_keeps)
async def list_rosters(sponsor_id: UUID, tx: Care, window: InWindow) -> RostersOut:
    """Rosters that were sent, and how far they are."""
    await sponsor_terms.find(tx, sponsor_id)
    return RostersOut(**window.of([_roster_out(row) for row in await rosters.of_sponsor(tx, sponsor_id)]))


@router.post("/sponsors/{sponsor_id}/rosters", status_code=202, response_model=MadeOut, dependencies=_keeps)
async def send_roster(
    sponsor_id: UUID,
    request: Request,
    tx: Care,
    once: OnceOnly,
    mode: RosterMode = RosterMode.ADD,
    since: Annotated[date | None, Query(alias="from")] = None,
) -> JSONResponse:
    """Send a roster as CSV, the request's body. It is worked off in the background, row by row."""
    content = await request.body()

    async def work() -> MadeOut:
        roster_id = await rosters.send(tx, sponsor_id, content, mode.value, since or date_everywhere(tx.now))
        return MadeOut(id=roster_id)

    return await once(tx, content, work, 202)


@router.get("/sponsors/{sponsor_id}/rosters/{roster_id}", dependencies=_keeps)
async def read_roster(sponsor_id: UUID, roster_id: UUID, tx: Care) -> RosterPageOut:
    """One roster, with the rows that were refused."""
    row = await rosters.find(tx, sponsor_id, roster_id)
    return RosterPageOut(
        **_roster_out(row).model_dump(),
        refusals=[
            RefusedRowOut(line=line, column=column, code=code)
            for line, column, code in row["refusals"]["rows"]
        ],
    )


@router.get("/sponsors/{sponsor_id}/utilisation", response_class=Response, dependencies=_keeps)
async def read_utilisation(
    sponsor_id: UUID,
    tx: Care,
    since: Since = None,
    until: Until = None,
    form: AnyForm = "json",
) -> Response:
    """How a sponsor's people use its sessions; groups under five are hidden. For the sponsor to read."""
    period = asked(since, until, tx.now.date(), form)
    report = await utilisation(tx, sponsor_id, period)
    await tx.audit(f"read_report_{report.name}", subject_id=sponsor_id)
    return as_file(report, form)


@router.get("/coverages/{coverage_id}/credits")
async def read_credits(coverage_id: UUID, tx: OwnOrOffice) -> CreditsOut:
    """What is left of a sponsor's sessions; nothing for any other cover."""
    coverage = await readable_coverage(tx, coverage_id)
    rows = await sponsors.authorisations(tx, coverage) if coverage["sponsor_id"] else []
    return CreditsOut(
        left=await sponsors.credits_left(tx, coverage_id), items=[_authorisation_out(row) for row in rows]
    )


def _sponsor_out(row: Row) -> SponsorOut:
    names = [name for name in SponsorOut.model_fields if name != "sponsor_id"]
    return SponsorOut(sponsor_id=row["id"], **{name: row[name] for name in names})


def _roster_out(row: Row) -> RosterOut:
    names = [name for name in RosterOut.model_fields if name != "roster_id"]
    return RosterOut(roster_id=row["id"], **{name: row[name] for name in names})


def _authorisation_out(row: Row) -> AuthorisationOut:
    names = ("number", "sessions", "valid_from", "valid_to")
    return AuthorisationOut(**{name: row[name] for name in names}, left=int(row["left_over"]))
