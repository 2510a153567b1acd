"""Rows that tests start from, made directly in the database as its owner would."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

from domain.access import Actor, Role
from domain.calendars import calendar_to_json, round_the_clock, week
from domain.consents import Document, current
from domain.ids import AccountId, ClientId, RoomId, SessionId, TherapistId
from encryption.keys import KeyScope
from encryption.rooms import seal_field
from records.database import Database, Transaction
from records.rooms import open_room

OFFICE_HOURS = {day: [("09:00", "17:00")] for day in ("mon", "tue", "wed", "thu", "fri")}


@dataclass(frozen=True)
class Room:
    """A room with its two people, each as an actor."""

    id: RoomId
    client: Actor
    therapist: Actor


def actor(role: Role, account_id: UUID | None = None) -> Actor:
    """Somebody signed in."""
    return Actor(AccountId(account_id or uuid4()), role, frozenset(), SessionId(uuid4()))


async def account(
    tx: Transaction, role: Role, *, zone: str = "America/New_York", name: str | None = None
) -> UUID:
    """An account that nobody can sign in to."""
    account_id = uuid4()
    await tx.insert(
        "accounts",
        id=account_id,
        role=role.value,
        username_index=account_id.bytes,
        display_name=name or f"{role.value} {account_id.hex[:5]}",
        password_hash="-",
        time_zone=zone,
        created_at=tx.now,
        confirmed_at=tx.now,
    )
    return account_id


async def therapist(
    tx: Transaction, *, zone: str = "America/New_York", states: tuple[str, ...] = ("NY",), always: bool = True
) -> TherapistId:
    """A therapist with a licence in each state, who works round the clock unless told otherwise."""
    account_id = await account(tx, Role.THERAPIST, zone=zone)
    await account_of_therapist(tx, account_id, zone=zone, states=states, always=always)
    return TherapistId(account_id)


async def account_of_therapist(
    tx: Transaction,
    account_id: UUID,
    *,
    zone: str = "America/New_York",
    states: tuple[str, ...] = ("NY",),
    always: bool = True,
) -> None:
    """What makes an account that is there a therapist's."""
    await tx.insert(
        "therapists",
        id=account_id,
        pronoun="she",
        credential="LCSW",
        npi="1987654328",
        taxonomy="1041C0700X",
        gender="female",
        languages=["en"],
        specialties=["anxiety"],
        modalities=["cbt"],
        styles=["warm"],
        age_from=18,
        age_to=99,
        acuity="moderate",
        capacity=20,
        active_rooms=0,
        accepting=True,
        messaging=True,
        associate=False,
        bio="",
        joined_at=tx.now,
    )
    calendar = round_the_clock(zone) if always else week(zone, OFFICE_HOURS)
    await tx.insert(
        "calendars",
        therapist_id=account_id,
        version=1,
        hours=calendar_to_json(calendar),
        tzdata="test",
        changed_at=tx.now,
    )
    for state in states:
        await tx.insert(
            "licences",
            id=uuid4(),
            therapist_id=account_id,
            state=state,
            kind="licence",
            number=f"{state}-1",
            active_from=date(2020, 1, 1),
            expires_on=date(2099, 1, 1),
        )


async def client(tx: Transaction, *, zone: str = "America/Los_Angeles", state: str = "NY") -> ClientId:
    """A client with chart and billing keys and a sealed profile."""
    account_id = await account(tx, Role.CLIENT, zone=zone, name=f"K-{uuid4().hex[:5].upper()}")
    await tx.new_key(KeyScope.CHART, account_id)
    key = await tx.new_key(KeyScope.BILLING, account_id)
    profile = '{"legal_name": "Ana Rivera", "date_of_birth": "1990-01-15"}'
    await tx.insert(
        "clients",
        id=account_id,
        code=f"K-{account_id.hex[:8]}",
        profile_sealed=seal_field(key, account_id, "clients", "profile_sealed", account_id, profile),
        intake_version=0,
        state=state,
        stage="in_care",
        stage_since=tx.now,
        journey_version=1,
        created_at=tx.now,
    )
    return ClientId(account_id)


async def agrees_to_care(tx: Transaction, client_id: UUID, state: str = "NY") -> None:
    """The signature without which nobody is matched."""
    await tx.insert(
        "consents",
        id=uuid4(),
        client_id=client_id,
        document=Document.TELEHEALTH,
        version=current(Document.TELEHEALTH, tx.now.date()).version,
        state=state,
        signature_sealed=b"-",
        signed_at=tx.now,
    )


async def room(care: Database, *, always: bool = True, at: datetime | None = None) -> Room:
    """An open room between a new client and a new therapist."""
    async with care.transaction(at=at) as tx:
        therapist_id = await therapist(tx, always=always)
        client_id = await client(tx)
    keeper = actor(Role.THERAPIST, therapist_id)
    async with care.transaction(keeper, at) as tx:
        room_id = await open_room(tx, client_id, therapist_id)
    return Room(room_id, actor(Role.CLIENT, client_id), keeper)


def instant(text: str) -> datetime:
    """An ISO instant in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)
