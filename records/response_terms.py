"""Which response policy holds where: in one room, on a service plan, in the whole clinic; from an instant on."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain.errors import NotFound
from domain.ids import new_id
from domain.response_items import ItemKind
from records.clocks import reproject
from records.database import Row, Transaction
from records.locks import lock_room
from records.policies import effective_at, response_policy
from records.reprojections import ask_policy_reprojection


class Scope(StrEnum):
    """How far terms reach. The closest scope that names a policy wins."""

    ROOM = "room"
    PLAN = "plan"
    CLINIC = "clinic"


@dataclass(frozen=True, slots=True)
class Reach:
    """What terms are for: a room, a service plan, or (neither) the clinic."""

    room_id: UUID | None = None
    plan: str | None = None

    @property
    def scope(self) -> Scope:
        """The scope that the given one of both stands for."""
        if self.room_id is not None:
            return Scope.ROOM
        return Scope.CLINIC if self.plan is None else Scope.PLAN


CLINIC = Reach()


async def set_terms(
    tx: Transaction,
    reach: Reach,
    *,
    policy_name: str | None,
    kind: ItemKind | None = None,
    effective_from: datetime | None = None,
) -> None:
    """Let a policy hold for items of a kind (None: every kind) from now or a later instant. None: give way to
    the wider scope.

    Terms in force now move the running clocks they touch; later ones do when their time comes. Raises NotFound
    (`unknown_policy`) where the name stands for nothing then, Invalid for a past instant, Conflict where other
    terms begin at the same instant.
    """
    since = effective_at(tx, effective_from)
    if policy_name is not None:
        await response_policy(tx, policy_name, since)
    now = since <= tx.now
    if reach.room_id is not None:  # a message under way commits first; a later one sees these terms
        await lock_room(tx, reach.room_id)
    await tx.insert(
        "response_terms",
        id=new_id(),
        scope=reach.scope.value,
        room_id=reach.room_id,
        plan=reach.plan,
        kind=kind.value if kind else None,
        policy_name=policy_name,
        effective_from=since,
        set_by=tx.actor.account_id if tx.actor else None,
        applied_at=tx.now if now else None,
    )
    await tx.audit("set_response_terms", room_id=reach.room_id)
    if now:
        await _move(tx, reach.room_id)


async def apply_due_terms(tx: Transaction) -> int:
    """Move the clocks of terms whose time has come since. How many terms; each is applied once."""
    rows = await tx.all(
        "UPDATE response_terms SET applied_at = %(now)s WHERE applied_at IS NULL AND effective_from <= %(now)s"
        " RETURNING room_id",
        {"now": tx.now},
    )
    rooms = sorted({row["room_id"] for row in rows if row["room_id"] is not None})
    for room_id in rooms:
        await _move(tx, room_id)
    if any(row["room_id"] is None for row in rows):
        await _move(tx, None)
    return len(rows)


async def _move(tx: Transaction, room_id: UUID | None) -> None:
    if room_id is not None:
        await reproject(tx, room_id, "policy")
    else:
        await ask_policy_reprojection(tx, None, "policy")


async def terms(tx: Transaction) -> list[Row]:
    """Terms of the clinic and of service plans: those in force and those to come, the plan's in order of name."""
    return await tx.all(
        "SELECT * FROM (SELECT DISTINCT ON (scope, plan, kind) scope, plan, kind, policy_name, effective_from, true"
        " AS in_force FROM response_terms WHERE scope <> 'room' AND effective_from <= %(now)s"
        " ORDER BY scope, plan, kind, effective_from DESC) current WHERE policy_name IS NOT NULL"
        " UNION ALL SELECT scope, plan, kind, policy_name, effective_from, false FROM response_terms"
        " WHERE scope <> 'room' AND effective_from > %(now)s"
        " ORDER BY 1, 2 NULLS FIRST, 3 NULLS FIRST, 5",
        {"now": tx.now},
    )


async def plans_in_use(tx: Transaction) -> list[Row]:
    """Service plans that clients are on, with how many clients and open rooms, by name."""
    return await tx.all(
        "SELECT c.service_plan AS plan, count(*) AS clients, count(r.id) AS rooms FROM clients c"
        " LEFT JOIN rooms r ON r.client_id = c.id AND r.state = 'open' WHERE c.service_plan IS NOT NULL"
        " AND c.closed_at IS NULL GROUP BY c.service_plan ORDER BY c.service_plan"
    )


async def set_service_plan(tx: Transaction, client_id: UUID, plan: str | None) -> None:
    """Put a client on a service plan (None: on none). The terms of the plan move their running clock.

    Raises NotFound.
    """
    rooms = await tx.all("SELECT id FROM rooms WHERE client_id = %s AND state = 'open'", (client_id,))
    for room in rooms:
        await lock_room(tx, room["id"])
    client = await tx.one("SELECT service_plan FROM clients WHERE id = %s FOR NO KEY UPDATE", (client_id,))
    if client is None:
        raise NotFound
    if client["service_plan"] == plan:
        return
    await tx.run("UPDATE clients SET service_plan = %s WHERE id = %s", (plan, client_id))
    await tx.audit("set_service_plan", subject_id=client_id)
    for room in rooms:
        await reproject(tx, room["id"], "policy")
