from uuid import UUID

import pytest

from encryption.blind_index import BlindIndex, IndexedField
from encryption.keys import DataKey, KeyScope


def index(key: bytes = bytes(32)) -> BlindIndex:
    return BlindIndex(DataKey(KeyScope.CLINIC, UUID(int=1), 1, key))


@pytest.mark.parametrize(
    "same", ["ana@example.org", "ANA@Example.ORG", " ana@example.org ", "ａｎａ@example.org"]
)
def test_what_people_call_the_same_is_found(same: str) -> None:
    assert index().of(IndexedField.EMAIL, same) == index().of(IndexedField.EMAIL, "ana@example.org")


def test_letters_whose_lower_case_decomposes_are_found() -> None:
    assert index().of(IndexedField.EMAIL, "İ@x") == index().of(IndexedField.EMAIL, "i\u0307@x")


def test_other_values_fields_and_keys_give_other_hashes() -> None:
    hashes = {
        index().of(IndexedField.EMAIL, "a"),
        index().of(IndexedField.EMAIL, "b"),
        index().of(IndexedField.MEMBER_ID, "a"),
        index(b"k" * 32).of(IndexedField.EMAIL, "a"),
    }
    assert len(hashes) == 4
    assert {len(h) for h in hashes} == {32}


def test_the_index_prints_no_key() -> None:
    assert repr(index()) == "BlindIndex(***)"
