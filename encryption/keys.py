"""Keys: a versioned key-encryption key (KEK) wraps one data key per room, chart, bill and installation.

Only wrapped data keys are stored. Deleting the wrap is what makes a room unreadable for ever
(crypto-shredding); the `KeyRing` therefore forgets on request and never keeps an opened key for long.
"""

import asyncio
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from functools import cached_property
from threading import Lock
from typing import Protocol
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from encryption.errors import Damaged
from encryption.framing import framed

KEY_BYTES = 32
NONCE_BYTES = 12
_WRAP_FORMAT = 1
_WRAP_HEADER = 5  # format 1, KEK version 4


class KeyScope(StrEnum):
    """What one data key protects. Losing a key loses exactly this much."""

    ROOM = "room"  # messages, drafts, notes, goals, check-ins of one room
    MEDIA = "media"  # one recording
    CHART = "chart"  # intake and measures of one client
    BILLING = "billing"  # demographics, member ids, diagnoses, raw 271 of one client
    CLINIC = "clinic"  # the installation's own: idempotent answers, notices, derived keys


@dataclass(frozen=True, slots=True)
class KeyContext:
    """What a wrap is bound to: a wrapped key moved to another owner or version does not unwrap."""

    scope: KeyScope
    owner_id: UUID
    version: int

    def aad(self) -> bytes:
        return framed("kindroom data key", self.scope.value, self.owner_id, self.version)


@dataclass(frozen=True, repr=False)
class DataKey:
    """An opened data key. Prints as `***`; keeps its cipher, since building one costs more than a seal."""

    scope: KeyScope
    owner_id: UUID
    version: int
    key: bytes
    aead: AESGCM = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "aead", AESGCM(self.key))

    def __repr__(self) -> str:
        return f"DataKey({self.scope.value}, version {self.version}, ***)"

    def __reduce__(self) -> str | tuple[object, ...]:
        raise TypeError("an opened key is not copied out of the process")

    @property
    def context(self) -> KeyContext:
        return KeyContext(self.scope, self.owner_id, self.version)

    @cached_property
    def fingerprint_key(self) -> bytes:
        """The key under which bodies are fingerprinted (`rooms.fingerprint`)."""
        return self.derive("fingerprint")

    def derive(self, purpose: str) -> bytes:
        """A 32-byte key for one purpose (HKDF-SHA256), independent of every other purpose."""
        info = framed("kindroom derived key", purpose, self.context.aad())
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=info).derive(self.key)


class KeyEncryption(Protocol):
    """Wraps data keys under a versioned key-encryption key: a local file, a KMS, Vault Transit."""

    @property
    def refuses_production(self) -> bool:
        """Whether wiring must refuse this adapter in production."""
        ...

    @property
    def remote(self) -> bool:
        """Whether calls go over a network: they are made in a thread, and may raise Unavailable."""
        ...

    @property
    def current_version(self) -> int:
        """The KEK version that `wrap` uses now."""
        ...

    def wrap(self, data_key: bytes, context: KeyContext) -> bytes:
        """The data key sealed under the current KEK, bound to its context."""
        ...

    def unwrap(self, wrapped: bytes, context: KeyContext) -> bytes:
        """The data key. Raises `Damaged` if the wrap is, or if it belongs elsewhere."""
        ...

    def rewrap(self, wrapped: bytes, context: KeyContext) -> bytes:
        """The same data key under the current KEK; unchanged if it is there already. Safe to repeat."""
        ...


def wrap_under(kek: AESGCM, kek_version: int, data_key: bytes, context: KeyContext) -> bytes:
    """`format 1 | KEK version 4 | nonce 12 | ciphertext + tag`; for adapters that hold the KEK themselves."""
    header = bytes([_WRAP_FORMAT]) + kek_version.to_bytes(4, "big")
    nonce = secrets.token_bytes(NONCE_BYTES)
    return header + nonce + kek.encrypt(nonce, data_key, header + context.aad())


def kek_version(wrapped: bytes) -> int:
    """The KEK version a wrap needs. Raises `Damaged` if it is no wrap."""
    if len(wrapped) < _WRAP_HEADER + NONCE_BYTES + 16 or wrapped[0] != _WRAP_FORMAT:
        raise Damaged
    return int.from_bytes(wrapped[1:_WRAP_HEADER], "big")


def unwrap_under(kek: AESGCM, wrapped: bytes, context: KeyContext) -> bytes:
    """The data key inside `wrapped`. Raises `Damaged`."""
    header, rest = wrapped[:_WRAP_HEADER], wrapped[_WRAP_HEADER:]
    try:
        return kek.decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], header + context.aad())
    except InvalidTag:
        raise Damaged from None


class KeyRing:
    """Makes and opens data keys, keeping the recently opened ones in memory: bounded, and not for long.

    Thread-safe. `forget` drops an owner's keys when they are shredded; other processes lose them when
    `lifetime` ends, so an erasure is complete only after that long.
    """

    def __init__(
        self,
        keys: KeyEncryption,
        *,
        capacity: int = 4096,
        lifetime: timedelta = timedelta(minutes=5),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._keys = keys
        self._capacity = capacity
        self._lifetime = lifetime.total_seconds()
        self._monotonic = monotonic
        self._opened: OrderedDict[KeyContext, tuple[float, bytes, DataKey]] = OrderedDict()
        self._lock = Lock()

    def create(self, scope: KeyScope, owner_id: UUID, version: int = 1) -> tuple[DataKey, bytes]:
        """A fresh data key and its wrap. Store the wrap: the key itself is stored nowhere."""
        key = DataKey(scope, owner_id, version, secrets.token_bytes(KEY_BYTES))
        wrapped = self._keys.wrap(key.key, key.context)
        self._remember(key, wrapped)
        return key, wrapped

    def open(self, scope: KeyScope, owner_id: UUID, version: int, wrapped: bytes) -> DataKey:
        """The data key inside `wrapped`. Raises `Damaged` if the wrap is, or if it belongs elsewhere."""
        context = KeyContext(scope, owner_id, version)
        known = self._recall(context, wrapped)
        if known is not None:
            return known
        key = DataKey(scope, owner_id, version, self._keys.unwrap(wrapped, context))
        self._remember(key, wrapped)
        return key

    async def opened(self, scope: KeyScope, owner_id: UUID, version: int, wrapped: bytes) -> DataKey:
        """`open` for the event loop, which never waits for a key service. Raises Unavailable while it is away."""
        known = self._recall(KeyContext(scope, owner_id, version), wrapped)
        if known is not None:
            return known
        if not self._keys.remote:
            return self.open(scope, owner_id, version, wrapped)
        return await asyncio.to_thread(self.open, scope, owner_id, version, wrapped)

    async def created(self, scope: KeyScope, owner_id: UUID) -> tuple[DataKey, bytes]:
        """`create` for the event loop. Raises Unavailable while a key service is away."""
        if not self._keys.remote:
            return self.create(scope, owner_id)
        return await asyncio.to_thread(self.create, scope, owner_id)

    def rewrap(self, scope: KeyScope, owner_id: UUID, version: int, wrapped: bytes) -> bytes:
        """The wrap under the current KEK; the data key, and all that it sealed, stay as they are."""
        return self._keys.rewrap(wrapped, KeyContext(scope, owner_id, version))

    def forget(self, scope: KeyScope, owner_id: UUID) -> None:
        """Drop every version of an owner's key from memory."""
        with self._lock:
            gone = [c for c in self._opened if c.scope is scope and c.owner_id == owner_id]
            for context in gone:
                del self._opened[context]

    def __len__(self) -> int:
        return len(self._opened)

    def _recall(self, context: KeyContext, wrapped: bytes) -> DataKey | None:
        with self._lock:
            entry = self._opened.get(context)
            if entry is None:
                return None
            expires, seen, key = entry
            if self._monotonic() >= expires:
                del self._opened[context]
                return None
            # Another wrap for the same context is checked by the KEK, never answered from memory.
            if seen != wrapped:
                return None
            self._opened.move_to_end(context)
            return key

    def _remember(self, key: DataKey, wrapped: bytes) -> None:
        with self._lock:
            self._opened[key.context] = (self._monotonic() + self._lifetime, wrapped, key)
            self._opened.move_to_end(key.context)
            while len(self._opened) > self._capacity:
                self._opened.popitem(last=False)
