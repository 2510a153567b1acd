"""The record beside a therapist's room: diagnoses, notes, the messaging session."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Request, Response

from api.deps import Care
from domain.access import Action
from domain.errors import FieldError, Invalid, KindroomError
from domain.messaging_sessions import STATEMENT, Attestation, Formula, Workload, workload_minutes
from domain.notes import SECTIONS, NoteKind
from records import diagnoses, messaging_sessions, notes, relations
from records.database import Row, Transaction
from web.pages.forms import text_of
from web.pages.frame import go
from web.pages.refusals import PageRoute
from web.views.rooms import Diagnosis, MessagingSession, Note, RecordView
from web.views.shell import Form

router = APIRouter(route_class=PageRoute)


@router.post("/rooms/{room_id}/record/codes")
async def enter_codes(room_id: UUID, request: Request, tx: Care) -> Response:
    """These and no others are in force from now, the primary one first."""
    form = await request.form()
    room = await relations.writable(tx, room_id, Action.ENTER_DIAGNOSIS)
    codes = text_of(form, "codes", least=1, most=200).replace(",", " ").split()
    try:
        await diagnoses.replace(tx, room, codes)
    except Invalid:
        return go(f"/rooms/{room_id}", "codes_refused")
    return go(f"/rooms/{room_id}", "saved")


@router.post("/rooms/{room_id}/record/notes")
async def write_note(room_id: UUID, request: Request, tx: Care) -> Response:
    """A draft, or a note that is signed at once."""
    form = await request.form()
    room = await relations.writable(tx, room_id, Action.WRITE_NOTE)
    kind = text_of(form, "kind", least=1)
    if kind not in set(NoteKind):
        raise Invalid
    sections = {name: text_of(form, name, most=10_000) for name in SECTIONS[NoteKind(kind)]}
    note = await notes.write(
        tx, room, NoteKind(kind), {name: text for name, text in sections.items() if text}
    )
    if not form.get("sign"):
        return go(f"/rooms/{room_id}", "saved")
    await notes.sign(tx, await relations.writable(tx, room_id, Action.SIGN_NOTE), note.id)
    return go(f"/rooms/{room_id}", "signed")


@router.post("/rooms/{room_id}/record/notes/{note_id}/sign")
async def sign_note(room_id: UUID, note_id: UUID, tx: Care) -> Response:
    """From now on it is locked."""
    await notes.sign(tx, await relations.writable(tx, room_id, Action.SIGN_NOTE), note_id)
    return go(f"/rooms/{room_id}", "signed")


@router.post("/rooms/{room_id}/record/sessions/{session_id}/attest")
async def attest(room_id: UUID, session_id: UUID, request: Request, tx: Care) -> Response:
    """Attest the clinician's own minutes for a session that is over."""
    form = await request.form()
    room = await relations.writable(tx, room_id, Action.ATTEST_SESSION)
    coded = await relations.readable(tx, room_id, Action.READ_DIAGNOSES)
    minutes = text_of(form, "clinical_minutes", least=1, most=4)
    if not minutes.isdecimal() or not form.get("statement"):
        raise Invalid(FieldError("clinical_minutes", "not_a_number"))
    given = Attestation(
        note_id=_uuid(text_of(form, "note_id", least=1)),
        clinical_minutes=int(minutes),
        diagnosis_ids=tuple(each.id for each in await diagnoses.listing(tx, coded)),
        statement=STATEMENT,
    )
    await messaging_sessions.attest(tx, room, session_id, given)
    return go(f"/rooms/{room_id}", "attested")


async def record_of(tx: Transaction, room_id: UUID) -> RecordView | None:
    """The panel, as far as this reader may see it; None for who may not."""
    try:
        room = await relations.readable(tx, room_id, Action.READ_NOTES)
        coded = await relations.readable(tx, room_id, Action.READ_DIAGNOSES)
    except KindroomError:
        return None
    try:
        await relations.writable(tx, room_id, Action.ENTER_DIAGNOSIS)
        in_charge = True
    except KindroomError:
        in_charge = False
    found = await notes.listing(tx, room)
    session = _session(await messaging_sessions.latest(tx, room))
    return RecordView(
        diagnoses=tuple(Diagnosis(each.code, each.entered_at) for each in await diagnoses.listing(tx, coded)),
        notes=tuple(
            Note(str(each.id), each.kind.value, each.written_at, each.signed_at, each.sections is None)
            for each in found
        ),
        session=session,
        kinds=tuple((kind.value, SECTIONS[kind]) for kind in NoteKind),
        in_charge=in_charge,
        can_attest=in_charge and session is not None and session.closes_at <= tx.now,
        form=Form(),
    )


def _session(row: Row | None) -> MessagingSession | None:
    if row is None:
        return None
    return MessagingSession(
        session_id=str(row["id"]),
        opened_at=row["opened_at"],
        closes_at=row["window_ends_at"],
        workload_minutes=round(workload_minutes(Formula.CREDIT_40, _load(row))),
        attested_at=row["attested_at"],
        attest_by=row["lapses_at"],
    )


def _load(row: Row) -> Workload:
    return Workload(client_words=row["client_words"], clinician_words=row["clinician_words"])


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Invalid(FieldError("note_id", "not_an_id")) from error
