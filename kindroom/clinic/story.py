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
    from kindroom.clinic.people import Story
    from kindroom.clinic.lives import Life
    from kindroom.clinic.rooms import LivedRoom
    from records.rooms import open_room
    k=0
    for arrival in arrivals:
        if arrival.person.story in (Story.IN_CARE, Story.CLOSED):
            at = arrival.after(10)
            th = house.staff[arrival.person.therapist]
            with house.past.at(at):
                async with house.past.transaction(th) as tx:
                    rid = await open_room(tx, arrival.client.account_id, th.account_id)
            room = LivedRoom(house, arrival.person, rid, arrival.client, th)
            await Life(room, arrival, at).live()
            k+=1
    tell(f"{k} lives")
