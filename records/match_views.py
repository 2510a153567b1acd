"""A search as its client sees it, and offers as the therapists who are asked see them."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from domain.access import ReadableClientId
from domain.errors import NotFound
from domain.match_states import SHOWN, MatchStatus, OfferState
from encryption.keys import KeyScope
from records import journeys, matches, rankings
from records.database import Row, Transaction
from records.rankings import Considered


@dataclass(frozen=True, slots=True)
class SearchView:
    """The last search; `match` None before there is one. `then`: who is asked after the open offer, by name."""

    match: Row | None
    next_by: datetime | None
    journey_words: str
    shown: list[Considered] = field(default_factory=list)
    open: Row | None = None
    missed: list[Row] = field(default_factory=list)
    then: list[str] = field(default_factory=list)
    rejected_count: int = 0


async def search_view(tx: Transaction, client: ReadableClientId) -> SearchView:
    """What the client may know of their search: those who fit with reasons, of the others the number. Audited."""
    await tx.audit("read_matches", subject_id=client.id)
    journey = await journeys.view(tx, client.id)
    match = await matches.newest(tx, client.id)
    if match is None:
        return SearchView(None, journey.due_at, journey.next_step)
    considered = await rankings.considered(tx, match) if match["status"] != MatchStatus.RANKING else []
    made = await matches.offers_of(tx, match["id"])
    names = {each.therapist_id: each.name for each in considered}
    before = {row["therapist_id"] for row in made}
    return SearchView(
        match=match,
        next_by=journey.due_at,
        journey_words=journey.next_step,
        shown=[each for each in considered if each.position and each.position <= SHOWN],
        open=next((row for row in made if row["state"] == OfferState.OPEN), None),
        missed=[row for row in made if row["decided_at"] and row["state"] != OfferState.ACCEPTED],
        then=[names[each] for each in match["choice"] if each not in before and each in names],
        rejected_count=sum(1 for each in considered if each.position is None),
    )


@dataclass(frozen=True, slots=True)
class OfferView:
    """An open offer with why the two fit."""

    row: Row
    reasons: tuple[str, ...]


_OPEN = """
SELECT o.*, c.code AS client_code, c.state AS client_state, m.match_id, m.explanation_sealed,
       (SELECT p.name FROM coverages v JOIN payers p ON p.id = v.payer_id
        WHERE v.client_id = o.client_id AND v.status = 'active' AND v.ended_at IS NULL
        ORDER BY v.created_at DESC LIMIT 1) AS payer
FROM offers o
JOIN clients c ON c.id = o.client_id
LEFT JOIN match_candidates m ON m.match_id = o.match_id AND m.therapist_id = o.therapist_id
WHERE o.therapist_id = %s AND o.state = 'open' AND o.expires_at > %s
ORDER BY o.expires_at, o.id
"""


async def offers_to(tx: Transaction, therapist_id: UUID) -> tuple[list[OfferView], int]:
    """Offers that wait for this therapist, the one that ends first at the top; and free places. Audited."""
    who = await tx.one(
        "SELECT greatest(capacity - active_rooms, 0) AS places FROM therapists WHERE id = %s", (therapist_id,)
    )
    if who is None:
        raise NotFound
    rows = await tx.all(_OPEN, (therapist_id, tx.now))
    found = []
    for row in rows:
        await tx.audit("read_offer", subject_id=row["id"])
        key = await tx.key(KeyScope.CHART, row["client_id"])
        reasons = rankings.explanation(key, row)["reasons"] if row["explanation_sealed"] else []
        found.append(OfferView(row, tuple(reasons)))
    return found, max(0, who["places"])
