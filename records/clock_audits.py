"""The clock audit: promises that were lost are found by SQL, told again, and counted. The count should be zero."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from records import stuck_journeys
from records.access_reviews import tell_overdue
from records.clocks import hold_without_capacity, project_new, tell_clock
from records.consent_holds import ask_again
from records.consults import see_to as see_to_consults
from records.cover_spans import end_streams
from records.database import Row, Transaction
from records.guardian_duties import look_at_age, remind
from records.locks import lock_room
from records.needs import refresh
from records.pauses import tell_reviews_due
from records.reprojections import look_again, reproject_rooms, stale_rooms
from records.response_policies import apply_due
from records.transfer_notes import chase

LATE: Final = timedelta(seconds=30)
"""An alarm this long past without its rung, or a note this long unsent, is no longer just under way."""
TRY_PARKED_AGAIN: Final = timedelta(minutes=10)
SETTLED: Final = timedelta(minutes=5)
"""A room younger than this may not have reached Temporal yet."""
SILENT: Final = timedelta(minutes=5)
"""The audit runs every minute. Without a run for this long, its zeros say nothing."""
BATCH: Final = 500

_LATE_ALARM = "c.state = 'running' AND c.next_alarm_at < %(late)s"
_STALE = """FROM response_clocks c JOIN rooms r ON r.id = c.room_id JOIN calendars k ON k.therapist_id = r.therapist_id
    WHERE c.state = 'running' AND (c.calendar_version <> k.version OR c.therapist_id <> r.therapist_id)"""
"""Another policy than is in force is repaired as well, but not counted: to look for it takes five times as long."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What an audit found before it repaired anything."""

    overdue_alarms: int
    stale_clocks: int
    waiting_without_clock: int
    unsent_notes: int
    parked_notes: int
    contradictions: int


@dataclass(frozen=True, slots=True)
class Health:
    """Figures that are zero when nobody is forgotten, but for notes on their way; and the audit that vouches.

    `missing_workflows` is of the last daily count, None before the first. `outbox_oldest_seconds` and
    `outbox_depth` leave parked notes out. `damaged_rooms`: where somebody met something damaged in the last day.
    `blocked_covers`: no payer can be asked until an administrator puts our connection or the practice's details right.
    """

    waiting_without_clock: int
    clocks_without_workflow: int
    outbox_depth: int
    outbox_oldest_seconds: float
    outbox_parked: int
    stuck_journeys: int
    blocked_covers: int
    stale_clocks: int
    contradicted_clocks: int
    damaged_rooms: int
    missing_workflows: int | None
    repaired_in_a_day: int
    last_audit_at: datetime | None
    audit_is_silent: bool


async def look(tx: Transaction) -> Findings:
    """Count what should not be. Reads only."""
    row = await tx.one(
        f"""
        SELECT (SELECT count(*) FROM response_clocks c WHERE {_LATE_ALARM}) AS overdue_alarms,
               (SELECT count(*) {_STALE}) AS stale_clocks,
               (SELECT count(*) FROM rooms_without_clock(10000)) AS waiting_without_clock,
               (SELECT count(*) FROM outbox WHERE sent_at IS NULL AND parked_at IS NULL AND created_at < %(late)s)
                   AS unsent_notes,
               (SELECT count(*) FROM outbox WHERE sent_at IS NULL AND parked_at IS NOT NULL) AS parked_notes,
               contradicted_clocks() AS contradictions
        """,  # noqa: S608  our own conditions
        {"late": tx.now - LATE},
    )
    assert row is not None  # noqa: S101  a SELECT without FROM has one row
    return Findings(**row)


async def tell_late_alarms(tx: Transaction) -> int:
    """Tell the rooms whose alarm should have rung once more, unless a note is on its way. How many."""
    rows = await tx.all(
        f"SELECT c.room_id FROM response_clocks c WHERE {_LATE_ALARM} AND NOT EXISTS (SELECT 1 FROM outbox o"  # noqa: S608
        " WHERE o.subject_id = c.room_id AND o.kind = 'clock_changed' AND o.sent_at IS NULL AND o.parked_at IS NULL)"
        " ORDER BY c.room_id LIMIT %(limit)s",
        {"late": tx.now - LATE, "limit": BATCH},
    )
    return await tell_rooms(tx, [row["room_id"] for row in rows])


async def reproject_stale(tx: Transaction) -> int:
    """Move clocks that an older calendar, policy or therapist projected, unless just that is being worked off."""
    if await tx.one("SELECT id FROM reprojections WHERE finished_at IS NULL LIMIT 1"):
        return 0
    rooms = await stale_rooms(tx, BATCH)
    await reproject_rooms(tx, rooms, "audit")
    return len(rooms)


async def open_missing_clocks(tx: Transaction) -> int:
    """Give a client who waits without a clock theirs, counted from the message that waits. How many."""
    rows = await tx.all(
        "SELECT w.*, r.version, r.last_seq FROM rooms_without_clock(%s) w JOIN rooms r ON r.id = w.room_id"
        " ORDER BY w.room_id",
        (BATCH,),
    )
    return sum([await _open_missing(tx, row) for row in rows])


async def replace_parked_notes(tx: Transaction) -> int:
    """A parked note about a clock gives way to a new one of the room as it stands. How many."""
    rows = await tx.all(
        "DELETE FROM outbox WHERE kind = 'clock_changed' AND sent_at IS NULL AND parked_at < %s RETURNING subject_id",
        (tx.now - TRY_PARKED_AGAIN,),
    )
    return await tell_rooms(tx, {row["subject_id"] for row in rows})


REPAIRS: Final[tuple[Callable[[Transaction], Awaitable[int]], ...]] = (
    tell_late_alarms,
    reproject_stale,
    open_missing_clocks,
    replace_parked_notes,
)
"""Each in a transaction of its own: a room is locked no longer than its own repair takes."""


async def record(
    tx: Transaction, found: Findings, repaired: int, missing_workflows: int | None = None
) -> None:
    """Leave a row of this run."""
    await tx.insert(
        "clock_audit_runs",
        at=tx.now,
        overdue_alarms=found.overdue_alarms,
        stale_clocks=found.stale_clocks,
        waiting_without_clock=found.waiting_without_clock,
        unsent_notes=found.unsent_notes,
        parked_notes=found.parked_notes,
        contradictions=found.contradictions,
        missing_workflows=missing_workflows,
        repaired=repaired,
    )


async def told_rooms(tx: Transaction) -> set[UUID]:
    """Open rooms whose workflow must be running by now: not opened just now, and no note is on its way to them."""
    rows = await tx.all(
        "SELECT r.id FROM rooms r WHERE r.state = 'open' AND r.opened_at < %s AND NOT EXISTS (SELECT 1 FROM outbox o"
        " WHERE o.subject_id = r.id AND o.kind = 'clock_changed' AND o.sent_at IS NULL AND o.parked_at IS NULL)",
        (tx.now - SETTLED,),
    )
    return {row["id"] for row in rows}


async def tell_rooms(tx: Transaction, rooms: Collection[UUID]) -> int:
    """Tell the workflows of those that are open still; one that is not there is started by it. How many."""
    still = await tx.all(
        "SELECT id FROM rooms WHERE id = ANY(%s) AND state = 'open' ORDER BY id", (list(rooms),)
    )
    for room in still:
        await tell_clock(tx, room["id"])
    return len(still)


async def health(tx: Transaction) -> Health:
    """The figures of now, and when the audit last looked."""
    found = await look(tx)
    row = await tx.one(
        """
        SELECT (SELECT count(*) FROM outbox WHERE sent_at IS NULL AND parked_at IS NULL) AS outbox_depth,
               (SELECT greatest(extract(epoch FROM clock_timestamp() - min(created_at)), 0)::float FROM outbox
                WHERE sent_at IS NULL AND parked_at IS NULL) AS outbox_oldest_seconds,
               (SELECT count(*) FROM coverages WHERE owner = 'administrator' AND ended_at IS NULL) AS blocked_covers,
               (SELECT missing_workflows FROM clock_audit_runs WHERE missing_workflows IS NOT NULL
                ORDER BY at DESC LIMIT 1) AS missing_workflows,
               (SELECT coalesce(sum(repaired), 0)::int FROM clock_audit_runs WHERE at > %(now)s - interval '1 day')
                   AS repaired,
               damaged_rooms(%(now)s - interval '1 day') AS damaged_rooms,
               (SELECT max(at) FROM clock_audit_runs) AS last_audit_at
        """,
        {"now": tx.now},
    )
    assert row is not None  # noqa: S101  a SELECT without FROM has one row
    last = row["last_audit_at"]
    return Health(
        waiting_without_clock=found.waiting_without_clock,
        clocks_without_workflow=found.overdue_alarms,
        outbox_depth=row["outbox_depth"],
        outbox_oldest_seconds=row["outbox_oldest_seconds"] or 0.0,
        outbox_parked=found.parked_notes,
        stuck_journeys=await stuck_journeys.number(tx),
        blocked_covers=row["blocked_covers"],
        stale_clocks=found.stale_clocks,
        contradicted_clocks=found.contradictions,
        damaged_rooms=row["damaged_rooms"],
        missing_workflows=row["missing_workflows"],
        repaired_in_a_day=row["repaired"],
        last_audit_at=last,
        audit_is_silent=last is None or tx.now - last > SILENT,
    )


async def waiting_when_last_looked(tx: Transaction) -> int:
    """How many waited without a clock at the last audit: for pages that cannot afford to count."""
    row = await tx.one("SELECT waiting_without_clock AS n FROM clock_audit_runs ORDER BY at DESC LIMIT 1")
    return row["n"] if row else 0


async def runs_of_a_day(tx: Transaction) -> list[Row]:
    """By hour of the last 24, oldest first: runs, what they found, what they repaired."""
    return await tx.all(
        """
        SELECT h.starts_at, count(a.id) AS runs, coalesce(sum(a.repaired), 0)::int AS repaired,
               coalesce(max(a.overdue_alarms + a.stale_clocks + a.waiting_without_clock + a.unsent_notes
                            + a.parked_notes + a.contradictions), 0)::int AS found
        FROM generate_series(%(first)s::timestamptz, %(first)s::timestamptz + interval '23 hours', interval '1 hour')
                 AS h(starts_at)
        LEFT JOIN clock_audit_runs a ON a.at >= h.starts_at AND a.at < h.starts_at + interval '1 hour'
        GROUP BY h.starts_at ORDER BY h.starts_at
        """,
        {"first": tx.now - timedelta(hours=24)},
    )


async def purge(tx: Transaction) -> int:
    """Forget runs older than ninety days. How many."""
    return await tx.run("DELETE FROM clock_audit_runs WHERE at < %s", (tx.now - timedelta(days=90),))


DUTIES: Final[tuple[Callable[[Transaction], Awaitable[int]], ...]] = (
    apply_due,
    look_again,
    see_to_consults,
    tell_reviews_due,
    ask_again,
    end_streams,
    tell_overdue,
    chase,
    remind,
    look_at_age,
    refresh,
)
"""What comes due by the clock and is nobody's failure: policies and terms that begin, therapists whose time comes
into sight, consults, holds to be looked at, consents that are waited for, covers that ended, emergency openings that
nobody looked at, hand-over notes, guardians who are silent, minors who come of age, what clients in care need."""

DAILY_DUTIES: Final[tuple[Callable[[Transaction], Awaitable[int]], ...]] = (purge,)


async def _open_missing(tx: Transaction, lost: Row) -> int:
    """Whatever happened in the room meanwhile wins; the next run looks again."""
    room = await lock_room(tx, lost["room_id"])
    if (room["version"], room["last_seq"]) != (lost["version"], lost["last_seq"]):
        return 0
    clock = await project_new(tx, room, lost["since"], welcome=lost["seq"] == 0)
    await tx.insert(
        "response_clocks",
        id=clock.id,
        room_id=room["id"],
        therapist_id=room["therapist_id"],
        kind=clock.kind.value,
        opened_at=lost["since"],
        opened_seq=lost["seq"],
        client_messages=lost["messages"],
        state="running",
        **clock.columns,
    )
    await tx.audit("open_missing_clock", room_id=room["id"], subject_id=clock.id)
    await tell_clock(tx, room["id"])
    await hold_without_capacity(tx, room["id"], clock.id, clock.projection)
    return 1
