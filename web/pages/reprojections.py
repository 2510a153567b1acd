"""How far running promises have moved after a change, in words; shown for as long as it takes."""

from __future__ import annotations

from records.database import Row, Transaction
from records.reprojections import under_way
from web.views.reprojections import Moving


async def moving(tx: Transaction) -> tuple[Moving, ...]:
    """Every change that is still being worked off, the oldest first."""
    return tuple(_moving(row) for row in await under_way(tx))


def _moving(row: Row) -> Moving:
    total = row["total"] or None
    if total is None:
        return Moving(f"Moving running promises {_to(row)}: counting them", 0, None)
    done = min(row["done"], total)  # the pass at the end looks at late arrivals once more
    return Moving(f"Moving {done:,} of {total:,} running promises {_to(row)}", done, total)


def _to(row: Row) -> str:
    if row["policy_name"] is not None:
        return "to the new policy"
    if row["therapist_id"] is not None:
        return "to a therapist’s new working time"
    return "to what is promised now"
