"""Versioned keys in a local file, and the key-encryption adapter over one, for the embedded stack."""

import base64
import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from encryption.errors import KeyStoreRefused
from encryption.keys import KEY_BYTES, KeyContext, kek_version, unwrap_under, wrap_under

_OTHERS = 0o077


class KeyFile:
    """Versioned 32-byte keys in a JSON file of mode 0600, made on first use. Several processes may share it.

    Rotation adds a version and keeps the old ones. Raises `KeyStoreRefused` if the file is open to others,
    damaged or of unknown format.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        if not path.exists():
            _create(path, {1: secrets.token_bytes(KEY_BYTES)})
        self._keys = _read(path)

    def __repr__(self) -> str:
        return "KeyFile(***)"

    @property
    def current_version(self) -> int:
        """The newest version this process knows."""
        return max(self._keys)

    def key(self, version: int) -> bytes:
        """One key; reads the file again if another process has rotated. Raises `KeyStoreRefused`."""
        if version not in self._keys:
            self._keys = _read(self._path)
        if version not in self._keys:
            raise KeyStoreRefused("key_version_unknown")
        return self._keys[version]

    def rotate(self) -> int:
        """Add a version and use it from now on. Other processes take it up when they next meet it."""
        with _locked(self._path):
            keys = _read(self._path)
            version = max(keys) + 1
            _write(self._path, keys | {version: secrets.token_bytes(KEY_BYTES)})
        self._keys = _read(self._path)
        return version


class LocalFileKeys:
    """`KeyEncryption` over a `KeyFile`. Whoever holds the file and the database reads everything: wiring
    refuses it in production.
    """

    refuses_production: Final = True
    remote: Final = False

    def __init__(self, path: Path) -> None:
        self._file = KeyFile(path)
        self._ciphers: dict[int, AESGCM] = {}

    def __repr__(self) -> str:
        return "LocalFileKeys(***)"

    @property
    def current_version(self) -> int:
        """The newest KEK version this process knows."""
        return self._file.current_version

    def wrap(self, data_key: bytes, context: KeyContext) -> bytes:
        """The data key under the newest KEK."""
        version = self.current_version
        return wrap_under(self._kek(version), version, data_key, context)

    def unwrap(self, wrapped: bytes, context: KeyContext) -> bytes:
        """The data key. Raises `Damaged`, or `KeyStoreRefused` if the file lacks the KEK."""
        return unwrap_under(self._kek(kek_version(wrapped)), wrapped, context)

    def rewrap(self, wrapped: bytes, context: KeyContext) -> bytes:
        """The same data key under the newest KEK."""
        if kek_version(wrapped) == self.current_version:
            return wrapped
        return self.wrap(self.unwrap(wrapped, context), context)

    def rotate(self) -> int:
        """Add a KEK version; every wrap stays readable. Re-wrap the stored keys afterwards."""
        return self._file.rotate()

    def _kek(self, version: int) -> AESGCM:
        if version not in self._ciphers:
            self._ciphers[version] = AESGCM(self._file.key(version))
        return self._ciphers[version]


def _read(path: Path) -> dict[int, bytes]:
    if path.stat().st_mode & _OTHERS:
        raise KeyStoreRefused("key_file_open_to_others")
    try:
        content = json.loads(path.read_bytes())
        keys = {int(v): base64.b64decode(key, validate=True) for v, key in content["keys"].items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise KeyStoreRefused("key_file_damaged") from None
    if content.get("format") != 1 or not keys or any(len(key) != KEY_BYTES for key in keys.values()):
        raise KeyStoreRefused("key_file_damaged")
    return keys


def _staged(path: Path, keys: dict[int, bytes]) -> Path:
    """The content in a file of its own beside `path`, on disk before it is ever named."""
    encoded = {str(version): base64.b64encode(key).decode() for version, key in sorted(keys.items())}
    staged = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump({"format": 1, "keys": encoded}, file)
        file.flush()
        os.fsync(file.fileno())
    return staged


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _create(path: Path, keys: dict[int, bytes]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    staged = _staged(path, keys)
    try:
        # A link never replaces: of two processes that start together one wins, the other reads the winner's.
        with suppress(FileExistsError):
            os.link(staged, path)
    finally:
        staged.unlink()
    _sync_folder(path)


def _write(path: Path, keys: dict[int, bytes]) -> None:
    os.replace(_staged(path, keys), path)
    _sync_folder(path)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    descriptor = os.open(path.with_name(f".{path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
