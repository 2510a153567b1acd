"""A clinic of open rooms with everybody signed in, made directly: what a measurement starts from."""

import asyncio
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from domain.access import Actor, Role
from domain.calendars import calendar_to_json, round_the_clock
from domain.ids import AccountId, ClientId, RoomId, SessionId, TherapistId
from encryption.keys import KeyScope
from encryption.rooms import seal_field
from records.database import Database, Transaction
from records.rooms import open_room
from records.sessions import token_hash

ZONE, STATE = "America/New_York", "NY"


@dataclass(frozen=True)
class OpenRoom:
    """A room, its two people, and the tokens of their devices."""

    id: RoomId
    client: Actor
    therapist: Actor
    client_token: str
    therapist_token: str


async def open_rooms(care: Database, count: int) -> list[OpenRoom]:
    """This many rooms, each with a client and a therapist of its own who works round the clock."""
    return [await _open_room(care) for _ in range(count)]


ROOMS_EACH = 50


async def open_rooms_at(care: Database, count: int, at: datetime) -> None:
    """This many rooms opened in the same instant: fifty to a therapist, who works round the clock."""

    async def some(mine: int) -> None:
        async with care.transaction(at=at) as tx:
            therapist_id = await _therapist(tx)
        therapist = _signed_in(Role.THERAPIST, therapist_id)
        for _ in range(mine):
            async with care.transaction(at=at) as tx:
                client_id = await _client(tx)
            async with care.transaction(therapist, at) as tx:
                await open_room(tx, ClientId(client_id), TherapistId(therapist_id))

    await asyncio.gather(*(some(min(ROOMS_EACH, count - n)) for n in range(0, count, ROOMS_EACH)))


async def _open_room(care: Database) -> OpenRoom:
    async with care.transaction() as tx:
        therapist_id, client_id = await _therapist(tx), await _client(tx)
        tokens = [await _sign_in(tx, who) for who in (client_id, therapist_id)]
    client, therapist = _signed_in(Role.CLIENT, client_id), _signed_in(Role.THERAPIST, therapist_id)
    async with care.transaction(therapist) as tx:
        room_id = await open_room(tx, ClientId(client_id), TherapistId(therapist_id))
    return OpenRoom(room_id, client, therapist, *tokens)


def _signed_in(role: Role, account_id: UUID) -> Actor:
    return Actor(AccountId(account_id), role, frozenset(), SessionId(uuid4()))


async def _account(tx: Transaction, role: Role) -> UUID:
    account_id = uuid4()
    await tx.insert(
        "accounts",
        id=account_id,
        role=role.value,
        username_index=account_id.bytes,
        display_name=f"K-{account_id.hex[:5]}",
        password_hash="-",  # noqa: S106  a hash that no password has
        time_zone=ZONE,
        created_at=tx.now,
        confirmed_at=tx.now,
    )
    return account_id


async def _sign_in(tx: Transaction, account_id: UUID) -> str:
    token = secrets.token_urlsafe(32)
    await tx.insert(
        "sessions",
        id=uuid4(),
        account_id=account_id,
        token_hash=token_hash(token),
        created_at=tx.now,
        last_seen_at=tx.now,
        expires_at=tx.now + timedelta(hours=12),
        passcode_tries=0,
    )
    return token


async def _therapist(tx: Transaction) -> UUID:
    account_id = await _account(tx, Role.THERAPIST)
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
    await tx.insert(
        "calendars",
        therapist_id=account_id,
        version=1,
        hours=calendar_to_json(round_the_clock(ZONE)),
        tzdata="bench",
        changed_at=tx.now,
    )
    # Without it the licence watch closes the room within a minute.
    await tx.insert(
        "licences",
        id=uuid4(),
        therapist_id=account_id,
        state=STATE,
        kind="licence",
        number=f"{STATE}-1",
        active_from=date(2020, 1, 1),
        expires_on=date(2099, 1, 1),
    )
    return account_id


async def _client(tx: Transaction) -> UUID:
    account_id = await _account(tx, Role.CLIENT)
    await tx.new_key(KeyScope.CHART, account_id)
    key = await tx.new_key(KeyScope.BILLING, account_id)
    profile = '{"legal_name": "Ana Rivera", "date_of_birth": "1990-01-15"}'
    await tx.insert(
        "clients",
        id=account_id,
        code=f"K-{account_id.hex[:8]}",
        profile_sealed=seal_field(key, account_id, "clients", "profile_sealed", account_id, profile),
        intake_version=0,
        state=STATE,
        stage="in_care",
        stage_since=tx.now,
        journey_version=1,
        created_at=tx.now,
    )
    return account_id
