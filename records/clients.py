"""Clients: asking for an account, confirming its address, and who they are (sealed)."""

import json
import secrets
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from domain import zones
from domain.access import Role
from domain.errors import FieldError, Invalid, NotFound, Unauthenticated
from domain.guardians import YOUNGEST
from domain.ids import ClientId, new_id
from domain.stages import Stage, Wait
from encryption.blind_index import BlindIndex, IndexedField
from encryption.keys import DataKey, KeyScope
from encryption.passwords import Passwords, check_password
from encryption.rooms import open_field, seal_field
from records import guardians, journeys, throttles
from records.accounts import NewAccount, add_account
from records.database import Database, Transaction, dumps
from records.notices import notify

CONFIRM_WITHIN: Final = timedelta(days=7)
_OLDEST: Final = 120
_CODE_LETTERS: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE_LENGTH: Final = 5
_CONFIRM_TRIES: Final = 10


@dataclass(frozen=True, slots=True)
class Registration:
    """What a new client gives. `time_zone` is an IANA name."""

    email: str = field(repr=False)
    password: str = field(repr=False)
    legal_name: str = field(repr=False)
    date_of_birth: date = field(repr=False)
    time_zone: str


@dataclass(frozen=True, slots=True)
class Profile:
    """Who a client is: demographics for the payer and the chart. Sealed under the client's billing key."""

    legal_name: str = field(repr=False)
    date_of_birth: date = field(repr=False)
    address: dict[str, str] | None = field(default=None, repr=False)  # line1, line2, city, state, postal_code
    phone: str | None = field(default=None, repr=False)
    sex_on_file: str | None = field(default=None, repr=False)  # female | male | unknown

    @property
    def last_name(self) -> str:
        """The last word of the legal name."""
        return self.legal_name.split()[-1]

    @property
    def first_name(self) -> str:
        """The legal name without its last word."""
        return " ".join(self.legal_name.split()[:-1])

    def age_on(self, day: date) -> int:
        """Completed years."""
        return guardians.age_on(self.date_of_birth, day)


async def register(
    database: Database,
    index: BlindIndex,
    passwords: Passwords,
    new: Registration,
    *,
    confirm_at_once: bool = False,
) -> None:
    """Ask for a client's account. Whether the address is known shows neither in the answer nor in its time.

    A confirmed account stays as it is. One that was never confirmed makes way: whoever asked for it first
    has not shown that the address is theirs. Raises Invalid naming fields.
    """
    _check(new)
    password_hash = await passwords.hash(new.password)
    username = index.of(IndexedField.EMAIL, new.email)
    async with database.transaction() as tx:
        # Two requests for one address wait for each other, instead of one failing in a telling way.
        await tx.run("SELECT pg_advisory_xact_lock(%s)", (int.from_bytes(username[:8], "big", signed=True),))
        known = await tx.one("SELECT id, confirmed_at FROM accounts WHERE username_index = %s", (username,))
        if known is not None and known["confirmed_at"] is not None:
            await tx.audit("register", outcome="refused", subject_id=known["id"])
            return
        if known is not None:
            await _abandon(tx, known["id"])
        await add_client(tx, index, new, password_hash, confirmed=confirm_at_once)


async def add_client(
    tx: Transaction, index: BlindIndex, new: Registration, password_hash: str, *, confirmed: bool
) -> ClientId:
    """Make a client with keys for chart and bill. Confirmed, the journey starts; else the address is asked.

    Raises Conflict when the address is taken.
    """
    client_id, code = ClientId(new_id()), await _free_code(tx)
    account = NewAccount(
        Role.CLIENT, new.email, password_hash, code, new.time_zone, email=new.email, confirmed=confirmed
    )
    await add_account(tx, index, account, client_id)
    await tx.new_key(KeyScope.CHART, client_id)
    key = await tx.new_key(KeyScope.BILLING, client_id)
    await tx.insert(
        "clients",
        id=client_id,
        code=code,
        profile_sealed=_sealed(key, client_id, Profile(new.legal_name, new.date_of_birth)),
        intake_version=0,
        stage=Stage.REGISTERED,
        stage_since=tx.now,
        journey_version=0,
        wait=Wait.CONFIRMATION,
        wait_since=tx.now,
        created_at=tx.now,
    )
    await guardians.settle(tx, client_id, new.date_of_birth, None)
    if confirmed:
        await journeys.advance(tx, client_id)
    else:
        await notify(tx, client_id, "confirm_address", new_id())
    return client_id


async def confirm(database: Database, passwords: Passwords, token: UUID, password: str) -> None:
    """Confirm the address by the token that was mailed to it, and start the journey.

    The password belongs to it: else someone could ask for an account with another's address, and have its
    owner confirm a password they never chose. Raises NotFound, Unauthenticated (`wrong_credentials`), TooMany.
    """
    async with database.transaction() as tx:
        await throttles.take(
            tx, throttles.bucket("confirm", token.bytes), _CONFIRM_TRIES, timedelta(minutes=15)
        )
    async with database.transaction() as tx:
        account = await tx.one(
            "SELECT a.id, a.password_hash FROM notices n JOIN accounts a ON a.id = n.account_id"
            " WHERE n.template = 'confirm_address' AND n.subject_id = %s AND n.created_at > %s"
            " AND a.disabled_at IS NULL",
            (token, tx.now - CONFIRM_WITHIN),
        )
    right = await passwords.verify(account["password_hash"] if account else None, password)
    if account is None:
        raise NotFound
    if not right:
        raise Unauthenticated("wrong_credentials")
    async with database.transaction() as tx:
        await tx.run(
            "UPDATE accounts SET confirmed_at = coalesce(confirmed_at, %s) WHERE id = %s",
            (tx.now, account["id"]),
        )
        await tx.run(
            "UPDATE notices SET read_at = coalesce(read_at, %s)"
            " WHERE account_id = %s AND template = 'confirm_address' AND subject_id = %s",
            (tx.now, account["id"], token),
        )
        await tx.audit("confirm_address", subject_id=account["id"])
        await journeys.advance(tx, account["id"])


async def _abandon(tx: Transaction, client_id: UUID) -> None:
    """Free the address of an account that nobody confirmed."""
    await tx.run(
        "UPDATE accounts SET username_index = %s, disabled_at = %s WHERE id = %s",
        (secrets.token_bytes(32), tx.now, client_id),
    )
    await journeys.close(tx, client_id)


async def _free_code(tx: Transaction) -> str:
    while True:
        code = "K-" + "".join(secrets.choice(_CODE_LETTERS) for _ in range(_CODE_LENGTH))
        if await tx.one("SELECT 1 AS taken FROM clients WHERE code = %s", (code,)) is None:
            return code


def _check(new: Registration) -> None:
    errors = []
    local, _, domain = new.email.strip().rpartition("@")
    if not local or "." not in domain or any(c.isspace() for c in new.email.strip()):
        errors.append(FieldError("email", "not_an_address"))
    if not new.legal_name.strip():
        errors.append(FieldError("legal_name", "required"))
    if not zones.is_zone(new.time_zone):
        errors.append(FieldError("time_zone", "unknown_zone"))
    if errors:
        raise Invalid(*errors)
    _check_born(new)
    check_password(new.password, new.email, new.legal_name)


def _check_born(new: Registration) -> None:
    today = datetime.now(zones.zone(new.time_zone)).date()
    age = Profile(new.legal_name, new.date_of_birth).age_on(today)
    if age < YOUNGEST:
        raise Invalid(FieldError("date_of_birth", "too_young"))
    if age > _OLDEST:
        raise Invalid(FieldError("date_of_birth", "not_a_date_of_birth"))


async def profile(tx: Transaction, client_id: UUID) -> Profile:
    """Who the client is. Raises NotFound, Unreadable when it is not for this actor. The caller audits."""
    row = await tx.one("SELECT profile_sealed FROM clients WHERE id = %s", (client_id,))
    if row is None:
        raise NotFound
    key = await tx.key(KeyScope.BILLING, client_id)
    text = open_field(key, client_id, "clients", "profile_sealed", client_id, row["profile_sealed"])
    values: dict[str, Any] = json.loads(text)
    return Profile(**{**values, "date_of_birth": date.fromisoformat(values["date_of_birth"])})


async def save_profile(tx: Transaction, client_id: UUID, who: Profile) -> None:
    """Seal and keep who the client is. Another date of birth may ask for another consent."""
    key = await tx.key(KeyScope.BILLING, client_id)
    row = await tx.one(
        "UPDATE clients SET profile_sealed = %s WHERE id = %s RETURNING state",
        (_sealed(key, client_id, who), client_id),
    )
    if row is not None:
        await guardians.settle(tx, client_id, who.date_of_birth, row["state"])


def _sealed(key: DataKey, client_id: UUID, who: Profile) -> bytes:
    values = {**asdict(who), "date_of_birth": who.date_of_birth.isoformat()}
    return seal_field(key, client_id, "clients", "profile_sealed", client_id, dumps(values))
