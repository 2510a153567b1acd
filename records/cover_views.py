"""What a therapist sees of cover: what they are asked, and what they cover. No content before it is taken."""

from dataclasses import dataclass
from uuid import UUID

from domain.relations import Actor
from records import leaves
from records.database import Row, Transaction

# An offer for an answer that was given meanwhile is over, whatever its row says.
_OFFERS = """
SELECT o.id, o.room_id, o.leave_id, o.clock_id, o.starts_at, o.ends_at, o.offered_at, o.expires_at, o.state,
       c.display_name AS client_code, cl.state AS client_state, a.display_name AS therapist,
       k.due_at AS overdue_since
FROM cover_offers o
JOIN rooms r ON r.id = o.room_id AND r.state = 'open'
JOIN accounts c ON c.id = r.client_id
JOIN clients cl ON cl.id = r.client_id
JOIN accounts a ON a.id = r.therapist_id
LEFT JOIN response_clocks k ON k.id = o.clock_id
WHERE o.therapist_id = %(me)s AND o.state = 'open' AND o.ends_at > %(now)s
  AND (o.clock_id IS NULL OR k.state = 'running')
ORDER BY o.clock_id IS NULL, o.starts_at, o.id
"""
_HELD = """
SELECT v.id, v.room_id, v.leave_id, v.starts_at, v.ends_at, c.display_name AS client_code,
       a.display_name AS therapist, v.starts_at <= %(now)s AS begun
FROM covers v
JOIN rooms r ON r.id = v.room_id AND r.state = 'open'
JOIN accounts c ON c.id = r.client_id
JOIN accounts a ON a.id = r.therapist_id
WHERE v.therapist_id = %(me)s AND v.ends_at > %(now)s
ORDER BY v.starts_at, c.display_name, v.id
"""


@dataclass(frozen=True, slots=True)
class CoversView:
    """Offers, held covers, and the hand-over notes of leaves that have begun, by leave."""

    offers: list[Row]
    held: list[Row]
    notes: dict[UUID, str]


async def covers_of(tx: Transaction, actor: Actor) -> CoversView:
    """Everything of cover that concerns this therapist. Reading a hand-over note is on record."""
    asked = {"me": actor.account_id, "now": tx.now}
    held = await tx.all(_HELD, asked)
    begun = dict.fromkeys(row["leave_id"] for row in held if row["begun"] and row["leave_id"])
    return CoversView(
        await tx.all(_OFFERS, asked), held, {leave_id: await _note(tx, leave_id) for leave_id in begun}
    )


async def _note(tx: Transaction, leave_id: UUID) -> str:
    leave = await leaves.found(tx, leave_id)
    if leave["note_sealed"] is not None:
        await tx.audit("read_hand_over_note", subject_id=leave_id)
    return await leaves.note(tx, leave)
