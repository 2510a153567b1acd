"""Policies in force, and new versions of them. A version never changes: a new one takes effect from an instant."""

from typing import Any
from uuid import uuid4

from domain.errors import NotFound
from domain.policies import PRESETS, ResponsePolicy, policy_from_json
from records.database import Transaction


async def in_force(tx: Transaction, kind: str, name: str = "default") -> dict[str, Any]:
    """The definition in force now. Raises NotFound (`unknown_policy`)."""
    row = await tx.one(
        "SELECT definition FROM policies WHERE kind = %s AND name = %s AND effective_from <= %s"
        " ORDER BY effective_from DESC LIMIT 1",
        (kind, name, tx.now),
    )
    if row is None:
        raise NotFound("unknown_policy")
    definition: dict[str, Any] = row["definition"]
    return definition


async def response_policy(tx: Transaction, name: str) -> ResponsePolicy:
    """A response promise by name: the clinic's version in force, else the built-in one."""
    try:
        return policy_from_json(name, await in_force(tx, "response", name))
    except NotFound:
        if name not in PRESETS:
            raise
        return PRESETS[name]


async def add_version(tx: Transaction, kind: str, name: str, definition: dict[str, Any]) -> None:
    """Put a new version in force from now. The caller has validated the definition."""
    await tx.insert(
        "policies", id=uuid4(), kind=kind, name=name, definition=definition, effective_from=tx.now
    )
    await tx.audit("set_policy")
