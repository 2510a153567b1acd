from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encryption.errors import Unreadable
from encryption.keys import DataKey, KeyScope
from encryption.rooms import (
    Opened,
    fingerprint,
    key_version,
    open_bytes,
    open_field,
    open_message,
    seal_bytes,
    seal_field,
    seal_message,
)

ROOM, MESSAGE, SENDER, ROW = (UUID(int=n) for n in (1, 2, 3, 4))
KEY = DataKey(KeyScope.ROOM, ROOM, 7, bytes(range(32)))
TEXT = "I could not sleep again"


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_message_opens_as_it_was_written(text: str) -> None:
    sealed = seal_message(KEY, ROOM, MESSAGE, SENDER, "text", text)
    assert str(open_message(KEY, ROOM, MESSAGE, SENDER, "text", sealed)) == text


def test_the_envelope_is_as_documented_and_never_the_same_twice() -> None:
    one, two = (seal_message(KEY, ROOM, MESSAGE, None, "text", TEXT) for _ in range(2))
    assert one[:6] == two[:6] == bytes([1, 1, 0, 0, 0, 7])
    assert len(one) == 6 + 12 + len(TEXT) + 16
    assert one[6:18] != two[6:18]
    assert one.find(TEXT.encode()) == -1
    assert key_version(one) == 7


@pytest.mark.parametrize(
    ("room", "message", "sender", "kind"),
    [
        (UUID(int=9), MESSAGE, SENDER, "text"),
        (ROOM, UUID(int=9), SENDER, "text"),
        (ROOM, MESSAGE, UUID(int=9), "text"),
        (ROOM, MESSAGE, None, "text"),
        (ROOM, MESSAGE, SENDER, "note"),
        (MESSAGE, ROOM, SENDER, "text"),
    ],
)
def test_a_message_moved_to_another_place_is_refused(
    room: UUID, message: UUID, sender: UUID | None, kind: str
) -> None:
    sealed = seal_message(KEY, ROOM, MESSAGE, SENDER, "text", TEXT)
    with pytest.raises(Unreadable):
        open_message(KEY, room, message, sender, kind, sealed)


@pytest.mark.parametrize(
    "key",
    [DataKey(KeyScope.ROOM, ROOM, 7, bytes(32)), DataKey(KeyScope.ROOM, ROOM, 8, KEY.key)],
)
def test_another_key_or_version_is_refused(key: DataKey) -> None:
    sealed = seal_message(KEY, ROOM, MESSAGE, SENDER, "text", TEXT)
    with pytest.raises(Unreadable):
        open_message(key, ROOM, MESSAGE, SENDER, "text", sealed)


def test_a_relabelled_key_version_is_refused() -> None:
    sealed = bytearray(seal_message(KEY, ROOM, MESSAGE, SENDER, "text", TEXT))
    sealed[5] = 8
    with pytest.raises(Unreadable):
        open_message(DataKey(KeyScope.ROOM, ROOM, 8, KEY.key), ROOM, MESSAGE, SENDER, "text", bytes(sealed))


SEALED = seal_message(KEY, ROOM, MESSAGE, SENDER, "text", TEXT)


@given(st.integers(0, len(SEALED) * 8 - 1))
def test_any_flipped_bit_is_refused(bit: int) -> None:
    damaged = bytearray(SEALED)
    damaged[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Unreadable):
        open_message(KEY, ROOM, MESSAGE, SENDER, "text", bytes(damaged))


@given(st.integers(0, len(SEALED) - 1))
def test_any_cut_is_refused(length: int) -> None:
    with pytest.raises(Unreadable):
        open_message(KEY, ROOM, MESSAGE, SENDER, "text", SEALED[:length])


@given(st.binary(max_size=200))
def test_rubbish_is_refused(rubbish: bytes) -> None:
    with pytest.raises(Unreadable):
        open_message(KEY, ROOM, MESSAGE, SENDER, "text", rubbish)


@pytest.mark.parametrize(
    ("owner", "table", "column", "row"),
    [
        (UUID(int=9), "notes", "plan", ROW),
        (ROOM, "drafts", "plan", ROW),
        (ROOM, "notes", "subjective", ROW),
        (ROOM, "notes", "plan", UUID(int=9)),
        (ROOM, "notesp", "lan", ROW),
    ],
)
def test_a_field_swapped_between_rows_columns_or_owners_is_refused(
    owner: UUID, table: str, column: str, row: UUID
) -> None:
    sealed = seal_field(KEY, ROOM, "notes", "plan", ROW, TEXT)
    assert open_field(KEY, ROOM, "notes", "plan", ROW, sealed) == TEXT
    with pytest.raises(Unreadable):
        open_field(KEY, owner, table, column, row, sealed)


def test_a_message_is_never_read_as_a_field() -> None:
    sealed = seal_message(KEY, ROOM, MESSAGE, SENDER, "text", TEXT)
    with pytest.raises(Unreadable):
        open_field(KEY, ROOM, "messages", "body", MESSAGE, sealed)


def test_bytes_that_are_no_text_are_kept_but_not_passed_off_as_text() -> None:
    raw = b"ISA*00*\xff"
    sealed = seal_bytes(KEY, ROOM, "answers", "raw", ROW, raw)
    assert open_bytes(KEY, ROOM, "answers", "raw", ROW, sealed) == raw
    with pytest.raises(Unreadable, match="unreadable_text"):
        open_field(KEY, ROOM, "answers", "raw", ROW, sealed)


def test_sealed_and_opened_values_print_as_stars() -> None:
    @dataclass
    class Row:
        body: object

    sealed = seal_field(KEY, ROOM, "notes", "plan", ROW, TEXT)
    opened = open_field(KEY, ROOM, "notes", "plan", ROW, sealed)
    assert repr(Row(sealed)).endswith("body=***)")
    assert str(sealed) == f"{sealed}" == "***"
    assert repr(Row(opened)).endswith("body=***)")
    assert isinstance(opened, Opened)
    assert f"{opened}" == TEXT


def test_refusals_carry_no_content() -> None:
    with pytest.raises(Unreadable) as refused:
        open_message(KEY, uuid4(), MESSAGE, SENDER, "text", SEALED)
    assert str(refused.value) == "unreadable"
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


def test_fingerprints_tell_bodies_apart_under_one_room_and_say_nothing_across_rooms() -> None:
    other = DataKey(KeyScope.ROOM, uuid4(), 7, bytes(32))
    assert fingerprint(KEY, b"a") == fingerprint(KEY, b"a")
    assert len({fingerprint(KEY, b"a"), fingerprint(KEY, b"b"), fingerprint(other, b"a")}) == 3
