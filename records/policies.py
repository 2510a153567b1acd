"""Policies in force, and new versions of them. A version never changes: a new one takes effect from an instant."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from domain.errors import Conflict, FieldError, Invalid, NotFound
from domain.ids import new_id
from domain.policies import PRESETS, ResponsePolicy, policy_from_json
from domain.response_items import ItemKind
from records import parsed
from records.database import Row, Transaction


@dataclass(frozen=True, slots=True)
class InForce:
    """The response policy that holds for an item of a room. `policy_id`: its version; None where it is built in."""

    policy_id: UUID | None
    name: str
    policy: ResponsePolicy


async def in_force(tx: Transaction, kind: str, name: str = "default") -> dict[str, Any]:
    """The definition in force now. Raises NotFound (`unknown_policy`)."""
    row = await tx.one(
        "SELECT definition FROM policies WHERE kind = %s AND name = %s AND effective_from <= %s"
        " AND superseded_at IS NULL ORDER BY effective_from DESC LIMIT 1",
        (kind, name, tx.now),
    )
    if row is None:
        raise NotFound("unknown_policy")
    definition: dict[str, Any] = row["definition"]
    return definition


async def all_in_force(tx: Transaction, kind: str) -> dict[str, dict[str, Any]]:
    """The definition in force now of every name of a kind."""
    rows = await tx.all(
        "SELECT DISTINCT ON (name) name, definition FROM policies WHERE kind = %s AND effective_from <= %s"
        " AND superseded_at IS NULL ORDER BY name, effective_from DESC",
        (kind, tx.now),
    )
    return {row["name"]: row["definition"] for row in rows}


async def history(tx: Transaction, kind: str, name: str = "default") -> list[Row]:
    """What was, is and will be said, the newest beginning first, with who said so; also what was taken back."""
    return await tx.all(
        "SELECT p.*, a.display_name AS entered_by_name FROM policies p"
        " LEFT JOIN accounts a ON a.id = p.entered_by WHERE p.kind = %s AND p.name = %s"
        " ORDER BY p.effective_from DESC, p.entered_at DESC",
        (kind, name),
    )


async def in_force_for(tx: Transaction, room_id: UUID, kind: ItemKind) -> InForce:
    """The response policy of an item in a room now: by the room's terms, its client's service plan's, the clinic's,
    or the policy named as the kind. Raises NotFound (`unknown_policy`).
    """
    row = await tx.one("SELECT * FROM policy_in_force(%s, %s, %s)", (room_id, kind.value, tx.now))
    if row is None:
        raise NotFound("unknown_policy")
    return in_force_of(row)


async def room_term(tx: Transaction, room_id: UUID) -> str | None:
    """The policy that the room's own terms name for every kind of item; None where they name none."""
    row = await tx.one(
        "SELECT policy_name FROM response_terms WHERE scope = 'room' AND room_id = %s AND kind IS NULL"
        " AND effective_from <= %s ORDER BY effective_from DESC LIMIT 1",
        (room_id, tx.now),
    )
    return row["policy_name"] if row else None


def in_force_of(row: Row) -> InForce:
    """A row (`id`, `name`, `definition` as text) of the database function `policy_in_force`.

    Raises NotFound (`unknown_policy`) where a name stands for nothing.
    """
    name, definition = row["name"], row["definition"]
    if definition is not None:
        return InForce(row["id"], name, parsed.policy(name, definition))
    if name not in PRESETS:
        raise NotFound("unknown_policy")
    return InForce(None, name, PRESETS[name])


async def response_policy(tx: Transaction, name: str, at: datetime | None = None) -> ResponsePolicy:
    """A response promise by name, now or `at` an instant: the clinic's version, else the built-in one.

    Raises NotFound (`unknown_policy`).
    """
    row = await tx.one(
        "SELECT definition FROM policies WHERE kind = 'response' AND name = %s AND effective_from <= %s"
        " AND superseded_at IS NULL ORDER BY effective_from DESC LIMIT 1",
        (name, at or tx.now),
    )
    if row is not None:
        return policy_from_json(name, row["definition"])
    if name not in PRESETS:
        raise NotFound("unknown_policy")
    return PRESETS[name]


def effective_at(tx: Transaction, effective_from: datetime | None) -> datetime:
    """From when something asked for now (None) or later holds. Raises Invalid for the past: promises made are kept."""
    if effective_from is not None and effective_from < tx.now:
        raise Invalid(FieldError("effective_from", "in_the_past"))
    return effective_from or tx.now


async def add_version(
    tx: Transaction,
    kind: str,
    name: str,
    definition: dict[str, Any],
    effective_from: datetime | None = None,
    *,
    applied: bool = True,
) -> UUID:
    """Say what holds from now or from a later instant on. The caller has validated the definition and, where something
    runs by it, moves that: at once, or `applied` is False until it does. What begins later is applied by nobody yet.

    A version to come is replaced by another for the same instant, and kept as taken back; one that has held never
    changes. Raises Invalid for the past, Conflict (`begins_then_already`).
    """
    since = effective_at(tx, effective_from)
    await tx.run(
        "UPDATE policies SET superseded_at = %s WHERE kind = %s AND name = %s AND effective_from = %s"
        " AND effective_from > %s AND superseded_at IS NULL",
        (tx.now, kind, name, since, tx.now),
    )
    row = await tx.one(
        "INSERT INTO policies (id, kind, name, definition, effective_from, entered_at, entered_by, applied_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING RETURNING id",
        (
            new_id(),
            kind,
            name,
            Jsonb(definition),
            since,
            tx.now,
            tx.actor.account_id if tx.actor else None,
            tx.now if applied and since <= tx.now else None,
        ),
    )
    if row is None:
        raise Conflict("begins_then_already")
    await tx.audit("set_policy", subject_id=row["id"], effective_from=since)
    version_id: UUID = row["id"]
    return version_id
