"""The passcode of a device: five tries, counted before any of them is looked at."""

from dataclasses import dataclass, field
from typing import Final

from domain.access import Actor
from domain.errors import Conflict, FieldError, Invalid, Unauthenticated, WrongPasscode
from encryption.passwords import Passwords, check_passcode
from records import devices, sessions
from records.database import Database, Transaction
from records.events import Event, EventKind
from records.relations import signed_in_actor
from records.step_up import step_up

TRIES: Final = 5


@dataclass(frozen=True, slots=True)
class Proof:
    """What is shown to change a passcode that is set: itself, or the password (and the one-time code of staff)."""

    current: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    code: str | None = field(default=None, repr=False)


async def change(
    database: Database, passwords: Passwords, actor: Actor, passcode: str, proof: Proof | None = None
) -> None:
    """Give the account a passcode, or another one.

    Raises Invalid (`not_six_digits`, `too_common`; `current` required; as `step_up`), WrongPasscode: a wrong
    current one counts as a try at the lock.
    """
    check_passcode(passcode)
    await _prove(database, passwords, actor, proof or Proof())
    stored = await passwords.hash(passcode)
    async with database.transaction(actor) as tx:
        await tx.run("UPDATE accounts SET passcode_hash = %s WHERE id = %s", (stored, actor.account_id))
        await tx.audit("set_passcode")


async def remove(database: Database, passwords: Passwords, actor: Actor, proof: Proof) -> None:
    """The account has none any more. Every other device is signed out: a locked one must not open by this.

    Raises as `change`; Conflict (`no_passcode`) when there is none.
    """
    if not await _prove(database, passwords, actor, proof):
        raise Conflict("no_passcode")
    async with database.transaction(actor) as tx:
        await tx.run("UPDATE accounts SET passcode_hash = NULL WHERE id = %s", (actor.account_id,))
        await tx.audit("remove_passcode")
        await devices.revoke_others(tx)


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

    Raises WrongPasscode with the tries that are left.
    """
    if not actor.locked:
        return
    await _try(database, passwords, actor, passcode)
    async with database.transaction(actor) as tx:
        opened = await tx.run(
            "UPDATE sessions SET locked_at = NULL, passcode_tries = 0, last_seen_at = %s"
            " WHERE id = %s AND revoked_at IS NULL",
            (tx.now, actor.session_id),
        )
        if not opened:  # a fifth wrong try at the same time was first
            raise Unauthenticated
        await tx.audit("unlock_device", subject_id=actor.session_id)


async def _prove(database: Database, passwords: Passwords, actor: Actor, proof: Proof) -> bool:
    """Whether there is a passcode; if so, it or the password was shown."""
    async with database.transaction(actor) as tx:
        row = await tx.one("SELECT passcode_hash FROM accounts WHERE id = %s", (actor.account_id,))
    if row is None or row["passcode_hash"] is None:
        return False
    if proof.current:
        await _try(database, passwords, actor, proof.current)
        async with database.transaction(actor) as tx:
            await tx.run("UPDATE sessions SET passcode_tries = 0 WHERE id = %s", (actor.session_id,))
    elif proof.password:
        await step_up(database, passwords, actor, "set_passcode", proof.password, proof.code)
    else:
        raise Invalid(FieldError("current", "required"))
    return True


async def _try(database: Database, passwords: Passwords, actor: Actor, passcode: str) -> None:
    """One try. It is counted by one conditional UPDATE and committed before hashing: forty at once are five."""
    try_number, stored = await _count(database, actor)
    if await passwords.verify(stored, passcode):
        return
    left = TRIES - try_number
    async with database.transaction(actor) as tx:
        await tx.audit("unlock_device", outcome="refused", subject_id=actor.session_id)
        if left <= 0:
            await sessions.end(tx, actor.account_id, [actor.session_id])
    raise WrongPasscode(left)


async def _count(database: Database, actor: Actor) -> tuple[int, str | None]:
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
