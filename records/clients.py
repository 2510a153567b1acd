"""Clients: asking for an account, confirming its address, who they are (sealed), and their timeline."""

import json
import secrets
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from domain import zones
from domain.access import ReadableClientId, Role, WritableClientId
from domain.errors import FieldError, Invalid, NotFound, Unauthenticated
from domain.guardians import YOUNGEST
from domain.ids import ClientId, new_id
from domain.stages import Stage, Wait
from domain.states import state as find_state
from encryption.blind_index import BlindIndex, IndexedField
from encryption.keys import DataKey, KeyScope
from encryption.passwords import Passwords, check_password
from encryption.rooms import open_field, seal_field
from records import guardians, journeys, licences, throttles
from records.accounts import NewAccount, add_account
from records.database import Database, Row, Transaction, dumps
from records.notices import notify

CONFIRM_WITHIN: Final = timedelta(days=7)
_OLDEST: Final = 120
ASK_WHERE_AFTER: Final = timedelta(days=30)
"""So long what a client said of where they are is believed, unless they say otherwise [policy]."""
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


async def set_location(tx: Transaction, client: WritableClientId, state: str) -> None:
    """The client is in this state now. Care by state is agreed to anew there, whose consent a minor needs is looked up
    anew, and rooms are checked for a licence. Raises Invalid (`unknown_state`).
    """
    find_state(state)
    await hold_to_move(tx, client.id)
    await tx.run("UPDATE clients SET state = %s, located_at = %s WHERE id = %s", (state, tx.now, client.id))
    await guardians.settle(tx, client.id, (await profile(tx, client.id)).date_of_birth, state)
    await licences.recheck_client(tx, client.id)
    await tx.audit("set_location", subject_id=client.id)
    await journeys.advance(tx, client.id)


async def hold_to_move(tx: Transaction, client_id: UUID) -> None:
    """Lock what a move may touch, in the one order of all: calendars of those who answer the client, then the client.
    To be called before anything else of the change is written.
    """
    await tx.all(
        "SELECT therapist_id FROM calendars WHERE therapist_id IN (SELECT whose_time(ARRAY("
        "SELECT id FROM rooms WHERE client_id = %s AND state = 'open'))) ORDER BY therapist_id FOR SHARE",
        (client_id,),
    )
    await journeys.hold(tx, client_id)


async def where(tx: Transaction, client_id: UUID) -> tuple[str | None, datetime | None]:
    """The state the client said they are in, and when."""
    row = await tx.one("SELECT state, located_at FROM clients WHERE id = %s", (client_id,))
    return (row["state"], row["located_at"]) if row else (None, None)


async def must_say_where(tx: Transaction, client_id: UUID) -> bool:
    """Whether it is time to ask again where the client is: said more than 30 days ago, and not closed."""
    row = await tx.one(
        "SELECT 1 FROM clients WHERE id = %s AND state IS NOT NULL AND closed_at IS NULL AND located_at < %s",
        (client_id, tx.now - ASK_WHERE_AFTER),
    )
    return row is not None


@dataclass(frozen=True, slots=True)
class Timeline:
    """What happened to a client up to an instant: ids, codes and instants, never content."""

    code: str
    stage: str
    entries: list[Row]


async def timeline(tx: Transaction, client: ReadableClientId, as_of: datetime) -> Timeline:
    """The client's history as it stood at `as_of`, oldest first."""
    who = await tx.one("SELECT code FROM clients WHERE id = %s", (client.id,))
    if who is None:
        raise NotFound
    entries = await tx.all(_TIMELINE, {"id": client.id, "as_of": as_of})
    await tx.audit("read_timeline", subject_id=client.id)
    stages = [entry["code"] for entry in entries if entry["kind"] == "stage"]
    return Timeline(who["code"], stages[-1] if stages else Stage.REGISTERED.value, entries)


_TIMELINE = """
SELECT at, kind, code, subject_id FROM (
    SELECT created_at AS at, 'registered' AS kind, NULL AS code, id AS subject_id FROM clients WHERE id = %(id)s
    UNION ALL SELECT at, 'stage', stage, client_id FROM journey_steps WHERE client_id = %(id)s
    UNION ALL SELECT fired_at, 'journey_rung', whom, id FROM journey_rungs WHERE client_id = %(id)s
    UNION ALL SELECT at, CASE WHEN decided_by IS NULL THEN 'care_judged' ELSE 'care_decided' END, suitability, id
        FROM suitability_decisions WHERE client_id = %(id)s
    UNION ALL SELECT asked_at, 'guardian_asked', state, id FROM guardian_consents WHERE client_id = %(id)s
    UNION ALL SELECT answered_at, 'guardian_answered', answer, id FROM guardian_consents WHERE client_id = %(id)s
    UNION ALL SELECT created_at, 'coverage_given', kind, id FROM coverages WHERE client_id = %(id)s
    UNION ALL SELECT answered_at, 'coverage_answered', status, id FROM coverages WHERE client_id = %(id)s
    UNION ALL SELECT created_at, 'match_started', NULL, id FROM matches WHERE client_id = %(id)s
    UNION ALL SELECT offered_at, 'offered', NULL, id FROM offers WHERE client_id = %(id)s
    UNION ALL SELECT decided_at, 'offer_decided', state, id FROM offers WHERE client_id = %(id)s
    UNION ALL SELECT opened_at, 'room_opened', NULL, id FROM rooms WHERE client_id = %(id)s
    UNION ALL SELECT closed_at, 'room_closed', NULL, id FROM rooms WHERE client_id = %(id)s
    UNION ALL SELECT c.opened_at, 'clock_opened', c.kind, c.id FROM response_clocks c
        JOIN rooms r ON r.id = c.room_id WHERE r.client_id = %(id)s
    UNION ALL SELECT b.breached_at, 'clock_breached', NULL, b.clock_id FROM clock_breaches b
        JOIN rooms r ON r.id = b.room_id WHERE r.client_id = %(id)s
    UNION ALL SELECT c.closed_at, 'clock_closed', c.state, c.id FROM response_clocks c
        JOIN rooms r ON r.id = c.room_id WHERE r.client_id = %(id)s
    UNION ALL SELECT opened_at, 'risk_opened', urgency, id FROM risk_flags WHERE client_id = %(id)s
    UNION ALL SELECT acknowledged_at, 'risk_acknowledged', NULL, id FROM risk_flags WHERE client_id = %(id)s
    UNION ALL SELECT closed_at, 'risk_closed', NULL, id FROM risk_flags WHERE client_id = %(id)s
    UNION ALL SELECT e.at, 'claim', e.state, e.claim_id FROM claim_events e
        JOIN claims k ON k.id = e.claim_id WHERE k.client_id = %(id)s
) events
WHERE at IS NOT NULL AND at <= %(as_of)s
ORDER BY at, kind, subject_id
"""
