"""How much waits for whoever is signed in: the small numbers beside the places of a menu."""

from domain.access import Actor, Role
from records.database import Transaction

_ROOM = """
SELECT count(*) AS room FROM messages x JOIN rooms r ON r.id = x.room_id
LEFT JOIN read_marks m ON m.room_id = r.id AND m.account_id = %(me)s
WHERE r.client_id = %(me)s AND r.state = 'open' AND x.seq > coalesce(m.seq, 0) AND x.sender_id <> %(me)s
"""
_INBOX = """
SELECT (SELECT count(*) FROM response_clocks c JOIN rooms r ON r.id = c.room_id
        WHERE c.state = 'running' AND r.therapist_id = %(me)s) AS inbox,
       (SELECT count(*) FROM offers o WHERE o.therapist_id = %(me)s AND o.state = 'open' AND o.expires_at > %(now)s)
           AS offers,
       (SELECT count(*) FROM cover_offers v LEFT JOIN response_clocks k ON k.id = v.clock_id
        WHERE v.therapist_id = %(me)s AND v.state = 'open' AND v.ends_at > %(now)s
          AND (v.clock_id IS NULL OR k.state = 'running')) AS covers
"""
_BOARD = """
SELECT (SELECT count(*) FROM (SELECT 1 FROM response_clocks c
            WHERE c.state = 'running' AND COALESCE(c.due_at, 'infinity'::timestamptz) < %(now)s LIMIT 1000) few)
           AS board,
       (SELECT count(*) FROM risk_flags f WHERE f.state IN ('open', 'asking')) AS flags,
       (SELECT count(*) FROM room_access x WHERE x.break_glass AND x.reviewed_at IS NULL) AS openings
"""
_OFFICE = """
SELECT (SELECT count(*) FROM service_lines l LEFT JOIN claims k ON k.service_line_id = l.id
        WHERE l.state = 'unbilled' AND coalesce(k.state, '') <> 'scrub_failed') AS unbilled,
       (SELECT count(*) FROM coverages v WHERE v.owner = 'billing' AND v.ended_at IS NULL)
           AS worklist
"""
_OF_ROLE = {Role.CLIENT: _ROOM, Role.THERAPIST: _INBOX, Role.SUPERVISOR: _BOARD, Role.BILLING: _OFFICE}


async def waiting(tx: Transaction, actor: Actor) -> dict[str, int]:
    """Counts by the name of the place; empty for roles that nothing waits for. One statement."""
    statement = _OF_ROLE.get(actor.role)
    row = await tx.one(statement, {"me": actor.account_id, "now": tx.now}) if statement else None
    return {name: int(count) for name, count in row.items()} if row else {}
