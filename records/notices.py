"""Notices: one person is told one thing once, in neutral words. The courier mails what nobody has read."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

from encryption.rooms import open_field
from records.clinic import CLINIC_ID, clinic_key
from records.database import Transaction
from records.events import Event, EventKind


async def notify(
    tx: Transaction, account_id: UUID, template: str, subject_id: UUID, room_id: UUID | None = None
) -> bool:
    """Tell a person. False when they were told this about this subject before: repeats change nothing."""
    told = await tx.run(
        "INSERT INTO notices (id, account_id, template, subject_id, room_id, created_at)"
        " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (account_id, template, subject_id) DO NOTHING",
        (uuid4(), account_id, template, subject_id, room_id, tx.now),
    )
    if told:
        tx.announce(Event(EventKind.NOTICE, account_id=account_id))
    return bool(told)


async def notify_duty(
    tx: Transaction, duty: str, template: str, subject_id: UUID, room_id: UUID | None = None
) -> list[UUID]:
    """Tell everyone who holds a duty and still works here; who they are."""
    rows = await tx.all(
        "SELECT d.account_id FROM duties d JOIN accounts a ON a.id = d.account_id AND a.disabled_at IS NULL"
        " WHERE d.duty = %s ORDER BY d.account_id",
        (duty,),
    )
    for row in rows:
        await notify(tx, row["account_id"], template, subject_id, room_id)
    return [row["account_id"] for row in rows]


async def notify_role(
    tx: Transaction, role: str, template: str, subject_id: UUID, room_id: UUID | None = None
) -> list[UUID]:
    """Tell everyone of a staff role; who they are."""
    rows = await tx.all(
        "SELECT id FROM accounts WHERE role = %s AND disabled_at IS NULL ORDER BY id", (role,)
    )
    for row in rows:
        await notify(tx, row["id"], template, subject_id, room_id)
    return [row["id"] for row in rows]


async def notify_lead(
    tx: Transaction, template: str, subject_id: UUID, room_id: UUID | None = None
) -> list[UUID]:
    """Tell the supervisors; in a clinic without one, whoever is clinical director; who they are."""
    told = await notify_role(tx, "supervisor", template, subject_id, room_id)
    if told:
        return told
    rows = await tx.all(
        "SELECT d.account_id FROM duties d JOIN accounts a ON a.id = d.account_id AND a.disabled_at IS NULL"
        " WHERE d.duty = 'clinical_director' ORDER BY d.account_id"
    )
    for row in rows:
        await notify(tx, row["account_id"], template, subject_id, room_id)
    return [row["account_id"] for row in rows]


MAILED = {
    "answer_due_soon": "task_waiting",
    "answer_late": "task_waiting",
    "promise_broken": "staff_attention",
    "no_capacity": "staff_attention",
    "nobody_answers": "staff_attention",
    "offer_cover": "staff_attention",
    "cover_not_found": "staff_attention",
    "cover_missing": "staff_attention",
    "cover_gap": "staff_attention",
    "cover_asked": "offer_waiting",
    "cover_yours": "task_waiting",
    "cover_begins": "task_waiting",
    "cover_ends": "task_waiting",
    "cover_not_needed": "task_waiting",
    "glass_broken": "task_waiting",
    "glass_broken_review": "staff_attention",
    "opening_unreviewed": "staff_attention",
    "opening_unjustified": "staff_attention",
    "consult_asked": "staff_attention",
    "consult_due_soon": "staff_attention",
    "consult_late": "staff_attention",
    "consult_unanswered": "staff_attention",
    "consult_answered": "task_waiting",
    "care_ended": "staff_attention",
    "record_sealed": "staff_attention",
    "erasure_held": "staff_attention",
    "erasure_waits_for_flag": "staff_attention",
    "cover_arranged": "task_waiting",
    "transfer_note_due": "task_waiting",
    "transfer_note_missing": "task_waiting",
    "transfer_note_late": "staff_attention",
    "transfer_note_ready": "task_waiting",
    "licence_ends": "task_waiting",
    "licence_ended": "staff_attention",
    "licence_no_cover": "staff_attention",
    "licence_closed_room": "staff_attention",
    "licence_opened_room": "task_waiting",
    "licence_ended_cover": "staff_attention",
    "back_from_leave": "task_waiting",
    "therapist_will_be_away": "task_waiting",
    "therapist_is_away": "task_waiting",
    "therapist_is_back": "task_waiting",
    "leave_moved": "task_waiting",
    "leave_called_off": "task_waiting",
    "rematch_offered": "task_waiting",
    "answer_is_late": "reply_late",
    "room_held": "reply_late",
    "hold_ended": "reply_late",
    "hold_review_due": "staff_attention",
    "more_time": "task_waiting",
    "offer_waiting": "offer_waiting",
    "coverage_answered": "task_waiting",
    "coverage_in_doubt": "task_waiting",
    "coverage_ended": "task_waiting",
    "cost_changed": "task_waiting",
    "cover_ended_back": "staff_attention",
    "cover_overdue": "staff_attention",
    "credits_used_up": "task_waiting",
    "credits_run_out": "task_waiting",
    "candidates_ready": "task_waiting",
    "search_goes_on": "task_waiting",
    "somebody_found": "task_waiting",
    "clearing_house_alarm": "staff_attention",
    "match_needs_person": "staff_attention",
    "offer_waits": "offer_waiting",
    "confirm_address": "confirm_address",
    "step_waiting": "task_waiting",
    "guardian_answered": "task_waiting",
    "guardian_said_no": "staff_attention",
    "guardian_needed": "staff_attention",
    "care_decided": "task_waiting",
    "journey_waits": "staff_attention",
    "journey_stuck": "staff_attention",
    "coverage_waits": "staff_attention",
    "attestation_due": "task_waiting",
    "attestation_lapsed": "task_waiting",
    "batch_not_sent": "staff_attention",
    "batch_refused": "staff_attention",
    "claims_need_work": "staff_attention",
    "report_quarantined": "staff_attention",
    "check_in_asked": "task_waiting",
    "check_in_reminder": "task_waiting",
    "check_ins_missed": "task_waiting",
    "client_silent": "task_waiting",
    "client_placed": "task_waiting",
    "discharge_review": "staff_attention",
    "person_looks": "task_waiting",
    "risk_task": "staff_attention",
    "page_first_page": "page",
    "page_second_page": "page",
    "page_supervisor": "page",
    "page_clinical_director": "page",
}
"""Which neutral letter speaks for which notice; every other one says that a message waits."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A notice that was not read in time, and where to write to. The address is opened, so it is kept out of repr."""

    id: UUID
    account_id: UUID
    letter: str
    address: str = field(repr=False)
    subject_id: UUID = field(repr=False)  # of an address to be confirmed: the proof itself


async def to_mail(tx: Transaction, before: datetime, limit: int = 50) -> list[Waiting]:
    """Unread notices made before this instant, held by a row lock until the commit."""
    rows = await tx.all(
        "SELECT n.id, n.account_id, n.template, n.subject_id, a.email_sealed"
        " FROM notices n JOIN accounts a ON a.id = n.account_id"
        " WHERE n.emailed_at IS NULL AND n.read_at IS NULL AND n.created_at < %s AND a.email_sealed IS NOT NULL"
        " ORDER BY n.created_at LIMIT %s FOR UPDATE OF n SKIP LOCKED",
        (before, limit),
    )
    key = await clinic_key(tx)
    return [
        Waiting(
            row["id"],
            row["account_id"],
            MAILED.get(row["template"], "message_waiting"),
            str(
                open_field(key, CLINIC_ID, "accounts", "email_sealed", row["account_id"], row["email_sealed"])
            ),
            row["subject_id"],
        )
        for row in rows
    ]


async def mark_mailed(tx: Transaction, notice_id: UUID) -> None:
    """The letter is out, or can never be delivered."""
    await tx.run("UPDATE notices SET emailed_at = %s WHERE id = %s", (tx.now, notice_id))
