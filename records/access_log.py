"""Who opened a room and its client's chart, as the client reads it: who, when, what they did, for what purpose and
why, in their words.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from domain.access import VisibleRoomId
from domain.opening import unopened
from encryption.errors import Unreadable
from encryption.keys import KeyScope
from records.audit import note_damage
from records.database import Row, Transaction
from records.opening import Opening

SHOWN: Final = (
    "read_messages",
    "search_room",
    "open_medium",
    "read_notes",
    "read_diagnoses",
    "read_goals",
    "read_check_ins",
    "read_consults",
    "read_messaging_sessions",
    "read_hand_over_note",
    "export_room",
    "open_with_purpose",
    "break_glass",
    "review_access",
    "reassign",
)
"""Actions in a room that its client should know of."""

CHART: Final = ("read_intake", "read_measures")
"""Readings of the client's chart, before and outside any room: they stand in the list of each of their rooms."""


@dataclass(frozen=True, slots=True)
class Line:
    """What one person did in the room on one day, `times` over, the last time at `at`.

    `purpose` and `reason` are of the opening under which it was done, if it needed one; `review` is what somebody
    else found of broken glass. `cursor` leads on from here.
    """

    at: datetime
    first_at: datetime
    times: int
    who: str
    role: str
    action: str
    purpose: str | None
    reason: str | None = field(repr=False)
    break_glass: bool
    review: str | None
    cursor: int


# A day is one of the room's client. Openings are looked up for what was done within their hour: of this room, and for
# the chart, of any of the client's; what was said then is sealed under the key of the room that was opened.
_LINES = """
SELECT max(e.at) AS at, min(e.at) AS first_at, count(*) AS times, max(e.id) AS cursor, a.display_name AS who, e.role,
       e.action, x.id AS access_id, x.purpose, x.reason_sealed, coalesce(x.break_glass, false) AS break_glass, x.review
FROM audit_events e
JOIN accounts a ON a.id = e.actor_id
JOIN accounts c ON c.id = (SELECT client_id FROM rooms WHERE id = %(room)s)
LEFT JOIN LATERAL (
    SELECT o.id, o.purpose, o.break_glass, o.review,
           CASE WHEN o.room_id = %(room)s THEN o.reason_sealed END AS reason_sealed
    FROM room_access o JOIN rooms r ON r.id = o.room_id AND r.client_id = c.id
    WHERE (o.room_id = %(room)s OR e.room_id IS NULL) AND (o.id = e.subject_id OR o.account_id = e.actor_id
        AND o.granted_at <= e.at AND e.at < o.expires_at)
    ORDER BY o.id = e.subject_id DESC, o.room_id = %(room)s DESC, o.granted_at DESC LIMIT 1) x ON true
WHERE (e.room_id = %(room)s AND e.action = ANY (%(shown)s)
    OR e.subject_id = (SELECT client_id FROM rooms WHERE id = %(room)s) AND e.action = ANY (%(chart)s))
  AND e.outcome = 'done' AND e.role <> 'client'
GROUP BY a.display_name, e.actor_id, e.role, e.action, x.id, x.purpose, x.reason_sealed, x.break_glass, x.review,
         (e.at AT TIME ZONE c.time_zone)::date
HAVING max(e.id) < %(before)s
ORDER BY max(e.id) DESC LIMIT %(limit)s
"""


async def access_log(
    tx: Transaction, room: VisibleRoomId, *, limit: int = 200, before: int | None = None
) -> list[Line]:
    """Openings of the room and the chart by others than the client, the last one first; `before`: the cursor of a line.

    Reasons are left out for who may see the list and not hold the room's key. The read is audited.
    """
    await tx.audit("read_access_log", room_id=room.id)
    asked = {
        "room": room.id,
        "shown": list(SHOWN),
        "chart": list(CHART),
        "limit": limit,
        "before": before or 2**62,
    }
    rows = await tx.all(_LINES, asked)
    return await _lines(tx, room.id, rows)


async def _lines(tx: Transaction, room_id: UUID, rows: Sequence[Row]) -> list[Line]:
    try:
        stored = Opening(await tx.key(KeyScope.ROOM, room_id))
    except Unreadable:
        stored = None
    lines = []
    for row in rows:
        access_id, sealed = row.pop("access_id"), row.pop("reason_sealed")
        reason = None
        if stored is not None and sealed is not None:
            reason = stored.field("room_access", "reason_sealed", access_id, sealed) or unopened("reason")
        lines.append(Line(**row, reason=reason))
    if stored is not None:
        await note_damage(tx, room_id, stored.damaged)
    return lines
