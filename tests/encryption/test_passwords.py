import asyncio
import threading
from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher

from domain.errors import Invalid
from encryption.passwords import Passwords, check_passcode, check_password


@pytest.fixture(scope="module")
def passwords() -> Iterator[Passwords]:
    service = Passwords()
    yield service
    service.close()


async def test_the_right_password_and_only_that_one_opens(passwords: Passwords) -> None:
    stored = await passwords.hash("violet kettle orbit")
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert await passwords.verify(stored, "violet kettle orbit")
    assert not await passwords.verify(stored, "violet kettle orbits")
    assert await passwords.hash("violet kettle orbit") != stored


async def test_the_same_keys_on_another_device_open(passwords: Passwords) -> None:
    stored = await passwords.hash("café au lait, please")
    assert await passwords.verify(stored, "cafe\u0301 au lait, please")


async def test_an_unknown_account_is_hashed_all_the_same_and_never_opens(
    passwords: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []
    matches = Passwords._matches

    def counted(self: Passwords, stored: str, password: str) -> bool:
        hashed.append(stored)
        return matches(self, stored, password)

    monkeypatch.setattr(Passwords, "_matches", counted)
    assert not await passwords.verify(None, "nobody's password")
    assert len(hashed) == 1
    assert hashed[0].startswith("$argon2id$v=19$m=19456,t=2,p=1$")


async def test_a_damaged_hash_does_not_open(passwords: Passwords) -> None:
    assert not await passwords.verify("not a hash", "violet kettle orbit")


async def test_a_hash_of_weaker_parameters_asks_to_be_renewed(passwords: Passwords) -> None:
    weaker = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("x")
    assert passwords.needs_rehash(weaker)
    assert not passwords.needs_rehash(await passwords.hash("x"))


async def test_at_most_two_hashes_run_at_once_and_the_loop_stays_free(
    passwords: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    running, peak, lock = 0, 0, threading.Lock()
    both, release = threading.Semaphore(0), threading.Event()

    def slow(self: Passwords, stored: str, password: str) -> bool:
        nonlocal running, peak
        with lock:
            running += 1
            peak = max(peak, running)
        both.release()
        release.wait(10)
        with lock:
            running -= 1
        return True

    monkeypatch.setattr(Passwords, "_matches", slow)
    guesses = [asyncio.create_task(passwords.verify("stored", "x")) for _ in range(8)]
    for _ in range(2):
        await asyncio.to_thread(both.acquire)
    guesses[0].cancel()
    release.set()
    await asyncio.gather(*guesses, return_exceptions=True)
    assert peak == 2


@pytest.mark.parametrize(
    "password",
    [
        "violet kettle orbit",
        "correct pony accumulator",
        "ünïcödé-wörds-ärē",
        "Tr4ctor/lamp/Osmium",
        "x7#Kp!vR2$mQz9",
        "8#2!9$1@k3^7%0&",
    ],
)
def test_a_long_password_of_ones_own_is_taken(password: str) -> None:
    check_password(password, "ana.lopez@example.org")


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "too_short"),
        ("eleven-char", "too_short"),
        ("x" * 300, "too_long"),
        ("aaaaaaaaaaaaaaaa", "too_common"),
        ("abcabcabcabcabc", "too_common"),
        ("123456789012", "too_common"),
        ("987654321098", "too_common"),
        ("190519852204", "too_common"),
        ("qwertyuiopasdf", "too_common"),
        ("Password12345", "too_common"),
        ("P@ssw0rd2026!!", "too_common"),
        ("passwordpassword", "too_common"),
        ("welcome-2026-!", "too_common"),
        ("ILoveYou-Summer1", "too_common"),
        ("kindroomkindroom", "too_common"),
        ("ana.lopez@example.org", "too_common"),
        ("analopez2026!", "too_common"),
    ],
)
def test_short_and_common_passwords_are_refused_without_repeating_them(password: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_password(password, "ana.lopez@example.org", "analopez")
    assert [(e.field, e.code) for e in refused.value.errors] == [("password", code)]
    assert password not in str(refused.value)


@pytest.mark.parametrize("passcode", ["204816", "735511"])
def test_six_digits_make_a_passcode(passcode: str) -> None:
    check_passcode(passcode)


@pytest.mark.parametrize(
    "passcode",
    ["", "12345", "1234567", "12345a", "١٢٣٤٥٦", "204816\n", "000000", "123456", "654321", "890123"],
)
def test_anything_else_and_the_first_guesses_are_refused(passcode: str) -> None:
    with pytest.raises(Invalid):
        check_passcode(passcode)
