"""Views of the board that a supervisor keeps under names of their own."""

from typing import Final
from uuid import UUID

from domain.errors import Conflict, NotFound, Unauthenticated
from domain.ids import new_id
from records.database import Row, Transaction

MOST: Final = 20
"""Views of one person: they stand side by side as tabs."""


async def views(tx: Transaction) -> list[Row]:
    """One's own views, in the order they were saved: id, name, query."""
    return await tx.all(
        "SELECT id, name, query FROM board_views WHERE account_id = %s ORDER BY saved_at, id", (_me(tx),)
    )


async def save(tx: Transaction, name: str, query: str) -> UUID:
    """Keep filters and order under a name; a view of this name gets the new ones.

    Raises Conflict (`too_many_views`).
    """
    kept = await tx.one(
        "UPDATE board_views SET query = %s, saved_at = %s WHERE account_id = %s AND name = %s RETURNING id",
        (query, tx.now, _me(tx), name),
    )
    if kept is not None:
        saved: UUID = kept["id"]
        return saved
    if len(await views(tx)) >= MOST:
        raise Conflict("too_many_views")
    view_id = new_id()
    await tx.insert("board_views", id=view_id, account_id=_me(tx), name=name, query=query, saved_at=tx.now)
    return view_id


async def rename(tx: Transaction, view_id: UUID, name: str) -> None:
    """Give a view another name. Raises NotFound (not yours, or not there), Conflict (`name_taken`)."""
    taken = await tx.one(
        "SELECT 1 AS taken FROM board_views WHERE account_id = %s AND name = %s AND id <> %s",
        (_me(tx), name, view_id),
    )
    if taken is not None:
        raise Conflict("name_taken")
    if not await tx.run(
        "UPDATE board_views SET name = %s WHERE id = %s AND account_id = %s", (name, view_id, _me(tx))
    ):
        raise NotFound


async def delete(tx: Transaction, view_id: UUID) -> None:
    """Forget a view. Raises NotFound (not yours, or not there)."""
    if not await tx.run("DELETE FROM board_views WHERE id = %s AND account_id = %s", (view_id, _me(tx))):
        raise NotFound


def _me(tx: Transaction) -> UUID:
    if tx.actor is None:
        raise Unauthenticated
    return tx.actor.account_id
