"""Sealing of media in segments (the STREAM construction), so that a byte range opens without the rest.

Header: `version 1 | algorithm 1 | key version 4 | salt 32 | nonce prefix 7`. A key for this file alone is
derived by HKDF-SHA256 from the recording's key, with the header and the file's place as info. Segments hold 64 KiB
of plaintext; their nonce is `prefix 7 | counter 4 | last 1`, so a dropped, swapped, repeated, appended or cut
segment is refused. (Hoang, Reyhanitabar, Rogaway, Vizar: "Online Authenticated-Encryption and its Nonce-Reuse
Misuse-Resistance", 2015.)
"""

import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from encryption.errors import Unreadable
from encryption.framing import framed
from encryption.keys import KEY_BYTES, DataKey

SEGMENT: Final = 64 * 1024
HEADER: Final = 45
_TAG: Final = 16
_SEALED_SEGMENT: Final = SEGMENT + _TAG
_FIXED: Final = bytes((1, 1))
_SALT: Final = 32
_PREFIX: Final = 7


@dataclass(frozen=True, slots=True)
class MediaPlace:
    """Where a file belongs: in this room, to this recording, as this file of it (`play`, `poster`, `part-0`)."""

    room_id: UUID
    media_id: UUID
    kind: str


@dataclass(frozen=True, slots=True)
class SealedFile:
    """One file of a recording: where it lies, and what opens it. `name`: `play`, `poster`, `part-<first byte>`."""

    room_id: UUID
    medium_id: UUID
    name: str
    key: DataKey = field(repr=False)

    @property
    def blob(self) -> str:
        """Its name on the blob port."""
        return f"{folder_of(self.room_id, self.medium_id)}{self.name}"

    @property
    def place(self) -> MediaPlace:
        """What its bytes are bound to."""
        return MediaPlace(self.room_id, self.medium_id, self.name)


def folder_of(room_id: UUID, medium_id: UUID) -> str:
    """Where all files of a recording lie on the blob port."""
    return f"rooms/{room_id}/{medium_id}/"


class MediaSealer:
    """Seals a file as it comes in. Give it bytes with `add`, end with `finish`; keep what both answer, in order."""

    def __init__(self, key: DataKey, place: MediaPlace) -> None:
        salt_and_prefix = secrets.token_bytes(_SALT) + secrets.token_bytes(_PREFIX)
        self._header = _FIXED + key.version.to_bytes(4, "big") + salt_and_prefix
        self._aead = _file_key(key, place, self._header)
        self._pending = bytearray()
        self._counter = 0
        self._begun = False

    def __repr__(self) -> str:
        return "MediaSealer(***)"

    def add(self, chunk: bytes) -> bytes:
        """The next sealed bytes, perhaps none. One segment is always held back: it may be the last."""
        self._pending += chunk
        whole = max(0, len(self._pending) - 1) // SEGMENT
        sealed = [] if self._begun else [self._header]
        self._begun = True
        for at in range(0, whole * SEGMENT, SEGMENT):
            nonce = _nonce(self._header, self._counter, last=False)
            sealed.append(self._aead.encrypt(nonce, bytes(self._pending[at : at + SEGMENT]), None))
            self._counter += 1
        del self._pending[: whole * SEGMENT]
        return b"".join(sealed)

    def finish(self) -> bytes:
        """The last sealed bytes."""
        head = b"" if self._begun else self._header
        nonce = _nonce(self._header, self._counter, last=True)
        return head + self._aead.encrypt(nonce, bytes(self._pending), None)


def seal_media(key: DataKey, place: MediaPlace, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The sealed file in pieces about as large as the chunks. Reads `chunks` once, of any sizes."""
    sealer = MediaSealer(key, place)
    for chunk in chunks:
        yield sealer.add(chunk)
    yield sealer.finish()


def open_media(key: DataKey, place: MediaPlace, sealed: bytes) -> bytes:
    """A whole file held in memory. Raises `Unreadable` unless every byte of it is as it was sealed."""
    reader = MediaReader.of(key, place, sealed[:HEADER], len(sealed))
    start, stop = reader.span(0, reader.size)
    return reader.read(0, reader.size, sealed[start:stop])


@dataclass(frozen=True, repr=False)
class MediaReader:
    """Opens byte ranges: ask `span` which sealed bytes to fetch, give them to `read`.

    `sealed_size` is the stored object's size. Cutting the object at a segment's edge is found when the last
    segment is read; compare `size` with the size kept in the row before trusting an early range.
    """

    size: int
    _aead: AESGCM = field(repr=False)
    _header: bytes = field(repr=False)
    _sealed_size: int

    @classmethod
    def of(cls, key: DataKey, place: MediaPlace, header: bytes, sealed_size: int) -> "MediaReader":
        """Raises `Unreadable` if the header or the size cannot belong to a sealed file of this key."""
        body = sealed_size - HEADER
        if len(header) != HEADER or header[:2] != _FIXED or body < _TAG or 0 < body % _SEALED_SEGMENT < _TAG:
            raise Unreadable("unreadable_envelope")
        if int.from_bytes(header[2:6], "big") != key.version:
            raise Unreadable("unreadable_key_version")
        segments = -(-body // _SEALED_SEGMENT)
        return cls(body - segments * _TAG, _file_key(key, place, header), header, sealed_size)

    def __repr__(self) -> str:
        return "MediaReader(***)"

    def span(self, start: int, stop: int) -> tuple[int, int]:
        """The sealed bytes `[from, to)` that hold the plaintext `[start, stop)`."""
        first, last = self._segments(start, stop)
        return HEADER + first * _SEALED_SEGMENT, min(HEADER + (last + 1) * _SEALED_SEGMENT, self._sealed_size)

    def read(self, start: int, stop: int, sealed: bytes) -> bytes:
        """The plaintext `[start, stop)`, cut at the end of the file. Raises `Unreadable`."""
        first, last = self._segments(start, stop)
        begin, end = self.span(start, stop)
        if len(sealed) != end - begin:
            raise Unreadable("unreadable_envelope")
        plain = b"".join(
            self._segment(n, sealed[(n - first) * _SEALED_SEGMENT : (n - first + 1) * _SEALED_SEGMENT])
            for n in range(first, last + 1)
        )
        return plain[start - first * SEGMENT : max(start, stop) - first * SEGMENT]

    def _segments(self, start: int, stop: int) -> tuple[int, int]:
        first = min(start, max(self.size - 1, 0)) // SEGMENT
        return first, max(first, (min(stop, self.size) - 1) // SEGMENT)

    def _segment(self, counter: int, sealed: bytes) -> bytes:
        last = HEADER + (counter + 1) * _SEALED_SEGMENT >= self._sealed_size
        try:
            return self._aead.decrypt(_nonce(self._header, counter, last=last), sealed, None)
        except InvalidTag:
            raise Unreadable from None


def _file_key(key: DataKey, place: MediaPlace, header: bytes) -> AESGCM:
    info = framed("kindroom media", header, place.room_id, place.media_id, place.kind)
    return AESGCM(HKDF(SHA256(), KEY_BYTES, salt=header[6 : 6 + _SALT], info=info).derive(key.key))


def _nonce(header: bytes, counter: int, *, last: bool) -> bytes:
    return header[-_PREFIX:] + counter.to_bytes(4, "big") + bytes((last,))
