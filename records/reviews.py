"""Breach review: broken promises and sampled answers that somebody has looked at, or has still to look at.

The breach itself is a fact that nobody edits; a review is written beside it, and a later one beside that.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

from domain.breaches import BreachReason
from domain.errors import Conflict, Unauthenticated
from encryption.rooms import open_field, seal_field
from records.clinic import CLINIC_ID, clinic_key
from records.clocks import find
from records.database import Row, Transaction
from records.events import Event, EventKind

# Everything that is to be looked at once: breaches, and closed answers that were sampled. `since`: when it came up.
_ITEMS = """
SELECT b.clock_id, b.breached_at AS since FROM clock_breaches b
UNION ALL
SELECT c.id, c.closed_at FROM response_clocks c WHERE c.sampled IS NOT NULL AND c.closed_at IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM clock_breaches b WHERE b.clock_id = c.id)
"""
_LATEST = """
LEFT JOIN LATERAL (SELECT * FROM breach_reviews v WHERE v.clock_id = i.clock_id ORDER BY v.n DESC LIMIT 1) v ON true
"""
_QUEUE = f"""
SELECT i.clock_id, i.since, c.room_id, k.code AS client_code, c.therapist_id, ta.display_name AS therapist, t.team,
       c.kind, c.policy_name AS policy, c.opened_at, c.due_at, c.state, c.closed_at, c.answered_by, c.sampled,
       c.breached_at, v.n, v.reason, v.note_sealed, v.reviewed_at, ra.display_name AS reviewed_by
FROM ({_ITEMS}) i {_LATEST}
JOIN response_clocks c ON c.id = i.clock_id
JOIN rooms r ON r.id = c.room_id
JOIN clients k ON k.id = r.client_id
JOIN therapists t ON t.id = c.therapist_id
JOIN accounts ta ON ta.id = c.therapist_id
LEFT JOIN accounts ra ON ra.id = v.reviewed_by
WHERE (%(reviewed)s::boolean IS NULL OR (v.clock_id IS NOT NULL) = %(reviewed)s)
  AND (%(therapist)s::uuid IS NULL OR c.therapist_id = %(therapist)s)
  AND (%(reason)s::text IS NULL OR v.reason = %(reason)s)
  AND (%(clock)s::uuid IS NULL OR i.clock_id = %(clock)s)
  AND (%(since)s::timestamptz IS NULL OR (i.since, i.clock_id) > (%(since)s, %(after)s))
ORDER BY i.since, i.clock_id LIMIT %(limit)s
"""  # noqa: S608  every part is ours
_BY_REASON = """
SELECT v.reason AS name, count(*) AS n
FROM (SELECT DISTINCT ON (clock_id) reason FROM breach_reviews WHERE reviewed_at > %(from)s
      ORDER BY clock_id, n DESC) v GROUP BY 1 ORDER BY 2 DESC, 1
"""
_BY_THERAPIST = """
SELECT a.display_name AS name, most.n
FROM (SELECT c.therapist_id, count(*) AS n FROM response_clocks c
      WHERE c.breached_at > %(from)s OR (c.sampled IS NOT NULL AND c.breached_at IS NULL AND c.closed_at > %(from)s)
      GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT %(limit)s) most
JOIN accounts a ON a.id = most.therapist_id ORDER BY most.n DESC, a.display_name
"""

MOST_NAMED: Final = 20
"""Therapists who are counted by name: those with most."""

COUNTED_DAYS: Final = 90
"""How far back the counts by reason and by therapist go."""


@dataclass(frozen=True, slots=True)
class ReviewFilter:
    """Which items. None: whatever it is. `reason`: of the latest review."""

    reviewed: bool | None = False
    therapist: UUID | None = None
    reason: BreachReason | None = None
    clock: UUID | None = None


async def queue(
    tx: Transaction, chosen: ReviewFilter, limit: int, after: tuple[datetime, UUID] | None = None
) -> list[Row]:
    """Items by age, the oldest first, each with its latest review and the opened note. Reading notes is audited."""
    since, clock_id = after or (None, None)
    rows = await tx.all(
        _QUEUE,
        {
            "reviewed": chosen.reviewed,
            "therapist": chosen.therapist,
            "reason": chosen.reason,
            "clock": chosen.clock,
            "since": since,
            "after": clock_id,
            "limit": limit,
        },
    )
    return await _opened(tx, rows)


async def tallies(tx: Transaction) -> dict[str, list[Row]]:
    """Name and number, of the last 90 days: reviews by reason, the latest of each item; items by therapist, those with
    most first.
    """
    since = {"from": tx.now - timedelta(days=COUNTED_DAYS), "limit": MOST_NAMED}
    return {
        "reasons": await tx.all(_BY_REASON, since),
        "therapists": await tx.all(_BY_THERAPIST, since),
    }


async def review(tx: Transaction, clock_id: UUID, reason: BreachReason, note: str | None) -> int:
    """Write down what was found; the number of this review of the clock.

    Raises NotFound, Conflict (`nothing_to_review`) where no promise was broken and no answer was picked.
    """
    if tx.actor is None:
        raise Unauthenticated
    await tx.one("SELECT id FROM response_clocks WHERE id = %s FOR UPDATE", (clock_id,))
    clock = await find(tx, clock_id)
    if clock["breached_at"] is None and (clock["sampled"] is None or clock["closed_at"] is None):
        raise Conflict("nothing_to_review")
    last = await tx.one(
        "SELECT coalesce(max(n), 0) AS n FROM breach_reviews WHERE clock_id = %s", (clock_id,)
    )
    n: int = (last["n"] if last else 0) + 1
    await tx.insert(
        "breach_reviews",
        clock_id=clock_id,
        n=n,
        reason=reason,
        note_sealed=await _sealed(tx, clock_id, n, note),
        reviewed_by=tx.actor.account_id,
        reviewed_at=tx.now,
    )
    await tx.audit("review_breach", room_id=clock["room_id"], subject_id=clock_id, reason=reason)
    tx.announce(Event(EventKind.BOARD))
    return n


async def _sealed(tx: Transaction, clock_id: UUID, n: int, note: str | None) -> bytes | None:
    if not note:
        return None
    return seal_field(
        await clinic_key(tx), CLINIC_ID, "breach_reviews", "note_sealed", _subject(clock_id, n), note
    )


async def _opened(tx: Transaction, rows: list[Row]) -> list[Row]:
    noted = [row for row in rows if row["note_sealed"] is not None]
    if noted:
        await tx.audit("read_breach_notes", items=len(noted))
        key = await clinic_key(tx)
    opened: list[Row] = []
    for row in rows:
        sealed = row.pop("note_sealed")
        note: Any = None
        if sealed is not None:
            subject = _subject(row["clock_id"], row["n"])
            note = open_field(key, CLINIC_ID, "breach_reviews", "note_sealed", subject, sealed)
        opened.append({**row, "note": note})
    return opened


def _subject(clock_id: UUID, n: int) -> UUID:
    """What a note is sealed for: this very review."""
    return uuid5(clock_id, str(n))
