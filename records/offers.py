"""Offers: the chosen therapists are asked in turn, one at a time; each offer has one outcome, whoever is quicker.

Locks in one order: the therapist, the client, the search.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from domain.access import WritableClientId
from domain.clocks import HORIZON, reach
from domain.errors import Conflict, FieldError, Invalid, NotFound
from domain.ids import ClientId, RoomId, TherapistId, new_id
from domain.journeys import Step, refuse_too_early
from domain.licences import licence_for
from domain.match_filters import Refusal, refusals
from domain.match_states import LIVE, SHOWN, MatchStatus, OfferState
from domain.offers import OfferPolicy, offer_policy_from_json
from records import calendars, journeys, matches, policies, rankings, rooms, therapists
from records.database import Row, Transaction
from records.events import Event, EventKind
from records.handovers import hand_over
from records.notices import notify
from records.seekers import search_of, whereabouts

MOST_CHOSEN: Final = 3
NO_CONSENT: Final = "no_consent"


async def choose(tx: Transaction, client: WritableClientId, chosen: Sequence[UUID]) -> None:
    """The client's choice, best first: they are asked in this order.

    Raises Conflict (`not_choosing`, or what comes first), Invalid (`not_a_candidate`, `chosen_twice`).
    """
    await journeys.hold(tx, client.id)
    refuse_too_early(Step.MATCHING, await journeys.facts(tx, client.id))
    newest = await matches.newest(tx, client.id)
    if newest is None:
        raise Conflict("not_choosing")
    match = await matches.locked(tx, newest["id"])
    if match["status"] != MatchStatus.CHOOSING:
        raise Conflict("not_choosing")
    await _check_choice(tx, match, chosen)
    await tx.run("UPDATE matches SET choice = %s WHERE id = %s", (list(chosen), match["id"]))
    await tx.audit("choose_match", subject_id=match["id"], chosen=len(chosen))
    await matches.moved(tx, match["id"], MatchStatus.OFFERING)
    await journeys.advance(tx, client.id)


async def _check_choice(tx: Transaction, match: Row, chosen: Sequence[UUID]) -> None:
    if not 1 <= len(chosen) <= MOST_CHOSEN:
        raise Invalid(FieldError("therapist_ids", "one_to_three"))
    if len(set(chosen)) != len(chosen):
        raise Invalid(FieldError("therapist_ids", "chosen_twice"))
    shown = await tx.all(
        "SELECT therapist_id FROM match_candidates WHERE match_id = %s AND position <= %s",
        (match["id"], SHOWN),
    )
    if not set(chosen) <= {row["therapist_id"] for row in shown}:
        raise Invalid(FieldError("therapist_ids", "not_a_candidate"))


async def offer_next(tx: Transaction, match_id: UUID) -> None:
    """Ask the next of the chosen therapists who may still take this client. With nobody left the client chooses
    anew; after three misses a person looks. Nothing is done while an offer is open: a repeat is harmless.
    """
    match = await _held(tx, match_id)
    if match["status"] != MatchStatus.OFFERING or await _open_offer(tx, match_id) is not None:
        return
    if not await rankings.consented(tx, match):
        return
    policy = await _policy(tx)
    if match["misses"] >= policy.misses:
        await rankings.hand_to_person(tx, match)
        return
    found = await _next(tx, match, policy)
    if found is None:
        await rankings.rank_anew(tx, match)
        return
    await _offer(tx, match, *found)


async def _next(tx: Transaction, match: Row, policy: OfferPolicy) -> tuple[TherapistId, datetime] | None:
    """Who is asked now and until when: the first of the choice whom no hard filter stops and who works soon."""
    search = await search_of(tx, match)
    before = {row["therapist_id"] for row in await matches.offers_of(tx, match["id"])}
    for therapist_id in (TherapistId(each) for each in match["choice"] if each not in before):
        profile = (await therapists.profiles(tx, search.on, therapist_id)).get(therapist_id)
        if profile is None or refusals(search.seeker, profile, search.on):
            continue
        expires_at = await _expiry(tx, therapist_id, policy)
        if expires_at is not None:
            return therapist_id, expires_at
    return None


async def _expiry(tx: Transaction, therapist_id: TherapistId, policy: OfferPolicy) -> datetime | None:
    """The end of the window, in working time of the therapist; None when they are not there in time."""
    try:
        schedule = await calendars.therapist_schedule(tx, therapist_id)
    except NotFound:
        return None
    reached = reach(schedule, tx.now, tx.now + HORIZON, [policy.window])
    return reached[0] if reached else None


async def _offer(tx: Transaction, match: Row, therapist_id: TherapistId, expires_at: datetime) -> None:
    offer_id = new_id()
    row = await tx.one("SELECT count(*) AS n FROM offers WHERE match_id = %s", (match["id"],))
    assert row is not None  # noqa: S101  an aggregate has one row
    await tx.insert(
        "offers",
        id=offer_id,
        match_id=match["id"],
        client_id=match["client_id"],
        therapist_id=therapist_id,
        n=row["n"] + 1,
        state=OfferState.OPEN,
        offered_at=tx.now,
        expires_at=expires_at,
    )
    await tx.audit("offer", subject_id=offer_id)
    await notify(tx, therapist_id, "offer_waiting", offer_id)
    tx.announce(Event(EventKind.JOURNEY, account_id=therapist_id))
    await matches.moved(tx, match["id"], MatchStatus.OFFERING)
    await journeys.advance(tx, match["client_id"])


async def expire(tx: Transaction, match_id: UUID) -> bool:
    """Let the open offer lapse if its time is over. False when it is not, or was answered in the last instant."""
    match = await _held(tx, match_id)
    lapsed = await tx.one(
        "UPDATE offers SET state = 'expired', decided_at = %s"
        " WHERE match_id = %s AND state = 'open' AND expires_at <= %s RETURNING *",
        (tx.now, match_id, tx.now),
    )
    if lapsed is not None:
        await _missed(tx, match, lapsed)
    return lapsed is not None


async def decline(tx: Transaction, offer_id: UUID) -> None:
    """Not this time. Saying it twice changes nothing. Raises NotFound, Conflict (`offer_expired`...)."""
    offer = await mine(tx, offer_id)
    match = await _held(tx, offer["match_id"])
    said_no = await tx.one(
        "UPDATE offers SET state = 'declined', decided_at = %s WHERE id = %s AND state = 'open' RETURNING *",
        (tx.now, offer_id),
    )
    if said_no is None:
        offer = await mine(tx, offer_id)
        if offer["state"] != OfferState.DECLINED:
            raise Conflict(f"offer_{offer['state']}")
        return
    await tx.audit("decline_offer", subject_id=offer_id)
    await _missed(tx, match, said_no)


async def _missed(tx: Transaction, match: Row, offer: Row) -> None:
    await tx.run("UPDATE matches SET misses = misses + 1 WHERE id = %s", (match["id"],))
    await _goes_on(tx, match, offer)


async def _goes_on(tx: Transaction, match: Row, offer: Row) -> None:
    """An offer came to nothing: the client is told what comes next, the workflow goes on."""
    await matches.moved(tx, match["id"], MatchStatus.OFFERING)
    await notify(tx, match["client_id"], "search_goes_on", offer["id"])
    tx.announce(Event(EventKind.JOURNEY, account_id=offer["therapist_id"]))
    await journeys.advance(tx, match["client_id"])


@dataclass(frozen=True, slots=True)
class Acceptance:
    """The room that opened; or why none did: `no_capacity`, `no_licence`, the search having gone on; `no_consent`, the
    search having ended until the client agrees to care where they are.
    """

    room_id: RoomId | None = None
    refused: str | None = None


async def accept(tx: Transaction, offer_id: UUID) -> Acceptance:
    """Take the client: offer, place and room in one transaction, or nothing. Saying it twice gives the same room.

    Raises NotFound, Conflict (`offer_expired`, `offer_declined`, `offer_withdrawn`).
    """
    offer = await mine(tx, offer_id)
    therapist_id = TherapistId(offer["therapist_id"])
    await hold_therapist(tx, therapist_id)
    match = await _held(tx, offer["match_id"])
    offer = await mine(tx, offer_id)
    if offer["state"] == OfferState.ACCEPTED:
        return Acceptance(room_id=RoomId(match["room_id"]))
    if offer["state"] != OfferState.OPEN:
        raise Conflict(f"offer_{offer['state']}")
    if not await rankings.consented(tx, match):
        return Acceptance(refused=NO_CONSENT)
    refused = await _last_look(tx, match, therapist_id)
    if refused is None and not await claim_place(tx, therapist_id):
        refused = Refusal.NO_CAPACITY
    if refused is not None:
        await withdraw(tx, match, offer)
        return Acceptance(refused=refused)
    taken = await tx.run(
        "UPDATE offers SET state = 'accepted', decided_at = %s"
        " WHERE id = %s AND state = 'open' AND expires_at > %s",
        (tx.now, offer_id, tx.now),
    )
    if not taken:
        raise Conflict("offer_expired")
    await tx.audit("accept_offer", subject_id=offer_id)
    return Acceptance(room_id=await open_matched_room(tx, match, therapist_id))


async def _last_look(tx: Transaction, match: Row, therapist_id: TherapistId) -> Refusal | None:
    """A licence has no override: it is looked at again at the moment of acceptance."""
    state, on = await whereabouts(tx, match["client_id"])
    profile = (await therapists.profiles(tx, on, therapist_id))[therapist_id]
    return None if licence_for(profile.licences, state, on) else Refusal.NO_LICENCE


async def claim_place(tx: Transaction, therapist_id: TherapistId) -> bool:
    """Take one of the therapist's places. The caller holds the therapist."""
    return bool(
        await tx.run(
            "UPDATE therapists SET active_rooms = active_rooms + 1 WHERE id = %s AND active_rooms < capacity",
            (therapist_id,),
        )
    )


async def open_matched_room(tx: Transaction, match: Row, therapist_id: TherapistId) -> RoomId:
    """The search has found: its room opens. A therapist who is full now has other offers taken back at once."""
    if match["from_room_id"]:
        room_id = await hand_over(tx, match, therapist_id)
    else:
        room_id = await rooms.open_room(tx, ClientId(match["client_id"]), therapist_id)
    await tx.run(
        "UPDATE matches SET room_id = %s, decided_at = %s WHERE id = %s", (room_id, tx.now, match["id"])
    )
    await matches.moved(tx, match["id"], MatchStatus.MATCHED)
    await notify(tx, match["client_id"], "room_opened", room_id, room_id)
    await journeys.advance(tx, match["client_id"])
    await _withdraw_if_full(tx, therapist_id)
    return room_id


async def _withdraw_if_full(tx: Transaction, therapist_id: TherapistId) -> None:
    others = await tx.all(
        "SELECT o.* FROM offers o JOIN therapists t ON t.id = o.therapist_id WHERE o.therapist_id = %s"
        " AND o.state = 'open' AND t.active_rooms >= t.capacity ORDER BY o.id",
        (therapist_id,),
    )
    for offer in others:
        await withdraw(tx, await _held(tx, offer["match_id"]), offer)


async def withdraw(tx: Transaction, match: Row, offer: Row) -> None:
    """Take an open offer back: the client's search goes on, and nobody has missed anything."""
    withdrawn = await tx.run(
        "UPDATE offers SET state = 'withdrawn', decided_at = %s WHERE id = %s AND state = 'open'",
        (tx.now, offer["id"]),
    )
    if withdrawn and match["status"] in LIVE:
        await _goes_on(tx, match, offer)


async def take_back(tx: Transaction, offer_id: UUID) -> bool:
    """What was offered may not be accepted any more: it is withdrawn and the search goes on. Whether it was open."""
    offer = await tx.one("SELECT * FROM offers WHERE id = %s AND state = 'open'", (offer_id,))
    if offer is None:
        return False
    await withdraw(tx, await _held(tx, offer["match_id"]), offer)
    return True


async def hold_therapist(tx: Transaction, therapist_id: UUID) -> None:
    """Lock the therapist's row until the commit: two clients never race for one place. Raises NotFound."""
    if await tx.one("SELECT id FROM therapists WHERE id = %s FOR UPDATE", (therapist_id,)) is None:
        raise NotFound


async def mine(tx: Transaction, offer_id: UUID) -> Row:
    """An offer made to the actor. Raises NotFound."""
    actor = tx.actor
    row = await tx.one(
        "SELECT * FROM offers WHERE id = %s AND therapist_id = %s",
        (offer_id, actor.account_id if actor else None),
    )
    if row is None:
        raise NotFound
    return row


async def _held(tx: Transaction, match_id: UUID) -> Row:
    where = await matches.find(tx, match_id)
    await journeys.hold(tx, where["client_id"])
    return await matches.locked(tx, match_id)


async def _open_offer(tx: Transaction, match_id: UUID) -> Row | None:
    return await tx.one("SELECT * FROM offers WHERE match_id = %s AND state = 'open'", (match_id,))


async def _policy(tx: Transaction) -> OfferPolicy:
    try:
        return offer_policy_from_json(await policies.in_force(tx, "offers"))
    except NotFound:
        return OfferPolicy()


@dataclass(frozen=True, slots=True)
class Standing:
    """A search as its workflow needs to know it; `expires_at` of the open offer, None without one."""

    version: int
    status: MatchStatus
    expires_at: datetime | None


async def standing(tx: Transaction, match_id: UUID) -> Standing:
    """How a search stands now. Raises NotFound."""
    match = await matches.find(tx, match_id)
    offer = await _open_offer(tx, match_id)
    return Standing(match["version"], MatchStatus(match["status"]), offer["expires_at"] if offer else None)
