"""A search on the real rows: begun with the fact that makes ready, one offer at a time, one outcome in every race."""

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from arrivals import House, arrived, give_self_pay, house, measured, permit, policy, therapist_for
from factories import account, actor

from activities.matches import MatchActivities
from activities.shapes.matches import MatchStanding, MoveMatch
from domain.access import Action, Actor, Role
from domain.errors import Conflict, Invalid
from domain.ids import TherapistId
from domain.match_states import MatchStatus
from domain.zones import zone
from records import journeys, match_desk, matches, offers, relations
from records.database import Row
from records.match_views import offers_to, search_view

if TYPE_CHECKING:
    from conftest import Databases


async def searching(databases: "Databases", found: House) -> tuple[Actor, UUID]:
    """A client whose search has begun."""
    me = await arrived(databases.care)
    await give_self_pay(databases.care, found, me)
    return me, (await newest(databases, me))["id"]


async def newest(databases: "Databases", me: Actor) -> Row:
    async with databases.worker.transaction() as tx:
        match = await matches.newest(tx, me.account_id)
    assert match is not None
    return match


async def move(databases: "Databases", name: str, match_id: UUID) -> MatchStanding:
    """One activity, run twice as after a killed worker: the second run changes nothing."""
    activities = MatchActivities(databases.worker)
    first: MatchStanding = await getattr(activities, name)(MoveMatch(match_id))
    again: MatchStanding = await getattr(activities, name)(MoveMatch(match_id))
    assert again == first
    return first


async def choose(databases: "Databases", me: Actor, *therapists: UUID) -> None:
    async with databases.care.transaction(me) as tx:
        await offers.choose(tx, await permit(tx, me, Action.CHOOSE_MATCH), therapists)


async def open_offer(databases: "Databases", match_id: UUID) -> Row:
    async with databases.worker.transaction() as tx:
        row = await tx.one("SELECT * FROM offers WHERE match_id = %s AND state = 'open'", (match_id,))
    assert row is not None
    return row


async def let_pass(databases: "Databases", match_id: UUID) -> None:
    """The open offer's time is over."""
    async with databases.worker.transaction() as tx:
        await tx.run(
            "UPDATE offers SET expires_at = now() - interval '1 second' WHERE match_id = %s AND state = 'open'",
            (match_id,),
        )


async def offered(databases: "Databases", found: House, *chosen: TherapistId) -> tuple[Actor, UUID, Row]:
    me, match_id = await searching(databases, found)
    await move(databases, "rank_candidates", match_id)
    await choose(databases, me, *chosen)
    await move(databases, "offer_next", match_id)
    return me, match_id, await open_offer(databases, match_id)


def hand(therapist_id: UUID) -> Actor:
    return actor(Role.THERAPIST, therapist_id)


async def accept(databases: "Databases", offer: Row) -> offers.Acceptance:
    async with databases.care.transaction(hand(offer["therapist_id"])) as tx:
        return await offers.accept(tx, offer["id"])


async def decline(databases: "Databases", offer: Row) -> None:
    async with databases.care.transaction(hand(offer["therapist_id"])) as tx:
        await offers.decline(tx, offer["id"])


async def test_the_search_begins_with_whichever_fact_comes_last(databases: "Databases") -> None:
    found = await house(databases.care)
    me = await arrived(databases.care, measures=False)
    await give_self_pay(databases.care, found, me)
    async with databases.care.transaction(me) as tx:
        assert await matches.newest(tx, me.account_id) is None
        for instrument in ("PHQ-9", "GAD-7"):
            await measured(tx, me.account_id, instrument, 3)
        await journeys.advance(tx, me.account_id)
        await journeys.advance(tx, me.account_id)
        begun = await tx.all("SELECT status, version FROM matches WHERE client_id = %s", (me.account_id,))
        told = await tx.all("SELECT payload FROM outbox WHERE kind = 'match_changed'")
    assert begun == [{"status": "ranking", "version": 1}]
    assert [note["payload"]["status"] for note in told] == ["ranking"]


async def test_three_are_shown_with_reasons_and_the_rejected_are_kept_with_theirs(
    databases: "Databases",
) -> None:
    found = await house(databases.care)
    fitting = {await therapist_for(databases.care, found) for _ in range(4)}
    elsewhere = await therapist_for(databases.care, found, states=("TX",))
    full = await therapist_for(databases.care, found, places=0)
    me, match_id = await searching(databases, found)
    standing = await move(databases, "rank_candidates", match_id)
    assert standing.status is MatchStatus.CHOOSING
    async with databases.care.transaction(me) as tx:
        view = await search_view(tx, await relations.readable_chart(tx, me.account_id, Action.READ_MATCHES))
    assert len(view.shown) == 3
    assert {each.therapist_id for each in view.shown} <= fitting
    assert all(each.reasons for each in view.shown)
    assert view.rejected_count == 2
    async with databases.care.transaction() as tx:
        supervisor = await account(tx, Role.SUPERVISOR)
    async with databases.care.transaction(actor(Role.SUPERVISOR, supervisor)) as tx:
        client = await relations.readable_chart(tx, me.account_id, Action.READ_MATCH_DESK)
        desk = await match_desk.desk(tx, client, await matches.find(tx, match_id))
    rejected = {each.therapist_id: each for each in desk.considered if each.rejected}
    assert rejected[elsewhere].reasons == ("no licence in NY",)
    assert rejected[full].rejected == ("no_capacity",)


async def test_one_offer_at_a_time_in_the_clients_order(databases: "Databases") -> None:
    found = await house(databases.care)
    first, second = [await therapist_for(databases.care, found) for _ in range(2)]
    me, match_id, offer = await offered(databases, found, second, first)
    assert offer["therapist_id"] == second
    assert offer["expires_at"] - offer["offered_at"] == timedelta(hours=4)
    await decline(databases, offer)
    await decline(databases, offer)
    standing = await move(databases, "offer_next", match_id)
    following = await open_offer(databases, match_id)
    assert (standing.status, following["therapist_id"], following["n"]) == ("offering", first, 2)
    async with databases.care.transaction(me) as tx:
        view = await search_view(tx, await relations.readable_chart(tx, me.account_id, Action.READ_MATCHES))
    assert [row["state"] for row in view.missed] == ["declined"]
    assert view.open is not None
    assert view.next_by == following["expires_at"]


async def test_an_offer_runs_in_the_therapists_working_hours(databases: "Databases") -> None:
    found = await house(databases.care)
    chosen = await therapist_for(databases.care, found, always=False)
    _, _, offer = await offered(databases, found, chosen)
    assert offer["expires_at"] - offer["offered_at"] >= timedelta(hours=4)
    local = offer["expires_at"].astimezone(zone("America/New_York"))
    assert 9 <= local.hour + local.minute / 60 <= 17
    assert local.weekday() < 5


async def test_an_accepted_offer_opens_one_room_however_often_it_is_said(databases: "Databases") -> None:
    found = await house(databases.care)
    chosen = await therapist_for(databases.care, found)
    me, match_id, offer = await offered(databases, found, chosen)
    accepted = await asyncio.gather(*(accept(databases, offer) for _ in range(4)))
    assert len({each.room_id for each in accepted}) == 1
    async with databases.worker.transaction() as tx:
        client = await tx.one("SELECT stage FROM clients WHERE id = %s", (me.account_id,))
        load = await tx.one("SELECT active_rooms FROM therapists WHERE id = %s", (chosen,))
        rooms = await tx.all("SELECT id FROM rooms WHERE client_id = %s", (me.account_id,))
    assert (client, load, len(rooms)) == ({"stage": "in_care"}, {"active_rooms": 1}, 1)
    standing = await move(databases, "read_match", match_id)
    assert standing.status is MatchStatus.MATCHED


async def test_acceptance_and_expiry_in_one_instant_have_one_outcome(databases: "Databases") -> None:
    found = await house(databases.care)
    outcomes = []
    for _ in range(6):
        chosen = await therapist_for(databases.care, found)
        me, match_id, offer = await offered(databases, found, chosen)
        async with databases.worker.transaction() as tx:
            await tx.run(
                "UPDATE offers SET expires_at = clock_timestamp() + interval '20 ms' WHERE id = %s",
                (offer["id"],),
            )
        await asyncio.sleep(0.012)
        await asyncio.gather(accept(databases, offer), _expire(databases, match_id), return_exceptions=True)
        await let_pass(databases, match_id)
        await _expire(databases, match_id)
        async with databases.worker.transaction() as tx:
            row = await tx.one("SELECT state FROM offers WHERE id = %s", (offer["id"],))
            rooms = await tx.all("SELECT id FROM rooms WHERE client_id = %s", (me.account_id,))
            match = await matches.find(tx, match_id)
            await tx.run("UPDATE therapists SET accepting = false WHERE id = %s", (chosen,))
        assert row is not None
        outcomes.append(row["state"])
        assert len(rooms) == (1 if row["state"] == "accepted" else 0)
        assert (match["status"], match["misses"]) == (
            ("matched", 0) if row["state"] == "accepted" else ("offering", 1)
        )
    assert set(outcomes) <= {"accepted", "expired"}


async def _expire(databases: "Databases", match_id: UUID) -> MatchStanding:
    return await MatchActivities(databases.worker).expire_offer(MoveMatch(match_id))


async def test_two_clients_for_one_last_place_have_one_winner_and_the_other_goes_on(
    databases: "Databases",
) -> None:
    found = await house(databases.care)
    chosen = await therapist_for(databases.care, found, places=1)
    waiting = [await offered(databases, found, chosen) for _ in range(2)]
    answers = await asyncio.gather(
        *(accept(databases, offer) for _, _, offer in waiting), return_exceptions=True
    )
    won = [a for a in answers if isinstance(a, offers.Acceptance) and a.room_id]
    lost = [a for a in answers if isinstance(a, Conflict)]
    assert (len(won), [each.code for each in lost]) == (1, ["offer_withdrawn"])
    async with databases.worker.transaction() as tx:
        load = await tx.one("SELECT active_rooms FROM therapists WHERE id = %s", (chosen,))
        states = await tx.all("SELECT state FROM offers ORDER BY state")
        searches = await tx.all("SELECT id, status, misses FROM matches ORDER BY status")
    assert load == {"active_rooms": 1}
    assert [row["state"] for row in states] == ["accepted", "withdrawn"]
    assert [(row["status"], row["misses"]) for row in searches] == [("matched", 0), ("offering", 0)]
    # Nobody else is left: the loser's search comes to a person, and is not left hanging.
    standing = await move(databases, "offer_next", searches[1]["id"])
    assert standing.status is MatchStatus.HUMAN


async def test_three_misses_bring_a_person_and_everybody_is_told(databases: "Databases") -> None:
    found = await house(databases.care)
    async with databases.care.transaction() as tx:
        await policy(tx, "offers", {"window_seconds": 60, "misses": 3})
        matcher = await account(tx, Role.SUPERVISOR)
        await tx.insert("duties", account_id=matcher, duty="matcher", granted_at=tx.now)
    chosen = [await therapist_for(databases.care, found) for _ in range(3)]
    me, match_id, _ = await offered(databases, found, *chosen)
    for turn in range(3):
        offer = await open_offer(databases, match_id)
        assert offer["expires_at"] - offer["offered_at"] == timedelta(seconds=60)
        if turn == 1:
            await decline(databases, offer)
        else:
            await let_pass(databases, match_id)
            await move(databases, "expire_offer", match_id)
        standing = await move(databases, "offer_next", match_id)
    assert standing.status is MatchStatus.HUMAN
    async with databases.worker.transaction() as tx:
        told = await tx.all("SELECT account_id, template FROM notices")
        client = await tx.one("SELECT stage, wait FROM clients WHERE id = %s", (me.account_id,))
    assert client == {"stage": "matching", "wait": "human_match"}
    mine = [row["template"] for row in told if row["account_id"] == me.account_id]
    assert mine.count("search_goes_on") == 3
    assert "person_looks" in mine
    assert (matcher, "match_needs_person") in {(row["account_id"], row["template"]) for row in told}


async def test_when_those_chosen_are_through_the_client_chooses_anew(databases: "Databases") -> None:
    found = await house(databases.care)
    first, second = [await therapist_for(databases.care, found) for _ in range(2)]
    me, match_id, offer = await offered(databases, found, first)
    await decline(databases, offer)
    standing = await move(databases, "offer_next", match_id)
    assert standing.status is MatchStatus.CHOOSING
    with pytest.raises(Invalid):
        await choose(databases, me, first)
    await choose(databases, me, second)
    await move(databases, "offer_next", match_id)
    assert (await open_offer(databases, match_id))["therapist_id"] == second


async def test_only_candidates_can_be_chosen_and_only_while_choosing(databases: "Databases") -> None:
    found = await house(databases.care)
    fitting = await therapist_for(databases.care, found)
    elsewhere = await therapist_for(databases.care, found, states=("TX",))
    me, match_id = await searching(databases, found)
    with pytest.raises(Conflict, match="not_choosing"):
        await choose(databases, me, fitting)
    await move(databases, "rank_candidates", match_id)
    for wrong in ([elsewhere], [fitting, fitting], []):
        with pytest.raises(Invalid):
            await choose(databases, me, *wrong)
    await choose(databases, me, fitting)
    with pytest.raises(Conflict, match="not_choosing"):
        await choose(databases, me, fitting)


async def test_a_licence_that_ended_meanwhile_stops_the_acceptance(databases: "Databases") -> None:
    found = await house(databases.care)
    chosen = await therapist_for(databases.care, found)
    _, match_id, offer = await offered(databases, found, chosen)
    async with databases.care.transaction() as tx:
        await tx.run("UPDATE licences SET expires_on = CURRENT_DATE - 1 WHERE therapist_id = %s", (chosen,))
    accepted = await accept(databases, offer)
    assert (accepted.room_id, accepted.refused) == (None, "no_licence")
    assert (await move(databases, "read_match", match_id)).status is MatchStatus.OFFERING


async def test_who_is_in_another_state_now_is_taken_on_only_once_they_have_agreed_to_care_there(
    databases: "Databases",
) -> None:
    found = await house(databases.care)
    chosen = await therapist_for(databases.care, found, states=("NY", "TX"))
    me, match_id, offer = await offered(databases, found, chosen)
    async with databases.care.transaction() as tx:
        await tx.run("UPDATE clients SET state = 'TX' WHERE id = %s", (me.account_id,))
    accepted = await accept(databases, offer)
    assert (accepted.room_id, accepted.refused) == (None, "no_consent")
    assert (await move(databases, "read_match", match_id)).status is MatchStatus.WITHDRAWN
    async with databases.worker.transaction() as tx:
        told = await tx.all("SELECT account_id FROM notices WHERE template = 'consent_waits'")
        places_left = await tx.one("SELECT active_rooms FROM therapists WHERE id = %s", (chosen,))
    assert ([row["account_id"] for row in told], places_left) == ([me.account_id], {"active_rooms": 0})


async def test_nobody_fits_and_a_person_places_under_the_same_filters(databases: "Databases") -> None:
    found = await house(databases.care)
    late = await therapist_for(databases.care, found, places=0)
    elsewhere = await therapist_for(databases.care, found, states=("TX",))
    me, match_id = await searching(databases, found)
    assert (await move(databases, "rank_candidates", match_id)).status is MatchStatus.HUMAN
    async with databases.care.transaction() as tx:
        matcher = actor(Role.SUPERVISOR, await account(tx, Role.SUPERVISOR))
    for stopped, code in ((elsewhere, "no_licence"), (late, "no_capacity")):
        with pytest.raises(Conflict, match=code):
            await place(databases, matcher, me, match_id, stopped)
    async with databases.care.transaction() as tx:
        await tx.run("UPDATE therapists SET capacity = 1 WHERE id = %s", (late,))
    await place(databases, matcher, me, match_id, late)
    assert (await move(databases, "read_match", match_id)).status is MatchStatus.MATCHED
    with pytest.raises(Conflict, match="already_matched"):
        await place(databases, matcher, me, match_id, late)


async def place(
    databases: "Databases", matcher: Actor, me: Actor, match_id: UUID, therapist_id: TherapistId
) -> None:
    async with databases.care.transaction(matcher) as tx:
        client = await relations.writable_chart(tx, me.account_id, Action.PLACE_CLIENT)
        await match_desk.place(tx, client, match_id, therapist_id)


async def test_whoever_is_asked_sees_why_and_nobody_else_does(databases: "Databases") -> None:
    found = await house(databases.care)
    chosen, other = [await therapist_for(databases.care, found) for _ in range(2)]
    await offered(databases, found, chosen)
    async with databases.care.transaction(hand(chosen)) as tx:
        seen, places = await offers_to(tx, chosen)
    assert [each.reasons[0] for each in seen] == ["Works with anxiety"]
    assert places == 20
    async with databases.care.transaction(hand(other)) as tx:
        assert (await offers_to(tx, other))[0] == []


async def test_a_journey_that_ends_takes_its_offer_back(databases: "Databases") -> None:
    found = await house(databases.care)
    chosen = await therapist_for(databases.care, found)
    me, match_id, offer = await offered(databases, found, chosen)
    async with databases.care.transaction(me) as tx:
        await journeys.close(tx, me.account_id)
    with pytest.raises(Conflict, match="offer_withdrawn"):
        await accept(databases, offer)
    assert (await move(databases, "read_match", match_id)).status is MatchStatus.WITHDRAWN


async def test_after_the_store_is_lost_every_live_search_is_told_again(databases: "Databases") -> None:
    found = await house(databases.care)
    _, match_id = await searching(databases, found)
    async with databases.worker.transaction() as tx:
        await tx.run("DELETE FROM outbox")
        assert await matches.retell(tx) == 1
        told = await tx.one("SELECT subject_id, version, payload FROM outbox")
    assert told is not None
    assert (told["subject_id"], told["version"], told["payload"]["status"]) == (match_id, 1, "ranking")
