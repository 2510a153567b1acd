"""A small stand-in for Vault's Transit engine: versioned AES-GCM keys derived by context, that never leave it."""

import base64
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, ClassVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

TOKEN = "s.stand-in"


class Refused(Exception):
    """What the service answers instead: a status and its words."""

    def __init__(self, status: int, *told: str) -> None:
        self.status, self.told = status, told


class Transit:
    """The engine and its server. `stop` and `start` keep its keys and its port."""

    def __init__(self) -> None:
        self._keys = {1: secrets.token_bytes(32)}
        self.min_decryption_version = 1
        self.sealed = False
        self.asked: list[str] = []
        self._port = 0
        self._server: ThreadingHTTPServer | None = None

    @property
    def address(self) -> str:
        """Where it is served, or was last."""
        return f"http://127.0.0.1:{self._port}"

    def rotate(self) -> int:
        """One more version."""
        version = max(self._keys) + 1
        self._keys[version] = secrets.token_bytes(32)
        return version

    def start(self) -> None:
        """Serve."""
        engine = self

        class Handler(_Handler):
            transit = engine

        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), Handler)
        self._port = self._server.server_port
        Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        """Answer nobody any more."""
        assert self._server is not None
        self._server.shutdown()
        self._server.server_close()
        self._server = None

    def answer(self, method: str, path: str, token: str | None, body: dict[str, str]) -> dict[str, Any]:
        """One request."""
        operation = path.removeprefix("/v1/transit/").partition("/")[0]
        self.asked.append(operation)
        if self.sealed:
            raise Refused(503, "Vault is sealed")
        if token != TOKEN:
            raise Refused(403, "permission denied")
        if not path.endswith("/kindroom"):
            raise Refused(404)
        match method, operation:
            case "GET", "keys":
                return {
                    "latest_version": max(self._keys),
                    "min_decryption_version": self.min_decryption_version,
                }
            case "POST", "encrypt":
                return {"ciphertext": self._encrypt(body["context"], base64.b64decode(body["plaintext"]))}
            case "POST", "decrypt":
                plaintext = self._decrypt(body["context"], body["ciphertext"])
                return {"plaintext": base64.b64encode(plaintext).decode()}
            case "POST", "rewrap":
                return {
                    "ciphertext": self._encrypt(
                        body["context"], self._decrypt(body["context"], body["ciphertext"])
                    )
                }
        raise Refused(404)

    def _encrypt(self, context: str, plaintext: bytes) -> str:
        version, nonce = max(self._keys), secrets.token_bytes(12)
        sealed = nonce + self._cipher(version, context).encrypt(nonce, plaintext, None)
        return f"vault:v{version}:{base64.b64encode(sealed).decode()}"

    def _decrypt(self, context: str, ciphertext: str) -> bytes:
        _, name, encoded = ciphertext.split(":")
        version = int(name.removeprefix("v"))
        if version < self.min_decryption_version:
            raise Refused(400, "ciphertext or signature version is disallowed by policy (too old)")
        if version not in self._keys:
            raise Refused(400, "invalid ciphertext: version is too new")
        try:
            sealed = base64.b64decode(encoded, validate=True)
            return self._cipher(version, context).decrypt(sealed[:12], sealed[12:], None)
        except (InvalidTag, ValueError):
            raise Refused(400, "cipher: message authentication failed") from None

    def _cipher(self, version: int, context: str) -> AESGCM:
        info = base64.b64decode(context)
        return AESGCM(HKDF(SHA256(), 32, salt=None, info=info).derive(self._keys[version]))


class _Handler(BaseHTTPRequestHandler):
    transit: ClassVar[Transit]

    def do_GET(self) -> None:
        self._respond({})

    def do_POST(self) -> None:
        self._respond(json.loads(self.rfile.read(int(self.headers["content-length"]))))

    def _respond(self, body: dict[str, str]) -> None:
        try:
            token = self.headers["x-vault-token"]
            status, document = 200, {"data": self.transit.answer(self.command, self.path, token, body)}
        except Refused as refused:
            status, document = refused.status, {"errors": list(refused.told)}  # type: ignore[dict-item]
        answer = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Nothing is logged."""


@contextmanager
def transit() -> Iterator[Transit]:
    """The engine, served."""
    engine = Transit()
    engine.start()
    try:
        yield engine
    finally:
        if engine._server is not None:
            engine.stop()
