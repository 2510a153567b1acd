"""Service lines, claims, batches, reports of the clearing house, remittances."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Identity, UniqueConstraint
from sqlmodel import Field, SQLModel

from records.tables.columns import MONEY, Ids, Instant, Json, Money, Number, Sealed, Word, Words, one_of


def _in_order() -> Any:
    """A number that grows with each row: the order in which rows of one instant came."""
    return Field(default=None, sa_column=Column(BigInteger, Identity(always=True), nullable=False))


class ServiceLine(SQLModel, table=True):
    """One billable service. `hold` is the first reason why it is not billed yet, `holds` are all of them."""

    __tablename__ = "service_lines"
    __table_args__ = (one_of("state", "unbilled", "held", "batched", "closed", "sponsored", "self_paid"),)

    id: UUID = Field(primary_key=True)
    messaging_session_id: UUID = Field(foreign_key="messaging_sessions.id", unique=True)
    client_id: UUID = Field(foreign_key="clients.id", index=True)
    room_id: UUID = Field(foreign_key="rooms.id")
    coverage_id: UUID | None = Field(default=None, foreign_key="coverages.id")
    payer_id: UUID | None = Field(default=None, foreign_key="payers.id", index=True)
    therapist_id: UUID = Field(foreign_key="therapists.id")
    service_date: date  # first day; clinic's calendar, both days included
    service_to: date
    modality: Word
    minutes: int
    code: Word | None = None
    charge: Decimal | None = Field(default=None, sa_type=MONEY)
    place_of_service: Word | None = None
    modifier: Word | None = None
    diagnosis_ids: Ids
    state: Word
    hold: Word | None = None
    holds: Words
    created_at: Instant


class ClaimBatch(SQLModel, table=True):
    """One 837P file for one payer."""

    __tablename__ = "claim_batches"
    __table_args__ = (one_of("state", "building", "ready", "refused", "sent", "settled", "with_person"),)

    id: UUID = Field(primary_key=True)
    payer_id: UUID = Field(foreign_key="payers.id")
    control_number: int = Field(unique=True, sa_type=BigInteger)  # ISA13 and GS06; grows, never reused
    state: Word
    version: Number = 1
    created_at: Instant
    created_by: UUID | None = None
    content_sealed: Sealed | None = None  # scope clinic: the X12 file
    sha256: bytes | None = None
    findings: Json
    sent_at: Instant | None = None
    receipt: Word | None = None
    settled_at: Instant | None = None


class Claim(SQLModel, table=True):
    """One claim for one service line (I5: one claim per service)."""

    __tablename__ = "claims"

    id: UUID = Field(primary_key=True)
    number: Word = Field(unique=True)  # CLM01, at most 20 characters
    service_line_id: UUID = Field(foreign_key="service_lines.id", unique=True)
    batch_id: UUID | None = Field(default=None, foreign_key="claim_batches.id", index=True)
    payer_id: UUID = Field(foreign_key="payers.id", index=True)
    client_id: UUID = Field(foreign_key="clients.id")
    state: Word = Field(index=True)
    service_date: date
    charge: Money
    allowed: Decimal | None = Field(default=None, sa_type=MONEY)
    paid: Decimal | None = Field(default=None, sa_type=MONEY)
    patient_share: Decimal | None = Field(default=None, sa_type=MONEY)
    payer_claim_number: Word | None = None
    created_at: Instant
    changed_at: Instant


class ClaimEvent(SQLModel, table=True):
    """History of a claim: what moved it, with codes. One per source, so a repeated report changes nothing."""

    __tablename__ = "claim_events"
    __table_args__ = (UniqueConstraint("claim_id", "event", "source"),)

    id: UUID = Field(primary_key=True)
    claim_id: UUID = Field(foreign_key="claims.id", index=True)
    event: Word
    source: Word  # report id, or who did it
    state: Word
    at: Instant
    codes: Json
    seq: int | None = _in_order()


class ClearingHouseReport(SQLModel, table=True):
    """A TA1, 999, 277CA or 835 as it came."""

    __tablename__ = "clearinghouse_reports"
    __table_args__ = (one_of("state", "received", "posted", "quarantined"),)

    id: UUID = Field(primary_key=True)
    source: Word = Field(unique=True)  # id in the clearing house's mailbox, or upload-<sha256>
    kind: Word
    batch_id: UUID | None = Field(default=None, foreign_key="claim_batches.id")
    content_sealed: Sealed  # scope clinic
    sha256: bytes
    state: Word
    reason: Word | None = None
    received_at: Instant
    seq: int | None = _in_order()


class ClearingHouseCursor(SQLModel, table=True):
    """How far the mailbox has been read."""

    __tablename__ = "clearinghouse_cursor"

    name: Word = Field(primary_key=True)
    after: Word


class Remittance(SQLModel, table=True):
    """One 835 payment, posted once: the key is (payer trace id, trace number, date, amount)."""

    __tablename__ = "remittances"
    __table_args__ = (UniqueConstraint("payer_trace", "trace", "paid_on", "amount"),)

    id: UUID = Field(primary_key=True)
    report_id: UUID = Field(foreign_key="clearinghouse_reports.id")
    payer_trace: Word
    trace: Word
    paid_on: date
    amount: Money
    claims: int
    unmatched: int
    posted_at: Instant
