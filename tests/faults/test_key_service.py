"""Fault 19: the key service is away, twice for thirty seconds in a long run. What is open goes on.

A real API process under a stand-in of Vault's Transit engine, which is stopped and started again.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx
import psycopg
import pytest
from transit import TOKEN, Transit, transit

from bench.clinic import OpenRoom, open_rooms
from bench.post_message import API_COMMAND, ROOT
from encryption.key_files import KeyFile
from encryption.keys import KeyRing
from encryption.vault_transit import VaultTransit
from kindroom.embedded.passwords import OWNER, SUPERUSER
from kindroom.embedded.ports import free_port
from kindroom.embedded.postgres import EmbeddedPostgres
from kindroom.embedded.processes import ChildSpec, clean_environment
from kindroom.embedded.programs import Program, answers_http
from records.clinic import ensure_clinic_key
from records.database import Database

pytestmark = pytest.mark.timeout(300)

LONG = os.environ.get("KINDROOM_FAULTS") == "long"
AWAY_SECONDS, TIMES = (30.0, 2) if LONG else (1.0, 1)
TEMPLATE = "kindroom_template"


@dataclass(frozen=True)
class Scene:
    """The API over the network, its key service, rooms it has opened and rooms it has not."""

    api: httpx.AsyncClient
    engine: Transit
    database: str  # as the superuser sees it
    known: list[OpenRoom]
    unknown: list[OpenRoom]


@pytest.fixture
async def scene(postgres: EmbeddedPostgres, tmp_path: Path) -> AsyncIterator[Scene]:
    name = f"test_{uuid4().hex}"
    await postgres.create_database(name, template=TEMPLATE)
    token_file = tmp_path / "vault-token"
    token_file.write_text(TOKEN)
    with transit() as engine:
        ring = KeyRing(VaultTransit(engine.address, token_file))
        care = Database(postgres.dsn("kindroom_care", name), ring, size=2)
        await care.open()
        await ensure_clinic_key(care)
        rooms = await open_rooms(care, 4 + TIMES)
        await care.close()
        async with _api(postgres, name, tmp_path, engine, token_file) as api:
            yield Scene(api, engine, postgres.dsn(SUPERUSER, name), rooms[:4], rooms[4:])
    await postgres.drop_database(name)


@asynccontextmanager
async def _api(
    postgres: EmbeddedPostgres, name: str, folder: Path, engine: Transit, token_file: Path
) -> AsyncIterator[httpx.AsyncClient]:
    KeyFile(folder / "codec.json")
    port = free_port()
    variables = {
        "KINDROOM_DATA_DIR": str(folder),
        "KINDROOM_DATABASE_CARE": postgres.dsn("kindroom_care", name),
        "KINDROOM_DATABASE_BILLING": postgres.dsn("kindroom_billing", name),
        "KINDROOM_DATABASE_LISTEN": postgres.dsn("kindroom_care", name),
        "KINDROOM_DATABASE_OWNER": postgres.dsn(OWNER, name),
        "KINDROOM_VAULT_ADDR": engine.address,
        "KINDROOM_VAULT_TOKEN_FILE": str(token_file),
        "KINDROOM_CODEC_KEY_FILE": str(folder / "codec.json"),
        "KINDROOM_TEMPORAL_ADDRESS": f"127.0.0.1:{free_port()}",
        "KINDROOM_PORT": str(port),
        "KINDROOM_LOG_LEVEL": "warning",
    }
    spec = ChildSpec(
        "api", tuple(API_COMMAND), folder / "api.log", {**clean_environment(), **variables}, directory=ROOT
    )
    program = Program(spec, answers_http(port, "/healthz", range(200, 500)))
    await program.start()
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30, trust_env=False) as api:
            yield api
    finally:
        await program.stop()


async def test_without_the_key_service_what_is_open_goes_on_and_nothing_is_sealed_otherwise(
    scene: Scene,
) -> None:
    for room in scene.known:
        assert (await _post(scene, room)).status_code == 201
    for closed in scene.unknown:
        before = _wraps(scene)
        scene.engine.stop()
        try:
            await _without_it(scene, closed)
        finally:
            scene.engine.start()
        assert _wraps(scene) == before
        async with asyncio.timeout(60):
            while (await _post(scene, closed)).status_code != 201:  # noqa: ASYNC110  another process's state
                await asyncio.sleep(0.2)
        assert (await _read(scene, closed)).json()["items"][-1]["text"] == "It has been a long day."
    assert all(wrapped[:1] == b"\x02" for wrapped in _wraps(scene))


async def _without_it(scene: Scene, closed: OpenRoom) -> None:
    """Open rooms are served as ever; the others get a plain refusal, at once and for as long as it lasts."""
    loop = asyncio.get_running_loop()
    until = loop.time() + AWAY_SECONDS
    slowest = 0.0
    while loop.time() < until:
        for room in scene.known:
            assert (await _post(scene, room)).status_code == 201
            assert (await _read(scene, room)).status_code == 200
        for refused in (await _post(scene, closed), await _read(scene, closed)):
            assert (refused.status_code, refused.json()["code"]) == (503, "key_service_away")
            assert int(refused.headers["retry-after"]) >= 1
        began = loop.time()
        assert (await scene.api.get("/healthz")).status_code == 200
        slowest = max(slowest, loop.time() - began)
    assert slowest < 2  # the event loop never waits for it
    with psycopg.connect(scene.database) as connection:
        stored = connection.execute("SELECT count(*) FROM messages WHERE room_id = %s", (closed.id,))
        assert stored.fetchone() == (0,)


def _wraps(scene: Scene) -> list[bytes]:
    """Every stored key, as it is wrapped."""
    with psycopg.connect(scene.database) as connection:
        rows = connection.execute("SELECT wrapped FROM keys.data_keys ORDER BY scope, owner_id").fetchall()
    return [bytes(row[0]) for row in rows]


async def _post(scene: Scene, room: OpenRoom) -> httpx.Response:
    headers = {"Authorization": f"Bearer {room.therapist_token}"}
    body = {"text": "It has been a long day."}
    return await scene.api.post(f"/v1/rooms/{room.id}/messages", json=body, headers=headers)


async def _read(scene: Scene, room: OpenRoom) -> httpx.Response:
    headers = {"Authorization": f"Bearer {room.therapist_token}"}
    return await scene.api.get(f"/v1/rooms/{room.id}/messages", headers=headers)
