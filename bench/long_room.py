"""One room with many messages over years, filled by COPY, with PostgreSQL under it: what reading is measured on."""

import asyncio
import random
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from bench.clinic import OpenRoom, open_rooms
from bench.post_message import searchable
from encryption.key_files import KeyFile, LocalFileKeys
from encryption.keys import DataKey, KeyRing, KeyScope
from encryption.rooms import seal_message
from kindroom.embedded.placement import remove_home
from kindroom.embedded.postgres import EmbeddedPostgres
from records.clinic import ensure_clinic_key
from records.database import Database
from records.migrate import migrate

WORDS = """
    I slept a little better after our talk and went for a walk by the river in the morning my sister called again we
    spoke about the house and for once nobody shouted at anybody then the old thought came back while I was cooking and
    I wrote it down as we said it felt smaller on paper than in my head but it stayed for most of the evening
"""
YEARS = 4


@dataclass(frozen=True)
class LongRoom:
    """The room, its database, and where its keys are."""

    room: OpenRoom
    care: Database
    postgres: EmbeddedPostgres
    data_dir: Path
    messages: int


@asynccontextmanager
async def long_room(messages: int) -> AsyncIterator[LongRoom]:
    """PostgreSQL with the room in it; all gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="kindroom-bench-") as name:
        data_dir = searchable(name)
        postgres = EmbeddedPostgres(data_dir)
        try:
            await postgres.start()
            migrate(postgres.dsn())
            KeyFile(data_dir / "codec.json")
            ring = KeyRing(LocalFileKeys(data_dir / "kek.json"))
            care = Database(postgres.dsn("kindroom_care"), ring, size=4)
            await care.open()
            await ensure_clinic_key(care)
            (room,) = await open_rooms(care, 1)
            async with care.transaction(room.client) as tx:
                key = await tx.key(KeyScope.ROOM, room.id)
            await asyncio.to_thread(_fill, postgres.dsn(), room, key, messages)
            yield LongRoom(room, care, postgres, data_dir, messages)
            await care.close()
        finally:
            await postgres.stop()
            remove_home(data_dir / "postgres")


_COLUMNS = (
    "id, room_id, seq, sender_id, sender_role, kind, body, holding, automatic, sent_at, idempotency_key,"
    " fingerprint"
)


def _fill(dsn: str, room: OpenRoom, key: DataKey, messages: int) -> None:
    """As its owner. The same number of messages is the same conversation."""
    with psycopg.connect(dsn) as conn:
        with conn.cursor() as cursor, cursor.copy(f"COPY messages ({_COLUMNS}) FROM STDIN".encode()) as copy:
            for line in _lines(room, key, messages):
                copy.write_row(line)
        conn.execute(
            "UPDATE rooms SET last_seq = %s, last_sent_at = now(), opened_at = now() - %s WHERE id = %s",
            (messages, timedelta(days=365 * YEARS + 1), room.id),
        )
        for person in (room.client, room.therapist):
            conn.execute(
                "INSERT INTO read_marks (room_id, account_id, seq, at) VALUES (%s, %s, %s, now())",
                (room.id, person.account_id, messages - 3),
            )
    with psycopg.connect(dsn, autocommit=True) as conn:
        conn.execute("VACUUM (ANALYZE)")


def _lines(room: OpenRoom, key: DataKey, messages: int) -> Iterator[tuple[Any, ...]]:
    source, words = random.Random(7), WORDS.split()
    first = datetime.now(UTC) - timedelta(days=365 * YEARS)
    step = timedelta(days=365 * YEARS) / messages
    for seq in range(1, messages + 1):
        sender = room.client if source.random() < 0.6 else room.therapist
        message_id = UUID(int=source.getrandbits(128), version=4)
        text = " ".join(source.choices(words, k=source.randint(4, 40)))
        body = seal_message(key, room.id, message_id, sender.account_id, "text", text)
        yield (
            message_id,
            room.id,
            seq,
            sender.account_id,
            sender.role.value,
            "text",
            bytes(body),
            False,
            False,
            first + step * seq,
            str(seq),
            b"-",
        )
