"""Accounts: made, signed in to with a password and a one-time code, told of."""

import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, NoReturn
from uuid import UUID

import pyotp

from domain.access import Duty, Role
from domain.errors import Unauthenticated
from domain.ids import AccountId, new_id
from encryption.blind_index import BlindIndex, IndexedField
from encryption.passwords import Passwords
from encryption.rooms import open_field, seal_field
from records import throttles
from records.clinic import CLINIC_ID, clinic_key
from records.database import Database, Row, Transaction
from records.relations import signed_in_actor
from records.sessions import token_hash

SIGN_IN_TRIES: Final = 10
SIGN_IN_WINDOW: Final = timedelta(minutes=15)
_ANYWHERE: Final = 10  # times as many tries from all addresses together
_CODE_SECONDS: Final = 30


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account to be made. `username`: the e-mail address, or a staff member's user name."""

    role: Role
    username: str = field(repr=False)
    password_hash: str = field(repr=False)
    display_name: str
    time_zone: str
    email: str | None = field(default=None, repr=False)
    duties: frozenset[Duty] = frozenset()
    totp_secret: str | None = field(default=None, repr=False)
    confirmed: bool = True


async def add_account(
    tx: Transaction, index: BlindIndex, new: NewAccount, account_id: UUID | None = None
) -> AccountId:
    """Make an account. Raises Conflict when the user name is taken."""
    made = AccountId(account_id or new_id())
    seal = await clinic_key(tx)
    await tx.insert(
        "accounts",
        id=made,
        role=new.role,
        username_index=index.of(IndexedField.EMAIL, new.username),
        email_sealed=new.email and seal_field(seal, CLINIC_ID, "accounts", "email_sealed", made, new.email),
        display_name=new.display_name,
        password_hash=new.password_hash,
        totp_sealed=new.totp_secret
        and seal_field(seal, CLINIC_ID, "accounts", "totp_sealed", made, new.totp_secret),
        time_zone=new.time_zone,
        created_at=tx.now,
        confirmed_at=tx.now if new.confirmed else None,
    )
    for duty in sorted(new.duties):
        await tx.insert("duties", account_id=made, duty=duty, granted_at=tx.now)
    await tx.audit("add_account", subject_id=made)
    return made


async def email_of(tx: Transaction, account_id: UUID) -> str | None:
    """The address to which notices go, or None."""
    row = await tx.one("SELECT email_sealed FROM accounts WHERE id = %s", (account_id,))
    if row is None or row["email_sealed"] is None:
        return None
    seal = await clinic_key(tx)
    return open_field(seal, CLINIC_ID, "accounts", "email_sealed", account_id, row["email_sealed"])


@dataclass(frozen=True, slots=True)
class Credentials:
    """What is shown at the door. `address` is the network address it came from."""

    username: str = field(repr=False)
    password: str = field(repr=False)
    code: str | None = field(default=None, repr=False)
    device_name: str = "A device"
    address: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class SignedInSession:
    """A new session. The token is shown once and stored nowhere but as its hash."""

    account_id: AccountId
    session_id: UUID
    role: Role
    token: str = field(repr=False)
    expires_at: datetime
    lifetime: timedelta


async def sign_in(
    database: Database,
    index: BlindIndex,
    passwords: Passwords,
    shown: Credentials,
    *,
    lifetime: timedelta,
    tries: int = SIGN_IN_TRIES,
) -> SignedInSession:
    """Open a session. No connection is held while the password is hashed.

    Raises Unauthenticated (`wrong_credentials`, the same and as slow for unknown, unconfirmed and disabled
    accounts; `code_required`; `wrong_code`), TooMany.
    """
    username = index.of(IndexedField.EMAIL, shown.username)
    await _count_try(database, username, shown.address, tries)
    async with database.transaction() as tx:
        account = await tx.one(
            "SELECT id, role, password_hash, totp_sealed, confirmed_at, disabled_at FROM accounts"
            " WHERE username_index = %s",
            (username,),
        )
    stored = account["password_hash"] if account is not None and _may_sign_in(account) else None
    right = await passwords.verify(stored, shown.password)
    if account is None or not right:
        await _refuse(database, account, "wrong_credentials")
    if account["totp_sealed"] is not None:
        await use_code(database, account, shown.code)
    async with database.transaction() as tx:
        for key in _buckets(username, shown.address):
            await throttles.forget(tx, key)
        return await open_session(tx, account["id"], Role(account["role"]), shown.device_name, lifetime)


def _may_sign_in(account: Row) -> bool:
    return account["disabled_at"] is None and account["confirmed_at"] is not None


def _buckets(username: bytes, address: str) -> tuple[bytes, bytes]:
    return throttles.bucket("sign_in", username, address.encode()), throttles.bucket("sign_in", username)


async def _count_try(database: Database, username: bytes, address: str, tries: int) -> None:
    """Counted and committed before the password is looked at, whatever comes of it."""
    here, anywhere = _buckets(username, address)
    async with database.transaction() as tx:
        await throttles.take(tx, here, tries, SIGN_IN_WINDOW)
        await throttles.take(tx, anywhere, tries * _ANYWHERE, SIGN_IN_WINDOW)


async def _refuse(database: Database, account: Row | None, code: str) -> NoReturn:
    async with database.transaction() as tx:
        await tx.audit("sign_in", outcome="refused", subject_id=account["id"] if account else None)
    raise Unauthenticated(code)


async def use_code(database: Database, account: Row, code: str | None) -> None:
    """A one-time code counts once: a step that was used, or an earlier one, is refused.

    `account`: its `id` and `totp_sealed`. Raises Unauthenticated (`code_required`, `wrong_code`).
    """
    if not code:
        raise Unauthenticated("code_required")
    async with database.transaction() as tx:
        seal = await clinic_key(tx)
        secret = open_field(seal, CLINIC_ID, "accounts", "totp_sealed", account["id"], account["totp_sealed"])
        step = _matching_step(secret, code, tx.now)
        used = step is not None and await tx.run(
            "UPDATE accounts SET totp_last_step = %s WHERE id = %s"
            " AND (totp_last_step IS NULL OR totp_last_step < %s)",
            (step, account["id"], step),
        )
    if not used:
        await _refuse(database, account, "wrong_code")


def _matching_step(secret: str, code: str, now: datetime) -> int | None:
    """The 30-second step this code belongs to: the present one, or a neighbour for clocks that are off (RFC 6238)."""
    totp = pyotp.TOTP(secret)
    present = int(now.timestamp()) // _CODE_SECONDS
    steps = (present - 1, present, present + 1)
    shown = code.strip().encode()
    return next((s for s in steps if hmac.compare_digest(totp.generate_otp(s).encode(), shown)), None)


async def open_session(
    tx: Transaction, account_id: UUID, role: Role, device_name: str, lifetime: timedelta
) -> SignedInSession:
    """A session of 256 random bits for a person who has been recognised."""
    token, session_id = secrets.token_urlsafe(32), new_id()
    expires_at = tx.now + lifetime
    await tx.insert(
        "sessions",
        id=session_id,
        account_id=account_id,
        token_hash=token_hash(token),
        name_sealed=seal_field(
            await clinic_key(tx), CLINIC_ID, "sessions", "name_sealed", session_id, device_name
        ),
        created_at=tx.now,
        last_seen_at=tx.now,
        expires_at=expires_at,
        passcode_tries=0,
    )
    await tx.audit("sign_in", subject_id=account_id)
    return SignedInSession(AccountId(account_id), session_id, role, token, expires_at, lifetime)


@dataclass(frozen=True, slots=True)
class Me:
    """The account that is signed in."""

    account_id: UUID
    role: Role
    display_name: str
    email: str | None = field(repr=False)
    time_zone: str
    duties: tuple[str, ...]
    passcode_set: bool


async def me(tx: Transaction) -> Me:
    """The actor's own account."""
    actor = signed_in_actor(tx)
    row = await tx.one(
        "SELECT display_name, time_zone, passcode_hash IS NOT NULL AS passcode_set FROM accounts WHERE id = %s",
        (actor.account_id,),
    )
    if row is None:
        raise Unauthenticated
    return Me(
        actor.account_id,
        actor.role,
        row["display_name"],
        await email_of(tx, actor.account_id),
        row["time_zone"],
        tuple(sorted(actor.duties)),
        row["passcode_set"],
    )
