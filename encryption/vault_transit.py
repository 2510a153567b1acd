"""Key encryption by a key service: the Transit engine of HashiCorp Vault (or OpenBao), over its HTTP API.

The key-encryption keys never leave the service. The transit key is a derived one (`derived=true`): each wrap is bound
to its owner by Vault's `context`, so a wrapped key that was moved elsewhere does not unwrap, and `rewrap` needs no
plaintext. A wrap is `format 2 | the service's own ciphertext ("vault:v3:...")`.
"""

import base64
import time
from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from threading import Lock
from typing import Any, Final

import httpx

from domain.errors import Unavailable
from encryption.errors import Damaged, KeyStoreRefused
from encryption.keys import KEY_BYTES, KeyContext

_FORMAT: Final = b"\x02"
_PREFIX: Final = "vault:v"
_TIMEOUT: Final = httpx.Timeout(3.0, connect=1.0)
_REST: Final = timedelta(seconds=2)
_AWAY: Final = "key_service_away"
_TOO_OLD: Final = "disallowed by policy"


class VaultTransit:
    """`KeyEncryption` over a transit key. Thread-safe; every call goes over the network and blocks its thread.

    Whoever asks while the service is away is refused at once for two seconds after each failure: one caller at a time
    finds out whether it is back, and nobody queues behind a timeout. Raises Unavailable (`key_service_away`) when the
    service does not answer, is sealed or refuses the token; KeyStoreRefused when a key or its version is not to be had.
    """

    refuses_production: Final = False
    remote: Final = True

    def __init__(
        self,
        address: str,
        token_file: Path,
        key: str = "kindroom",
        *,
        mount: str = "transit",
        transport: httpx.BaseTransport | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`token_file`: read for each call, since an agent renews it."""
        self._key, self._token_file = key, token_file
        self._http = httpx.Client(
            base_url=f"{address.rstrip('/')}/v1/{mount}", timeout=_TIMEOUT, transport=transport
        )
        self._monotonic = monotonic
        self._away_until = 0.0
        self._lock = Lock()

    def __repr__(self) -> str:
        return "VaultTransit(***)"

    @property
    def current_version(self) -> int:
        """The newest version of the transit key."""
        return int(self._call("GET", f"keys/{self._key}")["latest_version"])

    def wrap(self, data_key: bytes, context: KeyContext) -> bytes:
        """The data key under the newest version."""
        plaintext = base64.b64encode(data_key).decode()
        return _stored(self._asked("encrypt", context, plaintext=plaintext)["ciphertext"])

    def unwrap(self, wrapped: bytes, context: KeyContext) -> bytes:
        """The data key. Raises Damaged if the wrap is, or if it belongs elsewhere."""
        answer = self._asked("decrypt", context, ciphertext=_ciphertext(wrapped))
        data_key = base64.b64decode(answer["plaintext"], validate=True)
        if len(data_key) != KEY_BYTES:
            raise Damaged("unreadable_envelope")
        return data_key

    def rewrap(self, wrapped: bytes, context: KeyContext) -> bytes:
        """The same data key under the newest version, without its plaintext leaving the service."""
        ciphertext = _ciphertext(wrapped)
        if _version(ciphertext) == self.current_version:
            return wrapped
        return _stored(self._asked("rewrap", context, ciphertext=ciphertext)["ciphertext"])

    def _asked(self, operation: str, context: KeyContext, **given: str) -> dict[str, Any]:
        bound = base64.b64encode(context.aad()).decode()
        return self._call("POST", f"{operation}/{self._key}", {**given, "context": bound})

    def _call(self, method: str, path: str, body: dict[str, str] | None = None) -> dict[str, Any]:
        """The answer's `data`."""
        self._refuse_while_away()
        try:
            headers = {"X-Vault-Token": self._token_file.read_text().strip(), "X-Vault-Request": "true"}
            answer = self._http.request(method, f"/{path}", json=body, headers=headers)
            document = answer.json() if answer.content else {}
        except (httpx.HTTPError, OSError, ValueError):
            raise self._away() from None  # the text of an HTTP error names the address; the cause is not ours to tell
        if answer.is_success:
            self._away_until = 0.0
            data: dict[str, Any] = document["data"]
            return data
        raise self._refusal(answer.status_code, document)

    def _refusal(self, status: int, document: dict[str, Any]) -> Exception:
        told = " ".join(str(error) for error in document.get("errors") or ())
        match status:
            case HTTPStatus.BAD_REQUEST if _TOO_OLD in told:
                return KeyStoreRefused("key_version_too_old")
            case HTTPStatus.BAD_REQUEST:
                return Damaged()
            case HTTPStatus.NOT_FOUND:
                return KeyStoreRefused("key_missing")
        return self._away()

    def _refuse_while_away(self) -> None:
        """Raise at once while the service is known to be away; the first to ask after that tries for all."""
        with self._lock:
            now = self._monotonic()
            if now < self._away_until:
                raise Unavailable(timedelta(seconds=self._away_until - now), _AWAY)
            if self._away_until:
                self._away_until = now + _REST.total_seconds()

    def _away(self) -> Unavailable:
        with self._lock:
            self._away_until = self._monotonic() + _REST.total_seconds()
        return Unavailable(_REST, _AWAY)


def _stored(ciphertext: str) -> bytes:
    return _FORMAT + ciphertext.encode("ascii")


def _ciphertext(wrapped: bytes) -> str:
    """What the service gave. Raises Damaged if it is no wrap of this kind."""
    if wrapped[:1] != _FORMAT or not wrapped.isascii():
        raise Damaged("unreadable_envelope")
    ciphertext = wrapped[1:].decode("ascii")
    _version(ciphertext)
    return ciphertext


def _version(ciphertext: str) -> int:
    number, found, _ = ciphertext.removeprefix(_PREFIX).partition(":")
    if not ciphertext.startswith(_PREFIX) or not found or not number.isdecimal():
        raise Damaged("unreadable_envelope")
    return int(number)
