"""What came of care, counted for each therapist: how many clients reliably improved, of those measures speak of.

One client is one case for the room they are or were in. The first measure is the last complete one up to a week after
the room opened, the later one the last from four weeks on. Only the two numbers are kept outside of charts.
"""

import json
from datetime import timedelta
from typing import Final
from uuid import UUID

from domain.outcomes import YARDSTICKS, improved
from encryption.keys import DataKey, KeyScope
from encryption.rooms import open_field
from records.database import Row, Transaction

TOGETHER: Final = 50
"""Therapists to a turn: their charts are opened within the time that writing facts may take."""
_STARTS_WITHIN: Final = timedelta(days=7)
_SPEAKS_AFTER: Final = timedelta(weeks=4)

_SCORES = """
SELECT DISTINCT ON (r.id, m.instrument, m.taken_at > r.opened_at + %(within)s)
       r.id AS room_id, m.id, m.client_id, m.instrument, m.result_sealed,
       m.taken_at > r.opened_at + %(within)s AS later
FROM rooms r JOIN clients c ON c.id = r.client_id AND c.erased_at IS NULL AND c.sealed_at IS NULL
JOIN measure_responses m ON m.client_id = r.client_id AND m.complete AND m.instrument = ANY(%(instruments)s)
    AND m.taken_at <= coalesce(r.closed_at, %(now)s)
    AND (m.taken_at <= r.opened_at + %(within)s OR m.taken_at >= r.opened_at + %(after)s)
WHERE r.therapist_id = %(who)s
ORDER BY r.id, m.instrument, m.taken_at > r.opened_at + %(within)s, m.taken_at DESC
"""


async def next_in_line(tx: Transaction, after: UUID | None) -> list[UUID]:
    """The next therapists to count, in one order."""
    rows = await tx.all(
        "SELECT id FROM therapists WHERE %(after)s::uuid IS NULL OR id > %(after)s ORDER BY id LIMIT %(many)s",
        {"after": after, "many": TOGETHER},
    )
    return [row["id"] for row in rows]


async def count(tx: Transaction, therapist_id: UUID) -> None:
    """Count one therapist's cases anew. Opens charts: the worker's alone. Raises Unreadable."""
    given = {"within": _STARTS_WITHIN, "after": _SPEAKS_AFTER, "now": tx.now, "who": therapist_id}
    rows = await tx.all(_SCORES, {**given, "instruments": list(YARDSTICKS)})
    rooms: dict[UUID, dict[tuple[str, bool], int]] = {}
    for row in rows:
        key = await tx.key(KeyScope.CHART, row["client_id"])
        total = _total(key, row)
        if total is not None:
            rooms.setdefault(row["room_id"], {})[row["instrument"], row["later"]] = total
    said = [answer for scores in rooms.values() if (answer := improved(_pairs(scores))) is not None]
    await tx.run(
        "INSERT INTO therapist_outcomes (therapist_id, improved, cases, counted_at) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT (therapist_id) DO UPDATE SET improved = excluded.improved, cases = excluded.cases,"
        " counted_at = excluded.counted_at",
        (therapist_id, sum(said), len(said), tx.now),
    )


def _pairs(scores: dict[tuple[str, bool], int]) -> dict[str, tuple[int, int]]:
    """First and later score of each instrument that has both."""
    return {
        name: (scores[name, False], scores[name, True])
        for name in YARDSTICKS
        if (name, False) in scores and (name, True) in scores
    }


def _total(key: DataKey, row: Row) -> int | None:
    text = open_field(
        key, row["client_id"], "measure_responses", "result_sealed", row["id"], row["result_sealed"]
    )
    total = json.loads(text).get("total")
    return total if isinstance(total, int) else None
