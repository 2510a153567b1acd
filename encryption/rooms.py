"""Sealing of messages and of single columns: AES-256-GCM under the owner's data key.

Envelope: `version 1 | algorithm 1 | key version 4 | nonce 12 | ciphertext + tag`. The associated data names
the place (room, message, sender, kind; or table, column, row), so bytes moved elsewhere are refused. Choose
the row's id before sealing. Rotate a key at 2^24 messages or after a year: nonces are random.
"""

import hmac
import secrets
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag

from encryption.errors import Damaged, Unreadable
from encryption.framing import framed
from encryption.keys import NONCE_BYTES, DataKey

_VERSION: Final = 1
_AES_256_GCM: Final = 1
_HEADER: Final = 6
_TAG: Final = 16


class Sealed(bytes):
    """Sealed bytes; print as `***` so that a row in a log or a test failure shows nothing."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__


class Opened(str):
    """Text that was sealed. Equal to and usable as its text, but its `repr` (rows, tracebacks) is `***`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "***"


def seal_message(
    key: DataKey, room_id: UUID, message_id: UUID, sender_id: UUID | None, kind: str, text: str
) -> Sealed:
    """Seal a message's body. `sender_id` is None for what the service itself writes."""
    return _seal(key, _message_place(room_id, message_id, sender_id, kind), text.encode())


def open_message(
    key: DataKey, room_id: UUID, message_id: UUID, sender_id: UUID | None, kind: str, sealed: bytes
) -> Opened:
    """The body. Raises `Damaged`, also for another room, message, sender or kind; `Unreadable` for a key version."""
    return _text(_open(key, _message_place(room_id, message_id, sender_id, kind), sealed))


def seal_field(key: DataKey, owner_id: UUID, table: str, column: str, row_id: UUID, plaintext: str) -> Sealed:
    """Seal one column of one row."""
    return seal_bytes(key, owner_id, table, column, row_id, plaintext.encode())


def open_field(key: DataKey, owner_id: UUID, table: str, column: str, row_id: UUID, sealed: bytes) -> Opened:
    """The column's text. Raises `Damaged`, also for bytes of another owner, table, column or row; `Unreadable`."""
    return _text(open_bytes(key, owner_id, table, column, row_id, sealed))


def seal_bytes(
    key: DataKey, owner_id: UUID, table: str, column: str, row_id: UUID, plaintext: bytes
) -> Sealed:
    """`seal_field` for what is not text, such as a payer's raw answer."""
    return _seal(key, framed("field", owner_id, table, column, row_id), plaintext)


def open_bytes(key: DataKey, owner_id: UUID, table: str, column: str, row_id: UUID, sealed: bytes) -> bytes:
    """`open_field` for what is not text. Raises as it does."""
    return _open(key, framed("field", owner_id, table, column, row_id), sealed)


def fingerprint(key: DataKey, body: bytes) -> bytes:
    """32 bytes that tell equal bodies from unequal ones to holders of the key, and nothing to anyone else."""
    return hmac.digest(key.fingerprint_key, body, "sha256")


def key_version(sealed: bytes) -> int:
    """The data-key version an envelope needs. Raises `Damaged` if it is no envelope."""
    if len(sealed) < _HEADER + NONCE_BYTES + _TAG or sealed[0] != _VERSION or sealed[1] != _AES_256_GCM:
        raise Damaged("unreadable_envelope")
    return int.from_bytes(sealed[2:_HEADER], "big")


def _message_place(room_id: UUID, message_id: UUID, sender_id: UUID | None, kind: str) -> bytes:
    return framed("message", room_id, message_id, sender_id, kind)


def _seal(key: DataKey, place: bytes, plaintext: bytes) -> Sealed:
    header = bytes((_VERSION, _AES_256_GCM)) + key.version.to_bytes(4, "big")
    nonce = secrets.token_bytes(NONCE_BYTES)
    return Sealed(header + nonce + key.aead.encrypt(nonce, plaintext, header + place))


def _open(key: DataKey, place: bytes, sealed: bytes) -> bytes:
    if key_version(sealed) != key.version:
        raise Unreadable("unreadable_key_version")
    nonce = sealed[_HEADER : _HEADER + NONCE_BYTES]
    try:
        return key.aead.decrypt(nonce, sealed[_HEADER + NONCE_BYTES :], sealed[:_HEADER] + place)
    except InvalidTag:
        raise Damaged from None


def _text(plaintext: bytes) -> Opened:
    try:
        return Opened(plaintext.decode())
    except UnicodeDecodeError:
        raise Unreadable("unreadable_text") from None
