"""The passcode of a device: five tries, counted before any of them is looked at."""

from typing import Final

from domain.access import Actor
from domain.errors import Conflict, Unauthenticated, WrongPasscode
from encryption.passwords import Passwords, check_passcode
from records.database import Database, Transaction
from records.events import Event, EventKind
from records.relations import signed_in_actor

TRIES: Final = 5


async def set_passcode(tx: Transaction, passcode_hash: str) -> None:
    """Give the account a passcode, or another one. Check the rule and hash before."""
    actor = signed_in_actor(tx)
    await tx.run("UPDATE accounts SET passcode_hash = %s WHERE id = %s", (passcode_hash, actor.account_id))
    await tx.audit("set_passcode")


async def hashed(passwords: Passwords, passcode: str) -> str:
    """The hash to store. Raises Invalid (`not_six_digits`, `too_common`)."""
    check_passcode(passcode)
    return await passwords.hash(passcode)


async def lock(tx: Transaction) -> None:
    """Lock the device that asks. Raises Conflict (`no_passcode`): without one nobody could open it again."""
    actor = signed_in_actor(tx)
    done = await tx.run(
        "UPDATE sessions s SET locked_at = coalesce(s.locked_at, %s) FROM accounts a"
        " WHERE s.id = %s AND a.id = s.account_id AND a.passcode_hash IS NOT NULL",
        (tx.now, actor.session_id),
    )
    if not done:
        raise Conflict("no_passcode")
    await tx.audit("lock_device", subject_id=actor.session_id)
    tx.announce(Event(EventKind.DEVICES, account_id=actor.account_id))  # a locked device hears nothing


async def unlock(database: Database, passwords: Passwords, actor: Actor, passcode: str) -> None:
    """Open the locked device. The fifth wrong try signs this device out, and no other.

    The try is counted by one conditional UPDATE and committed before hashing, so forty guesses at once are
    five evaluations. Raises WrongPasscode with the tries that are left.
    """
    if not actor.locked:
        return
    try_number, stored = await _count_try(database, actor)
    if await passwords.verify(stored, passcode):
        await _open(database, actor)
        return
    left = TRIES - try_number
    async with database.transaction(actor) as tx:
        await tx.audit("unlock_device", outcome="refused", subject_id=actor.session_id)
        if left <= 0:
            await tx.run(
                "UPDATE sessions SET revoked_at = coalesce(revoked_at, %s) WHERE id = %s",
                (tx.now, actor.session_id),
            )
            tx.announce(Event(EventKind.DEVICES, account_id=actor.account_id))
    raise WrongPasscode(left)


async def _count_try(database: Database, actor: Actor) -> tuple[int, str | None]:
    async with database.transaction(actor) as tx:
        row = await tx.one(
            "UPDATE sessions s SET passcode_tries = passcode_tries + 1 FROM accounts a"
            " WHERE s.id = %s AND s.revoked_at IS NULL AND s.passcode_tries < %s AND a.id = s.account_id"
            " RETURNING s.passcode_tries, a.passcode_hash",
            (actor.session_id, TRIES),
        )
        alive = row is not None or await tx.one(
            "SELECT 1 AS alive FROM sessions WHERE id = %s AND revoked_at IS NULL", (actor.session_id,)
        )
    if row is not None:
        return row["passcode_tries"], row["passcode_hash"]
    raise WrongPasscode(0) if alive else Unauthenticated


async def _open(database: Database, actor: Actor) -> None:
    async with database.transaction(actor) as tx:
        opened = await tx.run(
            "UPDATE sessions SET locked_at = NULL, passcode_tries = 0, last_seen_at = %s"
            " WHERE id = %s AND revoked_at IS NULL",
            (tx.now, actor.session_id),
        )
        if not opened:  # a fifth wrong try at the same time was first
            raise Unauthenticated
        await tx.audit("unlock_device", subject_id=actor.session_id)
