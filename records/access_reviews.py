"""Emergency openings looked at by somebody else, within a day: what was justified, and what was not."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from domain.errors import Conflict, NotFound
from domain.opening import unopened
from encryption.keys import KeyScope
from records.clinic import CLINIC_ID
from records.database import Row, Transaction
from records.notices import notify_lead, notify_role
from records.opening import opening
from records.relations import signed_in_actor

REVIEW_WITHIN: Final = timedelta(hours=24)
_BATCH: Final = 100


class Review(StrEnum):
    """What somebody else found."""

    JUSTIFIED = "justified"
    UNJUSTIFIED = "unjustified"


@dataclass(frozen=True, slots=True)
class Opening:
    """A room that was opened in an emergency. `reason` is there until it is reviewed; then the client alone reads it.

    `done`: what the opener did meanwhile, action and how often. `own`: by who asks; somebody else must look at it.
    """

    id: UUID
    room_id: UUID
    client_code: str
    who: str
    role: str
    at: datetime
    due_at: datetime
    overdue: bool
    own: bool
    reason: str | None = field(repr=False)
    done: tuple[tuple[str, int], ...]
    reviewed_at: datetime | None
    reviewed_by: str | None
    review: Review | None


_OPENINGS = """
SELECT x.id, x.room_id, x.account_id, x.granted_at, x.expires_at, x.review_reason_sealed, x.reviewed_at, x.review,
       c.code AS client_code, a.display_name AS who, a.role, v.display_name AS reviewed_by
FROM room_access x JOIN rooms r ON r.id = x.room_id JOIN clients c ON c.id = r.client_id
JOIN accounts a ON a.id = x.account_id LEFT JOIN accounts v ON v.id = x.reviewed_by
WHERE x.break_glass AND {which} ORDER BY {order}, x.id LIMIT %(limit)s OFFSET %(offset)s
"""
_DONE = """
SELECT x.id, e.action, count(*) AS times FROM room_access x JOIN audit_events e ON e.room_id = x.room_id
    AND e.actor_id = x.account_id AND e.outcome = 'done' AND e.at >= x.granted_at AND e.at < x.expires_at
WHERE x.id = ANY (%s) AND e.action <> 'break_glass' GROUP BY x.id, e.action ORDER BY x.id, times DESC, e.action
"""


async def openings(
    tx: Transaction, *, reviewed: bool = False, limit: int = 50, offset: int = 0
) -> list[Opening]:
    """Those that wait, the longest waiting first; or those that were reviewed, the last one first."""
    which = "x.reviewed_at IS NOT NULL" if reviewed else "x.reviewed_at IS NULL"
    order = "x.reviewed_at DESC" if reviewed else "x.granted_at"
    rows = await tx.all(_OPENINGS.format(which=which, order=order), {"limit": limit, "offset": offset})
    done: dict[UUID, list[tuple[str, int]]] = {}
    for each in await tx.all(_DONE, ([row["id"] for row in rows],)):
        done.setdefault(each["id"], []).append((each["action"], each["times"]))
    await tx.audit("read_openings", waiting=len(rows))
    return [await _opening(tx, row, tuple(done.get(row["id"], ()))) for row in rows]


async def _opening(tx: Transaction, row: Row, done: tuple[tuple[str, int], ...]) -> Opening:
    sealed, reason, due_at = row["review_reason_sealed"], None, row["granted_at"] + REVIEW_WITHIN
    if sealed is not None:
        async with opening(tx, row["room_id"], KeyScope.CLINIC, CLINIC_ID) as stored:
            reason = stored.field("room_access", "review_reason_sealed", row["id"], sealed) or unopened(
                "reason"
            )
    return Opening(
        id=row["id"],
        room_id=row["room_id"],
        client_code=row["client_code"],
        who=row["who"],
        role=row["role"],
        at=row["granted_at"],
        due_at=due_at,
        overdue=row["reviewed_at"] is None and due_at < tx.now,
        own=row["account_id"] == signed_in_actor(tx).account_id,
        reason=reason,
        done=done,
        reviewed_at=row["reviewed_at"],
        reviewed_by=row["reviewed_by"],
        review=Review(row["review"]) if row["review"] else None,
    )


async def review(tx: Transaction, access_id: UUID, found: Review) -> None:
    """Say what one found. The reviewers' copy of the reason goes.

    Raises NotFound, Conflict (`own_opening`, `already_reviewed`).
    """
    me = signed_in_actor(tx).account_id
    row = await tx.one(
        "SELECT room_id, account_id, reviewed_at FROM room_access WHERE id = %s AND break_glass FOR UPDATE",
        (access_id,),
    )
    if row is None:
        raise NotFound
    if row["account_id"] == me:
        raise Conflict("own_opening")
    if row["reviewed_at"] is not None:
        raise Conflict("already_reviewed")
    await tx.run(
        "UPDATE room_access SET reviewed_by = %s, reviewed_at = %s, review = %s, review_reason_sealed = NULL"
        " WHERE id = %s",
        (me, tx.now, found, access_id),
    )
    await tx.audit("review_access", room_id=row["room_id"], subject_id=access_id, found=found)
    if found is Review.UNJUSTIFIED:
        await notify_role(tx, "supervisor", "opening_unjustified", access_id, row["room_id"])


async def waiting_count(tx: Transaction) -> int:
    """How many wait for their review."""
    row = await tx.one("SELECT count(*) AS n FROM room_access WHERE break_glass AND reviewed_at IS NULL")
    return int(row["n"]) if row else 0


async def tell_overdue(tx: Transaction) -> int:
    """Tell the supervisors of openings that nobody looked at for a day, once each. How many those are."""
    rows = await tx.all(
        "SELECT id, room_id FROM room_access WHERE break_glass AND reviewed_at IS NULL AND granted_at < %s"
        " AND NOT EXISTS (SELECT 1 FROM notices n WHERE n.subject_id = room_access.id"
        " AND n.template = 'opening_unreviewed') ORDER BY granted_at LIMIT %s",
        (tx.now - REVIEW_WITHIN, _BATCH),
    )
    for row in rows:
        await notify_lead(tx, "opening_unreviewed", row["id"], row["room_id"])
    return len(rows)
