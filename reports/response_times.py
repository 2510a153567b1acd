"""Response times: how many promises were kept, how long people wait, what stands open. Counted by the database.

Items are response clocks, and consults, by the instant they opened. Consults are owed by supervisors: a group of
their own where therapists and teams are told apart. The as-of instant is now: an item that runs is counted as it
stands, and as having waited so long. Risk flags are no response items and never in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from domain.attainment import Tally, ranks
from domain.survival import Counts, kaplan_meier, together
from records.database import Row, Transaction
from reports.periods import Stretch
from reports.report import check_total


class GroupBy(StrEnum):
    """What the figures are told apart by."""

    ALL = "all"
    THERAPIST = "therapist"
    TEAM = "team"
    POLICY = "policy"
    WEEK = "week"
    KIND = "kind"


@dataclass(frozen=True, slots=True)
class Apart:
    """What is shown beside attainment and never mixed into it.

    `backlog`: without an answer at the end of the period, or now, whenever opened. `acknowledgements` are the
    waivers that nobody decided: a pure "thanks". `held`: running and without a due time now. `paused`: touched by
    a pause of the room at any time. `extended`: with more time granted by the client.
    """

    backlog: int = 0
    breaches: int = 0
    acknowledgements: int = 0
    held: int = 0
    paused: int = 0
    extended: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """The figures of one group. `key` is its id or word, `p50` and `p90` seconds; None: not reached."""

    key: str
    name: str
    tally: Tally
    apart: Apart
    p50: int | None
    p90: int | None
    rank: int | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """The lines of a period in their order, and the whole."""

    stretch: Stretch
    group_by: GroupBy
    as_of: datetime
    lines: tuple[Line, ...]
    whole: Line


SUPERVISORS = "supervisors"
"""The group of what no therapist and no team owes: second opinions. Never ranked."""
_SUPERVISORS_NAME = "Supervisors (second opinions)"

_TALLY = ("met", "late", "overdue", "not_yet_due", "waived", "cancelled")
_APART = ("breaches", "acknowledgements", "held", "paused", "extended")
_KEYS = {
    GroupBy.ALL: "'all'",
    GroupBy.THERAPIST: f"CASE WHEN c.kind = 'consult' THEN '{SUPERVISORS}' ELSE c.therapist_id::text END",
    GroupBy.TEAM: f"CASE WHEN c.kind = 'consult' THEN '{SUPERVISORS}' ELSE coalesce(t.team, '') END",
    GroupBy.POLICY: "c.policy_name",
    GroupBy.WEEK: "(width_bucket(c.opened_at, %(weeks)s::timestamptz[]) - 1)::text",
    GroupBy.KIND: "c.kind",
}
_ITEMS = """(
        SELECT id, room_id, therapist_id, kind, policy_name, opened_at, closed_at, due_at, state, held, reason,
               extension_seconds, false AS breached FROM response_clocks
        UNION ALL
        SELECT id, room_id, asked_by, 'consult', policy_name, asked_at, answered_at, due_at, state, held, NULL, 0,
               'breach' = ANY (fired) FROM consults)"""
# One statement, so that parts and whole are of one moment. An answer at the due time is in time.
_COUNT = """
WITH items AS (
    SELECT {key} AS key, c.state, c.held IS NOT NULL AS held, c.extension_seconds > 0 AS extended,
           c.state = 'running' AND coalesce(c.due_at < %(now)s, false) AS overdue,
           c.reason = 'auto_acknowledgement' AS acknowledgement, c.breached OR b.clock_id IS NOT NULL AS breached,
           c.kind <> 'consult' AND c.room_id IN (SELECT room_id FROM pauses) AND EXISTS (
               SELECT 1 FROM pauses p WHERE p.room_id = c.room_id AND p.starts_at < coalesce(c.closed_at, %(now)s)
                   AND coalesce(p.ends_at, 'infinity') > c.opened_at) AS paused,
           floor(greatest(extract(epoch FROM coalesce(c.closed_at, %(now)s) - c.opened_at), 0))::int AS waited
    FROM {items} c LEFT JOIN therapists t ON t.id = c.therapist_id
    LEFT JOIN clock_breaches b ON b.clock_id = c.id
    WHERE c.opened_at >= %(start)s AND c.opened_at < %(end)s
), waits AS (
    SELECT key, waited, count(*) FILTER (WHERE state <> 'running') AS answered,
           count(*) FILTER (WHERE state = 'running') AS waiting
    FROM items WHERE state IN ('met', 'late', 'running') GROUP BY key, waited
)
SELECT i.*, w.waited, w.answered, w.waiting,
       (SELECT jsonb_object_agg(s.state, s.n) FROM (
            SELECT c.state, count(*) AS n FROM {items} c
            WHERE c.opened_at >= %(start)s AND c.opened_at < %(end)s GROUP BY c.state) s) AS by_state
FROM (SELECT key, count(*) FILTER (WHERE state = 'met') AS met, count(*) FILTER (WHERE state = 'late') AS late,
             count(*) FILTER (WHERE overdue) AS overdue,
             count(*) FILTER (WHERE state = 'running' AND NOT overdue) AS not_yet_due,
             count(*) FILTER (WHERE state = 'waived') AS waived,
             count(*) FILTER (WHERE state = 'cancelled') AS cancelled,
             count(*) FILTER (WHERE breached) AS breaches,
             count(*) FILTER (WHERE acknowledgement) AS acknowledgements,
             count(*) FILTER (WHERE state = 'running' AND held) AS held, count(*) FILTER (WHERE paused) AS paused,
             count(*) FILTER (WHERE extended) AS extended
      FROM items GROUP BY key) i
LEFT JOIN (SELECT key, array_agg(waited) AS waited, array_agg(answered) AS answered, array_agg(waiting) AS waiting
           FROM waits GROUP BY key) w USING (key)
"""
_BACKLOG = """
SELECT {key} AS key, count(*) AS n FROM {items} c LEFT JOIN therapists t ON t.id = c.therapist_id
WHERE c.opened_at < %(at)s AND (c.state = 'running' OR c.closed_at >= %(at)s) GROUP BY 1
"""
_FLOW = """
SELECT place, sum(n) AS n FROM (
    SELECT width_bucket(opened_at, %(ends)s::timestamptz[]) AS place, count(*) AS n FROM {items} o
    WHERE opened_at < %(at)s GROUP BY 1
    UNION ALL
    SELECT width_bucket(closed_at, %(ends)s::timestamptz[]), -count(*) FROM {items} e
    WHERE closed_at < %(at)s AND state <> 'running' GROUP BY 1) f
GROUP BY place
"""


async def response_times(tx: Transaction, stretch: Stretch, group_by: GroupBy) -> Figures:
    """The figures of items opened in the stretch, as of now.

    Raises `Unsound` when the parts are not the whole, Invalid where there are too many weeks to tell apart.
    """
    weeks = stretch.weeks(tx.now) if group_by is GroupBy.WEEK else []
    given = {
        "now": tx.now,
        "start": stretch.start,
        "end": stretch.end,
        "weeks": [week.start for week in weeks],
    }
    rows = {row["key"]: row for row in await tx.all(_COUNT.format(key=_KEYS[group_by], items=_ITEMS), given)}
    at = min(stretch.end, tx.now)
    if group_by is GroupBy.WEEK:
        backlog = await _backlog_by_week(tx, [min(week.end, at) for week in weeks]) if weeks else {}
        names = {str(place): week.label for place, week in enumerate(weeks)}
        whole_backlog = backlog.get(str(len(weeks) - 1), 0)
    else:
        found = await tx.all(_BACKLOG.format(key=_KEYS[group_by], items=_ITEMS), {"at": at, **given})
        backlog = {row["key"]: row["n"] for row in found}
        names = await _names(tx, group_by, rows.keys() | backlog.keys())
        whole_backlog = sum(backlog.values())
    waits = {key: _waits(row) for key, row in rows.items()}
    lines = [
        _line(key, name, rows.get(key), waits.get(key, ({}, {})), backlog.get(key, 0))
        for key, name in names.items()
    ]
    _check(rows)
    return Figures(stretch, group_by, tx.now, _ordered(lines, group_by), _whole(lines, waits, whole_backlog))


def _line(key: str, name: str, row: Row | None, waits: tuple[Counts, Counts], backlog: int) -> Line:
    """A group's figures; one without items in the period has its backlog alone."""
    curve = kaplan_meier(*waits)
    found = row or {}
    return Line(
        key,
        name,
        Tally(*(found.get(each, 0) for each in _TALLY)),
        Apart(backlog, *(found.get(each, 0) for each in _APART)),
        curve.quantile(0.5),
        curve.quantile(0.9),
    )


def _whole(lines: list[Line], waits: Mapping[str, tuple[Counts, Counts]], backlog: int) -> Line:
    """All groups as one. Its quantiles are of all items together, never means of the groups' own."""
    curve = kaplan_meier(
        together(one for one, _ in waits.values()), together(two for _, two in waits.values())
    )
    apart = Apart(backlog, *(sum(getattr(line.apart, each) for line in lines) for each in _APART))
    tally = sum((line.tally for line in lines), Tally())
    return Line("all", "All", tally, apart, curve.quantile(0.5), curve.quantile(0.9))


def _ordered(lines: list[Line], group_by: GroupBy) -> tuple[Line, ...]:
    """Therapists by rank, those without one after them by name; weeks in order; others by name."""
    if group_by is GroupBy.WEEK:
        return tuple(sorted(lines, key=lambda line: int(line.key)))
    if group_by is not GroupBy.THERAPIST:
        return tuple(sorted(lines, key=lambda line: (line.name.casefold(), line.key)))
    rank = ranks({line.key: line.tally for line in lines if line.key != SUPERVISORS})
    ranked = [
        Line(line.key, line.name, line.tally, line.apart, line.p50, line.p90, rank.get(line.key))
        for line in lines
    ]
    return tuple(
        sorted(ranked, key=lambda line: (line.rank is None, line.rank or 0, line.name.casefold(), line.key))
    )


async def _names(tx: Transaction, group_by: GroupBy, keys: Any) -> dict[str, str]:
    """What each group is called."""
    if group_by is GroupBy.ALL:
        return {"all": "All"}
    if group_by is GroupBy.TEAM:
        return {key: _SUPERVISORS_NAME if key == SUPERVISORS else key or "No team" for key in keys}
    if group_by is not GroupBy.THERAPIST:
        return {key: key.replace("_", " ").replace("-", " ").capitalize() for key in keys}
    people = [key for key in keys if key != SUPERVISORS]
    rows = await tx.all("SELECT id, display_name FROM accounts WHERE id = ANY(%s::uuid[])", (people,))
    names = {str(row["id"]): row["display_name"] for row in rows}
    return names | ({SUPERVISORS: _SUPERVISORS_NAME} if SUPERVISORS in keys else {})


async def _backlog_by_week(tx: Transaction, ends: list[datetime]) -> dict[str, int]:
    """How many were open at the end of each week: what had come until then, less what had gone."""
    rows = await tx.all(_FLOW.format(items=_ITEMS), {"ends": ends, "at": ends[-1]})
    found = {row["place"]: int(row["n"]) for row in rows}
    open_items, at_end = 0, {}
    for place in range(len(ends)):
        open_items += found.get(place, 0)
        at_end[str(place)] = open_items
    return at_end


def _waits(row: Row) -> tuple[Counts, Counts]:
    """How many were answered after, and how many still wait since, so many seconds."""
    waited = row["waited"] or []
    answered = {at: n for at, n in zip(waited, row["answered"] or [], strict=True) if n}
    waiting = {at: n for at, n in zip(waited, row["waiting"] or [], strict=True) if n}
    return answered, waiting


def _check(rows: Mapping[str, Row]) -> None:
    """The groups add up to what a plain count by state says."""
    first = next(iter(rows.values()), None)
    by_state: dict[str, int] = first["by_state"] if first else {}
    for state in ("met", "late", "waived", "cancelled"):
        check_total(Decimal(sum(row[state] for row in rows.values())), Decimal(by_state.get(state, 0)))
    running = sum(row["overdue"] + row["not_yet_due"] for row in rows.values())
    check_total(Decimal(running), Decimal(by_state.get("running", 0)))
