"""A hundred clients for ten places: ten win, nobody is lost, and each of the rest has a next step with a time."""

import asyncio
from typing import TYPE_CHECKING
from uuid import UUID

from arrivals import House, arrived, give_self_pay, house, permit, therapist_for
from factories import account, actor

from domain.access import Action, Role
from domain.errors import Conflict
from domain.ids import TherapistId
from domain.match_states import MatchStatus
from records import matches, offers, rankings
from records.database import Row

if TYPE_CHECKING:
    from conftest import Databases

CLIENTS, PLACES, AT_ONCE = 100, 10, 20


async def waiting_for_an_answer(
    databases: "Databases", found: House, first: TherapistId, second: TherapistId
) -> Row:
    """A client whose first choice has been asked; the second is on their list."""
    me = await arrived(databases.care)
    await give_self_pay(databases.care, found, me)
    async with databases.worker.transaction() as tx:
        match = await matches.newest(tx, me.account_id)
        assert match is not None
        await rankings.rank_candidates(tx, match["id"])
    async with databases.care.transaction(me) as tx:
        await offers.choose(tx, await permit(tx, me, Action.CHOOSE_MATCH), [first, second])
    async with databases.worker.transaction() as tx:
        await offers.offer_next(tx, match["id"])
        offer = await tx.one("SELECT * FROM offers WHERE match_id = %s", (match["id"],))
    assert offer is not None
    return offer


async def accept(databases: "Databases", offer: Row) -> UUID | None:
    """The room. Raises Conflict where the place went to somebody else."""
    async with databases.care.transaction(actor(Role.THERAPIST, offer["therapist_id"])) as tx:
        return (await offers.accept(tx, offer["id"])).room_id


async def test_a_hundred_clients_for_ten_places(databases: "Databases") -> None:
    found = await house(databases.care)
    async with databases.care.transaction() as tx:
        matcher = await account(tx, Role.SUPERVISOR)
        await tx.insert("duties", account_id=matcher, duty="matcher", granted_at=tx.now)
    both = [await therapist_for(databases.care, found, places=PLACES // 2) for _ in range(2)]
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(n: int) -> Row:
        async with turns:
            return await waiting_for_an_answer(databases, found, both[n % 2], both[1 - n % 2])

    async def said_yes(offer: Row) -> UUID | None:
        async with turns:  # more than there are connections, and none waits for one until it gives up
            return await accept(databases, offer)

    made = await asyncio.gather(*(one(n) for n in range(CLIENTS)))
    answers = await asyncio.gather(*(said_yes(offer) for offer in made), return_exceptions=True)
    lost = [answer.code for answer in answers if isinstance(answer, Conflict)]
    assert lost == ["offer_withdrawn"] * (CLIENTS - PLACES)
    assert len({answer for answer in answers if isinstance(answer, UUID)}) == PLACES
    async with databases.worker.transaction() as tx:
        loads = await tx.all("SELECT active_rooms, capacity FROM therapists")
        ends = await tx.all("SELECT state, count(*) AS n FROM offers GROUP BY state ORDER BY state")
        going_on = await tx.all("SELECT id, misses FROM matches WHERE status = 'offering'")
    assert all(row["active_rooms"] == row["capacity"] for row in loads)
    assert {row["state"]: row["n"] for row in ends} == {"accepted": PLACES, "withdrawn": CLIENTS - PLACES}
    assert [row["misses"] for row in going_on] == [0] * (CLIENTS - PLACES)

    async def go_on(match_id: UUID) -> None:
        async with turns, databases.worker.transaction() as tx:
            await offers.offer_next(tx, match_id)

    await asyncio.gather(*(go_on(row["id"]) for row in going_on))
    async with databases.worker.transaction() as tx:
        rest = await tx.all(
            "SELECT c.wait, c.due_at IS NOT NULL AS due, m.status,"
            " (SELECT count(*) FROM notices n WHERE n.account_id = c.id AND n.template = 'search_goes_on') AS told,"
            " (SELECT count(*) FROM notices n WHERE n.account_id = %s AND n.subject_id = m.id) AS heard"
            " FROM matches m JOIN clients c ON c.id = m.client_id WHERE m.status <> 'matched'",
            (matcher,),
        )
    step = {"wait": "human_match", "due": True, "status": MatchStatus.HUMAN, "told": 1, "heard": 1}
    assert [dict(row) for row in rest] == [step] * (CLIENTS - PLACES)
