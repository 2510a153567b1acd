"""matrix-synapse from PyPI in an environment of its own, below `.kindroom/peers/synapse`: one process."""

import asyncio
import hashlib
import hmac
import json
import secrets
import subprocess
import sys
import venv
from pathlib import Path
from urllib.parse import quote, urlparse

from bench.peers.devices import Http, Place
from bench.peers.ejabberd import NotHere
from kindroom.embedded.postgres import EmbeddedPostgres
from kindroom.embedded.processes import ChildSpec, clean_environment
from kindroom.embedded.programs import Program, answers_http

NAME = "synapse"
LOCK = Path(__file__).parent / "synapse.lock"
_NO_LIMIT = {"per_second": 1_000_000, "burst_count": 1_000_000}


def installed(place: Path) -> Path:
    """The Python that has it; installs the hash-checked lock when it is not there yet. Raises NotHere."""
    python, done = place / "bin" / "python", place / "installed"
    lock = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if done.exists() and done.read_text() == lock:
        return python
    try:
        venv.create(place, clear=True, with_pip=True)
        command = ("-m", "pip", "install", "-qq", "--disable-pip-version-check", "--require-hashes", "-r")
        subprocess.run((python, *command, LOCK), check=True, stdout=sys.stderr)
    except (OSError, subprocess.CalledProcessError) as error:
        raise NotHere(f"matrix-synapse could not be installed: {error}") from None
    done.write_text(lock)
    return python


class Synapse:
    """One server over a database of its own in the given PostgreSQL."""

    def __init__(self, python: Path, postgres: EmbeddedPostgres, directory: Path, port: int) -> None:
        self._python, self._postgres, self._directory, self._port = python, postgres, directory, port
        self._secret = secrets.token_hex(16)
        self._program = Program(self._spec(), answers_http(port, "/health", range(200, 201)))

    @property
    def pids(self) -> list[int]:
        """Its processes."""
        assert self._program.child is not None
        return [self._program.child.pid]

    async def start(self) -> None:
        """Ready for clients when it returns. Raises StackError."""
        await self._postgres.create_database(NAME)
        self._directory.mkdir()
        (self._directory / "homeserver.yaml").write_text(json.dumps(self._configuration()))
        command = (
            *(self._python, "-m", "synapse.app.homeserver", "--generate-keys"),
            *("-c", self._directory / "homeserver.yaml"),
        )
        await asyncio.to_thread(subprocess.run, command, check=True, capture_output=True, cwd=self._directory)
        await self._program.start()

    async def places(self, rooms: int) -> tuple[list[Place], list[Place]]:
        """A sender and a listener in each room."""
        senders, listeners = [], []
        for n in range(rooms):
            sender, listener = [await self._register(f"{part}{n}") for part in ("sender", "listener")]
            there = await _ask(self._port, sender, "POST", "/createRoom", {"preset": "public_chat"})
            room = quote(there["room_id"], safe="!:")
            await _ask(self._port, listener, "POST", f"/rooms/{room}/join", {})
            senders.append(Place(NAME, self._port, there["room_id"], f"sender{n}", sender))
            listeners.append(Place(NAME, self._port, there["room_id"], f"listener{n}", listener))
        return senders, listeners

    async def stop(self) -> None:
        """End it."""
        await self._program.stop()

    async def _register(self, name: str) -> str:
        path = "/_synapse/admin/v1/register"
        http = Http(self._port, "")
        await http.open()
        nonce = (await http.ask("GET", path))["nonce"]
        password = secrets.token_hex(8)
        told = "\0".join((nonce, name, password, "notadmin")).encode()
        mac = hmac.new(self._secret.encode(), told, hashlib.sha1).hexdigest()  # the API's own choice
        body = {"nonce": nonce, "username": name, "password": password, "admin": False, "mac": mac}
        made = await http.ask("POST", path, body)
        await http.close()
        return str(made["access_token"])

    def _configuration(self) -> dict[str, object]:
        login, here = urlparse(self._postgres.dsn(database=NAME)), self._directory
        limits = ("message", "registration", "joins_per_room", "room_creation")
        return {
            "server_name": "localhost",
            "report_stats": False,
            "pid_file": str(here / "pid"),
            "signing_key_path": str(here / "signing.key"),
            "media_store_path": str(here / "media"),
            "log_config": str(self._logging()),
            "registration_shared_secret": self._secret,
            "macaroon_secret_key": secrets.token_hex(16),
            "form_secret": secrets.token_hex(16),
            "bcrypt_rounds": 4,
            "trusted_key_servers": [],
            "presence": {"enabled": False},
            "listeners": [
                {
                    "port": self._port,
                    "bind_addresses": ["127.0.0.1"],
                    "type": "http",
                    "tls": False,
                    "resources": [{"names": ["client"], "compress": False}],
                }
            ],
            "database": {
                "name": "psycopg2",
                "allow_unsafe_locale": True,
                "args": {
                    "user": login.username,
                    "password": login.password,
                    "host": "127.0.0.1",
                    "port": self._postgres.port,
                    "dbname": NAME,
                    "cp_min": 5,
                    "cp_max": 10,
                },
            },
            **{f"rc_{name}": _NO_LIMIT for name in limits},
            "rc_login": {"address": _NO_LIMIT, "account": _NO_LIMIT, "failed_attempts": _NO_LIMIT},
            "rc_joins": {"local": _NO_LIMIT, "remote": _NO_LIMIT},
        }

    def _logging(self) -> Path:
        path = self._directory / "log.yaml"
        path.write_text(json.dumps({"version": 1, "root": {"level": "ERROR"}}))
        return path

    def _spec(self) -> ChildSpec:
        here = self._directory
        return ChildSpec(
            name=NAME,
            command=(
                *(str(self._python), "-m", "synapse.app.homeserver"),
                *("-c", str(here / "homeserver.yaml")),
            ),
            log=here.parent / "logs" / "synapse.log",
            environment=clean_environment(),
            directory=here.parent,
        )


async def _ask(port: int, token: str, method: str, path: str, body: object) -> dict[str, str]:
    http = Http(port, token)
    await http.open()
    found: dict[str, str] = await http.ask(method, f"/_matrix/client/v3{path}", body)
    await http.close()
    return found
