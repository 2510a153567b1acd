"""Who is told at each rung of a response clock, and what is done then. A rung that finds nobody climbs on.

Ladder [clinic's policy]: reminder; the promise is broken; cover is offered, by the next working day at the latest.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from domain.errors import KindroomError
from domain.policies import RungName
from domain.schedules import Span
from records.cover_candidates import candidates, staff_over
from records.covers import URGENT_FOR, Occasion, offer_cover
from records.database import Row, Transaction
from records.notices import notify, notify_lead

AGAIN_WITHIN: Final = timedelta(days=7)
"""A second broken promise within this time, from due time to due time, and the client may choose anew."""
ASKED: Final = 3
"""How many are asked to cover an answer that is long overdue; the first yes counts."""

_ROOM = """
SELECT r.id, r.client_id, r.therapist_id, ARRAY(
    SELECT a.id FROM accounts a WHERE a.disabled_at IS NULL AND (
        (a.id = r.therapist_id AND NOT EXISTS (
            SELECT FROM leaves l WHERE l.therapist_id = r.therapist_id AND l.cancelled_at IS NULL
                                   AND l.starts_at <= %(now)s AND %(now)s < l.ends_at))
        OR a.id IN (SELECT v.therapist_id FROM covers v WHERE v.room_id = r.id
                                   AND v.starts_at <= %(now)s AND %(now)s < v.ends_at))
    ORDER BY a.id) AS answering
FROM rooms r WHERE r.id = %(room)s
"""


async def climb(tx: Transaction, clock: Row, rung: RungName, now: datetime) -> int:
    """Do what the rung asks for; how many of the staff were told. 0: nobody was there, the next rung is due now."""
    room = await tx.one(_ROOM, {"room": clock["room_id"], "now": now})
    assert room is not None  # noqa: S101  the clock's foreign key
    match rung:
        case RungName.NUDGE:
            return await _nudge(tx, clock, room)
        case RungName.BREACH:
            return await _breach(tx, clock, room)
        case RungName.COVER:
            return await _cover(tx, clock, room, now)


async def _nudge(tx: Transaction, clock: Row, room: Row) -> int:
    """Whoever answers now: the therapist unless away, and who covers. With nobody there, supervisors hear at once."""
    told = await _tell_answering(tx, "answer_due_soon", clock, room)
    return told or len(await notify_lead(tx, "nobody_answers", clock["id"], clock["room_id"]))


async def _breach(tx: Transaction, clock: Row, room: Row) -> int:
    """The promise is broken: a fact. Who answers, supervisors and the client are told."""
    await tx.run(
        "INSERT INTO clock_breaches (clock_id, room_id, breached_at, recorded_at) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT DO NOTHING",
        (clock["id"], clock["room_id"], clock["due_at"], tx.now),
    )
    told = await _tell_answering(tx, "answer_late", clock, room)
    told += len(await notify_lead(tx, "promise_broken", clock["id"], clock["room_id"]))
    await notify(tx, room["client_id"], "answer_is_late", clock["id"], clock["room_id"])
    if await _broken_before(tx, clock):
        await notify(tx, room["client_id"], "rematch_offered", clock["id"], clock["room_id"])
    return told


async def _cover(tx: Transaction, clock: Row, room: Row, now: datetime) -> int:
    """Others are asked to answer, supervisors are told; also that nobody could be asked."""
    window = Span(now, now + URGENT_FOR)
    asked = 0
    for each in await _eligible(tx, room, window):
        if asked == ASKED:
            break
        if await offer_cover(tx, room["id"], each, window, Occasion(clock_id=clock["id"])):
            asked += 1
    template = "offer_cover" if asked else "cover_not_found"
    return asked + len(await notify_lead(tx, template, clock["id"], clock["room_id"]))


async def _eligible(tx: Transaction, room: Row, window: Span) -> list[UUID]:
    """Who may cover, best first, less those who answer already. What cannot be read stops no rung."""
    try:
        found = await candidates(tx, room, await staff_over(tx, window))
    except KindroomError:
        return []
    return [
        each.therapist_id for each in found if each.eligible and each.therapist_id not in room["answering"]
    ]


async def _tell_answering(tx: Transaction, template: str, clock: Row, room: Row) -> int:
    for who in room["answering"]:
        await notify(tx, who, template, clock["id"], clock["room_id"])
    return len(room["answering"])


async def _broken_before(tx: Transaction, clock: Row) -> bool:
    row = await tx.one(
        "SELECT 1 AS again FROM clock_breaches WHERE room_id = %s AND clock_id <> %s"
        " AND breached_at BETWEEN %s AND %s LIMIT 1",
        (clock["room_id"], clock["id"], clock["due_at"] - AGAIN_WITHIN, clock["due_at"]),
    )
    return row is not None


@dataclass(frozen=True, slots=True)
class LateNews:
    """What a client is told of a late answer: when who was told, and when something happens next."""

    told_at: datetime
    answering: int
    supervisors: int
    covers_asked: int
    next_at: datetime | None


async def late_news(tx: Transaction, clock_id: UUID) -> LateNews | None:
    """Of a running clock whose promise is broken; None while it is not. Counts, no names."""
    row = await tx.one(
        "SELECT g.fired_at, c.next_alarm_at,"
        " (SELECT count(*) FROM notices n WHERE n.subject_id = c.id AND n.template = 'answer_late') AS answering,"
        " (SELECT count(*) FROM notices n WHERE n.subject_id = c.id AND n.template = 'promise_broken') AS leads,"
        " (SELECT count(*) FROM cover_offers o WHERE o.clock_id = c.id) AS asked"
        " FROM response_clocks c JOIN clock_rungs g ON g.clock_id = c.id AND g.rung = 'breach'"
        " WHERE c.id = %s AND c.state = 'running'",
        (clock_id,),
    )
    if row is None:
        return None
    return LateNews(row["fired_at"], row["answering"], row["leads"], row["asked"], row["next_alarm_at"])
