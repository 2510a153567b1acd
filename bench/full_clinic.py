"""A clinic of a hundred thousand open rooms, filled by COPY: what a measurement of lists starts from.

Each room has a running clock and a few that ended; one in twenty of the running ones is late, some are held, some
therapists are away with and without cover. The same seed gives the same clinic.
"""

import json
import random
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg

from domain.calendars import calendar_to_json, week
from domain.policies import PRESETS, policy_to_json
from records.sessions import token_hash

ROOMS_EACH = 50
ENDED_EACH = 2
ZONES = ("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles")
TEAMS = ("North", "South", "East", "West", "Nights", "Youth")
KINDS = ("next_response",) * 14 + ("first_response",) * 4 + ("welcome",) * 2 + ("consult",)
POLICIES = ("morning",) * 2 + ("evening",)
HOURS = {day: [("09:00", "17:00")] for day in ("mon", "tue", "wed", "thu", "fri")}

Table = tuple[str, Sequence[str], Iterable[Sequence[Any]]]


@dataclass(frozen=True)
class FullClinic:
    """Who watches it, and some of what is in it."""

    supervisor_token: str
    supervisor_id: UUID
    therapist_ids: list[UUID]
    codes: list[str]


def fill(dsn: str, rooms: int, seed: int = 7) -> FullClinic:
    """Fill an empty, migrated database as its owner."""
    source = random.Random(seed)
    now = datetime.now(UTC).replace(microsecond=0)
    therapists = [_id(source) for _ in range(max(rooms // ROOMS_EACH, 2))]
    clients = [_id(source) for _ in range(rooms)]
    keepers = [therapists[n % len(therapists)] for n in range(rooms)]
    room_ids = [_id(source) for _ in range(rooms)]
    supervisor, token = _id(source), secrets.token_urlsafe(32)
    codes = [f"K-{n:06}" for n in source.sample(range(1_000_000), rooms)]
    clocks = list(_clocks(source, now, room_ids, keepers, supervisor))
    with psycopg.connect(dsn) as conn:
        for name, columns, lines in _people(source, now, therapists, clients, codes, supervisor, token):
            _copy(conn, name, columns, lines)
        for name, columns, lines in _care(source, now, room_ids, clients, keepers, therapists):
            _copy(conn, name, columns, lines)
        _copy(conn, "response_clocks", _CLOCK, clocks)
        _copy(
            conn, "clock_breaches", ("clock_id", "room_id", "breached_at", "recorded_at"), _breaches(clocks)
        )
    with psycopg.connect(dsn, autocommit=True) as conn:
        conn.execute("VACUUM (ANALYZE)")
    return FullClinic(token, supervisor, therapists, codes)


def _copy(
    conn: psycopg.Connection[Any], table: str, columns: Sequence[str], lines: Iterable[Sequence[Any]]
) -> None:
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN"  # our own names
    with conn.cursor() as cursor, cursor.copy(statement.encode()) as copy:
        for line in lines:
            copy.write_row(line)


def _people(
    source: random.Random,
    now: datetime,
    therapists: list[UUID],
    clients: list[UUID],
    codes: list[str],
    supervisor: UUID,
    token: str,
) -> Iterator[Table]:
    account = ("id", "role", "username_index", "display_name", "password_hash", "time_zone", "created_at")
    everybody = [
        *((who, "therapist", _name(n)) for n, who in enumerate(therapists)),
        *((who, "client", codes[n]) for n, who in enumerate(clients)),
        (supervisor, "supervisor", "Ruth Ade"),
    ]
    yield (
        "accounts",
        account,
        ((who, role, who.bytes, name, "-", source.choice(ZONES), now) for who, role, name in everybody),
    )
    yield (
        "sessions",
        (
            "id",
            "account_id",
            "token_hash",
            "created_at",
            "last_seen_at",
            "expires_at",
            "passcode_tries",
        ),
        [(_id(source), supervisor, token_hash(token), now, now, now + timedelta(hours=12), 0)],
    )
    yield (
        "therapists",
        (*tuple(_THERAPIST), "id", "capacity", "active_rooms", "team", "joined_at"),
        (
            (*_THERAPIST.values(), who, ROOMS_EACH + 10, ROOMS_EACH, TEAMS[n % len(TEAMS)], now)
            for n, who in enumerate(therapists)
        ),
    )
    yield (
        "calendars",
        ("therapist_id", "version", "hours", "tzdata", "changed_at"),
        (
            (who, 1, json.dumps(calendar_to_json(week(ZONES[n % len(ZONES)], HOURS))), "bench", now)
            for n, who in enumerate(therapists)
        ),
    )
    yield (
        "clients",
        (
            "id",
            "code",
            "profile_sealed",
            "intake_version",
            "state",
            "stage",
            "stage_since",
            "journey_version",
            "created_at",
        ),
        (
            (who, codes[n], b"\0" * 200, 0, source.choice(("NY", "CA", "TX")), "in_care", now, 1, now)
            for n, who in enumerate(clients)
        ),
    )


def _care(
    source: random.Random,
    now: datetime,
    rooms: list[UUID],
    clients: list[UUID],
    keepers: list[UUID],
    therapists: list[UUID],
) -> Iterator[Table]:
    yield (
        "rooms",
        (
            "id",
            "client_id",
            "therapist_id",
            "state",
            "opened_at",
            "version",
            "last_seq",
            "client_away",
            "key_version",
        ),
        (
            (room, client, keeper, "open", now - timedelta(days=90), 1, 40, False, 1)
            for room, client, keeper in zip(rooms, clients, keepers, strict=True)
        ),
    )
    away = therapists[:: max(len(therapists) // 60, 1)]
    yield (
        "leaves",
        ("id", "therapist_id", "starts_at", "ends_at"),
        ((_id(source), who, now - timedelta(days=1), now + timedelta(days=6)) for who in away),
    )
    half = set(away[::2])
    yield (
        "covers",
        ("id", "room_id", "therapist_id", "starts_at", "ends_at"),
        (
            (_id(source), room, therapists[1], now - timedelta(days=1), now + timedelta(days=6))
            for room, keeper in zip(rooms, keepers, strict=True)
            if keeper in half
        ),
    )


_CLOCK = (
    "id",
    "room_id",
    "therapist_id",
    "kind",
    "opened_at",
    "opened_seq",
    "client_messages",
    "policy",
    "policy_name",
    "calendar_version",
    "state",
    "held",
    "due_at",
    "alarms",
    "next_alarm_at",
    "rung_level",
    "closed_at",
    "acknowledged_by",
    "acknowledged_at",
)


def _clocks(
    source: random.Random, now: datetime, rooms: list[UUID], keepers: list[UUID], supervisor: UUID
) -> Iterator[tuple[Any, ...]]:
    definitions = {name: json.dumps(policy_to_json(policy)) for name, policy in PRESETS.items()}
    for room, keeper in zip(rooms, keepers, strict=True):
        for n in range(ENDED_EACH + 1):
            kind = source.choice(KINDS)
            name = source.choice(POLICIES) if source.random() < 0.1 else kind
            running = n == ENDED_EACH
            due = now + timedelta(seconds=source.randrange(60, 3 * 86_400))
            if (running and source.random() < 0.05) or not running:
                due = now - timedelta(seconds=source.randrange(60, 2 * 86_400), days=7 * (ENDED_EACH - n))
            opened = min(due, now) - timedelta(seconds=source.randrange(600, 8 * 3_600))
            held = source.choice(("paused", "no_capacity")) if running and source.random() < 0.01 else None
            closed = None if running else opened + (due - opened) * source.uniform(0.1, 1.1)
            state = "running" if closed is None else "late" if closed > due else "met"
            level = 0 if held else _level(opened, due, closed or now)
            seen = running and level >= 2 and source.random() < 0.3
            due_at = None if held else due
            alarms = json.dumps({"rungs": [{"rung": "breach", "at": due.isoformat()}] if due > now else []})
            next_alarm = due_at if running and due_at and due_at > now else None
            yield (
                *(
                    _id(source),
                    room,
                    keeper,
                    kind,
                    opened,
                    n,
                    1,
                    definitions[name],
                    name,
                    1,
                    state,
                    held,
                    due_at,
                ),
                *(alarms, next_alarm, level, closed, supervisor if seen else None, now if seen else None),
            )


def _level(opened: datetime, due: datetime, until: datetime) -> int:
    share = (until - opened) / (due - opened)
    return sum(share >= step for step in (0.75, 1, 1.5))


def _breaches(clocks: list[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    for clock in clocks:
        if clock[15] >= 2:
            yield clock[0], clock[1], clock[12], clock[12]


def _id(source: random.Random) -> UUID:
    return UUID(int=source.getrandbits(128), version=4)


def _name(n: int) -> str:
    return f"{_FIRST[n % len(_FIRST)]} {_LAST[n // len(_FIRST) % len(_LAST)]} {n}"


_FIRST = ("Ada", "Mei", "Rafael", "Ines", "Omar", "Lena", "Kofi", "Nora", "Jun", "Vera")
_LAST = ("Boateng", "Lin", "Ortiz", "Keller", "Haddad", "Novak", "Mensah", "Berg", "Park", "Costa")
_THERAPIST: dict[str, Any] = {
    "pronoun": "she",
    "credential": "LCSW",
    "npi": "1987654328",
    "taxonomy": "1041C0700X",
    "gender": "female",
    "languages": ["en"],
    "specialties": ["anxiety"],
    "modalities": ["cbt"],
    "styles": ["warm"],
    "age_from": 18,
    "age_to": 99,
    "acuity": "moderate",
    "accepting": True,
    "messaging": True,
    "associate": False,
    "bio": "",
}
