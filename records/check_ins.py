"""Check-ins: asked by the plan or by a person, answered under the room's key, missed, reminded.

Whoever changes one holds the plan's row first, so that a due time is asked once.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.access import ReadableRoomId, Role, WritableRoomId
from domain.check_ins import (
    AbsenceStep,
    CheckInPolicy,
    CheckInState,
    Pause,
    closes_at,
    miss,
    next_due,
    state_when_due,
)
from domain.check_ins import answer as answered_state
from domain.errors import Conflict, NotFound
from domain.ids import CheckInId, new_id
from domain.zones import zone
from encryption.keys import KeyScope
from encryption.rooms import seal_field
from records import check_in_measures
from records.absences import climb
from records.database import Row, Transaction, dumps
from records.notices import notify
from records.opening import Opening, opening
from records.plans import check_in_policy, client_pauses, next_alarm, open_check_ins, plan_row, tell_plan


@dataclass(frozen=True, slots=True)
class Kept:
    """What was due and was done, and when to look again (None: nothing is left to do)."""

    asked: int
    missed: int
    reminded: int
    step: AbsenceStep
    next_alarm_at: datetime | None


@dataclass(frozen=True, slots=True)
class CheckIn:
    """A check-in as its readers see it; `value` (0 hardest, 10 best) and `words` only once answered. `measures`:
    questionnaires that went along with it.

    `words` None: the answer cannot be opened.
    """

    id: UUID
    n: int
    state: str
    asked_by: str
    asked_at: datetime
    closes_at: datetime
    reminded_at: datetime | None
    answered_at: datetime | None
    read_at: datetime | None
    measures: tuple[str, ...] = ()
    value: int | None = field(default=None, repr=False)
    words: str | None = field(default="", repr=False)


async def keep(tx: Transaction, room_id: UUID) -> Kept:
    """Do what is due in a room's plan: close the unanswered, remind, ask the next, tell of silence.

    Safe to repeat: what was done is not due any more. The service's own work; no word is read.
    """
    plan = await plan_row(tx, room_id, lock=True)
    if plan["room_state"] != "open":
        return Kept(0, 0, 0, AbsenceStep.NONE, None)
    policy, pauses = await check_in_policy(tx, plan["policy"]), await client_pauses(tx, plan)
    missed = await _close_unanswered(tx, plan, policy, pauses)
    reminded = await _remind(tx, plan, policy, pauses)
    asked = await _ask_if_due(tx, plan, policy, pauses)
    plan = await plan_row(tx, room_id)
    step = await climb(tx, plan, policy, pauses)
    return Kept(asked, missed, reminded, step, await next_alarm(tx, plan))


async def ask_now(tx: Transaction, room: WritableRoomId) -> CheckIn:
    """Ask out of turn. Raises Conflict (`check_in_open`) while one waits for its answer, `room_closed`."""
    plan = await plan_row(tx, room.id, lock=True)
    if plan["room_state"] != "open":
        raise Conflict("room_closed")
    if await tx.one("SELECT 1 AS there FROM check_ins WHERE room_id = %s AND state = 'asked'", (room.id,)):
        raise Conflict("check_in_open")
    policy = await check_in_policy(tx, plan["policy"])
    check_in_id = await _ask(tx, plan, room.actor.role.value, closes_at(tx.now, None, policy))
    await tx.run("UPDATE care_plans SET version = version + 1 WHERE room_id = %s", (room.id,))
    await tx.audit("ask_check_in", room_id=room.id, subject_id=check_in_id)
    await tell_plan(tx, room.id)
    return await _one(tx, room.id, check_in_id)


async def answer(
    tx: Transaction, room: WritableRoomId, check_in_id: UUID, value: int, words: str = ""
) -> CheckIn:
    """The client's answer, sealed; a late one still counts and ends the row of missed ones.

    Raises NotFound, Conflict (`check_in_answered`, `check_in_skipped`).
    """
    plan = await plan_row(tx, room.id, lock=True)
    row = await tx.one("SELECT state FROM check_ins WHERE id = %s AND room_id = %s", (check_in_id, room.id))
    if row is None:
        raise NotFound
    state = answered_state(CheckInState(row["state"]))
    key = await tx.key(KeyScope.ROOM, room.id)
    sealed = seal_field(
        key, room.id, "check_ins", "answers", check_in_id, dumps({"value": value, "words": words})
    )
    await tx.run(
        "UPDATE check_ins SET state = %s, answered_at = %s, answers = %s WHERE id = %s",
        (state.value, tx.now, sealed, check_in_id),
    )
    await tx.run("UPDATE care_plans SET missed = 0, version = version + 1 WHERE room_id = %s", (room.id,))
    await tx.audit("answer_check_in", room_id=room.id, subject_id=check_in_id)
    await notify(tx, plan["therapist_id"], "check_in_answered", check_in_id, room.id)
    await tell_plan(tx, room.id)
    return await _one(tx, room.id, check_in_id)


async def listing(
    tx: Transaction, room: ReadableRoomId, *, before: int | None = None, limit: int = 50
) -> list[CheckIn]:
    """Newest first. The read is audited; a therapist's read (cover included) is marked on what was answered."""
    rows = await tx.all(
        "SELECT * FROM check_ins WHERE room_id = %s AND (%s::int IS NULL OR n < %s) ORDER BY n DESC LIMIT %s",
        (room.id, before, before, limit),
    )
    await tx.audit("read_check_ins", room_id=room.id)
    if room.actor.role is Role.THERAPIST:
        await tx.run(
            "UPDATE check_ins SET read_by = %s, read_at = %s"
            " WHERE room_id = %s AND state = 'answered' AND read_at IS NULL AND id = ANY(%s)",
            (room.actor.account_id, tx.now, room.id, [row["id"] for row in rows]),
        )
    async with opening(tx, room.id) as stored:
        return [_opened(stored, row) for row in rows]


async def _close_unanswered(tx: Transaction, plan: Row, policy: CheckInPolicy, pauses: list[Pause]) -> int:
    missed = 0
    for each in await open_check_ins(tx, plan, policy, pauses):
        state = miss(CheckInState.ASKED, closes=each.closes_at, now=tx.now, pauses=pauses)
        if state is CheckInState.ASKED:
            continue
        await tx.run("UPDATE check_ins SET state = %s WHERE id = %s", (state.value, each.id))
        missed += state is CheckInState.MISSED
    if missed:
        await tx.run(
            "UPDATE care_plans SET missed = missed + %s WHERE room_id = %s", (missed, plan["room_id"])
        )
    return missed


async def _remind(tx: Transaction, plan: Row, policy: CheckInPolicy, pauses: list[Pause]) -> int:
    reminded = 0
    for each in await open_check_ins(tx, plan, policy, pauses):
        if each.remind_at is not None and each.remind_at <= tx.now:
            await tx.run("UPDATE check_ins SET reminded_at = %s WHERE id = %s", (tx.now, each.id))
            reminded += await notify(tx, plan["client_id"], "check_in_reminder", each.id, plan["room_id"])
    return reminded


async def _ask_if_due(tx: Transaction, plan: Row, policy: CheckInPolicy, pauses: list[Pause]) -> int:
    """Ask what is due; after an outage one, not one for every week of it."""
    due_at = plan["next_check_in_at"]
    if due_at is None or due_at > tx.now:
        return 0
    following = next_due(plan["opened_at"], tx.now, zone(plan["time_zone"]), policy)
    await tx.run(
        "UPDATE care_plans SET next_check_in_at = %s WHERE room_id = %s", (following, plan["room_id"])
    )
    if state_when_due(due_at, pauses) is CheckInState.SKIPPED:
        return 0
    await _ask(tx, plan, "plan", closes_at(tx.now, following, policy), await check_in_measures.due(tx, plan))
    return 1


async def _ask(
    tx: Transaction, plan: Row, asked_by: str, closes: datetime, measures: Sequence[str] = ()
) -> UUID:
    check_in_id = CheckInId(new_id())
    await tx.insert(
        "check_ins",
        id=check_in_id,
        room_id=plan["room_id"],
        n=plan["check_ins"] + 1,
        asked_at=tx.now,
        closes_at=closes,
        asked_by=asked_by,
        state=CheckInState.ASKED.value,
        measures=list(measures),
    )
    await tx.run("UPDATE care_plans SET check_ins = check_ins + 1 WHERE room_id = %s", (plan["room_id"],))
    if asked_by != Role.CLIENT.value:
        await notify(tx, plan["client_id"], "check_in_asked", check_in_id, plan["room_id"])
    return check_in_id


async def _one(tx: Transaction, room_id: UUID, check_in_id: UUID) -> CheckIn:
    row = await tx.one("SELECT * FROM check_ins WHERE id = %s AND room_id = %s", (check_in_id, room_id))
    if row is None:
        raise NotFound
    async with opening(tx, room_id) as stored:
        return _opened(stored, row)


def _opened(stored: Opening, row: Row) -> CheckIn:
    given: dict[str, Any] = {"value": None, "words": ""}
    if row["answers"] is not None:
        text = stored.field("check_ins", "answers", row["id"], row["answers"])
        given = {"value": None, "words": None} if text is None else json.loads(text)
    names = ("id", "n", "state", "asked_by", "asked_at", "closes_at", "reminded_at", "answered_at", "read_at")
    told = {name: row[name] for name in names}
    return CheckIn(**told, measures=tuple(row["measures"]), **given)
