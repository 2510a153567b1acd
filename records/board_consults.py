"""Consults as the board shows them: beside the clocks, by the same filters and in the same words, unread.

There are few at any time, one in a room at most, so that they need no order of the board's own.
"""

from collections.abc import Mapping
from typing import Final

from domain.response_items import ItemKind
from records.board_filters import BoardFilter, State, values_of
from records.database import Row, Transaction

MOST: Final = 50
"""So many are shown; the page of second opinions has them all."""

# What waits for a supervisor is never waived or cancelled.
_STATES: Final[Mapping[State, str]] = {
    State.RUNNING: "c.state = 'running'",
    State.MET: "c.state = 'met'",
    State.LATE: "c.state = 'late'",
    State.OVERDUE: "c.state = 'running' AND c.due_at < %(now)s",
    State.BREACHED: "'breach' = ANY (c.fired)",
    State.HELD: "c.state = 'running' AND c.held IS NOT NULL",
}
_ROWS: Final = """
SELECT c.id AS consult_id, k.code AS client_code, a.display_name AS therapist, c.asked_at, c.due_at, c.state, c.held,
       c.fired, c.state = 'running' AND c.due_at IS NOT NULL AND c.due_at < %(now)s AS overdue
FROM consults c JOIN rooms r ON r.id = c.room_id JOIN clients k ON k.id = r.client_id
JOIN accounts a ON a.id = c.asked_by
WHERE {condition} ORDER BY c.due_at NULLS LAST, c.id LIMIT %(most)s
"""
_COUNTS: Final = """
SELECT count(*) AS running, count(*) FILTER (WHERE c.due_at < %(now)s) AS overdue,
       count(*) FILTER (WHERE c.held IS NOT NULL) AS held
FROM consults c WHERE {condition}
"""


async def consults(tx: Transaction, chosen: BoardFilter) -> list[Row]:
    """Those that the filters let through, the first due first, without what was asked. `rung`: the last that rang."""
    kind_fits = chosen.kind in (None, ItemKind.CONSULT.value)
    if not kind_fits or chosen.state not in _STATES or chosen.gap or chosen.acknowledged:
        return []  # a supervisor's answer needs no cover, and nobody says of it that they have seen it
    conditions = [_STATES[chosen.state], *_asked_by(chosen)]
    if chosen.policy is not None:
        conditions.append("c.policy_name = %(policy)s")
    if chosen.due_before is not None:
        conditions.append("c.due_at < %(due_before)s")
    if chosen.code:
        conditions.append("k.code LIKE %(code)s")
    values = {**await values_of(tx, chosen), "most": MOST}
    rows = await tx.all(_ROWS.format(condition=" AND ".join(conditions)), values)
    return [{**row, "rung": row["fired"][-1] if row["fired"] else None} for row in rows]


async def counts(tx: Transaction, chosen: BoardFilter) -> dict[str, int]:
    """How many wait, are overdue, are held, of the therapist or team that asked."""
    condition = " AND ".join([_STATES[State.RUNNING], *_asked_by(chosen)])
    row = await tx.one(_COUNTS.format(condition=condition), await values_of(tx, chosen))
    return dict(row) if row else {}


def _asked_by(chosen: BoardFilter) -> list[str]:
    found = []
    if chosen.therapist is not None:
        found.append("c.asked_by = %(therapist)s")
    if chosen.team is not None:
        found.append("c.asked_by = ANY (%(members)s)")
    return found
