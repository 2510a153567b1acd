"""The services of docker-compose.yml as plain processes: their commands, entrypoint, variables and secrets.

Only addresses, paths and ports are other ones. The engines are the embedded ones.
"""

import json
import shutil
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from composed import ROOT, services

from encryption.key_files import LocalFileKeys
from encryption.keys import KeyRing
from kindroom.embedded.passwords import LOGINS
from kindroom.embedded.placement import remove_home
from kindroom.embedded.ports import LOOPBACK, free_port
from kindroom.embedded.processes import ChildSpec, clean_environment
from kindroom.embedded.programs import Program, Programs, answers_http, polls_task_queues
from kindroom.embedded.stack import EmbeddedStack
from records.database import Database

ENGINES_ONLY = Programs(api=None, worker=None, seed=None)
OPERATOR = ("operator", "a password for the test")


@dataclass
class Production:
    """What runs, and how to speak to it."""

    stack: EmbeddedStack
    programs: dict[str, Program]
    apis: dict[str, str]  # origin by service
    front_port: int
    trust: ssl.SSLContext
    care: Database

    def front(self, host: str = "localhost", **more: object) -> httpx.AsyncClient:
        """A visitor of the front under one of its names."""
        return httpx.AsyncClient(
            base_url=f"https://{host}:{self.front_port}",
            mounts={"https://": _Resolved(self.trust)},
            timeout=15,
            **more,  # type: ignore[arg-type]
        )


class _Resolved(httpx.AsyncHTTPTransport):
    """Every name is this machine; the certificate still has to be the name's."""

    def __init__(self, trust: ssl.SSLContext) -> None:
        super().__init__(verify=trust)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        request.extensions["sni_hostname"] = request.url.host
        request.url = request.url.copy_with(host=LOOPBACK)
        return await super().handle_async_request(request)


@asynccontextmanager
async def production(folder: Path) -> AsyncIterator[Production]:
    """Engines, sandbox, both APIs, both workers and the front; all gone afterwards."""
    stack = EmbeddedStack(
        folder / "data", demo=False, programs=ENGINES_ONLY, postgres_settings={"fsync": "off"}
    )
    programs: dict[str, Program] = {}
    try:
        async with stack:
            secrets = _secrets(folder / "secrets", stack)
            ports = {name: free_port() for name in ("api-1", "api-2")}
            for name, port in ports.items():
                ready = answers_http(port, "/readyz", range(200, 201))
                programs[name] = Program(_service(name, folder, secrets, stack, port), ready)
            for name in ("worker-1", "worker-2"):
                ready = polls_task_queues(stack.temporal.address, stack.temporal.namespace)
                programs[name] = Program(_service(name, folder, secrets, stack), ready)
            front_port = free_port()
            programs["front"] = Program(
                _front(folder, secrets, stack, list(ports.values()), front_port),
                lambda _: _listens(front_port),
            )
            for program in programs.values():
                await program.start()
            care = Database(
                stack.postgres.dsn("kindroom_care"),
                KeyRing(LocalFileKeys(folder / "api-1" / "private" / "kek.json")),
                size=4,
            )
            await care.open()
            trust = ssl.create_default_context(cafile=folder / "caddy/caddy/pki/authorities/local/root.crt")
            apis = {name: f"http://{LOOPBACK}:{port}" for name, port in ports.items()}
            yield Production(stack, programs, apis, front_port, trust, care)
            await care.close()
            for program in programs.values():
                await program.stop()
    finally:
        for program in programs.values():
            await program.stop()
        remove_home(folder / "data" / "postgres")


def _secrets(folder: Path, stack: EmbeddedStack) -> Path:
    """As the script makes them, with the passwords of the embedded logins and one operator."""
    subprocess.run(["sh", str(ROOT / "deploy" / "make-secrets.sh"), str(folder)], check=True)
    passwords = json.loads((stack.data_dir / "secrets" / "postgres.json").read_text())
    hashed = subprocess.run(
        [_caddy(), "hash-password", "--plaintext", OPERATOR[1]], check=True, capture_output=True, text=True
    ).stdout.strip()
    texts = {f"database_{login.removeprefix('kindroom_')}": passwords[login] for login in LOGINS}
    for name, text in {**texts, "operators": f"{OPERATOR[0]} {hashed}\n"}.items():
        (folder / name).unlink()
        (folder / name).write_text(text)
    return folder


def _service(name: str, folder: Path, secrets: Path, stack: EmbeddedStack, port: int = 0) -> ChildSpec:
    """One service: its entrypoint and command, its variables, the secrets it is given and no other."""
    service = services()[name]
    own = folder / name
    (own / "secrets").mkdir(parents=True)
    (own / "private").mkdir(mode=0o700)
    for secret in service["secrets"]:
        shutil.copy(secrets / secret, own / "secrets")
    other = {
        "postgres:5432": f"{LOOPBACK}:{stack.postgres.port}",
        "temporal:7233": stack.temporal.address,
        "http://sandbox:8080": stack.sandbox_url,
        "/run/kindroom": str(own / "private"),
        "/var/lib/kindroom": str(own / "data"),
        "0.0.0.0": LOOPBACK,
        "8000": str(port),
    }
    entrypoint = [word.replace("/app/", f"{ROOT}/") for word in service["entrypoint"]]
    command = [sys.executable if word == "python" else _replaced(word, other) for word in service["command"]]
    given = {v: text for v, text in service["environment"].items() if text is not None}  # null: not set
    variables = {v: _replaced(str(text), other) for v, text in given.items()}
    (own / "data").mkdir()
    return ChildSpec(
        name=name,
        command=(*entrypoint, *command),
        log=folder / "logs" / f"{name}.log",
        environment={
            **clean_environment(),
            **variables,
            "KINDROOM_SMTP_HOST": LOOPBACK,  # production wants a mail server named; no mail is sent here
            "KINDROOM_SECRETS_DIR": str(own / "secrets"),
            "KINDROOM_PRIVATE_DIR": str(own / "private"),
        },
        directory=ROOT,
        stop_seconds=float(service["stop_grace_period"].removesuffix("s")),
    )


def _front(folder: Path, secrets: Path, stack: EmbeddedStack, apis: list[int], port: int) -> ChildSpec:
    """Caddy with the project's Caddyfile, on one port and with an authority of its own."""
    return ChildSpec(
        name="front",
        command=(_caddy(), "run", "--config", str(ROOT / "deploy" / "Caddyfile")),
        log=folder / "logs" / "front.log",
        environment={
            **clean_environment(),
            "HOME": str(folder),
            "XDG_DATA_HOME": str(folder / "caddy"),
            "XDG_CONFIG_HOME": str(folder / "caddy"),
            "KINDROOM_HOST": f"localhost:{port}",
            "KINDROOM_TEMPORAL_HOST": f"temporal.localhost:{port}",
            "KINDROOM_APIS": " ".join(f"{LOOPBACK}:{api}" for api in apis),
            "KINDROOM_TEMPORAL_UI": f"{LOOPBACK}:{stack.temporal.ui_port}",
            "KINDROOM_SECRETS_DIR": str(secrets),
            "KINDROOM_FRONT_OPTIONS": "skip_install_trust\nauto_https disable_redirects",
        },
        directory=folder,
    )


def _caddy() -> str:
    return str(Path(sys.executable).with_name("caddy"))


def _replaced(text: str, other: dict[str, str]) -> str:
    for old, new in other.items():
        text = text.replace(old, new)
    return text


async def _listens(port: int) -> bool:
    try:
        async with httpx.AsyncClient(verify=False) as client:  # noqa: S501  only whether somebody is there
            await client.get(f"https://localhost:{port}/healthz", extensions={"sni_hostname": "localhost"})
    except httpx.HTTPError:
        return False
    return True
