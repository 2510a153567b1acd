"""Clients on the way into care, or to another therapist: who must act, why, who is told; and what staff do."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from domain.access import WritableClientId
from domain.errors import Conflict
from domain.ids import new_id
from domain.journeys import DueRung, unclimbed
from domain.stages import Party, Stage, Wait, WaitPolicy
from records import journey_ladders, journeys
from records.database import Row, Transaction
from records.events import Event, EventKind
from records.relations import signed_in_actor

BETWEEN_REMINDERS: Final = timedelta(days=1)


class Standing(StrEnum):
    """STUCK: past the due time of its step. MOVING: everyone else on the way."""

    STUCK = "stuck"
    MOVING = "moving"
    ALL = "all"


class Taken(StrEnum):
    """Whose it is: mine, somebody's, or nobody's yet."""

    MINE = "mine"
    SOMEBODY = "somebody"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class StuckFilter:
    """Which clients. None: whatever it is. `owner`: who must act."""

    standing: Standing = Standing.STUCK
    owner: Party | None = None
    stage: Stage | None = None
    taken: Taken | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A rung that was climbed: which, who was to be told, and the people of ours who were, by name."""

    n: int
    whom: Party
    at: datetime
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stuck:
    """One client who waits. `owner_name`: the therapist who was asked; `next_rung` None: all were told."""

    client_id: UUID
    client_code: str
    stage: Stage
    wait: Wait
    owner: Party
    owner_name: str | None
    since: datetime
    due_at: datetime | None
    late: bool
    paused: bool
    told: tuple[Told, ...]
    next_rung: DueRung | None
    taken_by: str | None
    taken_at: datetime | None
    mine: bool
    may_remind: bool


# fmt: off
_ON_THE_WAY: Final = """
FROM clients c
LEFT JOIN LATERAL (
    SELECT d.deed, d.by_id, d.at FROM journey_deeds d WHERE d.client_id = c.id AND d.wait = c.wait
    AND d.since = c.wait_since AND d.deed <> 'reminded' ORDER BY d.at DESC, d.id DESC LIMIT 1) hand ON true
LEFT JOIN accounts helper ON helper.id = hand.by_id AND hand.deed = 'taken'
WHERE c.stage <> 'closed' AND c.wait <> 'nothing' AND c.sealed_at IS NULL
  AND NOT (c.stage = 'in_care' AND c.wait = 'resuming')  -- who pauses in care is on the board, not on the way
  AND (%(standing)s = 'all' OR (%(standing)s = 'stuck') = coalesce(c.due_at < %(now)s, false))
  AND (%(stage)s::text IS NULL OR c.stage = %(stage)s)
  AND (%(taken)s::text IS NULL OR CASE %(taken)s WHEN 'mine' THEN coalesce(helper.id = %(me)s, false)
      WHEN 'nobody' THEN helper.id IS NULL ELSE helper.id IS NOT NULL END)
"""
_QUEUE: Final = f"""
SELECT c.id, c.code, c.stage, c.wait, c.wait_since, c.due_at, c.paused_at IS NOT NULL AS paused,
       helper.id AS helper_id, helper.display_name AS taken_by, hand.at AS taken_at,
       (SELECT a.display_name FROM offers o JOIN accounts a ON a.id = o.therapist_id
        WHERE o.client_id = c.id AND o.state = 'open' LIMIT 1) AS asked,
       (SELECT max(d.at) FROM journey_deeds d WHERE d.client_id = c.id AND d.wait = c.wait AND d.since = c.wait_since
        AND d.deed = 'reminded') AS reminded_at,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('n', r.n, 'whom', r.whom, 'at', r.fired_at, 'names', (
            SELECT coalesce(jsonb_agg(a.display_name ORDER BY a.display_name), '[]') FROM accounts a
            WHERE a.id = ANY(r.told) AND a.role <> 'client')) ORDER BY r.n), '[]')
        FROM journey_rungs r WHERE r.client_id = c.id AND r.wait = c.wait AND r.since = c.wait_since) AS told
{_ON_THE_WAY}
  AND (%(waits)s::text[] IS NULL OR c.wait = ANY(%(waits)s))
  AND (%(after)s::uuid IS NULL OR (coalesce(c.due_at, 'infinity'), c.id)
       > (coalesce(%(due)s::timestamptz, 'infinity'), %(after)s))
ORDER BY c.due_at NULLS LAST, c.id LIMIT %(limit)s
"""  # noqa: S608  every part is ours
_COUNT: Final = f"SELECT c.wait, count(*) AS n {_ON_THE_WAY} GROUP BY c.wait"
# fmt: on

Place = tuple[datetime | None, UUID]
"""Where a page ends: due time and client of its last row."""


async def queue(tx: Transaction, chosen: StuckFilter, limit: int, after: Place | None = None) -> list[Stuck]:
    """Clients who wait, what is due first at the top; those without a due time (a pause) last."""
    policies = await journeys.stage_policies(tx)
    waits = [wait for wait, policy in policies.items() if policy.waiting_on is chosen.owner]
    asked = {
        **_asked(tx, chosen),
        "waits": waits if chosen.owner else None,
        "due": after[0] if after else None,
        "after": after[1] if after else None,
        "limit": limit,
    }
    return [_stuck(tx, row, policies) for row in await tx.all(_QUEUE, asked)]


async def counts(tx: Transaction, chosen: StuckFilter) -> Counter[Party]:
    """How many wait for whom, by the same filter but `owner`."""
    policies = await journeys.stage_policies(tx)
    found: Counter[Party] = Counter()
    for row in await tx.all(_COUNT, _asked(tx, chosen)):
        found[policies[Wait(row["wait"])].waiting_on] += row["n"]
    return found


async def number(tx: Transaction) -> int:
    """How many are STUCK, whoever asks: as many as the list shows when it opens."""
    rows = await tx.all(_COUNT, _parameters(tx, StuckFilter(), None))
    return sum(row["n"] for row in rows)


def _asked(tx: Transaction, chosen: StuckFilter) -> dict[str, Any]:
    return _parameters(tx, chosen, signed_in_actor(tx).account_id)


def _parameters(tx: Transaction, chosen: StuckFilter, me: UUID | None) -> dict[str, Any]:
    return {
        "standing": chosen.standing,
        "stage": chosen.stage,
        "taken": chosen.taken,
        "me": me,
        "now": tx.now,
    }


def _stuck(tx: Transaction, row: Row, policies: Mapping[Wait, WaitPolicy]) -> Stuck:
    wait = Wait(row["wait"])
    policy = policies[wait]
    told = tuple(
        Told(each["n"], Party(each["whom"]), datetime.fromisoformat(each["at"]), tuple(each["names"]))
        for each in row["told"]
    )
    ladder = (
        DueRung(n, row["wait_since"] + rung.after, rung.whom) for n, rung in enumerate(policy.ladder, start=1)
    )
    left = unclimbed(ladder, ((each.whom, each.at) for each in told))
    reminded = row["reminded_at"]
    return Stuck(
        client_id=row["id"],
        client_code=row["code"],
        stage=Stage(row["stage"]),
        wait=wait,
        owner=policy.waiting_on,
        owner_name=row["asked"] if policy.waiting_on is Party.THERAPIST else None,
        since=row["wait_since"],
        due_at=row["due_at"],
        late=row["due_at"] is not None and row["due_at"] < tx.now,
        paused=row["paused"],
        told=told,
        next_rung=left[0] if left else None,
        taken_by=row["taken_by"],
        taken_at=row["taken_at"] if row["taken_by"] else None,
        mine=row["helper_id"] == signed_in_actor(tx).account_id,
        may_remind=_may_be_reminded(policy.waiting_on, wait)
        and (reminded is None or tx.now - reminded >= BETWEEN_REMINDERS),
    )


def _may_be_reminded(owner: Party, wait: Wait) -> bool:
    """A payer is asked by the service; who has paused is left in peace."""
    return wait is not Wait.RESUMING and owner not in (Party.PAYER, Party.NOBODY)


async def take(tx: Transaction, client: WritableClientId) -> None:
    """From now on this journey has a person's name. Raises Conflict (`not_waiting`, `taken`)."""
    now = await _waiting(tx, client.id)
    if now["helper_id"] == signed_in_actor(tx).account_id:
        return
    if now["helper_id"] is not None:
        raise Conflict("taken")
    await _keep(tx, now, "taken")


async def hand_back(tx: Transaction, client: WritableClientId) -> None:
    """It is nobody's again. Raises Conflict (`not_waiting`)."""
    now = await _waiting(tx, client.id)
    if now["helper_id"] is not None:
        await _keep(tx, now, "handed_back")


async def remind(tx: Transaction, client: WritableClientId) -> Party:
    """Tell whoever must act once more, at most once a day; who that is.

    Raises Conflict (`not_waiting`, `nobody_to_remind`, `reminded_today`).
    """
    now = await _waiting(tx, client.id)
    wait = Wait(now["wait"])
    owner = (await journeys.stage_policies(tx))[wait].waiting_on
    if not _may_be_reminded(owner, wait):
        raise Conflict("nobody_to_remind")
    if now["reminded_at"] is not None and tx.now - now["reminded_at"] < BETWEEN_REMINDERS:
        raise Conflict("reminded_today")
    await journey_ladders.tell(tx, client.id, owner, await _keep(tx, now, "reminded"))
    return owner


_HELD: Final = """
SELECT c.id, c.wait, c.wait_since,
       (SELECT max(d.at) FROM journey_deeds d WHERE d.client_id = c.id AND d.wait = c.wait AND d.since = c.wait_since
        AND d.deed = 'reminded') AS reminded_at,
       (SELECT CASE d.deed WHEN 'taken' THEN d.by_id END FROM journey_deeds d WHERE d.client_id = c.id
        AND d.wait = c.wait AND d.since = c.wait_since AND d.deed <> 'reminded' ORDER BY d.at DESC, d.id DESC LIMIT 1)
       AS helper_id
FROM clients c WHERE c.id = %s AND c.stage <> 'closed' AND c.wait <> 'nothing'
"""


async def _waiting(tx: Transaction, client_id: UUID) -> Row:
    await journeys.hold(tx, client_id)
    row = await tx.one(_HELD, (client_id,))
    if row is None:
        raise Conflict("not_waiting")
    return row


async def _keep(tx: Transaction, now: Row, deed: str) -> UUID:
    deed_id = new_id()
    await tx.insert(
        "journey_deeds",
        id=deed_id,
        client_id=now["id"],
        wait=now["wait"],
        since=now["wait_since"],
        deed=deed,
        by_id=signed_in_actor(tx).account_id,
        at=tx.now,
    )
    await tx.audit(f"journey_{deed}", subject_id=now["id"])
    tx.announce(Event(EventKind.BOARD))
    return deed_id
