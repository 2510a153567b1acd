"""One's own notices: listed, counted, read. Nothing is deleted: a read notice stays where it was."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from domain.errors import NotFound
from records.database import Row, Transaction
from records.events import Event, EventKind
from records.relations import signed_in_actor

COUNTED: Final = 100
"""Unread notices are counted up to this many: more is told as `99+`."""

_LISTED = """
SELECT n.id, n.template, n.subject_id, n.room_id, n.created_at, n.read_at,
       coalesce(n.room_id, (SELECT f.room_id FROM risk_flags f WHERE f.id = n.subject_id)) AS place_room_id
FROM notices n WHERE n.account_id = %(me)s
"""
_BEFORE = " AND (n.created_at, n.id) < (%(at)s, %(id)s)"
_UNREAD = " AND n.read_at IS NULL"


async def listed(
    tx: Transaction, *, unread: bool = False, limit: int, after: UUID | None = None
) -> list[Row]:
    """The newest first, from behind the notice `after` on. Raises NotFound for an `after` that is not one's own."""
    here = await _own(tx, after) if after else None
    asked = {"me": _me(tx), "limit": limit, "at": here and here["created_at"], "id": after}
    narrowed = (_BEFORE if here else "") + (_UNREAD if unread else "")
    return await tx.all(f"{_LISTED}{narrowed} ORDER BY n.created_at DESC, n.id DESC LIMIT %(limit)s", asked)


async def found(tx: Transaction, notice_id: UUID) -> Row:
    """One of one's own, as `listed` has it. Raises NotFound."""
    row = await tx.one(f"{_LISTED} AND n.id = %(id)s", {"me": _me(tx), "id": notice_id})
    if row is None:
        raise NotFound
    return row


async def unread_count(tx: Transaction) -> int:
    """How many of one's own nobody has read, up to COUNTED."""
    row = await tx.one(
        "SELECT count(*) AS n FROM (SELECT FROM notices WHERE account_id = %s AND read_at IS NULL LIMIT %s) few",
        (_me(tx), COUNTED),
    )
    return int(row["n"]) if row else 0


async def mark_read(tx: Transaction, notice_ids: Sequence[UUID]) -> int:
    """One has read these; how many were unread. Those that are not one's own are left alone."""
    read = await tx.run(
        "UPDATE notices SET read_at = %s WHERE account_id = %s AND id = ANY(%s) AND read_at IS NULL",
        (tx.now, _me(tx), list(notice_ids)),
    )
    return _told_devices(tx, read)


async def mark_read_up_to(tx: Transaction, notice_id: UUID) -> int:
    """One has read this one and all before it: what came later stays unread. Raises NotFound."""
    last = await _own(tx, notice_id)
    read = await tx.run(
        "UPDATE notices SET read_at = %s WHERE account_id = %s AND read_at IS NULL"
        " AND (created_at, id) <= (%s, %s)",
        (tx.now, _me(tx), last["created_at"], notice_id),
    )
    return _told_devices(tx, read)


def _told_devices(tx: Transaction, read: int) -> int:
    """One's other devices count anew."""
    if read:
        tx.announce(Event(EventKind.NOTICE, account_id=_me(tx)))
    return read


async def _own(tx: Transaction, notice_id: UUID) -> Row:
    row = await tx.one(
        "SELECT created_at FROM notices WHERE id = %s AND account_id = %s", (notice_id, _me(tx))
    )
    if row is None:
        raise NotFound
    return row


def _me(tx: Transaction) -> UUID:
    return signed_in_actor(tx).account_id
