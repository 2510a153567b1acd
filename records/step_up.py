"""Showing once more that one is who one is: the password, and the one-time code where the account has one.

Asked for in the very request that needs it, so that an open screen which somebody else found is not enough.
"""

from datetime import timedelta
from typing import Final

from domain.access import Actor
from domain.errors import FieldError, Invalid, Unauthenticated
from encryption.passwords import Passwords
from records import throttles
from records.accounts import use_code
from records.database import Database

TRIES: Final = 5
_WINDOW: Final = timedelta(minutes=15)
_FIELDS: Final = {"code_required": FieldError("totp", "required"), "wrong_code": FieldError("totp", "wrong")}


async def step_up(
    database: Database, passwords: Passwords, actor: Actor, action: str, password: str, code: str | None
) -> None:
    """Return if it is they. The try is counted, and committed, before anything is looked at.

    Raises Invalid (`password` wrong; `totp` required or wrong), TooMany after five misses in a quarter of an hour.
    A refusal is in the audit log as a try of `action`.
    """
    tries = throttles.bucket("step_up", actor.account_id.bytes)
    async with database.transaction() as tx:
        await throttles.take(tx, tries, TRIES, _WINDOW)
    async with database.transaction(actor) as tx:
        account = await tx.one(
            "SELECT id, password_hash, totp_sealed FROM accounts WHERE id = %s AND disabled_at IS NULL",
            (actor.account_id,),
        )
    if account is None:
        raise Unauthenticated
    if not await passwords.verify(account["password_hash"], password):
        await _refused(database, actor, action)
        raise Invalid(FieldError("password", "wrong"))
    if account["totp_sealed"] is not None:
        try:
            await use_code(database, account, code)
        except Unauthenticated as refusal:
            await _refused(database, actor, action)
            raise Invalid(_FIELDS[refusal.code]) from None
    async with database.transaction() as tx:
        await throttles.forget(tx, tries)


async def _refused(database: Database, actor: Actor, action: str) -> None:
    async with database.transaction(actor) as tx:
        await tx.audit(action, outcome="refused", subject_id=actor.account_id)
