"""Why an answer is due when it is, for any clock: what counted, and all that moved, warned or broke the promise."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.explanations import Explanation, explain
from domain.policies import ResponsePolicy, policy_from_json
from records.calendars import schedule_of_clock
from records.database import Row, Transaction
from records.room_clocks import extensions_of


@dataclass(frozen=True, slots=True)
class ClockStory:
    """A clock with all that is on record about it, each list oldest first.

    `told` and `policy` are None where nothing was owed (thanks alone). `policy_version` counts the versions of the
    policy up to the one that holds, None where it is built in; `policy_since` is when that one came into force.
    """

    clock: Row
    policy: ResponsePolicy | None
    told: Explanation | None
    calendar_version: int
    policy_version: int | None
    policy_since: datetime | None
    extensions: tuple[Row, ...]
    moves: tuple[Row, ...]
    rungs: tuple[Row, ...]
    breach: Row | None

    @property
    def due_at(self) -> datetime | None:
        """The due time on record: the row decides."""
        due_at: datetime | None = self.clock["due_at"]
        return due_at

    @property
    def moved(self) -> tuple[Row, ...]:
        """The re-projections that changed the due time."""
        return tuple(move for move in self.moves if move["due_before"] != move["due_after"])


async def story_of(tx: Transaction, clock: Row) -> ClockStory:
    """The story of a clock, running or closed: a closed one by the hours and the knowledge of its day."""
    policy, told, version = None, None, clock["calendar_version"]
    if clock["policy"]:
        policy = policy_from_json(clock["policy_name"], clock["policy"])
        found = await schedule_of_clock(tx, clock)
        extension, version = timedelta(seconds=clock["extension_seconds"]), found.version
        seen_at = clock["closed_at"] or tx.now
        told = explain(policy, found.schedule, clock["opened_at"], seen_at, extension=extension)
    in_force = await tx.one(
        "SELECT p.effective_from, (SELECT count(*) FROM policies e WHERE e.kind = p.kind AND e.name = p.name"
        " AND e.effective_from <= p.effective_from AND e.superseded_at IS NULL) AS n FROM policies p WHERE p.id = %s",
        (clock["policy_id"],),
    )
    return ClockStory(
        clock,
        policy,
        told,
        version,
        in_force["n"] if in_force else None,
        in_force["effective_from"] if in_force else None,
        tuple(await extensions_of(tx, clock["id"])),
        await _all(tx, "SELECT at, reason, due_before, due_after FROM clock_projections", clock, "version"),
        await _all(tx, "SELECT rung, due_at, fired_at FROM clock_rungs", clock, "due_at, fired_at"),
        await tx.one(
            "SELECT breached_at, recorded_at FROM clock_breaches WHERE clock_id = %s", (clock["id"],)
        ),
    )


async def _all(tx: Transaction, statement: str, clock: Row, order: str) -> tuple[Row, ...]:
    return tuple(await tx.all(f"{statement} WHERE clock_id = %s ORDER BY {order}", (clock["id"],)))
