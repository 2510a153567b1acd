"""The ledger of destroyed keys outside the database: what a restored backup brings back is known by it.

A file of lines that is only ever added to, each on disk before its key is destroyed. Every line carries an HMAC over
itself and the one before: a line that was changed, taken out or put in breaks the chain.
"""

import fcntl
import hmac
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Final
from uuid import UUID

from encryption.errors import KeyStoreRefused
from encryption.keys import DataKey, KeyScope

_START: Final = bytes(32)


@dataclass(frozen=True, slots=True)
class Shred:
    """A key that was destroyed: whose, and when that was decided (UTC)."""

    scope: KeyScope
    owner_id: UUID
    at: datetime


class ShredLedger:
    """One file. `key` is the clinic's own data key, in every backup of the same clinic."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def empty(self) -> bool:
        """Whether nothing was ever destroyed: no key is needed to know that."""
        return not self._path.exists() or self._path.stat().st_size == 0

    def read(self, key: DataKey) -> list[Shred]:
        """Every entry, oldest first. Raises KeyStoreRefused (`shred_ledger_damaged`) when the chain does not hold."""
        if self.empty:
            return []
        return [shred for shred, _ in _walk(_whole_lines(self._path.read_bytes()), _chain_key(key))]

    def append(self, key: DataKey, shreds: Iterable[Shred]) -> int:
        """Add what is not named yet; how many. On disk when it returns. Raises as `read`."""
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        chain = _chain_key(key)
        with _locked(self._path) as file:
            content = os.pread(file, os.fstat(file).st_size, 0)
            lines = _whole_lines(content)
            os.ftruncate(file, sum(len(line) + 1 for line in lines))  # a line that a crash cut off
            known, last = set(), _START
            for shred, mac in _walk(lines, chain):
                known.add((shred.scope, shred.owner_id))
                last = mac
            new = [shred for shred in shreds if (shred.scope, shred.owner_id) not in known]
            added = bytearray()
            for shred in new:
                body = _body(shred)
                last = _mac(chain, last, body)
                added += json.dumps({**body, "mac": last.hex()}, separators=(",", ":")).encode() + b"\n"
            os.lseek(file, 0, os.SEEK_END)
            os.write(file, bytes(added))
            os.fsync(file)
        _sync_folder(self._path.parent)
        return len(new)


def _chain_key(key: DataKey) -> bytes:
    return key.derive("shred ledger")


def _whole_lines(content: bytes) -> list[bytes]:
    """Lines that were written to their end; what a crash left behind the last one does not count."""
    return content.split(b"\n")[:-1]


def _walk(lines: Iterable[bytes], chain: bytes) -> Iterator[tuple[Shred, bytes]]:
    last = _START
    for line in lines:
        try:
            body = json.loads(line)
            stored = bytes.fromhex(body.pop("mac"))
            shred = Shred(KeyScope(body["scope"]), UUID(body["owner"]), datetime.fromisoformat(body["at"]))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise KeyStoreRefused("shred_ledger_damaged") from None
        last = _mac(chain, last, body)
        if not hmac.compare_digest(stored, last):
            raise KeyStoreRefused("shred_ledger_damaged")
        yield shred, last


def _body(shred: Shred) -> dict[str, str]:
    return {"at": shred.at.isoformat(), "owner": str(shred.owner_id), "scope": shred.scope.value}


def _mac(chain: bytes, last: bytes, body: dict[str, str]) -> bytes:
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":")).encode()
    return hmac.new(chain, last + canonical, sha256).digest()


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file
    finally:
        os.close(file)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
