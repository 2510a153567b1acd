"""Messaging sessions: the windows of a room, and the clinician's attestation."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field, StringConstraints

from api.deps import Care, OnceOnly
from api.schemas import Input, MoneyOut, Text
from domain.access import Action
from domain.messaging_sessions import (
    LONGEST_SESSION_MINUTES,
    STATEMENT,
    Attestation,
    Formula,
    is_full_session,
    workload_minutes,
)
from domain.service_lines import HOLD_WORDS, Hold
from records import messaging_sessions, relations
from records.messaging_sessions import SessionView

router = APIRouter(prefix="/v1", tags=["messaging sessions"])


class AttestationIn(Input):
    """What the clinician attests. `clinical_minutes` are logged, never worked out from words."""

    note_id: UUID
    clinical_minutes: Annotated[int, Field(ge=0, le=LONGEST_SESSION_MINUTES)]
    diagnosis_ids: Annotated[list[UUID], Field(max_length=12)]
    statement: Annotated[Text, StringConstraints(max_length=2_000)]


class LineOut(BaseModel):
    """The service line that the attestation made. `blocked_by` empty: it goes with the next batch."""

    service_line_id: UUID
    state: str
    blocked_by: list[str]
    reasons: list[str]
    code: str | None
    charge: MoneyOut | None


class WorkloadOut(BaseModel):
    """A label for people: what was written, by a named formula. It is no code and no evidence for one."""

    formula: str
    minutes: float
    client_words: int
    clinician_words: int
    full_session: bool


class SessionOut(BaseModel):
    """One window."""

    messaging_session_id: UUID
    n: int
    state: str
    opened_at: datetime
    window_ends_at: datetime
    lapses_at: datetime
    workload: WorkloadOut
    clinical_minutes: int | None
    note_id: UUID | None
    diagnosis_ids: list[UUID]
    attested_by: UUID | None
    attested_at: datetime | None
    service_line: LineOut | None


class SessionsOut(BaseModel):
    """Newest first, and the statement that an attestation agrees to."""

    items: list[SessionOut]
    next_cursor: str | None = None
    statement: str = STATEMENT


@router.get("/rooms/{room_id}/messaging-sessions")
async def list_messaging_sessions(
    room_id: UUID, tx: Care, limit: Annotated[int, Query(ge=1, le=200)] = 20
) -> SessionsOut:
    """The windows of a room."""
    room = await relations.readable(tx, room_id)
    return SessionsOut(
        items=[session_out(view) for view in await messaging_sessions.listing(tx, room, limit)]
    )


@router.post("/messaging-sessions/{session_id}/attest", status_code=201, response_model=SessionOut)
async def attest(session_id: UUID, body: AttestationIn, tx: Care, once: OnceOnly) -> JSONResponse:
    """Attest a window that has ended. 409 without a signed note; the answer tells whether it can be billed."""
    row = await messaging_sessions.session_row(tx, session_id)
    room = await relations.writable(tx, row["room_id"], Action.ATTEST_SESSION)
    given = Attestation(body.note_id, body.clinical_minutes, tuple(body.diagnosis_ids), body.statement)

    async def work() -> SessionOut:
        return session_out(await messaging_sessions.attest(tx, room, session_id, given))

    return await once(tx, body, work)


def session_out(view: SessionView) -> SessionOut:
    """The session on the wire."""
    row, load = view.row, view.workload
    minutes = workload_minutes(Formula.CREDIT_40, load)
    return SessionOut(
        messaging_session_id=row["id"],
        n=row["n"],
        state=row["state"],
        opened_at=row["opened_at"],
        window_ends_at=row["window_ends_at"],
        lapses_at=row["lapses_at"],
        workload=WorkloadOut(
            formula=Formula.CREDIT_40,
            minutes=round(minutes, 1),
            client_words=load.client_words,
            clinician_words=load.clinician_words,
            full_session=is_full_session(minutes),
        ),
        clinical_minutes=row["clinical_minutes"],
        note_id=row["note_id"],
        diagnosis_ids=row["diagnosis_ids"],
        attested_by=row["attested_by"],
        attested_at=row["attested_at"],
        service_line=_line_out(view),
    )


def _line_out(view: SessionView) -> LineOut | None:
    line = view.line
    if line is None:
        return None
    return LineOut(
        service_line_id=line["id"],
        state=line["state"],
        blocked_by=line["holds"],
        reasons=[HOLD_WORDS[Hold(hold)] for hold in line["holds"]],
        code=line["code"],
        charge=MoneyOut.of(line["charge"]),
    )
