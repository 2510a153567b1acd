"""Due times and ladders of the way into care as the clinic keeps them: each change a new version, in force at once."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from domain.errors import NotFound
from domain.stage_policies import refuse_forgetful, timing_to_json
from domain.stages import POLICIES, Rung, Wait, WaitPolicy, overridden
from records import policies
from records.database import Transaction

KIND: Final = "stages"


@dataclass(frozen=True, slots=True)
class Kept:
    """A wait's policy in force. `built_in`: the clinic has set nothing else."""

    wait: Wait
    policy: WaitPolicy
    built_in: bool


async def listing(tx: Transaction) -> list[Kept]:
    """Every wait's policy in force now, in the order of the way."""
    said = await _in_force(tx)
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


async def set_timing(tx: Transaction, wait: Wait, due: timedelta | None, ladder: tuple[Rung, ...]) -> None:
    """From now on; clients who wait for this are due by it at once. A rung that it puts into the past is climbed by
    the next look of the schedule. Raises Invalid naming what would forget somebody.
    """
    refuse_forgetful(wait, due, ladder)
    await tx.one("SELECT pg_advisory_xact_lock(hashtext('stage_policies'))")
    said = await _in_force(tx)
    timing = timing_to_json(WaitPolicy(POLICIES[wait].waiting_on, "", "", due, ladder))
    await policies.add_version(tx, KIND, "default", {**said, wait.value: timing})
    if wait is not Wait.OFFER_ANSWER:  # an offer is due when it expires
        await tx.run(
            "UPDATE clients SET due_at = wait_since + %s WHERE id IN (SELECT id FROM clients WHERE wait = %s"
            " AND stage <> 'closed' ORDER BY id FOR UPDATE)",
            (due, wait),
        )


async def _in_force(tx: Transaction) -> dict[str, Any]:
    try:
        return await policies.in_force(tx, KIND)
    except NotFound:
        return {}
