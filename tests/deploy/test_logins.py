"""The script that prepares a new PostgreSQL makes the logins that the migrations ask for, and no more."""

import os
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest
from composed import ROOT

from kindroom.embedded.passwords import LOGINS, OWNER, SUPERUSER
from kindroom.embedded.placement import binaries, remove_home
from kindroom.embedded.postgres import DATABASE, EmbeddedPostgres
from records.migrate import migrate

MADE = (*LOGINS, "temporal")


@pytest.fixture
async def bare(tmp_path: Path) -> AsyncIterator[EmbeddedPostgres]:
    """A cluster as the official image makes it: the superuser, and nobody else."""
    server = EmbeddedPostgres(tmp_path, server_settings={"fsync": "off"})
    async with server:
        with psycopg.connect(server.dsn(SUPERUSER, "postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {DATABASE}")
            for login in LOGINS:
                connection.execute(f"DROP ROLE {login}")
        yield server
    remove_home(tmp_path / "postgres")


def test_a_new_cluster_is_ready_for_the_migrations(bare: EmbeddedPostgres, tmp_path: Path) -> None:
    secrets = tmp_path / "made"
    subprocess.run(["sh", str(ROOT / "deploy" / "make-secrets.sh"), str(secrets)], check=True)
    superuser = psycopg.conninfo.conninfo_to_dict(bare.dsn(SUPERUSER, "postgres"))
    subprocess.run(
        ["sh", str(ROOT / "deploy" / "postgres" / "logins.sh")],
        env={
            "PATH": f"{binaries(None)}:{os.environ['PATH']}",
            "PGHOST": str(superuser["host"]),
            "PGPORT": str(superuser["port"]),
            "PGPASSWORD": str(superuser["password"]),
            "KINDROOM_SECRETS_DIR": str(secrets),
        },
        check=True,
    )
    address = f"127.0.0.1:{bare.port}"

    def dsn(login: str, database: str) -> str:
        secret = (secrets / f"database_{login.removeprefix('kindroom_')}").read_text()
        return f"postgresql://{login}:{secret}@{address}/{database}"

    migrate(dsn(OWNER, DATABASE))
    for login in LOGINS:
        with psycopg.connect(dsn(login, DATABASE)) as connection:
            assert connection.execute("SELECT current_user").fetchone() == (login,)
    with psycopg.connect(dsn("temporal", "temporal_visibility")) as connection:
        connection.execute("CREATE TABLE schema_version (version int)")
    for login, database in (("temporal", DATABASE), ("kindroom_care", "temporal")):
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            psycopg.connect(dsn(login, database))
    with psycopg.connect(bare.dsn(SUPERUSER, "postgres")) as connection:
        strong = connection.execute(
            "SELECT rolname FROM pg_roles WHERE rolname = ANY(%s) AND (rolsuper OR rolcreatedb OR rolcreaterole)",
            (list(MADE),),
        ).fetchall()
    assert strong == []
