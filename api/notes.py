"""Notes and diagnoses of a room: written by its clinician, never read by the billing office's login."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field, StringConstraints

from api.deps import Care, OnceOnly
from api.schemas import Input, InWindow, Text
from domain.access import Action
from domain.notes import NoteKind
from records import diagnoses, notes, relations

router = APIRouter(prefix="/v1/rooms/{room_id}", tags=["notes"])

Section = Annotated[str, StringConstraints(min_length=1, max_length=20)]
Code = Annotated[str, StringConstraints(min_length=3, max_length=8)]


class NoteIn(Input):
    """A draft. Sections: subjective, objective, assessment, plan (SOAP); data, assessment, plan (DAP);
    behavior, intervention, response, plan (BIRP).
    """

    kind: NoteKind
    sections: Annotated[dict[Section, Text], Field(max_length=8)]
    addendum_to: UUID | None = None


class SectionsIn(Input):
    """The draft as it should read."""

    sections: Annotated[dict[Section, Text], Field(max_length=8)]


class NoteOut(BaseModel):
    """A note; `sections` null: it cannot be opened; `signed_at` null: a draft."""

    note_id: UUID
    kind: str
    sections: dict[str, str] | None
    author_id: UUID
    written_at: datetime
    signed_at: datetime | None
    addendum_to: UUID | None


class NotesOut(BaseModel):
    """Newest first."""

    items: list[NoteOut]
    next_cursor: str | None = None


class DiagnosesIn(Input):
    """ICD-10-CM codes, the primary one first. They replace those in force."""

    codes: Annotated[list[Code], Field(min_length=1, max_length=12)]


class DiagnosisOut(BaseModel):
    """A diagnosis in force; `code` null: it cannot be opened."""

    diagnosis_id: UUID
    code: str | None
    position: int
    author_id: UUID
    entered_at: datetime


class DiagnosesOut(BaseModel):
    """The primary one first."""

    items: list[DiagnosisOut]
    next_cursor: str | None = None


@router.get("/notes")
async def list_notes(room_id: UUID, tx: Care, window: InWindow) -> NotesOut:
    """Signed notes, and one's own drafts."""
    room = await relations.readable(tx, room_id, Action.READ_NOTES)
    return NotesOut(**window.of([note_out(note) for note in await notes.listing(tx, room)]))


@router.post("/notes", status_code=201, response_model=NoteOut)
async def write_note(room_id: UUID, body: NoteIn, tx: Care, once: OnceOnly) -> JSONResponse:
    """Write a draft, or an addendum to a signed note."""
    room = await relations.writable(tx, room_id, Action.WRITE_NOTE)

    async def work() -> NoteOut:
        return note_out(await notes.write(tx, room, body.kind, dict(body.sections), body.addendum_to))

    return await once(tx, body, work)


@router.put("/notes/{note_id}")
async def rewrite_note(room_id: UUID, note_id: UUID, body: SectionsIn, tx: Care) -> NoteOut:
    """Change one's own draft. 409 once it is signed."""
    room = await relations.writable(tx, room_id, Action.WRITE_NOTE)
    return note_out(await notes.rewrite(tx, room, note_id, dict(body.sections)))


@router.post("/notes/{note_id}/sign")
async def sign_note(room_id: UUID, note_id: UUID, tx: Care) -> NoteOut:
    """Sign one's own note: from now on it is locked."""
    room = await relations.writable(tx, room_id, Action.SIGN_NOTE)
    return note_out(await notes.sign(tx, room, note_id))


@router.get("/diagnoses")
async def list_diagnoses(room_id: UUID, tx: Care) -> DiagnosesOut:
    """Those in force."""
    room = await relations.readable(tx, room_id, Action.READ_DIAGNOSES)
    return _diagnoses_out(await diagnoses.listing(tx, room))


@router.put("/diagnoses")
async def enter_diagnoses(room_id: UUID, body: DiagnosesIn, tx: Care) -> DiagnosesOut:
    """Enter the client's diagnoses; those that were in force and are not named end now."""
    room = await relations.writable(tx, room_id, Action.ENTER_DIAGNOSIS)
    return _diagnoses_out(await diagnoses.replace(tx, room, body.codes))


def note_out(note: notes.Note) -> NoteOut:
    """The note on the wire."""
    return NoteOut(
        note_id=note.id,
        kind=note.kind,
        sections=note.sections,
        author_id=note.author_id,
        written_at=note.written_at,
        signed_at=note.signed_at,
        addendum_to=note.addendum_to,
    )


def _diagnoses_out(found: list[diagnoses.Diagnosis]) -> DiagnosesOut:
    return DiagnosesOut(
        items=[
            DiagnosisOut(
                diagnosis_id=each.id,
                code=each.code,
                position=each.position,
                author_id=each.author_id,
                entered_at=each.entered_at,
            )
            for each in found
        ]
    )
