"""Licences and payers' listings of therapists: kept by administrators, read by supervisors and by their holders."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse
from pydantic import BaseModel, StringConstraints

from api.deps import Care, OnceOnly, allowed, own
from api.schemas import Input
from domain.access import Action, Actor
from domain.licences import LicenceKind
from records import licence_office
from records.database import Row
from records.licence_office import Ended, NewLicence

router = APIRouter(prefix="/v1", tags=["licences"])

State = Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")]
Short = Annotated[str, StringConstraints(min_length=1, max_length=40, strip_whitespace=True)]
_OFFICE = Depends(allowed(Action.MANAGE_STAFF))


class LicenceOut(BaseModel):
    """A licence. It ends as `expires_on` begins in its state; `continued`: another one goes on from there.

    `rooms`: open rooms of the therapist whose client is in that state now.
    """

    licence_id: UUID
    therapist_id: UUID
    therapist: str
    state: str
    kind: LicenceKind
    number: str
    active_from: date
    expires_on: date
    continued: bool
    rooms: int


class LicencesOut(BaseModel):
    """The next to end first, those that are over last."""

    items: list[LicenceOut]
    next_cursor: str | None = None


class LicenceChangeOut(BaseModel):
    """A licence as it stood from an instant on."""

    licence_id: UUID
    state: str
    action: str
    number: str
    active_from: date
    expires_on: date
    at: datetime
    by: str | None


class CredentialOut(BaseModel):
    """A payer lists the therapist; `active_to` is the last day, null while there is none."""

    payer: str
    name: str
    active_from: date
    active_to: date | None


class CredentialChangeOut(BaseModel):
    """A listing as it stood from an instant on."""

    payer: str
    action: str
    active_from: date
    active_to: date | None
    at: datetime
    by: str | None


class TherapistLicencesOut(BaseModel):
    """One therapist's licences and listings with their history, the last change first."""

    therapist_id: UUID
    name: str
    licences: list[LicenceOut]
    credentials: list[CredentialOut]
    licence_history: list[LicenceChangeOut]
    credential_history: list[CredentialChangeOut]


class LicenceIn(Input):
    """A licence, or a compact privilege issued to this person. `expires_on`: the first day it does not hold."""

    state: State
    kind: LicenceKind = LicenceKind.STATE_LICENCE
    number: Short
    active_from: date
    expires_on: date


class RenewalIn(Input):
    """Until when it holds now."""

    expires_on: date


class EndingIn(Input):
    """It ends before its date, from this day on."""

    on: date
    why: Ended


class CredentialIn(Input):
    """A payer (its code) lists the therapist between two days; open without the last."""

    payer: Short
    active_from: date
    active_to: date | None = None


class CredentialEndIn(Input):
    """Which listing ends, and its last day."""

    payer: Short
    active_from: date
    active_to: date


@router.get("/licences", dependencies=[Depends(allowed(Action.READ_LICENCES))])
async def read_licences(tx: Care) -> LicencesOut:
    """Every licence of the clinic."""
    return LicencesOut(items=[_licence(row) for row in await licence_office.listing(tx)])


@router.get("/me/licences")
async def read_mine(
    tx: Care, actor: Annotated[Actor, Depends(own(Action.READ_LICENCES))]
) -> TherapistLicencesOut:
    """The therapist's own."""
    return await _of(tx, actor.account_id)


@router.get("/therapists/{therapist_id}/licences", dependencies=[Depends(allowed(Action.READ_LICENCES))])
async def read_of(therapist_id: UUID, tx: Care) -> TherapistLicencesOut:
    """One therapist's, with history."""
    return await _of(tx, therapist_id)


@router.post(
    "/therapists/{therapist_id}/licences",
    status_code=201,
    response_model=TherapistLicencesOut,
    dependencies=[_OFFICE],
)
async def add_licence(therapist_id: UUID, body: LicenceIn, tx: Care, once: OnceOnly) -> JSONResponse:
    """A licence that was issued: rooms it reaches open at once."""

    async def work() -> TherapistLicencesOut:
        await licence_office.add(tx, therapist_id, new_licence(body))
        return await _of(tx, therapist_id)

    return await once(tx, body, work)


@router.post("/licences/{licence_id}/renew", status_code=204, dependencies=[_OFFICE])
async def renew_licence(licence_id: UUID, body: RenewalIn, tx: Care) -> None:
    """It holds longer."""
    await licence_office.renew(tx, licence_id, body.expires_on)


@router.post("/licences/{licence_id}/end", status_code=204, dependencies=[_OFFICE])
async def end_licence(licence_id: UUID, body: EndingIn, tx: Care) -> None:
    """It ends early: rooms it reached close at once, later services are held."""
    await licence_office.end(tx, licence_id, body.on, body.why)


@router.post("/therapists/{therapist_id}/credentials", status_code=204, dependencies=[_OFFICE])
async def add_credential(therapist_id: UUID, body: CredentialIn, tx: Care) -> None:
    """A payer lists the therapist."""
    await licence_office.add_credential(tx, therapist_id, body.payer, body.active_from, body.active_to)


@router.post("/therapists/{therapist_id}/credentials/end", status_code=204, dependencies=[_OFFICE])
async def end_credential(therapist_id: UUID, body: CredentialEndIn, tx: Care) -> None:
    """The payer lists them no longer."""
    await licence_office.end_credential(tx, therapist_id, body.payer, body.active_from, body.active_to)


def new_licence(body: LicenceIn) -> NewLicence:
    """The body as the records take it."""
    return NewLicence(body.state, body.kind, body.number, body.active_from, body.expires_on)


async def _of(tx: Care, therapist_id: UUID) -> TherapistLicencesOut:
    who = await licence_office.therapist(tx, therapist_id)
    return TherapistLicencesOut(
        therapist_id=who["id"],
        name=who["name"],
        licences=[_licence(row) for row in await licence_office.listing(tx, therapist_id)],
        credentials=[
            CredentialOut(
                payer=row["code"],
                name=row["payer"],
                active_from=row["active_from"],
                active_to=row["active_to"],
            )
            for row in await licence_office.credentials(tx, therapist_id)
        ],
        licence_history=[_change(row) for row in await licence_office.history(tx, therapist_id)],
        credential_history=[
            CredentialChangeOut(
                payer=row["payer"],
                action=row["action"],
                active_from=row["active_from"],
                active_to=row["active_to"],
                at=row["at"],
                by=row["by_name"],
            )
            for row in await licence_office.credential_history(tx, therapist_id)
        ],
    )


_KINDS = {word: kind for kind, word in licence_office.KINDS.items()}


def _licence(row: Row) -> LicenceOut:
    return LicenceOut(
        licence_id=row["id"],
        therapist_id=row["therapist_id"],
        therapist=row["name"],
        state=row["state"],
        kind=_KINDS[row["kind"]],
        number=row["number"],
        active_from=row["active_from"],
        expires_on=row["expires_on"],
        continued=row["continued"],
        rooms=row["rooms"],
    )


def _change(row: Row) -> LicenceChangeOut:
    return LicenceChangeOut(
        licence_id=row["licence_id"],
        state=row["state"],
        action=row["action"],
        number=row["number"],
        active_from=row["active_from"],
        expires_on=row["expires_on"],
        at=row["at"],
        by=row["by_name"],
    )
