"""Due times and ladders of the way into care as the clinic keeps them: each wait in versions, now or later."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from domain.errors import NotFound
from domain.stage_policies import refuse_forgetful, timing_to_json
from domain.stages import POLICIES, Rung, Wait, WaitPolicy, overridden
from records import policies
from records.database import Row, Transaction

KIND: Final = "stages"


@dataclass(frozen=True, slots=True)
class Kept:
    """A wait's policy in force. `built_in`: the clinic has set nothing else."""

    wait: Wait
    policy: WaitPolicy
    built_in: bool


async def listing(tx: Transaction) -> list[Kept]:
    """Every wait's policy in force now, in the order of the way."""
    said = await policies.all_in_force(tx, KIND)
    return [
        Kept(wait, policy, wait not in said)
        for wait, policy in overridden(said).items()
        if wait is not Wait.NOTHING
    ]


async def find(tx: Transaction, wait: Wait) -> Kept:
    """One wait's policy. Raises NotFound for a journey that waits for nothing."""
    found = next((each for each in await listing(tx) if each.wait is wait), None)
    if found is None:
        raise NotFound
    return found


async def history(tx: Transaction, wait: Wait) -> list[tuple[WaitPolicy, Row]]:
    """What the clinic has said of a wait, the newest beginning first, each with its row: who said so, and when."""
    rows = await policies.history(tx, KIND, wait)
    return [(overridden({wait: row["definition"]})[wait], row) for row in rows]


async def set_timing(
    tx: Transaction,
    wait: Wait,
    due: timedelta | None,
    ladder: tuple[Rung, ...],
    effective_from: datetime | None = None,
) -> None:
    """From now on, or from a later instant. Clients who wait for this then are due by it as it begins. A rung that it
    puts into the past is climbed by the next look of the schedule.

    Raises Invalid naming what would forget somebody, or for the past; Conflict (`begins_then_already`).
    """
    refuse_forgetful(wait, due, ladder)
    timing = timing_to_json(WaitPolicy(POLICIES[wait].waiting_on, "", "", due, ladder))
    await policies.add_version(tx, KIND, wait, timing, effective_from)
    if effective_from is None or effective_from <= tx.now:
        await _due_by(tx, wait, due)


async def apply_due(tx: Transaction) -> int:
    """Let whoever waits be due by the timings that have begun since. How many began; a repeat changes nothing."""
    rows = await tx.all(
        "UPDATE policies SET applied_at = %(now)s WHERE kind = %(kind)s AND effective_from <= %(now)s"
        " AND applied_at IS NULL AND superseded_at IS NULL RETURNING name",
        {"now": tx.now, "kind": KIND},
    )
    for wait in sorted({Wait(row["name"]) for row in rows}):
        await _due_by(tx, wait, (await find(tx, wait)).policy.due)
    return len(rows)


async def _due_by(tx: Transaction, wait: Wait, due: timedelta | None) -> None:
    if wait is Wait.OFFER_ANSWER:  # an offer is due when it expires
        return
    await tx.run(
        "UPDATE clients SET due_at = wait_since + %s WHERE id IN (SELECT id FROM clients WHERE wait = %s"
        " AND stage <> 'closed' ORDER BY id FOR UPDATE)",
        (due, wait),
    )
