"""How clients of the demo clinic found their therapists: ranked, chosen, offered, accepted."""

from datetime import datetime, timedelta
from uuid import UUID

from domain.access import Action
from domain.ids import RoomId
from kindroom.clinic.arrivals import Arrival
from kindroom.clinic.house import House
from kindroom.clinic.people import Story
from records import matches, offers, rankings
from records.database import Transaction
from records.relations import writable_chart


async def find_therapist(house: House, arrival: Arrival) -> RoomId | None:
    """The search as far as the story goes; the room that opened, if it came so far."""
    await _rank(house, arrival, arrival.after(6.5))
    match arrival.person.story:
        case Story.CHOOSING:
            return None
        case Story.OFFERED:
            shortly = house.present - timedelta(hours=1)
            await _choose(house, arrival, [arrival.person.therapist], shortly)
            await _offer_next(house, arrival, shortly)
            return None
        case Story.HUMAN_MATCH:
            await _nobody_can(house, arrival)
            return None
    await _choose(house, arrival, [arrival.person.therapist], arrival.after(8))
    await _offer_next(house, arrival, arrival.after(8.1))
    return await _accept(house, arrival, arrival.after(10))


async def _rank(house: House, arrival: Arrival, at: datetime) -> None:
    with house.past.at(at):
        async with house.past.transaction() as tx:
            await rankings.rank_candidates(tx, await _match_id(tx, arrival))


async def _choose(house: House, arrival: Arrival, chosen: list[str], at: datetime) -> None:
    with house.past.at(at):
        async with house.past.transaction(arrival.client) as tx:
            me = await writable_chart(tx, arrival.client.account_id, Action.CHOOSE_MATCH)
            await offers.choose(tx, me, [house.staff[name].account_id for name in chosen])


async def _offer_next(house: House, arrival: Arrival, at: datetime) -> None:
    with house.past.at(at):
        async with house.past.transaction() as tx:
            await offers.offer_next(tx, await _match_id(tx, arrival))


async def _accept(house: House, arrival: Arrival, at: datetime) -> RoomId:
    with house.past.at(at):
        async with house.past.transaction(house.staff[arrival.person.therapist]) as tx:
            accepted = await offers.accept(tx, await _open_offer(tx, arrival))
    assert accepted.room_id is not None  # noqa: S101  licences and places of the story suffice
    return accepted.room_id


async def _nobody_can(house: House, arrival: Arrival) -> None:
    """Everyone the client chose declines, and nobody else fits: a person looks."""
    shown = ["june.okafor", "maya.lindqvist"]
    await _choose(house, arrival, shown, arrival.after(7))
    for place, name in enumerate(shown):
        await _offer_next(house, arrival, arrival.after(7.5 + place))
        with house.past.at(arrival.after(8 + place)):
            async with house.past.transaction(house.staff[name]) as tx:
                await offers.decline(tx, await _open_offer(tx, arrival))
    await _offer_next(house, arrival, arrival.after(9.5))


async def _match_id(tx: Transaction, arrival: Arrival) -> UUID:
    newest = await matches.newest(tx, arrival.client.account_id)
    assert newest is not None  # noqa: S101  the journey began a search
    match_id: UUID = newest["id"]
    return match_id


async def _open_offer(tx: Transaction, arrival: Arrival) -> UUID:
    row = await tx.one(
        "SELECT id FROM offers WHERE client_id = %s AND state = 'open'", (arrival.client.account_id,)
    )
    assert row is not None  # noqa: S101  offered before
    offer_id: UUID = row["id"]
    return offer_id
