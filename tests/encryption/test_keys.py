import json
import pickle
import stat
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encryption.errors import KeyStoreRefused, Unreadable
from encryption.key_files import LocalFileKeys
from encryption.keys import DataKey, KeyContext, KeyEncryption, KeyRing, KeyScope

OWNER = UUID(int=7)
CONTEXT = KeyContext(KeyScope.ROOM, OWNER, 1)
SECRET = bytes(range(32))


@pytest.fixture
def keys(tmp_path: Path) -> LocalFileKeys:
    return LocalFileKeys(tmp_path / "keys.json")


def test_a_wrapped_key_opens_in_its_own_place(keys: LocalFileKeys) -> None:
    port: KeyEncryption = keys
    wrapped = port.wrap(SECRET, CONTEXT)
    assert SECRET not in wrapped
    assert port.unwrap(wrapped, CONTEXT) == SECRET


@pytest.mark.parametrize(
    "elsewhere",
    [
        KeyContext(KeyScope.CHART, OWNER, 1),
        KeyContext(KeyScope.ROOM, UUID(int=1), 1),
        KeyContext(KeyScope.ROOM, OWNER, 2),
    ],
)
def test_a_wrapped_key_moved_elsewhere_is_refused(keys: LocalFileKeys, elsewhere: KeyContext) -> None:
    with pytest.raises(Unreadable):
        keys.unwrap(keys.wrap(SECRET, CONTEXT), elsewhere)


def test_any_flipped_bit_of_a_wrap_is_refused(tmp_path_factory: pytest.TempPathFactory) -> None:
    keys = LocalFileKeys(tmp_path_factory.mktemp("keys") / "keys.json")
    wrapped = keys.wrap(SECRET, CONTEXT)

    @given(bit=st.integers(0, len(wrapped) * 8 - 1))
    def flipped(bit: int) -> None:
        damaged = bytearray(wrapped)
        damaged[bit // 8] ^= 1 << bit % 8
        with pytest.raises((Unreadable, KeyStoreRefused)):
            keys.unwrap(bytes(damaged), CONTEXT)

    flipped()


def test_rotation_keeps_old_wraps_readable_and_rewrap_moves_them(keys: LocalFileKeys) -> None:
    old = keys.wrap(SECRET, CONTEXT)
    assert keys.rotate() == keys.current_version == 2
    assert keys.unwrap(old, CONTEXT) == SECRET
    new = keys.rewrap(old, CONTEXT)
    assert new != old
    assert keys.unwrap(new, CONTEXT) == SECRET
    assert keys.rewrap(new, CONTEXT) == new


def test_another_process_takes_up_a_rotation_when_it_meets_it(keys: LocalFileKeys, tmp_path: Path) -> None:
    other = LocalFileKeys(tmp_path / "keys.json")
    keys.rotate()
    assert other.unwrap(keys.wrap(SECRET, CONTEXT), CONTEXT) == SECRET
    assert other.current_version == 2


def test_the_key_file_is_for_its_owner_only(keys: LocalFileKeys, tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    keys.rotate()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o640)
    with pytest.raises(KeyStoreRefused, match="key_file_open_to_others"):
        LocalFileKeys(path)


@pytest.mark.parametrize("content", ["", "[]", '{"format": 1}', '{"format": 1, "keys": {"1": "c2hvcnQ="}}'])
def test_a_damaged_key_file_is_refused_and_never_replaced(tmp_path: Path, content: str) -> None:
    path = tmp_path / "keys.json"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(KeyStoreRefused, match="key_file_damaged"):
        LocalFileKeys(path)
    assert path.read_text() == content


def _first_start(path: Path) -> bytes:
    return LocalFileKeys(path).wrap(SECRET, CONTEXT)


def test_processes_that_start_together_agree_on_one_key(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    with get_context("spawn").Pool(3) as pool:
        wraps = pool.map(_first_start, [path] * 3)
    assert [LocalFileKeys(path).unwrap(w, CONTEXT) for w in wraps] == [SECRET] * 3
    assert list(json.loads(path.read_text())["keys"]) == ["1"]
    assert [p.name for p in tmp_path.iterdir()] == ["keys.json"]


def test_the_local_file_refuses_production(keys: LocalFileKeys) -> None:
    assert keys.refuses_production is True


def test_an_opened_key_prints_nothing_and_does_not_leave_the_process() -> None:
    key = DataKey(KeyScope.ROOM, OWNER, 1, SECRET)
    for text in (repr(key), str(key), f"{key}"):
        assert "***" in text
        assert SECRET.hex() not in text
        assert str(OWNER) not in text
    with pytest.raises(TypeError):
        pickle.dumps(key)


def test_derived_keys_differ_by_purpose_and_by_owner() -> None:
    key = DataKey(KeyScope.CLINIC, OWNER, 1, SECRET)
    other = DataKey(KeyScope.CLINIC, uuid4(), 1, SECRET)
    derived = {key.derive("a"), key.derive("b"), other.derive("a"), key.fingerprint_key, SECRET}
    assert len(derived) == 5
    assert key.derive("a") == DataKey(KeyScope.CLINIC, OWNER, 1, SECRET).derive("a")


class CountingKeys(LocalFileKeys):
    unwrapped = 0

    def unwrap(self, wrapped: bytes, context: KeyContext) -> bytes:
        self.unwrapped += 1
        return super().unwrap(wrapped, context)


@pytest.fixture
def counting(tmp_path: Path) -> CountingKeys:
    return CountingKeys(tmp_path / "keys.json")


def test_a_recent_key_is_opened_once(counting: CountingKeys) -> None:
    _, wrapped = KeyRing(counting).create(KeyScope.ROOM, OWNER)
    ring = KeyRing(counting)
    first = ring.open(KeyScope.ROOM, OWNER, 1, wrapped)
    assert ring.open(KeyScope.ROOM, OWNER, 1, wrapped) is first
    assert counting.unwrapped == 1


def test_a_key_is_not_kept_beyond_its_lifetime(counting: CountingKeys) -> None:
    now = 100.0
    ring = KeyRing(counting, lifetime=timedelta(seconds=60), monotonic=lambda: now)
    _, wrapped = ring.create(KeyScope.ROOM, OWNER)
    now = 159.9
    ring.open(KeyScope.ROOM, OWNER, 1, wrapped)
    assert counting.unwrapped == 0
    now = 160.0
    ring.open(KeyScope.ROOM, OWNER, 1, wrapped)
    assert counting.unwrapped == 1


def test_the_ring_is_bounded_and_drops_the_longest_unused(counting: CountingKeys) -> None:
    ring = KeyRing(counting, capacity=2)
    owners = [uuid4() for _ in range(3)]
    wraps = [ring.create(KeyScope.ROOM, owner)[1] for owner in owners]
    assert len(ring) == 2
    ring.open(KeyScope.ROOM, owners[2], 1, wraps[2])
    assert counting.unwrapped == 0
    ring.open(KeyScope.ROOM, owners[0], 1, wraps[0])
    assert counting.unwrapped == 1


def test_a_shredded_owner_is_forgotten_in_every_version(counting: CountingKeys) -> None:
    ring = KeyRing(counting)
    ring.create(KeyScope.ROOM, OWNER, 1)
    ring.create(KeyScope.ROOM, OWNER, 2)
    ring.create(KeyScope.CHART, OWNER)
    ring.forget(KeyScope.ROOM, OWNER)
    assert len(ring) == 1


def test_a_remembered_key_does_not_vouch_for_another_wrap(counting: CountingKeys) -> None:
    ring = KeyRing(counting)
    _, wrapped = ring.create(KeyScope.ROOM, OWNER)
    with pytest.raises(Unreadable):
        ring.open(KeyScope.ROOM, OWNER, 1, wrapped[:-1] + bytes([wrapped[-1] ^ 1]))


def test_rewrapping_leaves_the_data_key_as_it_is(counting: CountingKeys) -> None:
    ring = KeyRing(counting)
    key, wrapped = ring.create(KeyScope.BILLING, OWNER)
    counting.rotate()
    rewrapped = ring.rewrap(KeyScope.BILLING, OWNER, 1, wrapped)
    assert rewrapped != wrapped
    assert KeyRing(counting).open(KeyScope.BILLING, OWNER, 1, rewrapped).key == key.key
