"""A client who falls silent: who is told, step by step. Nothing is told twice within one silence."""

from datetime import datetime
from uuid import UUID, uuid5

from domain.check_ins import AbsenceStep, CheckInPolicy, Pause, absence_step, silent_for, silent_time
from records.database import Row, Transaction
from records.notices import notify, notify_role

_STEPS = (
    AbsenceStep.THERAPIST_TASK,
    AbsenceStep.SUPERVISOR_OUTREACH,
    AbsenceStep.REMATCH_OFFER,
    AbsenceStep.DISCHARGE_REVIEW,
)
_REMATCH = "rematch_offer"

# A client who waits for our answer is not silent, however long ago they wrote.
_LAST_SIGN = """
SELECT greatest(
    r.opened_at,
    (SELECT max(c.answered_at) FROM check_ins c WHERE c.room_id = r.id),
    (SELECT max(coalesce(k.closed_at, %(now)s)) FROM response_clocks k
     WHERE k.room_id = r.id AND k.client_messages > 0)) AS at
FROM rooms r WHERE r.id = %(room)s
"""


async def last_sign(tx: Transaction, room_id: UUID) -> datetime:
    """When the client last wrote, waited for an answer, or answered a check-in; else the room's opening."""
    row = await tx.one(_LAST_SIGN, {"room": room_id, "now": tx.now})
    assert row is not None  # noqa: S101  the caller has the room's plan
    at: datetime = row["at"]
    return at


async def absence_alarms(
    tx: Transaction, plan: Row, policy: CheckInPolicy, pauses: list[Pause]
) -> list[datetime]:
    """When the silence will reach its next steps, as far as pauses are known."""
    since = await last_sign(tx, plan["room_id"])
    alarms = [
        silent_for(since, policy.outreach_after_silence, pauses),
        silent_for(since, policy.rematch_after_silence, pauses),
    ]
    noticed = await _noticed_at(tx, plan, since)
    if noticed is not None:
        alarms.append(noticed + policy.review_after_notice)
    return [at for at in alarms if at is not None and at > tx.now]


async def climb(tx: Transaction, plan: Row, policy: CheckInPolicy, pauses: list[Pause]) -> AbsenceStep:
    """Tell those whose step the silence has reached, the earlier ones too. A paused client is left in peace."""
    if any(pause.holds_at(tx.now) for pause in pauses):
        return AbsenceStep.NONE
    since = await last_sign(tx, plan["room_id"])
    noticed = await _noticed_at(tx, plan, since)
    age = None if noticed is None else tx.now - noticed
    reached = absence_step(plan["missed"], silent_time(since, tx.now, pauses), age, policy)
    if reached is not AbsenceStep.NONE:
        for step in _STEPS[: _STEPS.index(reached) + 1]:
            await _tell(tx, plan, step, _silence(plan["room_id"], since))
    return reached


async def _tell(tx: Transaction, plan: Row, step: AbsenceStep, silence: UUID) -> None:
    room_id = plan["room_id"]
    match step:
        case AbsenceStep.THERAPIST_TASK:
            await notify(tx, plan["therapist_id"], "check_ins_missed", silence, room_id)
        case AbsenceStep.SUPERVISOR_OUTREACH:
            await notify_role(tx, "supervisor", "client_silent", silence, room_id)
        case AbsenceStep.REMATCH_OFFER:
            await notify(tx, plan["client_id"], _REMATCH, silence, room_id)
        case AbsenceStep.DISCHARGE_REVIEW:
            await notify_role(tx, "supervisor", "discharge_review", silence, room_id)


async def _noticed_at(tx: Transaction, plan: Row, since: datetime) -> datetime | None:
    row = await tx.one(
        "SELECT created_at FROM notices WHERE account_id = %s AND template = %s AND subject_id = %s",
        (plan["client_id"], _REMATCH, _silence(plan["room_id"], since)),
    )
    return row["created_at"] if row else None


def _silence(room_id: UUID, since: datetime) -> UUID:
    """One silence has one id, so that nobody is told of it twice."""
    return uuid5(room_id, since.isoformat())
