import secrets
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from encryption.errors import Unreadable
from encryption.keys import DataKey, KeyScope
from encryption.media import HEADER, SEGMENT, MediaPlace, MediaReader, open_media, seal_media

ROOM = UUID(int=1)
KEY = DataKey(KeyScope.ROOM, ROOM, 3, bytes(range(32)))
PLACE = MediaPlace(ROOM, UUID(int=2), "voice")
PIECE = SEGMENT + 16
PLAIN = secrets.token_bytes(3 * SEGMENT + 1000)


def sealed(plain: bytes = PLAIN) -> bytes:
    return b"".join(seal_media(KEY, PLACE, [plain]))


SEALED = sealed()


def segments(data: bytes) -> list[bytes]:
    return [data[at : at + PIECE] for at in range(HEADER, len(data), PIECE)]


@pytest.mark.parametrize("size", [0, 1, SEGMENT - 1, SEGMENT, SEGMENT + 1, 2 * SEGMENT])
def test_a_file_of_any_size_opens_as_it_was(size: int) -> None:
    plain = PLAIN[:size]
    data = sealed(plain)
    assert open_media(KEY, PLACE, data) == plain
    assert MediaReader.of(KEY, PLACE, data[:HEADER], len(data)).size == size


def test_chunks_of_any_size_make_the_same_file() -> None:
    chunks = [b"", PLAIN[:1], PLAIN[1:70_000], b"", PLAIN[70_000:]]
    data = b"".join(seal_media(KEY, PLACE, chunks))
    assert len(data) == len(SEALED)
    assert open_media(KEY, PLACE, data) == PLAIN


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(PLAIN)), st.integers(0, len(PLAIN) + 10))
def test_any_range_opens_from_its_own_segments_only(one: int, two: int) -> None:
    start, stop = sorted((one, two))
    reader = MediaReader.of(KEY, PLACE, SEALED[:HEADER], len(SEALED))
    begin, end = reader.span(start, stop)
    assert end - begin <= (stop - start) + 2 * PIECE
    assert reader.read(start, stop, SEALED[begin:end]) == PLAIN[start:stop]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(SEALED) * 8 - 1))
def test_any_flipped_bit_is_refused(bit: int) -> None:
    damaged = bytearray(SEALED)
    damaged[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Unreadable):
        open_media(KEY, PLACE, bytes(damaged))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, len(SEALED) - 1))
def test_a_truncated_file_is_refused(length: int) -> None:
    with pytest.raises(Unreadable):
        open_media(KEY, PLACE, SEALED[:length])


def test_a_file_cut_at_a_segments_edge_is_refused() -> None:
    for count in (1, 2, 3):
        with pytest.raises(Unreadable):
            open_media(KEY, PLACE, SEALED[: HEADER + count * PIECE])


def test_swapped_dropped_repeated_and_foreign_segments_are_refused() -> None:
    a, b, c, d = segments(SEALED)
    foreign = segments(sealed())
    arrangements = [
        [b, a, c, d],
        [a, c, d],
        [a, a, b, c, d],
        [a, b, c, d, d],
        [a, b, c, d, a],
        [a, foreign[1], c, d],
        [d],
    ]
    assert open_media(KEY, PLACE, SEALED[:HEADER] + b"".join((a, b, c, d))) == PLAIN
    for pieces in arrangements:
        with pytest.raises(Unreadable):
            open_media(KEY, PLACE, SEALED[:HEADER] + b"".join(pieces))


def test_appended_bytes_are_refused() -> None:
    for extra in (b"\0", bytes(16), bytes(17), bytes(PIECE)):
        with pytest.raises(Unreadable):
            open_media(KEY, PLACE, SEALED + extra)


@pytest.mark.parametrize(
    "place",
    [
        MediaPlace(UUID(int=9), UUID(int=2), "voice"),
        MediaPlace(ROOM, UUID(int=9), "voice"),
        MediaPlace(ROOM, UUID(int=2), "image"),
    ],
)
def test_a_file_moved_to_another_place_is_refused(place: MediaPlace) -> None:
    with pytest.raises(Unreadable):
        open_media(KEY, place, SEALED)


@pytest.mark.parametrize(
    "key", [DataKey(KeyScope.ROOM, ROOM, 3, bytes(32)), DataKey(KeyScope.ROOM, ROOM, 4, KEY.key)]
)
def test_another_key_or_version_is_refused(key: DataKey) -> None:
    with pytest.raises(Unreadable):
        open_media(key, PLACE, SEALED)


def test_a_range_needs_exactly_its_sealed_bytes() -> None:
    reader = MediaReader.of(KEY, PLACE, SEALED[:HEADER], len(SEALED))
    begin, end = reader.span(10, 20)
    with pytest.raises(Unreadable):
        reader.read(10, 20, SEALED[begin : end - 1])
