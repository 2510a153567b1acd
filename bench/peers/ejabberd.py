"""ejabberd as Debian packages it, unpacked beside the checkout: its rooms archived in our PostgreSQL.

Nothing is installed: the packages and what they need of Erlang are downloaded and unpacked once, below
`.kindroom/peers/ejabberd`. Where ejabberd is installed already, its packages have to be downloaded by name.
"""

import os
import socket
import subprocess
from pathlib import Path
from urllib.parse import urlparse

import psycopg

from bench.peers.devices import Place
from kindroom.embedded.postgres import EmbeddedPostgres
from kindroom.embedded.processes import Child, ChildSpec
from kindroom.embedded.programs import Program, Readiness

NAME = "ejabberd"
_CONFIGURATION = """
hosts: [localhost]
loglevel: warning
auth_method: [internal]
default_db: mnesia
sql_type: pgsql
sql_server: 127.0.0.1
sql_port: {sql_port}
sql_database: ejabberd
sql_username: {username}
sql_password: "{password}"
sql_pool_size: 10
registration_timeout: infinity
listen:
  - {{port: {port}, ip: 127.0.0.1, module: ejabberd_c2s, max_stanza_size: 262144, shaper: none, access: all}}
modules:
  mod_disco: {{}}
  mod_register: {{ip_access: all, access: all, access_from: all}}
  mod_mam: {{db_type: sql, default: never}}
  mod_muc:
    host: rooms.localhost
    db_type: mnesia
    access: all
    access_create: all
    access_mam: all
    history_size: 0
    default_room_options: {{mam: true, persistent: true, public: false, logging: false}}
"""


class NotHere(Exception):
    """The peer cannot be had on this machine."""


def unpacked(place: Path) -> Path:
    """Where the packages are unpacked; downloads them when they are not. Raises NotHere."""
    root = place / "root"
    if (root / "usr/sbin/ejabberdctl").exists():
        return root
    place.mkdir(parents=True, exist_ok=True)
    try:
        wanted = _packages()
        _run("apt-get", "download", *wanted, at=place)
        for package in sorted(place.glob("*.deb")):
            _run("dpkg", "-x", str(package), str(root), at=place)
            package.unlink()
    except (OSError, subprocess.CalledProcessError) as error:
        raise NotHere(f"ejabberd could not be downloaded: {error}") from None
    return root


def _packages() -> list[str]:
    """What apt would install for it here."""
    told = _run("apt-get", "install", "--simulate", "--no-install-recommends", NAME, "erlang-p1-pgsql")
    found = [line.split()[1] for line in told.splitlines() if line.startswith("Inst ")]
    if NAME not in found:
        raise NotHere("ejabberd is installed already: `apt-get remove` it for this measurement")
    return found


def _run(*command: str, at: Path | None = None) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True, cwd=at).stdout


class Ejabberd:
    """One server over a database of its own in the given PostgreSQL."""

    def __init__(self, root: Path, postgres: EmbeddedPostgres, directory: Path, port: int) -> None:
        self._root, self._postgres, self._directory, self._port = root, postgres, directory, port
        self._program = Program(self._spec(), _listens(port))

    @property
    def pids(self) -> list[int]:
        """Its processes."""
        assert self._program.child is not None
        return [self._program.child.pid]

    async def start(self) -> None:
        """Ready for clients when it returns. Raises StackError."""
        await self._postgres.create_database(NAME)
        dsn = self._postgres.dsn(database=NAME)
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute((self._root / "usr/share/ejabberd/sql/pg.sql").read_bytes())
        login = urlparse(dsn)
        self._directory.mkdir()
        (self._directory / "ejabberd.yml").write_text(
            _CONFIGURATION.format(
                port=self._port,
                sql_port=self._postgres.port,
                username=login.username,
                password=login.password,
            )
        )
        await self._program.start()

    async def places(self, rooms: int) -> tuple[list[Place], list[Place]]:
        """A sender and a listener for each room. Accounts and rooms are made when they first come in."""
        return self._people("sender", rooms), self._people("listener", rooms)

    async def stop(self) -> None:
        """End it."""
        await self._program.stop()

    def _people(self, part: str, count: int) -> list[Place]:
        return [
            Place(NAME, self._port, f"room{n}", f"{part}{n}", "of-no-use-elsewhere") for n in range(count)
        ]

    def _spec(self) -> ChildSpec:
        """Erlang by its own parts: Debian's scripts know only the places of an installed system."""
        erlang = self._root / "usr/lib/erlang"
        machine = next((self._root / "usr/lib").glob("*-linux-gnu"))
        binaries = next(erlang.glob("erts-*")) / "bin"
        here = self._directory
        return ChildSpec(
            name=NAME,
            command=(
                *(str(binaries / "erlexec"), "-noinput", "-boot", "no_dot_erlang"),
                *("-mnesia", "dir", f'"{here}/mnesia"', "-s", NAME, "+K", "true", "+P", "250000"),
            ),
            log=here.parent / "logs" / "ejabberd.log",
            environment={
                "ROOTDIR": str(erlang),
                "BINDIR": str(binaries),
                "EMU": "beam",
                "PROGNAME": "erl",
                "PATH": os.defpath,
                "HOME": str(here),
                "ERL_LIBS": str(machine),
                "LD_LIBRARY_PATH": str(machine),
                "EJABBERD_CONFIG_PATH": str(here / "ejabberd.yml"),
                "EJABBERD_LOG_PATH": str(here / "server.log"),
                "SPOOL_DIR": str(here),
            },
            directory=here.parent,
        )


def _listens(port: int) -> Readiness:
    async def ready(_: Child) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    return ready
