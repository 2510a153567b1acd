"""Passwords and passcodes: Argon2id at 19 MiB, two passes, one lane (OWASP Password Storage Cheat Sheet).

The rule for choosing one follows NIST SP 800-63B: length and a list of common ones, no composition games.
"""

import asyncio
import re
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from domain.errors import FieldError, Invalid

MIN_LENGTH: Final = 12
MAX_LENGTH: Final = 256
PASSCODE_DIGITS: Final = 6
STANDARD: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, hash_len=32, salt_len=16)
_PARALLEL: Final = 2  # each hash takes 19 MiB and most of a core
_T = TypeVar("_T")

_RUNS: Final = (
    "0123456789" * 3,
    "abcdefghijklmnopqrstuvwxyz" * 2,
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "1q2w3e4r5t6y7u8i9o0p",
)
_COMMON_WORDS: Final = (Path(__file__).parent / "common_words.txt").read_text().split()
_LEET: Final = str.maketrans("0134578@$!", "oieastbasi")


class Passwords:
    """Hashes and verifies off the event loop, two at a time in this process.

    A thread pool is the cap: unlike a semaphore it holds when a caller is cancelled while hashing.
    """

    def __init__(self, hasher: PasswordHasher = STANDARD) -> None:
        self._hasher = hasher
        self._pool = ThreadPoolExecutor(_PARALLEL, thread_name_prefix="argon2")
        self._nobody = self._hasher.hash("nobody's password")

    async def hash(self, password: str) -> str:
        """A PHC string with its own salt. Check the rule first."""
        return await self._off_loop(lambda: self._hasher.hash(_prepared(password)))

    async def verify(self, stored: str | None, password: str) -> bool:
        """Whether it matches. `None` (no such account) takes the same time and is never right."""
        matches = await self._off_loop(lambda: self._matches(stored or self._nobody, password))
        return matches and stored is not None

    def needs_rehash(self, stored: str) -> bool:
        """Whether the stored hash was made with other parameters; hash anew after the next right password."""
        return self._hasher.check_needs_rehash(stored)

    def close(self) -> None:
        """Let running hashes end."""
        self._pool.shutdown()

    def _matches(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, _prepared(password))
        except (VerificationError, InvalidHashError):
            return False

    async def _off_loop(self, work: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)


def check_password(password: str, *personal: str) -> None:
    """Raise `Invalid` unless the password may be chosen: 12 to 256 characters, not common, not `personal`.

    `personal`: the account's e-mail address and names; a password that is little more than one is refused.
    """
    prepared = _prepared(password)
    if len(prepared) < MIN_LENGTH:
        raise _refused("password", "too_short")
    if len(prepared) > MAX_LENGTH:
        raise _refused("password", "too_long")
    if _is_common(prepared.lower(), [part for value in personal for part in _parts(value)]):
        raise _refused("password", "too_common")


def check_passcode(passcode: str) -> None:
    """Raise `Invalid` unless the passcode is six digits, not one digit six times and not a straight run."""
    if re.fullmatch(r"[0-9]{6}", passcode) is None:
        raise _refused("passcode", "not_six_digits")
    if len(set(passcode)) == 1 or _in_a_run(passcode):
        raise _refused("passcode", "too_common")


def _prepared(password: str) -> str:
    """The same keys give the same bytes on every device (NFKC, as SP 800-63B advises)."""
    return unicodedata.normalize("NFKC", password)


def _refused(field: str, code: str) -> Invalid:
    return Invalid(FieldError(field, code))


def _parts(value: str) -> list[str]:
    return [part for part in re.split(r"[^\w]+", _prepared(value).lower()) if len(part) >= 3]


def _is_common(password: str, personal: list[str]) -> bool:
    if password.isdigit() or _is_monotonous(password) or _in_a_run(password):
        return True
    # Longest first, so that "mypassword" is taken out whole.
    words = sorted((*_COMMON_WORDS, *personal), key=len, reverse=True)
    return any(_is_dressed_up(words, spelling) for spelling in (password, password.translate(_LEET)))


def _is_dressed_up(words: list[str], password: str) -> bool:
    """A common or personal word with little beside it: digits, punctuation, a few letters."""
    rest = password
    for word in words:
        rest = rest.replace(word, " ")
    letters = "".join(part for part in re.split(r"[\W\d_]+", rest) if not _in_a_run(part))
    return rest != password and len(letters) < MIN_LENGTH // 2


def _is_monotonous(password: str) -> bool:
    """A pattern of at most four characters repeated, or fewer than five different characters."""
    if len(set(password)) < 5:
        return True
    return any(password == (password[:n] * len(password))[: len(password)] for n in range(1, 5))


def _in_a_run(text: str) -> bool:
    return len(text) >= 3 and any(text in run or text in run[::-1] for run in _RUNS)
