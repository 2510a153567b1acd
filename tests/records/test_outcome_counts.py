"""What came of care is counted from charts by the worker, and only two numbers a therapist are kept outside of them."""

import json
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from factories import Room, room

from activities.matches import MatchActivities
from activities.shapes.matches import CountOutcomes
from domain.match_profiles import Count
from encryption.keys import KeyScope
from encryption.rooms import seal_field
from records import therapists
from records.database import Database

if TYPE_CHECKING:
    from conftest import Databases

TEN_WEEKS = timedelta(weeks=10)


async def measured(care: Database, where: Room, instrument: str, *scores: tuple[float, int]) -> None:
    """Totals at so many weeks from the room's opening, ten weeks ago."""
    client_id = where.client.account_id
    async with care.transaction(where.client) as tx:
        key = await tx.key(KeyScope.CHART, client_id)
        for weeks, total in scores:
            row = uuid4()
            sealed = seal_field(
                key, client_id, "measure_responses", "result_sealed", row, json.dumps({"total": total})
            )
            await tx.insert(
                "measure_responses",
                id=row,
                client_id=client_id,
                instrument=instrument,
                answers_sealed=b"-",
                result_sealed=sealed,
                taken_at=tx.now - TEN_WEEKS + timedelta(weeks=weeks),
                complete=True,
            )


async def counted(databases: "Databases", where: Room) -> Count:
    work, after = MatchActivities(databases.worker), None
    for _ in range(3):  # every therapist, then none; again, as after a killed worker
        after = (await work.count_outcomes(CountOutcomes(after))).last
    async with databases.worker.transaction() as tx:
        found = await therapists.profiles(tx, tx.now.date())
    return next(each.outcomes for each in found.values() if each.therapist_id == where.therapist.account_id)


async def test_improved_of_those_whom_measures_speak_of(databases: "Databases") -> None:
    care = databases.care
    where = await room(care)
    others = [await room(care) for _ in range(3)]
    async with care.transaction() as tx:
        await tx.run("UPDATE rooms SET opened_at = %s", (tx.now - TEN_WEEKS,))
        await tx.run("UPDATE rooms SET therapist_id = %s", (where.therapist.account_id,))
    assert await counted(databases, where) == Count(0, 0)
    # Reliably better, whatever lay between; then better on one and worse on the other.
    await measured(care, where, "PHQ-9", (-1, 19), (-0.1, 16), (3, 25), (6, 12), (9, 8))
    await measured(care, others[0], "PHQ-9", (-1, 16), (9, 8))
    await measured(care, others[0], "GAD-7", (-1, 9), (9, 15))
    # Nothing to get better from; and too early to say.
    await measured(care, others[1], "PHQ-9", (-1, 6), (9, 0))
    await measured(care, others[2], "PHQ-9", (-1, 16), (3, 2))
    assert await counted(databases, where) == Count(1, 2)
