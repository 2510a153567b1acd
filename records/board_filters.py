"""What the board can be asked for: the states of a clock, the filters, and the conditions that they become."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from records.board_cursors import Order, Sort
from records.database import Transaction


class State(StrEnum):
    """Which clocks: the stored states, and what is derived from them."""

    RUNNING = "running"
    MET = "met"
    LATE = "late"
    WAIVED = "waived"
    CANCELLED = "cancelled"
    OVERDUE = "overdue"  # running and past due
    BREACHED = "breached"  # the breach fact exists
    HELD = "held"  # running, paused or without capacity


@dataclass(frozen=True, slots=True)
class BoardFilter:
    """Which clocks, in which order. None: whatever it is. `code`: how the client's code begins."""

    state: State = State.RUNNING
    therapist: UUID | None = None
    team: str | None = None
    policy: str | None = None
    kind: str | None = None
    due_before: datetime | None = None
    gap: bool | None = None
    acknowledged: bool | None = None
    code: str = ""
    order: Order = field(default_factory=Order)

    @property
    def few(self) -> bool:
        """Whether it asks for what is rare by its nature: found by an index of its own, whatever the order."""
        overdue = self.state is State.OVERDUE and self.order.by is not Sort.DUE_AT
        rare = overdue or self.state is State.HELD or bool(self.gap) or bool(self.acknowledged)
        return rare or len(self.code.strip()) >= _TELLING


_TELLING: Final = 4
"""From so many characters on, the beginning of a code fits few clients (`K-12`: one in a hundred)."""

DUE = "COALESCE(c.due_at, 'infinity'::timestamptz)"
STATES: Final[Mapping[State, str]] = {
    State.OVERDUE: f"c.state = 'running' AND {DUE} < %(now)s",
    State.BREACHED: "c.breached_at IS NOT NULL",
    # Without a due time: said twice, so that the index of due times finds it too.
    State.HELD: f"c.state = 'running' AND c.held IS NOT NULL AND {DUE} = 'infinity'",
}
# Away now, with nobody answering in the room meanwhile; or no open hours in sight.
GAP = """(c.state = 'running' AND (c.held = 'no_capacity' OR (c.therapist_id = ANY (%(away)s)
    AND NOT EXISTS (SELECT 1 FROM covers v WHERE v.room_id = c.room_id
                    AND v.starts_at <= %(now)s AND %(now)s < v.ends_at))))"""
_AWAY = """
SELECT coalesce(array_agg(DISTINCT l.therapist_id), '{}') AS away FROM leaves l
WHERE l.cancelled_at IS NULL AND l.starts_at <= %(now)s AND %(now)s < l.ends_at
"""


def of_clock(chosen: BoardFilter) -> Iterator[str]:
    """The conditions on a clock `c` (and on its client `k`, where a code tells few)."""
    yield STATES.get(chosen.state, f"c.state = '{chosen.state}'")
    yield from whose(chosen)
    if chosen.policy is not None:
        yield "c.policy_name = %(policy)s"
    if chosen.kind is not None:
        yield "c.kind = %(kind)s"
    if chosen.due_before is not None:
        yield f"{DUE} < %(due_before)s"
    if chosen.gap is not None:
        yield GAP if chosen.gap else f"{GAP} IS NOT TRUE"
    if chosen.acknowledged is not None:
        yield f"c.acknowledged_at IS {'NOT ' if chosen.acknowledged else ''}NULL"
    if chosen.code and chosen.few:
        yield "k.code LIKE %(code)s"


def whose(chosen: BoardFilter) -> Iterator[str]:
    """The conditions on whose clock it is."""
    if chosen.therapist is not None:
        yield "c.therapist_id = %(therapist)s"
    if chosen.team is not None:
        yield "c.therapist_id = ANY (%(members)s)"


async def values_of(tx: Transaction, chosen: BoardFilter) -> dict[str, Any]:
    """What stands for the names in all of these conditions."""
    return {
        "now": tx.now,
        "therapist": chosen.therapist,
        "members": await _members(tx, chosen.team),
        "policy": chosen.policy,
        "kind": chosen.kind,
        "due_before": chosen.due_before,
        "away": await _away(tx),
        "code": _pattern(chosen.code),
    }


async def _away(tx: Transaction) -> list[UUID]:
    found = await tx.one(_AWAY, {"now": tx.now})
    return found["away"] if found else []


async def _members(tx: Transaction, team: str | None) -> list[UUID] | None:
    if team is None:
        return None
    rows = await tx.all("SELECT id FROM therapists WHERE team = %s", (team,))
    return [row["id"] for row in rows]


def _pattern(code: str) -> str:
    """Codes that begin so; what a pattern would read in it is meant as it stands."""
    plain = code.strip().upper()
    for special in "\\%_":
        plain = plain.replace(special, "\\" + special)
    return plain + "%"
