"""How much is promised to whom and when, against who works then; and the rooms with nobody there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from domain.calendars import Interval
from domain.schedules import Schedule, Span
from records import parsed
from records.database import Row, Transaction

AHEAD: Final = timedelta(days=7)
HOUR: Final = timedelta(hours=1)
MOST_GAPS: Final = 100
"""So many gaps are listed; that there are more is told."""

_PEOPLE = """
SELECT t.id, a.display_name AS name, a.time_zone, t.team, t.capacity, t.active_rooms, k.hours::text AS hours,
       (SELECT count(*) FROM response_clocks c WHERE c.therapist_id = t.id AND c.state = 'running'
          AND COALESCE(c.due_at, 'infinity'::timestamptz) < %(start)s) AS overdue,
       (SELECT count(*) FROM response_clocks c WHERE c.therapist_id = t.id AND c.state = 'running'
          AND c.held IS NOT NULL) AS held,
       (SELECT jsonb_agg(jsonb_build_array(l.id, l.starts_at, l.ends_at) ORDER BY l.starts_at) FROM leaves l
        WHERE l.therapist_id = t.id AND l.cancelled_at IS NULL AND l.ends_at > %(start)s AND l.starts_at < %(end)s)
           AS leave,
       ranked.promised
FROM (SELECT t.id, coalesce(p.n, 0) AS promised
      FROM therapists t JOIN accounts a ON a.id = t.id AND a.disabled_at IS NULL
      LEFT JOIN (SELECT c.therapist_id, count(*) AS n FROM response_clocks c WHERE c.state = 'running'
                   AND COALESCE(c.due_at, 'infinity'::timestamptz) < %(end)s GROUP BY 1) p ON p.therapist_id = t.id
      WHERE (%(team)s::text IS NULL OR t.team = %(team)s) AND (%(therapist)s::uuid IS NULL OR t.id = %(therapist)s)
     ) ranked
JOIN therapists t ON t.id = ranked.id
JOIN accounts a ON a.id = t.id
LEFT JOIN calendars k ON k.therapist_id = t.id
WHERE %(promised)s::bigint IS NULL OR (ranked.promised, ranked.id) < (%(promised)s::bigint, %(after)s::uuid)
ORDER BY ranked.promised DESC, ranked.id DESC LIMIT %(limit)s
"""
_DUE = """
SELECT c.therapist_id, floor(extract(epoch FROM c.due_at - %(start)s) / 3600)::int AS hour, count(*) AS n
FROM response_clocks c
WHERE c.therapist_id = ANY (%(people)s) AND c.state = 'running' AND c.due_at IS NOT NULL
  AND COALESCE(c.due_at, 'infinity'::timestamptz) >= %(start)s
  AND COALESCE(c.due_at, 'infinity'::timestamptz) < %(end)s
GROUP BY 1, 2
"""
# A room is covered for a leave when its covers together reach from now, or the leave's start, to its end.
_UNCOVERED = """
FROM leaves l JOIN rooms r ON r.therapist_id = l.therapist_id AND r.state = 'open'
WHERE l.cancelled_at IS NULL AND l.ends_at > %(now)s AND l.starts_at < %(end)s
  AND NOT coalesce((SELECT range_agg(tstzrange(v.starts_at, v.ends_at)) FROM covers v WHERE v.room_id = r.id)
                   @> tstzrange(greatest(l.starts_at, %(now)s), l.ends_at), false)
"""
_OF_LEAVES = f"SELECT l.id, count(*) AS n {_UNCOVERED} AND l.id = ANY (%(leaves)s) GROUP BY l.id"
_GAPS = f"""
SELECT g.*, k.code AS client_code, ta.display_name AS therapist, c.id AS clock_id, c.due_at
FROM (
    SELECT r.id AS room_id, r.client_id, r.therapist_id, 'away' AS kind, l.starts_at, l.ends_at,
           greatest(l.starts_at, %(now)s) AS since
    {_UNCOVERED}
    UNION ALL
    SELECT c.room_id, r.client_id, c.therapist_id, 'no_capacity', NULL, NULL, c.opened_at
    FROM response_clocks c JOIN rooms r ON r.id = c.room_id
    WHERE c.held = 'no_capacity' AND c.state = 'running'
) g
JOIN therapists t ON t.id = g.therapist_id
JOIN accounts ta ON ta.id = g.therapist_id
JOIN clients k ON k.id = g.client_id
LEFT JOIN response_clocks c ON c.room_id = g.room_id AND c.state = 'running'
WHERE (%(team)s::text IS NULL OR t.team = %(team)s) AND (%(therapist)s::uuid IS NULL OR t.id = %(therapist)s)
ORDER BY g.kind = 'away', g.since, c.due_at NULLS LAST, g.room_id LIMIT {MOST_GAPS + 1}
"""  # noqa: S608  every part is ours


@dataclass(frozen=True, slots=True)
class LoadFilter:
    """Whose load. None: everybody's."""

    team: str | None = None
    therapist: UUID | None = None


@dataclass(frozen=True, slots=True)
class Absence:
    """Leave within the week, cut to it, and how many open rooms nobody answers in meanwhile."""

    start: datetime
    end: datetime
    rooms_without_cover: int

    @property
    def covered(self) -> bool:
        """Whether somebody answers in every room."""
        return self.rooms_without_cover == 0


@dataclass(frozen=True, slots=True)
class Load:
    """One therapist over the week that begins at `start`. `due`: promises by whole hours since then."""

    therapist_id: UUID
    name: str
    zone: str
    team: str | None
    capacity: int
    active_rooms: int
    promised: int
    overdue: int
    held: int
    due: dict[int, int]
    open: tuple[Interval, ...]
    absences: tuple[Absence, ...]


async def loads(
    tx: Transaction,
    chosen: LoadFilter,
    start: datetime,
    limit: int,
    after: tuple[int, UUID] | None = None,
) -> list[Load]:
    """The week from `start` on, by therapist, those with most promises first. `after`: the last of the page before."""
    end = start + AHEAD
    promised, therapist_id = after or (None, None)
    await tx.run("SELECT set_config('max_parallel_workers_per_gather', '0', true)")
    people = await tx.all(
        _PEOPLE,
        {
            "start": start,
            "end": end,
            "team": chosen.team,
            "therapist": chosen.therapist,
            "promised": promised,
            "after": therapist_id,
            "limit": limit,
        },
    )
    due = await tx.all(_DUE, {"start": start, "end": end, "people": [row["id"] for row in people]})
    bare = await _bare_rooms(tx, people, end)
    return [
        _load(
            row, start, {each["hour"]: each["n"] for each in due if each["therapist_id"] == row["id"]}, bare
        )
        for row in people
    ]


async def gaps(tx: Transaction, chosen: LoadFilter) -> list[Row]:
    """Rooms with nobody there: held for want of open hours, or the therapist is away now or within seven days and
    nobody covers. The most pressing first; one more than MOST_GAPS where there are more.
    """
    return await tx.all(
        _GAPS,
        {"now": tx.now, "end": tx.now + AHEAD, "team": chosen.team, "therapist": chosen.therapist},
    )


async def _bare_rooms(tx: Transaction, people: Sequence[Row], end: datetime) -> dict[UUID, int]:
    """How many rooms stand without cover, by leave."""
    leaves = [UUID(leave[0]) for row in people for leave in row["leave"] or ()]
    if not leaves:
        return {}
    rows = await tx.all(_OF_LEAVES, {"now": tx.now, "end": end, "leaves": leaves})
    return {row["id"]: row["n"] for row in rows}


def _load(row: Row, start: datetime, due: dict[int, int], bare: dict[UUID, int]) -> Load:
    end = start + AHEAD
    leave = [
        (UUID(leave_id), datetime.fromisoformat(begins), datetime.fromisoformat(ends))
        for leave_id, begins, ends in row["leave"] or ()
    ]
    spans = tuple(Span(begins, ends, "leave") for _, begins, ends in leave)
    working: tuple[Interval, ...] = ()
    if row["hours"]:
        working = tuple(Schedule(parsed.calendar(row["hours"]), spans).open_time(start, end))
    return Load(
        therapist_id=row["id"],
        name=row["name"],
        zone=row["time_zone"],
        team=row["team"],
        capacity=row["capacity"],
        active_rooms=row["active_rooms"],
        promised=row["promised"],
        overdue=row["overdue"],
        held=row["held"],
        due=due,
        open=working,
        absences=tuple(
            Absence(max(begins, start), min(ends, end), bare.get(leave_id, 0))
            for leave_id, begins, ends in leave
        ),
    )
