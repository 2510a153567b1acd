"""Intake in parts, where the client is, and the documents they sign."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from api.deps import Care, OnceOnly, own
from api.risk import QuestionOut, question_out
from api.schemas import Input, ShortText, Text
from domain.access import Action, Actor
from domain.consents import Document
from records import clients, consents, intake, relations

router = APIRouter(prefix="/v1", tags=["intake"])

Recency = Literal["never", "within_30_days", "longer_ago"]
Codes = Annotated[list[ShortText], Field(max_length=30)]


class AddressIn(Input):
    """A postal address in the United States."""

    line1: ShortText
    line2: ShortText | None = None
    city: ShortText
    state: ShortText | None = None
    postal_code: ShortText


class PreferencesIn(Input):
    """Wishes about the therapist; those named in `must` are hard filters."""

    gender: ShortText | None = None
    language: ShortText | None = None
    modality: ShortText | None = None
    must: Codes = Field(default_factory=list)


class ContactIn(Input):
    """Whom to call in an emergency."""

    name: ShortText
    phone: ShortText


class SafetyIn(Input):
    """How recently; and what makes care by messages alone the wrong care."""

    suicidal_thoughts: Recency | None = None
    homicidal_thoughts: Recency | None = None
    private_channel: bool | None = None
    recent_attempt: bool | None = None
    psychosis_or_mania: bool | None = None
    withdrawal: bool | None = None


class IntakeIn(Input):
    """A part of the intake: fields that are left out stay as they were saved."""

    focus: Codes | None = None
    address: AddressIn | None = None
    phone: ShortText | None = None
    sex_on_file: Literal["female", "male", "unknown"] | None = None
    prior_care: Text | None = None
    medication: Text | None = None
    guardian: Text | None = None
    state: ShortText | None = None
    location: ShortText | None = None
    preferences: PreferencesIn | None = None
    availability: Codes | None = None
    emergency_contact: ContactIn | None = None
    safety: SafetyIn | None = None


class IntakeOut(BaseModel):
    """How far the intake is. `question` is put to the client at once when it is there."""

    version: int
    submitted: bool
    missing: list[str]
    question: QuestionOut | None = None


class SavedIntakeOut(IntakeOut):
    """The intake with what was saved, for going on elsewhere."""

    values: dict[str, Any]


class LocationIn(Input):
    """The state (two letters) in which the client is now."""

    state: ShortText


class ConsentIn(Input):
    """A document, the version that was shown, and the name typed as a signature."""

    document: ShortText
    version: ShortText
    signature: ShortText


class ConsentOut(BaseModel):
    """A signature on file."""

    consent_id: UUID


class DocumentOut(BaseModel):
    """A document as it is put to the client."""

    document: Document
    version: str
    title: str
    text: str
    required: bool
    signed_at: datetime | None


class DocumentsOut(BaseModel):
    """All documents in force."""

    items: list[DocumentOut]
    next_cursor: str | None = None


@router.get("/intake")
async def read_intake(tx: Care, actor: Annotated[Actor, Depends(own(Action.READ_INTAKE))]) -> SavedIntakeOut:
    """What was saved so far."""
    client = await relations.readable_chart(tx, actor.account_id, Action.READ_INTAKE)
    found = await intake.read(tx, client)
    return SavedIntakeOut(
        version=found.version, submitted=found.submitted, missing=found.missing, values=found.values
    )


@router.put("/intake")
async def save_intake(
    body: IntakeIn, tx: Care, actor: Annotated[Actor, Depends(own(Action.SAVE_INTAKE))]
) -> IntakeOut:
    """Save a part."""
    client = await relations.writable_chart(tx, actor.account_id, Action.SAVE_INTAKE)
    return _out(await intake.save(tx, client, body.model_dump(mode="json", exclude_unset=True)))


@router.post("/intake/submit")
async def submit_intake(tx: Care, actor: Annotated[Actor, Depends(own(Action.SAVE_INTAKE))]) -> IntakeOut:
    """Hand the intake in. 422 `intake_incomplete` names what is missing."""
    client = await relations.writable_chart(tx, actor.account_id, Action.SAVE_INTAKE)
    return _out(await intake.submit(tx, client))


@router.put("/me/location", status_code=204)
async def set_location(
    body: LocationIn, tx: Care, actor: Annotated[Actor, Depends(own(Action.SET_LOCATION))]
) -> None:
    """Say where one is now: a therapist must hold a licence there."""
    client = await relations.writable_chart(tx, actor.account_id, Action.SET_LOCATION)
    await clients.set_location(tx, client, body.state)


@router.get("/consents")
async def list_documents(tx: Care, actor: Annotated[Actor, Depends(own(Action.CONSENT))]) -> DocumentsOut:
    """The documents in force, and what was signed."""
    found = await consents.papers(tx, actor.account_id)
    return DocumentsOut(
        items=[
            DocumentOut(
                document=paper.wording.document,
                version=paper.wording.version,
                title=paper.wording.title,
                text=paper.wording.text,
                required=paper.required,
                signed_at=paper.signed_at,
            )
            for paper in found
        ]
    )


@router.post("/consents", status_code=201, response_model=ConsentOut)
async def sign_consent(
    body: ConsentIn, tx: Care, once: OnceOnly, actor: Annotated[Actor, Depends(own(Action.CONSENT))]
) -> JSONResponse:
    """Sign a document."""

    async def work() -> ConsentOut:
        client = await relations.writable_chart(tx, actor.account_id, Action.CONSENT)
        signed = await consents.sign(tx, client, body.document, body.version, body.signature)
        return ConsentOut(consent_id=signed)

    return await once(tx, body, work)


def _out(found: intake.Intake) -> IntakeOut:
    return IntakeOut(
        version=found.version,
        submitted=found.submitted,
        missing=found.missing,
        question=question_out(found.question),
    )
