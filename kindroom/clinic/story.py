"""The whole story of the demo clinic, in the order in which it is told."""

import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

from kindroom.clinic import opening
from kindroom.clinic.arrivals import arrive, reached
from kindroom.clinic.clearinghouse import PastClearingHouse
from kindroom.clinic.house import House
from kindroom.clinic.lives import Life
from kindroom.clinic.matching import find_therapist
from kindroom.clinic.office import Office
from kindroom.clinic.people import PEOPLE, Bill, Person, Story
from kindroom.clinic.rooms import LivedRoom

Tell = Callable[[str], None]


async def tell_story(house: House, tell: Tell) -> None:
    """Fill an empty clinic. `tell` hears of each part when it is done."""
    await opening.open_clinic(house)
    tell(f"{len(house.staff)} people of the staff, {len(house.payers)} payers")
    async with _office(house) as office:
        await opening.plan_leave(house)
        lives = [life for person in PEOPLE if (life := await _bring(house, office, person)) is not None]
        tell(f"{len(PEOPLE)} clients have come")
        for at, unpaid in _claim_days(house, lives):
            for life in lives:
                await life.live(at)
            await office.bill(at, unpaid=unpaid)
        for life in lives:
            await life.live(house.present)
        await office.catch_up()
        await opening.take_no_clients(house)
        tell(f"{len(lives)} rooms, and what was written and billed in them")


@asynccontextmanager
async def _office(house: House) -> AsyncIterator[Office]:
    with tempfile.TemporaryDirectory(prefix="kindroom-past-") as folder:
        clearing_house = PastClearingHouse(Path(folder), house.past)
        try:
            yield Office(house, clearing_house)
        finally:
            clearing_house.close()


async def _bring(house: House, office: Office, person: Person) -> Life | None:
    """The client's way in, as far as it goes; the life of the room for those in care."""
    arrival = await arrive(house, person)
    if reached(person, Story.VERIFYING):
        coverage_id = await office.take_card(arrival, arrival.after(6))
        if reached(person, Story.CHOOSING):
            await office.verify(arrival, coverage_id, arrival.after(6.1))
    if not reached(person, Story.CHOOSING):
        return None
    room_id = await find_therapist(house, arrival)
    if room_id is None:
        return None
    room = LivedRoom(house, person, room_id, arrival.client, house.staff[person.therapist])
    return Life(room, arrival, arrival.after(10))


def _claim_days(house: House, lives: Sequence[Life]) -> Iterator[tuple[datetime, bool]]:
    """When claims are sent: every week, and each claim that stays unpaid in a file of its own."""
    shortly = timedelta(minutes=20)
    days = [(house.present - timedelta(days=2.5 + 7 * week), False) for week in range(25)]
    for life in lives:
        if life.person.bill is Bill.WAITING and life.last_attested_at:
            days += [(life.last_attested_at - shortly, False), (life.last_attested_at + shortly, True)]
    yield from sorted(days)
