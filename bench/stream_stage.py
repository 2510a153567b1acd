"""What runs while streams are measured: PostgreSQL with open rooms, the API as one process, a supervisor."""

import asyncio
import secrets
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from bench.clinic import OpenRoom, open_rooms
from bench.post_message import API_COMMAND, searchable, server_spec
from encryption.key_files import KeyFile, LocalFileKeys
from encryption.keys import KeyRing
from kindroom.embedded.placement import remove_home
from kindroom.embedded.ports import free_port
from kindroom.embedded.postgres import EmbeddedPostgres
from kindroom.embedded.programs import Program, answers_http
from records.clinic import ensure_clinic_key
from records.database import Database
from records.migrate import migrate
from records.sessions import token_hash

_OPENING = 8  # rooms made side by side


@dataclass(frozen=True)
class Stage:
    """What runs while it is measured."""

    api: int  # process
    port: int
    listen_dsn: str
    rooms: list[OpenRoom]
    supervisor_token: str


@asynccontextmanager
async def staged(rooms: int) -> AsyncIterator[Stage]:
    """PostgreSQL with open rooms, and the API as one process."""
    with tempfile.TemporaryDirectory(prefix="kindroom-bench-") as name:
        data_dir = searchable(name)
        postgres = EmbeddedPostgres(data_dir)
        api: Program | None = None
        try:
            await postgres.start()
            migrate(postgres.dsn())
            opened, token = await _prepared(postgres, data_dir, rooms)
            print(f"{rooms:,} rooms are open", file=sys.stderr, flush=True)
            port = free_port()
            spec = server_spec("api", API_COMMAND, port, postgres, data_dir)
            api = Program(spec, answers_http(port, "/healthz", range(200, 500)))
            await api.start()
            assert api.child is not None
            yield Stage(api.child.pid, port, postgres.dsn("kindroom_care"), opened, token)
        finally:
            if api is not None:
                await api.stop()
            await postgres.stop()
            remove_home(data_dir / "postgres")


async def _prepared(postgres: EmbeddedPostgres, data_dir: Path, rooms: int) -> tuple[list[OpenRoom], str]:
    KeyFile(data_dir / "codec.json")
    ring = KeyRing(LocalFileKeys(data_dir / "kek.json"))
    care = Database(postgres.dsn("kindroom_care"), ring, size=_OPENING)
    await care.open()
    await ensure_clinic_key(care)
    shares = [len(range(n, rooms, _OPENING)) for n in range(_OPENING)]
    opened = await asyncio.gather(*(open_rooms(care, share) for share in shares))
    token = await _supervisor(care)
    await care.close()
    return [room for some in opened for room in some], token


async def _supervisor(care: Database) -> str:
    token, account_id = secrets.token_urlsafe(32), uuid4()
    async with care.transaction() as tx:
        await tx.run(
            "INSERT INTO accounts (id, role, username_index, display_name, password_hash, time_zone, created_at,"
            " confirmed_at) VALUES (%s, 'supervisor', %s, 'Ruth', '-', 'America/New_York', %s, %s)",
            (account_id, account_id.bytes, tx.now, tx.now),
        )
        await tx.run(
            "INSERT INTO sessions (id, account_id, token_hash, created_at, last_seen_at, expires_at,"
            " passcode_tries) VALUES (%s, %s, %s, %s, %s, %s + interval '12 hours', 0)",
            (uuid4(), account_id, token_hash(token), tx.now, tx.now, tx.now),
        )
    return token
