"""Fixtures that start the real engines once: PostgreSQL with a migrated template, and a Temporal server."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from pristine import Pristine

from encryption.key_files import LocalFileKeys
from encryption.keys import KeyRing
from kindroom.embedded.passwords import LOGINS, OWNER
from kindroom.embedded.postgres import EmbeddedPostgres
from records.clinic import ensure_clinic_key
from records.database import Database
from records.migrate import migrate

TEMPLATE = "kindroom_template"


@dataclass(frozen=True)
class Databases:
    """A fresh, migrated database, opened under each login."""

    name: str
    owner_dsn: str
    care: Database
    billing: Database
    worker: Database
    ring: KeyRing
    dsn_of: dict[str, str]


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """One PostgreSQL for the whole run. fsync is off here and nowhere else: nothing in it is kept."""
    server = EmbeddedPostgres(
        tmp_path_factory.mktemp("engines"), server_settings={"fsync": "off", "max_connections": "300"}
    )
    with asyncio.Runner() as runner:
        runner.run(server.start())
        runner.run(server.create_database(TEMPLATE))
        migrate(server.dsn(OWNER, TEMPLATE))
        yield server
        runner.run(server.stop())
    server.destroy()


@pytest.fixture(scope="session")
def pristine(postgres: EmbeddedPostgres) -> Pristine:
    """Databases like the template, most of them used before and emptied."""
    return Pristine(postgres, TEMPLATE)


@pytest.fixture(scope="session")
def ring(tmp_path_factory: pytest.TempPathFactory) -> KeyRing:
    """Data keys under a key-encryption key of this run."""
    return KeyRing(LocalFileKeys(tmp_path_factory.mktemp("keys") / "kek.json"))


@pytest.fixture
async def databases(
    postgres: EmbeddedPostgres, pristine: Pristine, ring: KeyRing
) -> AsyncIterator[Databases]:
    """A database of its own for one test, with nothing in it."""
    name = await pristine.take()
    dsn_of = {login: postgres.dsn(login, name) for login in LOGINS}
    opened = {
        login: Database(dsn_of[f"kindroom_{login}"], ring, size=8, ready=0, name=login)
        for login in ("care", "billing", "worker")
    }
    for database in opened.values():
        await database.open()
    await ensure_clinic_key(opened["care"])
    yield Databases(name, dsn_of[OWNER], **opened, ring=ring, dsn_of=dsn_of)
    for database in opened.values():
        await database.close()
    await pristine.give_back(name)


@pytest.fixture
def repository() -> Path:
    """The root of the checkout."""
    return Path(__file__).resolve().parent.parent


def pytest_configure() -> None:
    # A loaded machine is no defect: examples are not timed.
    settings.register_profile("kindroom", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("kindroom")
    os.environ.setdefault("TEMPORAL_VERSION_CHECK_DISABLED", "1")
