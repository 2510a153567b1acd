"""Searches for a therapist: begun when nothing stands before them any more, moved by facts, told to their workflow."""

from uuid import UUID

from domain.errors import NotFound
from domain.ids import new_id
from domain.match_states import LIVE, MatchStatus
from records.database import Row, Transaction
from records.events import Event, EventKind


async def start_match(
    tx: Transaction, client_id: UUID, *, from_room_id: UUID | None = None, share_history: bool = False
) -> None:
    """Begin a search. Safe to repeat: a search that is under way goes on.

    `records.journeys.advance` calls it in the transaction of the fact that makes the client ready; `records.switches`
    for a client who wants to leave `from_room_id`, and whose next therapist may read it if `share_history`.
    """
    last = await tx.one(
        "SELECT n, status FROM matches WHERE client_id = %s ORDER BY n DESC LIMIT 1", (client_id,)
    )
    if last is not None and last["status"] in LIVE:
        return
    match_id, n = new_id(), last["n"] + 1 if last else 1
    await tx.insert(
        "matches",
        id=match_id,
        client_id=client_id,
        n=n,
        status=MatchStatus.RANKING,
        version=1,
        choice=[],
        misses=0,
        created_at=tx.now,
        from_room_id=from_room_id,
        share_history=share_history,
    )
    await tx.tell("match_changed", match_id, 1, client_id=client_id, n=n, status=MatchStatus.RANKING)


async def find(tx: Transaction, match_id: UUID) -> Row:
    """One search. Raises NotFound."""
    row = await tx.one("SELECT * FROM matches WHERE id = %s", (match_id,))
    if row is None:
        raise NotFound
    return row


async def locked(tx: Transaction, match_id: UUID) -> Row:
    """One search, held until the commit: all that happens to it and to its offers happens under this lock."""
    row = await tx.one("SELECT * FROM matches WHERE id = %s FOR UPDATE", (match_id,))
    if row is None:
        raise NotFound
    return row


async def newest(tx: Transaction, client_id: UUID) -> Row | None:
    """The client's last search, whatever became of it."""
    return await tx.one("SELECT * FROM matches WHERE client_id = %s ORDER BY n DESC LIMIT 1", (client_id,))


async def moved(tx: Transaction, match_id: UUID, status: MatchStatus) -> None:
    """Set the status, and tell workflow and devices. The caller holds the lock."""
    row = await tx.one(
        "UPDATE matches SET status = %s, version = version + 1 WHERE id = %s RETURNING client_id, n, version",
        (status, match_id),
    )
    assert row is not None  # noqa: S101  held by the caller
    await tx.tell(
        "match_changed", match_id, row["version"], client_id=row["client_id"], n=row["n"], status=status
    )
    tx.announce(Event(EventKind.JOURNEY, account_id=row["client_id"]))
    tx.announce(Event(EventKind.BOARD))


async def withdraw_search(tx: Transaction, client_id: UUID) -> None:
    """The client looks no more: the live search ends, and so does its open offer. The caller holds the client."""
    live = await tx.all(
        "SELECT id FROM matches WHERE client_id = %s AND status = ANY(%s) FOR UPDATE", (client_id, list(LIVE))
    )
    for match in live:
        await tx.run(
            "UPDATE offers SET state = 'withdrawn', decided_at = %s WHERE match_id = %s AND state = 'open'",
            (tx.now, match["id"]),
        )
        await tx.run("UPDATE matches SET decided_at = %s WHERE id = %s", (tx.now, match["id"]))
        await moved(tx, match["id"], MatchStatus.WITHDRAWN)


async def offers_of(tx: Transaction, match_id: UUID) -> list[Row]:
    """Its offers with the therapists' names, the first one first."""
    return await tx.all(
        "SELECT o.*, a.display_name FROM offers o JOIN accounts a ON a.id = o.therapist_id"
        " WHERE o.match_id = %s ORDER BY o.n",
        (match_id,),
    )


async def retell(tx: Transaction) -> int:
    """Tell the workflow of every live search again. How many."""
    rows = await tx.all(
        "SELECT id, client_id, n, status, version FROM matches WHERE status = ANY(%s)", (list(LIVE),)
    )
    for row in rows:
        await tx.tell(
            "match_changed",
            row["id"],
            row["version"],
            client_id=row["client_id"],
            n=row["n"],
            status=MatchStatus(row["status"]),
        )
    return len(rows)
