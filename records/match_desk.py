"""The desk where people of ours find a therapist: every therapist with reasons, and placing under the same filters."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid5

from domain.access import ReadableClientId, WritableClientId
from domain.errors import Conflict, NotFound
from domain.ids import ClientId, RoomId, TherapistId
from domain.match_filters import Refusal, refusals
from domain.match_profiles import Seeker, TherapistProfile
from domain.match_states import LIVE, MatchStatus, OfferState
from records import journeys, matches, offers, rankings, switches, therapists
from records.blocks import kept_apart
from records.database import Row, Transaction
from records.notices import notify
from records.rankings import Considered
from records.seekers import payer_code, whereabouts

_DESK = """
SELECT m.id, m.client_id, c.code AS client_code, c.state, m.status, m.misses, m.created_at, m.decided_at, c.due_at,
       (SELECT count(*) FROM match_candidates x WHERE x.match_id = m.id AND x.position IS NOT NULL) AS eligible,
       (SELECT count(*) FROM match_candidates x WHERE x.match_id = m.id AND x.position IS NULL) AS rejected,
       (SELECT jsonb_agg(jsonb_build_array(w.code, w.n) ORDER BY w.n DESC, w.code) FROM (
            SELECT r.code, count(*) AS n FROM match_candidates x, unnest(x.rejected) AS r (code)
            WHERE x.match_id = m.id GROUP BY r.code) w) AS why,
       (SELECT a.display_name FROM offers o JOIN accounts a ON a.id = o.therapist_id
        WHERE o.match_id = m.id AND o.state = 'open') AS asked, m.from_room_id IS NOT NULL AS switching
FROM matches m JOIN clients c ON c.id = m.client_id
WHERE m.status = ANY(%s)
ORDER BY m.status = 'human' DESC, c.due_at NULLS LAST, m.created_at, m.id
"""

_KNOWN_BEFORE = frozenset(
    {
        Refusal.AGE_OUTSIDE_BAND,
        Refusal.LANGUAGE,
        Refusal.ACUITY_OUTSIDE_SCOPE,
        Refusal.MUST_UNMET,
    }
)
"""What only the worker may judge, because it reads the chart: taken from the ranking that is kept."""

_MAY_BE_PASSED_OVER = frozenset({Refusal.ALREADY_ASKED})
"""Whoever said no to an offer may say yes to a person who calls."""


async def waiting(tx: Transaction) -> list[Row]:
    """Searches that are not decided, those that wait for a person at the top."""
    return await tx.all(_DESK, (list(LIVE),))


async def whose(tx: Transaction, search_or_client: UUID) -> Row:
    """The search of this id, or the last one of the client of this id. Raises NotFound."""
    row = await tx.one(
        "SELECT * FROM matches WHERE id = %s OR client_id = %s ORDER BY n DESC LIMIT 1",
        (search_or_client, search_or_client),
    )
    if row is None:
        raise NotFound
    return row


@dataclass(frozen=True, slots=True)
class Desk:
    """A search as staff see it."""

    match: Row
    client_code: str
    state: str | None
    due_at: datetime | None
    considered: list[Considered]
    offers: list[Row]
    leaving: str | None = field(default=None, repr=False)  # why the client changes, where they said so


async def desk(tx: Transaction, client: ReadableClientId, match: Row) -> Desk:
    """Candidates and rejected, with reasons while the search is on; afterwards their codes only. Audited."""
    await tx.audit("read_match_desk", subject_id=match["id"])
    who = await tx.one("SELECT code, state, due_at FROM clients WHERE id = %s", (client.id,))
    if who is None:
        raise NotFound
    found = await rankings.considered(tx, match, opened=match["status"] in LIVE)
    told = match["from_room_id"] is not None and match["status"] in LIVE
    return Desk(
        match,
        who["code"],
        who["state"],
        who["due_at"],
        found,
        await matches.offers_of(tx, match["id"]),
        await switches.reason_of(tx, client.id, match["id"]) if told else None,
    )


async def place(
    tx: Transaction, client: WritableClientId, match_id: UUID, therapist_id: TherapistId
) -> RoomId:
    """A person of ours has found somebody: the room opens at once, under the same hard filters.

    Raises NotFound, Conflict (`already_matched`, or the first filter that stops it: `no_licence`, `no_capacity`...).
    """
    await offers.hold_therapist(tx, therapist_id)
    await journeys.hold(tx, client.id)
    match = await matches.locked(tx, match_id)
    if match["status"] not in LIVE:
        raise Conflict("already_matched")
    stops = await _refusals(tx, match, therapist_id)
    if stops:
        raise Conflict(stops[0].value)
    if not await offers.claim_place(tx, therapist_id):
        raise Conflict(Refusal.NO_CAPACITY.value)
    for offer in await tx.all("SELECT * FROM offers WHERE match_id = %s AND state = 'open'", (match_id,)):
        await tx.run(
            "UPDATE offers SET state = 'withdrawn', decided_at = %s WHERE id = %s", (tx.now, offer["id"])
        )
        await notify(tx, offer["therapist_id"], "offer_withdrawn", offer["id"])
    await tx.audit("place_client", subject_id=match_id, therapist_id=therapist_id)
    await notify(tx, therapist_id, "client_placed", match_id)
    return await offers.open_matched_room(tx, match, therapist_id)


async def ask(tx: Transaction, client: WritableClientId, match_id: UUID, therapist_id: TherapistId) -> None:
    """A person of ours has found somebody who might: they are asked by an offer, and their yes opens the room.

    Raises NotFound, Conflict (`already_matched`, `offer_open`, `already_asked`, or the first filter that stops it).
    """
    await journeys.hold(tx, client.id)
    match = await matches.locked(tx, match_id)
    if match["status"] not in LIVE:
        raise Conflict("already_matched")
    made = await matches.offers_of(tx, match_id)
    if any(offer["state"] == OfferState.OPEN for offer in made):
        raise Conflict("offer_open")
    if any(offer["therapist_id"] == therapist_id for offer in made):
        raise Conflict(Refusal.ALREADY_ASKED.value)
    stops = await _refusals(tx, match, therapist_id)
    if stops:
        raise Conflict(stops[0].value)
    await _begun_anew(tx, match, MatchStatus.OFFERING, [therapist_id])
    await tx.audit("ask_for_client", subject_id=match_id, therapist_id=therapist_id)
    await notify(tx, client.id, "somebody_found", uuid5(match_id, therapist_id.hex))


async def look_again(tx: Transaction, client: WritableClientId, match_id: UUID) -> None:
    """Rank anew with today's places and licences; whoever fits is put to the client. Those who said no stay out.

    Raises NotFound, Conflict (`not_waiting`).
    """
    await journeys.hold(tx, client.id)
    match = await matches.locked(tx, match_id)
    if match["status"] not in (MatchStatus.HUMAN, MatchStatus.CHOOSING):
        raise Conflict("not_waiting")
    await _begun_anew(tx, match, MatchStatus.RANKING, [])
    await tx.audit("look_again", subject_id=match_id)


async def _begun_anew(tx: Transaction, match: Row, status: MatchStatus, choice: list[TherapistId]) -> None:
    """Misses of before a person looked count no more."""
    await tx.run(
        "UPDATE matches SET choice = %s::uuid[], misses = 0, decided_at = NULL WHERE id = %s",
        (choice, match["id"]),
    )
    await matches.moved(tx, match["id"], status)
    await journeys.advance(tx, match["client_id"])


async def _refusals(tx: Transaction, match: Row, therapist_id: TherapistId) -> list[Refusal]:
    """Licence, payer, places, messaging and who is kept apart as they are now; the rest as it was ranked."""
    ranked = await tx.one(
        "SELECT rejected FROM match_candidates WHERE match_id = %s AND therapist_id = %s",
        (match["id"], therapist_id),
    )
    if ranked is None:
        raise Conflict("not_ranked")
    before = [Refusal(code) for code in ranked["rejected"] if Refusal(code) in _KNOWN_BEFORE]
    state, on = await whereabouts(tx, match["client_id"])
    profile = (await therapists.profiles(tx, on, therapist_id)).get(therapist_id)
    if profile is None:
        raise NotFound
    payer = await payer_code(tx, match["client_id"], on)
    apart = await kept_apart(tx, match["client_id"])
    now = refusals(_fitting(match, state, payer, apart, profile), profile, on)
    return [refusal for refusal in (*now, *before) if refusal not in _MAY_BE_PASSED_OVER]


def _fitting(
    match: Row, state: str, payer: str | None, apart: frozenset[TherapistId], profile: TherapistProfile
) -> Seeker:
    """Somebody who fits this therapist but for what is known here: the filters then speak of that alone."""
    return Seeker(
        client_id=ClientId(match["client_id"]),
        state=state,
        age=profile.ages[0],
        language=next(iter(profile.languages), ""),
        payer_id=payer,
        blocked=apart,
    )
