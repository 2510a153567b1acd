"""The ladder of a journey's wait: whom each rung tells, once and in order, and that it never falls on nobody."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from domain.errors import NotFound
from domain.ids import new_id
from domain.journeys import Journey
from domain.stages import Party, Stage
from records import journeys
from records.database import Transaction
from records.events import Event, EventKind
from records.notices import notify, notify_duty, notify_lead, notify_role


@dataclass(frozen=True, slots=True)
class Climbed:
    """Where a journey's ladder stands: when to look again (None: nothing left)."""

    version: int
    next_rung_at: datetime | None
    closed: bool


async def climb(tx: Transaction, client_id: UUID) -> Climbed:
    """Fire every rung of the present wait whose time has come, each once and in order. Raises NotFound."""
    row = await tx.one("SELECT journey_version FROM clients WHERE id = %s FOR UPDATE", (client_id,))
    if row is None:
        raise NotFound
    now = await journeys.view(tx, client_id)
    climbed = await _climbed(tx, client_id, now)
    for rung in now.ladder:
        if rung.at <= tx.now and rung in now.unclimbed(climbed):
            await _fire(tx, client_id, now, len(climbed) + 1, rung.whom)
            climbed.append((rung.whom, tx.now))
    left = [rung.at for rung in now.unclimbed(climbed)]
    return Climbed(row["journey_version"], min(left, default=None), closed=now.stage is Stage.CLOSED)


async def _climbed(tx: Transaction, client_id: UUID, now: Journey) -> list[tuple[Party, datetime]]:
    rows = await tx.all(
        "SELECT whom, fired_at FROM journey_rungs WHERE client_id = %s AND wait = %s AND since = %s",
        (client_id, now.wait, now.since),
    )
    return [(Party(row["whom"]), row["fired_at"]) for row in rows]


async def _fire(tx: Transaction, client_id: UUID, now: Journey, n: int, whom: Party) -> None:
    """Tell them and keep whom. The client's row is locked, so nobody else climbs this rung."""
    rung_id = new_id()
    told = await tell(tx, client_id, whom, rung_id)
    await tx.insert(
        "journey_rungs",
        client_id=client_id,
        wait=now.wait,
        since=now.since,
        n=n,
        id=rung_id,
        whom=whom,
        told=told,
        fired_at=tx.now,
    )
    tx.announce(Event(EventKind.BOARD))


async def tell(tx: Transaction, client_id: UUID, whom: Party, subject_id: UUID) -> list[UUID]:
    """Tell a party about a client who waits; who was told. Where a desk is empty, whoever leads the clinic is."""
    match whom:
        case Party.CLIENT | Party.GUARDIAN:  # a guardian has no account: the client passes it on
            await notify(tx, client_id, "step_waiting", subject_id)
            return [client_id]
        case Party.THERAPIST:
            told = await _tell_asked_therapist(tx, client_id, subject_id)
        case Party.MATCHER:
            told = await notify_duty(tx, "matcher", "journey_waits", subject_id)
        case Party.BILLING:
            told = await notify_role(tx, "billing", "coverage_waits", subject_id)
        case _:
            told = []
    return told or await _tell_lead(
        tx, subject_id, "journey_stuck" if whom not in _DESKS else "journey_waits"
    )


_DESKS: Final = frozenset({Party.MATCHER, Party.BILLING, Party.THERAPIST})


async def _tell_lead(tx: Transaction, subject_id: UUID, template: str) -> list[UUID]:
    told = await notify_lead(tx, template, subject_id)
    return told or await notify_role(tx, "administrator", template, subject_id)


async def _tell_asked_therapist(tx: Transaction, client_id: UUID, subject_id: UUID) -> list[UUID]:
    offer = await tx.one(
        "SELECT therapist_id FROM offers WHERE client_id = %s AND state = 'open'", (client_id,)
    )
    if offer is None:
        return []
    await notify(tx, offer["therapist_id"], "offer_waits", subject_id)
    return [offer["therapist_id"]]


_MISSED: Final = """
SELECT c.id
FROM clients c, unnest(%(waits)s::text[], %(whom)s::text[], %(afters)s::interval[]) AS rung (wait, whom, after)
WHERE c.stage <> 'closed' AND c.wait <> 'nothing' AND c.sealed_at IS NULL AND c.wait = rung.wait
  AND c.wait_since + rung.after < %(late)s
  AND NOT EXISTS (SELECT 1 FROM journey_rungs r WHERE r.client_id = c.id AND r.wait = c.wait
                  AND r.since = c.wait_since AND r.whom = rung.whom AND r.fired_at >= c.wait_since + rung.after)
GROUP BY c.id ORDER BY min(c.wait_since + rung.after) LIMIT %(limit)s
"""


async def missed(tx: Transaction, late: datetime, limit: int) -> list[UUID]:
    """Clients of whom a rung was due before `late` and was not climbed, the longest overdue first.

    It happens when a workflow is lost, or when a new policy puts a rung earlier than the one that is slept for.
    """
    rungs = [
        (wait, rung.whom, rung.after)
        for wait, policy in (await journeys.stage_policies(tx)).items()
        for rung in policy.ladder
    ]
    waits, whom, afters = zip(*rungs, strict=True)
    rows = await tx.all(
        _MISSED,
        {"waits": list(waits), "whom": list(whom), "afters": list(afters), "late": late, "limit": limit},
    )
    return [row["id"] for row in rows]
