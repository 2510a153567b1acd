"""Room keys under a key service: bound to their place, re-wrapped without plaintext, and never without the service."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from transit import TOKEN, Transit, transit

from domain.errors import Unavailable
from encryption.errors import KeyStoreRefused, Unreadable
from encryption.keys import KeyContext, KeyEncryption, KeyRing, KeyScope
from encryption.vault_transit import VaultTransit

OWNER = UUID(int=7)
CONTEXT = KeyContext(KeyScope.ROOM, OWNER, 1)
SECRET = bytes(range(32))


class Clock:
    """A monotonic clock that a test moves."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def engine() -> Iterator[Transit]:
    with transit() as found:
        yield found


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    path = tmp_path / "token"
    path.write_text(f"{TOKEN}\n")
    return path


@pytest.fixture
def keys(engine: Transit, token_file: Path, clock: Clock) -> VaultTransit:
    return VaultTransit(engine.address, token_file, monotonic=clock)


def test_a_wrapped_key_opens_in_its_own_place_and_nowhere_else(keys: VaultTransit) -> None:
    port: KeyEncryption = keys
    wrapped = port.wrap(SECRET, CONTEXT)
    assert SECRET not in wrapped
    assert port.unwrap(wrapped, CONTEXT) == SECRET
    for elsewhere in (
        KeyContext(KeyScope.CHART, OWNER, 1),
        KeyContext(KeyScope.ROOM, UUID(int=1), 1),
        KeyContext(KeyScope.ROOM, OWNER, 2),
    ):
        with pytest.raises(Unreadable):
            keys.unwrap(wrapped, elsewhere)


def test_what_is_no_wrap_of_it_is_refused_without_asking(keys: VaultTransit, engine: Transit) -> None:
    wrapped = keys.wrap(SECRET, CONTEXT)
    engine.asked.clear()
    for damaged in (b"", b"\x01" + wrapped[1:], b"\x02vault:", b"\x02\xff" + wrapped, b"\x02other:v1:AAAA"):
        with pytest.raises(Unreadable):
            keys.unwrap(damaged, CONTEXT)
    assert engine.asked == []
    with pytest.raises(Unreadable):
        keys.unwrap(wrapped[:-6] + b"AAAA==", CONTEXT)


def test_rotation_keeps_old_wraps_readable_and_rewrap_moves_them_inside_the_service(
    keys: VaultTransit, engine: Transit
) -> None:
    old = keys.wrap(SECRET, CONTEXT)
    assert keys.rewrap(old, CONTEXT) == old
    assert engine.rotate() == keys.current_version == 2
    assert keys.unwrap(old, CONTEXT) == SECRET
    engine.asked.clear()
    moved = keys.rewrap(old, CONTEXT)
    assert "decrypt" not in engine.asked
    engine.min_decryption_version = 2
    assert keys.unwrap(moved, CONTEXT) == SECRET
    assert keys.rewrap(moved, CONTEXT) == moved
    with pytest.raises(KeyStoreRefused, match="key_version_too_old"):
        keys.unwrap(old, CONTEXT)


def test_the_token_is_read_again_when_an_agent_has_renewed_it(
    keys: VaultTransit, token_file: Path, clock: Clock
) -> None:
    wrapped = keys.wrap(SECRET, CONTEXT)
    token_file.write_text("s.expired")
    with pytest.raises(Unavailable):
        keys.unwrap(wrapped, CONTEXT)
    token_file.write_text(TOKEN)
    clock.now += 3
    assert keys.unwrap(wrapped, CONTEXT) == SECRET


def test_while_it_is_away_callers_are_refused_at_once_and_one_finds_it_again(
    keys: VaultTransit, engine: Transit, clock: Clock
) -> None:
    wrapped = keys.wrap(SECRET, CONTEXT)
    engine.sealed = True
    engine.asked.clear()
    for _ in range(5):
        with pytest.raises(Unavailable) as refusal:
            keys.unwrap(wrapped, CONTEXT)
    assert refusal.value.retry_after <= timedelta(seconds=2)
    assert engine.asked == ["decrypt"]
    clock.now += 3
    engine.stop()
    with pytest.raises(Unavailable):
        keys.unwrap(wrapped, CONTEXT)
    with pytest.raises(Unavailable):
        keys.wrap(SECRET, CONTEXT)
    engine.sealed = False
    engine.start()
    clock.now += 3
    assert keys.unwrap(wrapped, CONTEXT) == SECRET


async def test_opened_keys_go_on_without_it_for_their_lifetime_and_no_longer(
    keys: VaultTransit, engine: Transit
) -> None:
    clock = Clock()
    ring = KeyRing(keys, lifetime=timedelta(minutes=5), monotonic=clock)
    key, wrapped = await ring.created(KeyScope.ROOM, OWNER)
    other_key, other = await KeyRing(keys).created(KeyScope.ROOM, UUID(int=8))
    engine.stop()
    assert (await ring.opened(KeyScope.ROOM, OWNER, 1, wrapped)).key == key.key
    with pytest.raises(Unavailable):
        await ring.opened(KeyScope.ROOM, UUID(int=8), 1, other)
    with pytest.raises(Unavailable):  # no other way of wrapping is tried
        await ring.created(KeyScope.ROOM, UUID(int=9))
    clock.now = 301
    with pytest.raises(Unavailable):
        await ring.opened(KeyScope.ROOM, OWNER, 1, wrapped)
    engine.start()
    assert (
        await KeyRing(VaultTransit(engine.address, keys._token_file)).opened(
            KeyScope.ROOM, UUID(int=8), 1, other
        )
    ).key == (other_key.key)


def test_nothing_of_it_shows_in_a_trace(keys: VaultTransit, engine: Transit) -> None:
    engine.stop()
    with pytest.raises(Unavailable) as refusal:
        keys.wrap(SECRET, CONTEXT)
    told = f"{refusal.value!r} {refusal.value.__cause__!r} {keys!r}"
    assert engine.address not in told
    assert TOKEN not in told
