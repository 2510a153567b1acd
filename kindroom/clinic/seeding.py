"""Seeding: an empty clinic becomes the demo clinic in one transaction; one that has its people is left alone."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from encryption.blind_index import BlindIndex
from encryption.keys import KeyRing
from encryption.passwords import Passwords
from kindroom.clinic.accounts import demo_password, write_accounts
from kindroom.clinic.ending import reach_the_present
from kindroom.clinic.house import House, known_id
from kindroom.clinic.past import Past, past
from kindroom.clinic.staff import SIGN_IN_AS
from kindroom.clinic.story import tell_story
from records.clinic import clinic_key, ensure_clinic_key

_ONE_AT_A_TIME = 7465021  # advisory lock


@dataclass(frozen=True, slots=True)
class Seeded:
    """What came of it: whether anything was written, and where the accounts stand."""

    written: bool
    accounts: Path


async def seed(
    dsn: str, ring: KeyRing, data_dir: Path, tell: Callable[[str], None], *, now: datetime | None = None
) -> Seeded:
    """Write the demo clinic unless it is there, then who may sign in. `dsn` is the owner's, `now` the story's present.

    Safe to repeat, also after a crash: the history is one transaction, and the accounts file comes after it.
    """
    password = demo_password(data_dir)
    async with past(dsn, ring, now) as story:
        await ensure_clinic_key(story)
        written = not await _is_there(story)
        if written:
            await _write(story, password, tell)
    return Seeded(written, write_accounts(data_dir, password))


async def _is_there(story: Past) -> bool:
    async with story.transaction() as tx:
        await tx.run("SELECT pg_advisory_xact_lock(%s)", (_ONE_AT_A_TIME,))
        first = known_id("staff", SIGN_IN_AS["administrator"])
        return await tx.one("SELECT 1 AS there FROM accounts WHERE id = %s", (first,)) is not None


async def _write(story: Past, password: str, tell: Callable[[str], None]) -> None:
    passwords = Passwords()
    try:
        async with story.transaction() as tx:
            index = BlindIndex(await clinic_key(tx))
        house = House(story, index, await passwords.hash(password))
    finally:
        passwords.close()
    await tell_story(house, tell)
    tell(f"{await reach_the_present(house)} promises told to their workflows")
