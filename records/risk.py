"""Risk flags: raised in the transaction of what raised them, answered, read, closed by a named clinician.

Paging is in `records.paging`; what is urgent is decided by `domain.risk`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from domain import risk as rules
from domain.access import CLINIC, Action, require
from domain.errors import Conflict, NotFound
from domain.ids import RiskFlagId, new_id
from domain.risk import FlagState, Source, Urgency
from domain.zones import zone
from encryption.rooms import seal_field
from records.clinic import CLINIC_ID, clinic_key
from records.database import Row, Transaction
from records.events import Event, EventKind
from records.notices import notify, notify_duty, notify_role
from records.paging import page_due
from records.relations import signed_in_actor, writable_chart

HELP_AGAIN_WITHIN: Final = timedelta(minutes=10)
"""Asking for help again so soon belongs to the same flag: people are on their way already."""

_CLINIC_ZONE: Final = "America/New_York"  # the day of a same-day task when nobody was signed in


@dataclass(frozen=True, slots=True)
class Flag:
    """A flag as it was raised or answered. `answer_due_at` (UTC): silence until then pages people."""

    id: RiskFlagId
    state: FlagState
    urgency: Urgency
    opened_at: datetime
    answer_due_at: datetime | None
    paged_at: datetime | None


async def raise_flag(
    tx: Transaction,
    *,
    source: Source,
    urgency: Urgency,
    client_id: UUID | None,
    room_id: UUID | None = None,
    contact: str | None = None,
) -> Flag:
    """Raise a flag. PAGE_NOW writes its first pages in this transaction; send them after the commit
    (`records.paging.send_pages`). An open question about the same thing is not asked twice.
    """
    if urgency is Urgency.ASKING and client_id is not None:
        asked = await _asked_already(tx, source, client_id)
        if asked is not None:
            return asked
    flag_id = RiskFlagId(new_id())
    await tx.insert(
        "risk_flags",
        id=flag_id,
        client_id=client_id,
        room_id=room_id or await _open_room(tx, client_id),
        source=source,
        urgency=urgency,
        state=FlagState.ASKING if urgency is Urgency.ASKING else FlagState.OPEN,
        version=1,
        opened_at=tx.now,
        paging_since=tx.now if urgency is Urgency.PAGE_NOW else None,
        answer_due_at=rules.safe_now_due(tx.now) if urgency is Urgency.ASKING else None,
        due_at=await _end_of_day(tx, client_id) if urgency is Urgency.SAME_DAY else None,
        contact_sealed=contact and await _seal(tx, flag_id, "contact_sealed", contact),
    )
    await tx.audit("raise_risk_flag", subject_id=flag_id, client=client_id)
    return await _follow_up(tx, flag_id)


async def _follow_up(tx: Transaction, flag_id: UUID) -> Flag:
    """Call whoever the flag's urgency calls for, and tell its workflow."""
    flag = await _flag(tx, flag_id)
    if flag["urgency"] == Urgency.PAGE_NOW:
        await page_due(tx, flag_id)
    elif flag["urgency"] == Urgency.SAME_DAY:
        await _give_task(tx, flag)
    await tell(tx, flag)
    return await found_flag(tx, flag_id)


async def _give_task(tx: Transaction, flag: Row) -> None:
    """A same-day task: the primary therapist's where there is one, and always on the risk queue."""
    if flag["room_id"] is not None:
        room = await tx.one("SELECT therapist_id FROM rooms WHERE id = %s", (flag["room_id"],))
        if room is not None:
            await notify(tx, room["therapist_id"], "risk_task", flag["id"])
    if not await notify_duty(tx, "on_call", "risk_task", flag["id"]):
        await notify_role(tx, "supervisor", "risk_task", flag["id"])


async def tell(tx: Transaction, flag: Row) -> None:
    """Tell the flag's workflow how it stands, and the boards that something moved."""
    await tx.tell(
        "risk_changed",
        flag["id"],
        flag["version"],
        state=FlagState(flag["state"]),
        urgency=Urgency(flag["urgency"]),
    )
    tx.announce(Event(EventKind.BOARD))


async def retell(tx: Transaction) -> int:
    """Tell the workflow of every flag that is not closed again. How many."""
    return await tx.run(
        "INSERT INTO outbox (kind, subject_id, version, payload, created_at, attempts)"
        " SELECT 'risk_changed', id, version, jsonb_build_object('state', state, 'urgency', urgency), %s, 0"
        " FROM risk_flags WHERE state <> 'closed'",
        (tx.now,),
    )


async def ask_for_help(tx: Transaction, client_id: UUID | None, contact: str | None) -> Flag:
    """The "I need help now" button. Pressed again within ten minutes it is the same flag, not a new page."""
    if client_id is not None:
        await tx.one("SELECT id FROM clients WHERE id = %s FOR UPDATE", (client_id,))
        earlier = await tx.one(
            "SELECT id FROM risk_flags WHERE client_id = %s AND source = 'help_now' AND state <> 'closed'"
            " AND opened_at > %s ORDER BY opened_at DESC LIMIT 1",
            (client_id, tx.now - HELP_AGAIN_WITHIN),
        )
        if earlier is not None:
            return await found_flag(tx, earlier["id"])
    return await raise_flag(
        tx, source=Source.HELP_NOW, urgency=Urgency.PAGE_NOW, client_id=client_id, contact=contact
    )


async def answer_safe_now(tx: Transaction, flag_id: UUID, safe: bool) -> Flag:
    """The client answers "are you safe right now?". No pages at once; yes is a task for the same day.

    A yes that comes after people were paged is kept and calls nobody off; a no pages, whatever was said
    or read before. Raises NotFound.
    """
    actor = signed_in_actor(tx)
    flag = await tx.one(
        "SELECT * FROM risk_flags WHERE id = %s AND client_id = %s FOR UPDATE", (flag_id, actor.account_id)
    )
    if flag is None:
        raise NotFound
    await tx.audit("answer_safe_now", subject_id=flag_id)
    await tx.run("UPDATE risk_flags SET safe_now = %s WHERE id = %s", (safe, flag_id))
    if not safe:
        return await _page_now(tx, flag)
    if flag["state"] != FlagState.ASKING:
        return await found_flag(tx, flag_id)
    await tx.run(
        "UPDATE risk_flags SET state = 'open', urgency = %s, due_at = %s, version = version + 1 WHERE id = %s",
        (rules.urgency_of_safe_now(safe), await _end_of_day(tx, actor.account_id), flag_id),
    )
    return await _follow_up(tx, flag_id)


async def _page_now(tx: Transaction, flag: Row) -> Flag:
    """Page about a flag, unless people are paged about it already; about a closed one by a new flag."""
    if flag["state"] == FlagState.CLOSED:
        return await raise_flag(
            tx,
            source=Source(flag["source"]),
            urgency=rules.urgency_of_safe_now(False),
            client_id=flag["client_id"],
        )
    if flag["urgency"] == Urgency.PAGE_NOW:
        return await found_flag(tx, flag["id"])
    await tx.run(
        "UPDATE risk_flags SET state = 'open', urgency = %s, paging_since = %s, version = version + 1,"
        " acknowledged_by = NULL, acknowledged_at = NULL WHERE id = %s",
        (rules.urgency_of_safe_now(False), tx.now, flag["id"]),
    )
    return await _follow_up(tx, flag["id"])


async def questions(tx: Transaction, client_id: UUID) -> list[Flag]:
    """The questions "are you safe right now?" that wait for this client's answer."""
    rows = await tx.all(
        "SELECT id FROM risk_flags WHERE client_id = %s AND state = 'asking' ORDER BY opened_at", (client_id,)
    )
    return [await found_flag(tx, row["id"]) for row in rows]


async def acknowledge(tx: Transaction, flag_id: UUID) -> None:
    """A clinician has read the flag: paging stops. Raises NotFound, Conflict (`flag_closed`)."""
    flag = await _writable_flag(tx, flag_id, Action.ACKNOWLEDGE_RISK)
    if flag["state"] == FlagState.CLOSED:
        raise Conflict("flag_closed")
    row = await tx.one(
        "UPDATE risk_flags SET state = 'acknowledged', version = version + 1, acknowledged_by = %s,"
        " acknowledged_at = %s WHERE id = %s AND acknowledged_at IS NULL RETURNING *",
        (signed_in_actor(tx).account_id, tx.now, flag_id),
    )
    await tx.audit("acknowledge_risk", subject_id=flag_id)
    if row is not None:
        await tell(tx, row)


async def close(tx: Transaction, flag_id: UUID, rationale: str) -> None:
    """A named clinician closes the flag and says why. Raises NotFound, Invalid, Conflict (`flag_closed`)."""
    flag = await _writable_flag(tx, flag_id, Action.CLOSE_RISK)
    actor = signed_in_actor(tx)
    rules.check_closing(actor.role, rationale)
    if flag["state"] == FlagState.CLOSED:
        raise Conflict("flag_closed")
    row = await tx.one(
        "UPDATE risk_flags SET state = 'closed', version = version + 1, closed_by = %(who)s,"
        " closed_at = %(now)s, rationale_sealed = %(rationale)s,"
        " acknowledged_by = coalesce(acknowledged_by, %(who)s),"
        " acknowledged_at = coalesce(acknowledged_at, %(now)s) WHERE id = %(id)s RETURNING *",
        {
            "who": actor.account_id,
            "now": tx.now,
            "rationale": await _seal(tx, flag_id, "rationale_sealed", rationale),
            "id": flag_id,
        },
    )
    assert row is not None  # noqa: S101  locked above
    await tx.audit("close_risk", subject_id=flag_id)
    await tell(tx, row)


async def _writable_flag(tx: Transaction, flag_id: UUID, action: Action) -> Row:
    """The flag, locked, if the actor may act on it. One that nobody's client raised is for the risk queue's readers."""
    flag = await tx.one("SELECT * FROM risk_flags WHERE id = %s FOR UPDATE", (flag_id,))
    if flag is None:
        raise NotFound
    if flag["client_id"] is None:
        require(signed_in_actor(tx), Action.READ_RISK_FLAGS, CLINIC)
    else:
        await writable_chart(tx, flag["client_id"], action)
    return flag


async def found_flag(tx: Transaction, flag_id: UUID) -> Flag:
    """The flag as it stands. Raises NotFound."""
    row = await tx.one(
        "SELECT id, state, urgency, opened_at, answer_due_at,"
        " (SELECT min(sent_at) FROM risk_pages WHERE flag_id = id) AS paged_at FROM risk_flags WHERE id = %s",
        (flag_id,),
    )
    if row is None:
        raise NotFound
    return Flag(
        row["id"],
        FlagState(row["state"]),
        Urgency(row["urgency"]),
        row["opened_at"],
        row["answer_due_at"] if row["state"] == FlagState.ASKING else None,
        row["paged_at"],
    )


async def _asked_already(tx: Transaction, source: Source, client_id: UUID) -> Flag | None:
    await tx.one("SELECT id FROM clients WHERE id = %s FOR UPDATE", (client_id,))
    row = await tx.one(
        "SELECT id FROM risk_flags WHERE client_id = %s AND source = %s AND state = 'asking'",
        (client_id, source),
    )
    return await found_flag(tx, row["id"]) if row else None


async def _flag(tx: Transaction, flag_id: UUID) -> Row:
    row = await tx.one("SELECT * FROM risk_flags WHERE id = %s", (flag_id,))
    if row is None:
        raise NotFound
    return row


async def _open_room(tx: Transaction, client_id: UUID | None) -> UUID | None:
    room = await tx.one("SELECT id FROM rooms WHERE client_id = %s AND state = 'open'", (client_id,))
    return room["id"] if room else None


async def _end_of_day(tx: Transaction, client_id: UUID | None) -> datetime:
    account = await tx.one("SELECT time_zone FROM accounts WHERE id = %s", (client_id,))
    return rules.same_day_due(tx.now, zone(account["time_zone"] if account else _CLINIC_ZONE))


async def _seal(tx: Transaction, flag_id: UUID, column: str, text: str) -> bytes:
    return seal_field(await clinic_key(tx), CLINIC_ID, "risk_flags", column, flag_id, text)
