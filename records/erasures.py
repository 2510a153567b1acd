"""Erasures: asked for by the client, waiting while the law keeps the record, sealed meanwhile, then destroyed.

The row is the truth; the workflow `Erasure` only waits for its date. What may be destroyed is decided by the database.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from uuid import UUID

from domain.erasures import ErasureFacts, ErasureState, ErasureStep, NextStep, next_step
from domain.errors import Conflict, NotFound, RetainedUntil
from domain.ids import new_id
from domain.retention import erases_at
from records import retention
from records.closings import end_care
from records.database import Row, Transaction
from records.events import Event, EventKind
from records.notices import notify_duty, notify_role


@dataclass(frozen=True, slots=True)
class Erasure:
    """An erasure as its client sees it. `until`: the last day on which the law keeps the record (None: no care was
    given); `erases_at` (UTC): when it goes. `state` None: not asked for, and what it would mean.
    """

    state: ErasureState | None
    asked_at: datetime | None
    until: date | None
    erases_at: datetime
    held: bool = False


async def outlook(tx: Transaction, client_id: UUID) -> Erasure:
    """The client's erasure, or what asking for it today would mean. Raises NotFound."""
    row = await _live(tx, client_id)
    if row is None:
        kept = await retention.until(tx, client_id)
        return Erasure(None, None, kept, erases_at(kept, tx.now))
    return Erasure(
        ErasureState(row["state"]),
        row["asked_at"],
        row["not_before"],
        erases_at(row["not_before"], row["asked_at"]),
        held=row["held_since"] is not None,
    )


async def ask(tx: Transaction, client_id: UUID) -> Erasure:
    """The client wants to be forgotten: care ends, everything is sealed at once, the date is kept. Show once more who
    asks before (`records.step_up`).

    Raises RetainedUntil when it was asked for already and the law keeps the record still; Conflict (`erasing`) when it
    is under way; NotFound.
    """
    await tx.run("SELECT 1 FROM clients WHERE id = %s FOR UPDATE", (client_id,))
    row = await _live(tx, client_id)
    if row is not None:
        if row["state"] == ErasureState.WAITING and row["not_before"] is not None:
            raise RetainedUntil(erases_at(row["not_before"], row["asked_at"]))
        raise Conflict("erasing")
    if await tx.one("SELECT 1 AS yes FROM clients WHERE id = %s AND closed_at IS NULL", (client_id,)):
        await end_care(tx, client_id)
    kept = await retention.until(tx, client_id)
    last = await tx.one("SELECT max(version) AS version FROM erasures WHERE client_id = %s", (client_id,))
    version = (last["version"] or 0) + 1 if last else 1
    await tx.insert(
        "erasures",
        id=new_id(),
        client_id=client_id,
        state=ErasureState.WAITING,
        version=version,
        asked_at=tx.now,
        not_before=kept,
    )
    await _seal(tx, client_id)
    await tx.audit("ask_erasure", subject_id=client_id)
    await tx.tell("erasure_changed", client_id, version)
    return Erasure(ErasureState.WAITING, tx.now, kept, erases_at(kept, tx.now))


async def withdraw(tx: Transaction, client_id: UUID) -> None:
    """The client keeps the record after all: closed, and theirs to read again. Care does not begin anew.

    Raises NotFound when nothing was asked for, Conflict (`erasing`) when it is under way.
    """
    await tx.run("SELECT 1 FROM clients WHERE id = %s FOR UPDATE", (client_id,))
    row = await _live(tx, client_id)
    if row is None:
        raise NotFound
    if row["state"] != ErasureState.WAITING:
        raise Conflict("erasing")
    await tx.run(
        "UPDATE erasures SET state = 'withdrawn', version = version + 1 WHERE id = %s",
        (row["id"],),
    )
    await tx.run(
        "UPDATE rooms SET state = 'closed', version = version + 1 WHERE client_id = %s AND state = 'sealed'",
        (client_id,),
    )
    await tx.run("UPDATE clients SET sealed_at = NULL WHERE id = %s", (client_id,))
    await tx.audit("withdraw_erasure", subject_id=client_id)
    await tx.tell("erasure_changed", client_id, row["version"] + 1)


async def _seal(tx: Transaction, client_id: UUID) -> None:
    """From now on only record keepers read. Devices that show something of it lose their streams."""
    await tx.run("UPDATE clients SET sealed_at = %s WHERE id = %s", (tx.now, client_id))
    rooms = await tx.all(
        "UPDATE rooms SET state = 'sealed', version = version + 1 WHERE client_id = %s AND state = 'closed'"
        " RETURNING id, therapist_id",
        (client_id,),
    )
    for who in sorted({client_id, *(room["therapist_id"] for room in rooms)}):
        tx.announce(Event(EventKind.DEVICES, account_id=who))
    if rooms and not await notify_duty(tx, "record_keeper", "record_sealed", client_id):
        await notify_role(tx, "administrator", "record_sealed", client_id)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a workflow is told: the row's version, the step, and when a waiting one is due."""

    version: int
    next: NextStep


async def standing(tx: Transaction, client_id: UUID) -> Standing:
    """How the erasure stands, its date worked out anew by the rules in force. One that is due and kept back by a hold
    or an open risk flag has an owner: they are told, once. Without one: over.
    """
    row = await _live(tx, client_id, lock=True)
    if row is None:
        gone = await tx.one("SELECT max(version) AS version FROM erasures WHERE client_id = %s", (client_id,))
        version = (gone["version"] or 0) if gone else 0
        return Standing(version, next_step(ErasureFacts(ErasureState.WITHDRAWN, tx.now), tx.now))
    if row["state"] == ErasureState.WAITING:
        row["not_before"] = await _dated(tx, row)
    facts = await _facts(tx, row)
    due = next_step(facts, tx.now)
    if facts.state is ErasureState.WAITING and due.at is None and (facts.held or facts.risk_open):
        await _tell_owner(tx, row, facts)
    changes_on = await retention.next_change(tx)
    if due.at is not None and changes_on is not None:
        due = NextStep(due.step, min(due.at, datetime.combine(changes_on, time(), UTC)))
    return Standing(row["version"], due)


async def begin(tx: Transaction, client_id: UUID) -> Standing:
    """Destroying begins, if it is due still and nothing keeps it back: from here on there is no way back, and no hold
    comes in time. The database has the last word.
    """
    await tx.one("SELECT 1 AS held FROM clients WHERE id = %s FOR UPDATE", (client_id,))
    found = await standing(tx, client_id)
    if found.next.step is not ErasureStep.BEGIN:
        return found
    await tx.run(
        "UPDATE erasures SET state = 'shredding', held_since = NULL WHERE client_id = %s AND state = 'waiting'",
        (client_id,),
    )
    if not await _may_shred(tx, client_id):
        raise Conflict("retained")
    await tx.audit("begin_erasure", subject_id=client_id)
    return await standing(tx, client_id)


async def finish(tx: Transaction, client_id: UUID) -> None:
    """Nothing is left that names a person or can be opened. What was destroyed stays on record, as counts."""
    await tx.run("SELECT forget_client(%s)", (client_id,))
    done = await tx.run(
        "UPDATE erasures SET state = 'shredded', shredded_at = %s, version = version + 1"
        " WHERE client_id = %s AND state = 'shredding'",
        (tx.now, client_id),
    )
    if done:
        await tx.audit("erase_record", subject_id=client_id)


async def rooms_of(tx: Transaction, client_id: UUID) -> list[UUID]:
    """Every room the client ever had."""
    rows = await tx.all("SELECT id FROM rooms WHERE client_id = %s ORDER BY id", (client_id,))
    return [row["id"] for row in rows]


async def count(tx: Transaction, client_id: UUID, *, keys: int = 0, blobs: int = 0) -> None:
    """Add to the proof what was destroyed. A repeat destroys nothing more, so nothing counts twice."""
    await tx.run(
        "UPDATE erasures SET keys_destroyed = coalesce(keys_destroyed, 0) + %s,"
        " blobs_destroyed = coalesce(blobs_destroyed, 0) + %s WHERE client_id = %s AND state = 'shredding'",
        (keys, blobs, client_id),
    )


async def listing(tx: Transaction, *, over: bool = False, limit: int = 200, skip: int = 0) -> list[Row]:
    """Erasures for administrators: those that wait or are under way by date, or those that are over, newest first."""
    return await tx.all(
        "SELECT e.client_id, c.code, e.state, e.asked_at, e.not_before, e.held_since, e.shredded_at,"
        " e.keys_destroyed, e.blobs_destroyed, held(e.client_id) AS held, EXISTS (SELECT 1 FROM risk_flags f"
        " WHERE f.client_id = e.client_id AND f.state <> 'closed') AS risk_open"
        " FROM erasures e JOIN clients c ON c.id = e.client_id WHERE e.state = ANY(%s)"
        " ORDER BY e.shredded_at DESC NULLS FIRST, e.not_before NULLS FIRST, e.asked_at, e.id LIMIT %s OFFSET %s",
        (["shredded"] if over else ["waiting", "shredding"], limit, skip),
    )


async def sealed_rooms(tx: Transaction, *, limit: int = 200, skip: int = 0) -> list[Row]:
    """Rooms that were sealed, for record keepers: whose, by code, since when and until when. Never what is in them."""
    return await tx.all(
        "SELECT r.id, c.code, r.opened_at, r.closed_at, c.sealed_at, e.not_before FROM rooms r"
        " JOIN clients c ON c.id = r.client_id"
        " LEFT JOIN erasures e ON e.client_id = c.id AND e.state IN ('waiting', 'shredding')"
        " WHERE r.state = 'sealed' ORDER BY c.sealed_at DESC, r.id LIMIT %s OFFSET %s",
        (limit, skip),
    )


async def retell(tx: Transaction) -> int:
    """Tell the workflow of every erasure that is not over again. How many."""
    return await tx.run(
        "INSERT INTO outbox (kind, subject_id, version, payload, created_at, attempts)"
        " SELECT 'erasure_changed', client_id, version, '{}', %s, 0 FROM erasures"
        " WHERE state IN ('waiting', 'shredding')",
        (tx.now,),
    )


async def _live(tx: Transaction, client_id: UUID, *, lock: bool = False) -> Row | None:
    live = "SELECT * FROM erasures WHERE client_id = %s AND state <> 'withdrawn'"
    return await tx.one(f"{live} FOR UPDATE" if lock else live, (client_id,))


async def _dated(tx: Transaction, row: Row) -> date | None:
    """The date by today's rules, kept if it is another one than before."""
    kept = await retention.until(tx, row["client_id"])
    if kept != row["not_before"]:
        await tx.run("UPDATE erasures SET not_before = %s WHERE id = %s", (kept, row["id"]))
        await tx.audit("move_erasure", subject_id=row["client_id"])
    return kept


async def _facts(tx: Transaction, row: Row) -> ErasureFacts:
    kept = await tx.one(
        "SELECT held(%(id)s) AS held, EXISTS (SELECT 1 FROM risk_flags WHERE client_id = %(id)s"
        " AND state <> 'closed') AS risk_open",
        {"id": row["client_id"]},
    )
    assert kept is not None  # noqa: S101  a SELECT without FROM has one row
    due_at = erases_at(row["not_before"], row["asked_at"])
    return ErasureFacts(ErasureState(row["state"]), due_at, **kept)


async def _tell_owner(tx: Transaction, row: Row, facts: ErasureFacts) -> None:
    """Due and kept back: an administrator owns the hold, the supervisors an open flag."""
    kept = await tx.run(
        "UPDATE erasures SET held_since = coalesce(held_since, %s) WHERE id = %s", (tx.now, row["id"])
    )
    if kept and facts.held:
        await notify_role(tx, "administrator", "erasure_held", row["id"])
    if kept and facts.risk_open:
        await notify_role(tx, "supervisor", "erasure_waits_for_flag", row["id"])


async def _may_shred(tx: Transaction, client_id: UUID) -> bool:
    row = await tx.one("SELECT may_shred(%s) AS may", (client_id,))
    return bool(row and row["may"])
