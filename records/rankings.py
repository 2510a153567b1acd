"""Ranking: every therapist is considered, each with reasons that are kept, and three are shown."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from domain.consents import Document
from domain.match_states import MatchStatus
from encryption.keys import DataKey, KeyScope
from encryption.rooms import open_field, seal_field
from records import consents, journeys, matches, therapists
from records.database import Row, Transaction, dumps
from records.notices import notify, notify_duty, notify_role
from records.seekers import search_of

if TYPE_CHECKING:
    from domain.matching import Candidate, Ranking


async def rank_candidates(tx: Transaction, match_id: UUID) -> None:
    """Rank for a search that waits for it, and let the client choose; with nobody to choose, a person looks.

    The search is held by the caller through `matches.locked`, or is found not to be waiting: then nothing is done.
    """
    where = await matches.find(tx, match_id)
    await journeys.hold(tx, where["client_id"])
    match = await matches.locked(tx, match_id)
    if match["status"] == MatchStatus.RANKING and await consented(tx, match):
        await rank_anew(tx, match)


async def consented(tx: Transaction, match: Row) -> bool:
    """Consent comes before matching. Without it where the client is now the search ends; signed anew, one begins.

    The caller holds client and search.
    """
    if Document.TELEHEALTH in await consents.held(tx, match["client_id"]):
        return True
    await matches.withdraw_search(tx, match["client_id"])
    await notify(tx, match["client_id"], "consent_waits", match["id"])
    await journeys.advance(tx, match["client_id"])
    return False


async def rank_anew(tx: Transaction, match: Row) -> None:
    """Rank and go on: to the client's choice, or to a person. The caller holds client and search."""
    if await _rank(tx, match):
        await tx.run("UPDATE matches SET choice = '{}' WHERE id = %s", (match["id"],))
        await matches.moved(tx, match["id"], MatchStatus.CHOOSING)
        await notify(tx, match["client_id"], "candidates_ready", await _occasion(tx, match))
        await journeys.advance(tx, match["client_id"])
    else:
        await _hand_over(tx, match)


async def hand_to_person(tx: Transaction, match: Row) -> None:
    """A person looks from here on, with fresh candidates on the desk. The caller holds client and search."""
    await _rank(tx, match)
    await _hand_over(tx, match)


async def _hand_over(tx: Transaction, match: Row) -> None:
    await tx.run("UPDATE matches SET decided_at = %s, choice = '{}' WHERE id = %s", (tx.now, match["id"]))
    await matches.moved(tx, match["id"], MatchStatus.HUMAN)
    told = await notify_duty(tx, "matcher", "match_needs_person", match["id"])
    if not told:
        await notify_role(tx, "supervisor", "match_needs_person", match["id"])
    await notify(tx, match["client_id"], "person_looks", match["id"])
    await journeys.advance(tx, match["client_id"])


async def _occasion(tx: Transaction, match: Row) -> UUID:
    """What this choice follows: the last offer, or the search itself. One notice for each."""
    row = await tx.one("SELECT id FROM offers WHERE match_id = %s ORDER BY n DESC LIMIT 1", (match["id"],))
    occasion: UUID = row["id"] if row else match["id"]
    return occasion


async def _rank(tx: Transaction, match: Row) -> bool:
    """Rank everyone and keep it; whether there is anybody to choose."""
    from domain.matching import rank  # numpy, which only the worker needs

    search = await search_of(tx, match)
    ranking = rank(search.seeker, (await therapists.profiles(tx, search.on)).values(), search.on)
    await _keep(tx, match, ranking)
    return bool(ranking.candidates)


async def _keep(tx: Transaction, match: Row, ranking: "Ranking") -> None:
    """Everyone with their reasons, in one statement: a search of a large clinic has thousands."""
    shown = {candidate.therapist_id for candidate in ranking.candidates}
    rest = [candidate for candidate in ranking.eligible if candidate.therapist_id not in shown]
    key = await tx.key(KeyScope.CHART, match["client_id"])
    rows = [
        _kept(key, match, candidate.therapist_id, _explained(candidate), place=place, score=candidate.score)
        for place, candidate in enumerate([*ranking.candidates, *rest], start=1)
    ]
    for rejection in ranking.rejected:
        words = {"reasons": list(rejection.words)}
        rows.append(_kept(key, match, rejection.therapist_id, words, codes=rejection.codes))
    names = ("therapist", "place", "score", "sealed", "codes")
    await tx.run(
        "INSERT INTO match_candidates (match_id, therapist_id, position, score, explanation_sealed, rejected)"
        " SELECT %(match)s, r.therapist, r.place, r.score, r.sealed, string_to_array(r.codes, ' ')"
        " FROM unnest(%(therapist)s::uuid[], %(place)s::int[], %(score)s::float8[], %(sealed)s::bytea[],"
        " %(codes)s::text[]) AS r (therapist, place, score, sealed, codes)"
        " ON CONFLICT (match_id, therapist_id) DO UPDATE SET"
        " position = excluded.position, score = excluded.score, rejected = excluded.rejected,"
        " explanation_sealed = excluded.explanation_sealed",
        {"match": match["id"], **{name: [row[name] for row in rows] for name in names}},
    )


async def keep_candidate(tx: Transaction, match: Row, candidate: "Candidate") -> None:
    """Somebody who fits, found outside of a ranking: behind those who are kept, or with new reasons in their place."""
    key = await tx.key(KeyScope.CHART, match["client_id"])
    kept = _kept(key, match, candidate.therapist_id, _explained(candidate), score=candidate.score)
    await tx.run(
        "INSERT INTO match_candidates AS c (match_id, therapist_id, position, score, explanation_sealed, rejected)"
        " SELECT %(match)s, %(therapist)s, coalesce(max(k.position), 0) + 1, %(score)s, %(sealed)s, '{}'"
        " FROM match_candidates k WHERE k.match_id = %(match)s"
        " ON CONFLICT (match_id, therapist_id) DO UPDATE SET position = coalesce(c.position, excluded.position),"
        " score = excluded.score, rejected = '{}', explanation_sealed = excluded.explanation_sealed",
        {"match": match["id"], **{name: kept[name] for name in ("therapist", "score", "sealed")}},
    )


def _kept(
    key: DataKey,
    match: Row,
    therapist_id: UUID,
    words: dict[str, Any],
    *,
    place: int | None = None,
    score: float | None = None,
    codes: Sequence[str] = (),
) -> dict[str, Any]:
    sealed = seal_field(
        key, match["id"], "match_candidates", "explanation_sealed", therapist_id, dumps(words)
    )
    return {
        "therapist": therapist_id,
        "place": place,
        "score": score,
        "sealed": sealed,
        "codes": " ".join(codes),
    }


def _explained(candidate: "Candidate") -> dict[str, Any]:
    return {
        "reasons": list(candidate.reasons),
        "terms": {name: round(value, 4) for name, value in candidate.terms._asdict().items()},
        "fairness_slot": candidate.fairness_slot,
    }


@dataclass(frozen=True, slots=True)
class Considered:
    """A therapist of a search: shown or eligible (`position`), or rejected with codes; reasons in words."""

    therapist_id: UUID
    name: str
    credential: str
    pronoun: str
    bio: str
    position: int | None
    score: float | None
    reasons: tuple[str, ...]
    terms: dict[str, float]
    rejected: tuple[str, ...]


async def considered(tx: Transaction, match: Row, *, opened: bool = True) -> list[Considered]:
    """Everyone considered, best first, the rejected after them. Not `opened`: without words. The caller audits."""
    rows = await tx.all(
        "SELECT m.*, a.display_name, t.credential, t.pronoun, t.bio FROM match_candidates m"
        " JOIN therapists t ON t.id = m.therapist_id JOIN accounts a ON a.id = m.therapist_id"
        " WHERE m.match_id = %s ORDER BY m.position NULLS LAST, a.display_name",
        (match["id"],),
    )
    if not rows or not opened:
        return [_considered(row, {}) for row in rows]
    key = await tx.key(KeyScope.CHART, match["client_id"])
    return [_considered(row, explanation(key, row)) for row in rows]


def explanation(key: DataKey, row: Row) -> dict[str, Any]:
    """Why somebody fits or does not: `reasons` in words, and `terms` of the score. `key`: the client's chart key."""
    text = open_field(
        key,
        row["match_id"],
        "match_candidates",
        "explanation_sealed",
        row["therapist_id"],
        row["explanation_sealed"],
    )
    found: dict[str, Any] = json.loads(text)
    return found


def _considered(row: Row, words: dict[str, Any]) -> Considered:
    return Considered(
        therapist_id=row["therapist_id"],
        name=row["display_name"],
        credential=row["credential"],
        pronoun=row["pronoun"],
        bio=row["bio"],
        position=row["position"],
        score=row["score"],
        reasons=tuple(words.get("reasons", ())),
        terms=words.get("terms", {}),
        rejected=tuple(row["rejected"]),
    )
