"""The supervisors' board: clocks as rows, read by index, never through workflows."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from records.database import Row, Transaction

_ROWS = """
SELECT c.id AS clock_id, c.room_id, ca.display_name AS client_code, c.therapist_id, ta.display_name AS therapist,
       ta.time_zone AS therapist_zone, c.kind, c.policy_name AS policy, c.opened_at, c.due_at, c.state, c.held,
       c.client_messages, c.acknowledged_at, aa.display_name AS acknowledged_by, b.breached_at,
       (SELECT g.rung FROM clock_rungs g WHERE g.clock_id = c.id
            ORDER BY g.due_at DESC, g.fired_at DESC LIMIT 1) AS rung,
       c.state = 'running' AND c.due_at < %(now)s AS overdue,
       c.held = 'no_capacity' OR EXISTS (
           SELECT 1 FROM leaves l WHERE l.therapist_id = c.therapist_id AND l.cancelled_at IS NULL
             AND l.starts_at <= %(now)s AND %(now)s < l.ends_at
             AND NOT EXISTS (SELECT 1 FROM covers v WHERE v.room_id = c.room_id
                             AND v.starts_at <= %(now)s AND %(now)s < v.ends_at)) AS coverage_gap
FROM response_clocks c
JOIN rooms r ON r.id = c.room_id
JOIN accounts ca ON ca.id = r.client_id
JOIN accounts ta ON ta.id = c.therapist_id
LEFT JOIN accounts aa ON aa.id = c.acknowledged_by
LEFT JOIN clock_breaches b ON b.clock_id = c.id
WHERE {condition}
  AND (%(therapist)s::uuid IS NULL OR c.therapist_id = %(therapist)s)
  AND (%(due_before)s::timestamptz IS NULL OR c.due_at < %(due_before)s)
  AND (%(room)s::uuid IS NULL OR c.room_id = %(room)s)
ORDER BY {order} LIMIT %(limit)s OFFSET %(offset)s
"""

STATES = {
    "running": "c.state = 'running'",
    "met": "c.state = 'met'",
    "late": "c.state = 'late'",
    "waived": "c.state = 'waived'",
    "cancelled": "c.state = 'cancelled'",
    "overdue": "c.state = 'running' AND c.due_at < %(now)s",
    "breached": "b.clock_id IS NOT NULL",
    "held": "c.state = 'running' AND c.held IS NOT NULL",
}
SORTS = {
    "due_at": "c.due_at NULLS LAST, c.id",
    "opened_at": "c.opened_at, c.id",
    "therapist": "ta.display_name, c.due_at NULLS LAST, c.id",
}


@dataclass(frozen=True, slots=True)
class BoardFilter:
    """Which clocks, in which order."""

    state: str = "running"
    therapist: UUID | None = None
    due_before: datetime | None = None
    room: UUID | None = None
    sort: str = "due_at"
    limit: int = 100
    offset: int = 0


async def board(tx: Transaction, chosen: BoardFilter) -> list[Row]:
    """Rows of the board. `state` and `sort` are words of STATES and SORTS."""
    return await tx.all(
        _ROWS.format(condition=STATES[chosen.state], order=SORTS[chosen.sort]),
        {
            "now": tx.now,
            "therapist": chosen.therapist,
            "due_before": chosen.due_before,
            "room": chosen.room,
            "limit": chosen.limit,
            "offset": chosen.offset,
        },
    )


async def counts(tx: Transaction, therapist: UUID | None = None) -> dict[str, int]:
    """How many clocks run, are overdue, are held; of one therapist or of all."""
    row = await tx.one(
        """
        SELECT count(*) AS running, count(*) FILTER (WHERE due_at < %(now)s) AS overdue,
               count(*) FILTER (WHERE held IS NOT NULL) AS held
        FROM response_clocks
        WHERE state = 'running' AND (%(therapist)s::uuid IS NULL OR therapist_id = %(therapist)s)
        """,
        {"now": tx.now, "therapist": therapist},
    )
    return dict(row) if row else {}


async def therapists(tx: Transaction) -> list[Row]:
    """Id and name of each therapist who can sign in, by name."""
    return await tx.all(
        "SELECT a.id, a.display_name AS name FROM accounts a"
        " WHERE a.role = 'therapist' AND a.disabled_at IS NULL ORDER BY a.display_name, a.id"
    )


async def health(tx: Transaction) -> Row:
    """Figures that must be zero when nobody is forgotten."""
    row = await tx.one(
        """
        SELECT (SELECT count(*) FROM rooms r WHERE r.state = 'open'
                  AND NOT EXISTS (SELECT 1 FROM response_clocks c WHERE c.room_id = r.id AND c.state = 'running')
                  AND r.first_answered_at IS NULL
                  AND NOT EXISTS (SELECT 1 FROM response_clocks c WHERE c.room_id = r.id)) AS waiting_without_clock,
               (SELECT count(*) FROM response_clocks WHERE state = 'running'
                  AND next_alarm_at < %(now)s - interval '30 seconds') AS clocks_without_workflow,
               (SELECT count(*) FROM outbox WHERE sent_at IS NULL) AS outbox_depth,
               (SELECT coalesce(extract(epoch FROM %(now)s - min(created_at)), 0)::float FROM outbox
                  WHERE sent_at IS NULL) AS outbox_oldest_seconds,
               (SELECT count(*) FROM outbox WHERE parked_at IS NOT NULL AND sent_at IS NULL) AS outbox_parked,
               (SELECT count(*) FROM clients WHERE stage NOT IN ('in_care', 'closed') AND paused_at IS NULL
                  AND stage_since < %(now)s - interval '10 days') AS stuck_journeys
        """,
        {"now": tx.now},
    )
    assert row is not None  # noqa: S101  a SELECT without FROM has one row
    return row


async def summary(tx: Transaction, start: datetime, end: datetime, group_by: str) -> list[Row]:
    """Attainment of clocks opened in [start, end): on time / (answered + overdue open); not-yet-due left out.

    Median and 90th percentile are of answered clocks only here; n is always shown.
    """
    column = {"therapist": "ta.display_name", "policy": "c.policy_name", "all": "'all'"}[group_by]
    return await tx.all(
        f"""
        SELECT {column} AS name,
               count(*) FILTER (WHERE c.state IN ('met', 'late') OR overdue) AS n,
               count(*) FILTER (WHERE c.state = 'met') AS on_time,
               count(*) FILTER (WHERE c.state = 'late') AS late,
               count(*) FILTER (WHERE overdue) AS overdue,
               count(*) FILTER (WHERE c.state = 'running' AND NOT overdue) AS not_yet_due,
               count(*) FILTER (WHERE c.state = 'waived') AS waived,
               percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM c.closed_at - c.opened_at))
                   FILTER (WHERE c.state IN ('met', 'late')) AS p50_seconds,
               percentile_cont(0.9) WITHIN GROUP (ORDER BY extract(epoch FROM c.closed_at - c.opened_at))
                   FILTER (WHERE c.state IN ('met', 'late')) AS p90_seconds
        FROM (SELECT *, state = 'running' AND due_at < %(now)s AS overdue FROM response_clocks) c
        JOIN accounts ta ON ta.id = c.therapist_id
        WHERE c.opened_at >= %(start)s AND c.opened_at < %(end)s
        GROUP BY 1 ORDER BY 1
        """,  # noqa: S608  the column is one of ours
        {"now": tx.now, "start": start, "end": end},
    )
