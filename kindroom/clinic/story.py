"""The whole story of the demo clinic, in the order in which it is told."""

from collections.abc import Callable

from kindroom.clinic import opening
from kindroom.clinic.arrivals import arrive
from kindroom.clinic.house import House
from kindroom.clinic.people import PEOPLE

Tell = Callable[[str], None]


async def tell_story(house: House, tell: Tell) -> None:
    """Fill an empty clinic. `tell` hears of each part when it is done."""
    await opening.open_clinic(house)
    tell(f"{len(house.staff)} people of the staff, {len(house.payers)} payers")
    arrivals = [await arrive(house, person) for person in PEOPLE]
    tell(f"{len(arrivals)} clients have registered")
