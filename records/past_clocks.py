"""Response items of a period with all that decided them, read in pieces: for trials of another policy or roster."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Final

from domain.back_tests import Outcome, Past
from records import parsed
from records.calendars import schedules_of_clocks
from records.database import Row, Transaction

PIECE: Final = 250  # a few milliseconds of the event loop for each
MOST: Final = 100_000

_ITEMS = """
SELECT c.id, c.room_id, c.therapist_id, c.opened_at, c.closed_at, c.due_at, c.state, c.policy_name,
       c.policy::text AS policy, c.calendar_version, c.extension_seconds
FROM response_clocks c
WHERE c.opened_at >= %(start)s AND c.opened_at < %(end)s AND c.state IN ('met', 'late', 'running')
  AND (%(kind)s::text IS NULL OR c.kind = %(kind)s)
"""
_RECORDED = {"met": Outcome.KEPT, "late": Outcome.BROKEN}


async def count_past(tx: Transaction, start: datetime, end: datetime, kind: str | None) -> int:
    """How many items opened in [start, end) were answered or still run."""
    row = await tx.one(f"SELECT count(*) AS n FROM ({_ITEMS}) i", _given(start, end, kind))  # noqa: S608  ours
    return int(row["n"]) if row else 0


async def past_clocks(
    tx: Transaction, start: datetime, end: datetime, kind: str | None
) -> AsyncIterator[list[Past]]:
    """The same items in pieces of `PIECE`, so that memory does not grow with the period.

    Raises NotFound (`no_calendar`).
    """
    async with tx.conn.cursor(name="past_clocks") as cursor:
        await cursor.execute(_ITEMS, _given(start, end, kind))
        while rows := await cursor.fetchmany(PIECE):
            found = await schedules_of_clocks(tx, rows)
            yield [
                Past(
                    therapist=str(row["therapist_id"]),
                    opened_at=row["opened_at"],
                    closed_at=row["closed_at"],
                    policy=parsed.policy(row["policy_name"], row["policy"]),
                    schedule=found[row["id"]].schedule,
                    extension=timedelta(seconds=row["extension_seconds"]),
                    recorded=_recorded(row, tx.now),
                )
                for row in rows
            ]


def _recorded(row: Row, now: datetime) -> Outcome:
    """How the item stands by its row, as of now."""
    overdue = row["due_at"] is not None and row["due_at"] < now
    return _RECORDED.get(row["state"], Outcome.BROKEN if overdue else Outcome.OPEN)


def _given(start: datetime, end: datetime, kind: str | None) -> dict[str, object]:
    return {"start": start, "end": end, "kind": kind}
