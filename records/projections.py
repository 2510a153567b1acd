"""A projection as the columns of a clock's row."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from domain.clocks import DueState, Projection

HELD: Final = {DueState.PAUSED: "paused", DueState.NO_CAPACITY: "no_capacity", DueState.DUE: None}


@dataclass(frozen=True, slots=True)
class Projected:
    """What a projection says of a clock: why it is held, or when it is due and which rungs are still to fire."""

    held: str | None
    due_at: datetime | None
    remaining_seconds: int | None
    alarms: dict[str, Any]
    next_alarm_at: datetime | None

    def as_json(self) -> dict[str, Any]:
        """The same with instants as text, for `post_message`."""
        return {
            "held": self.held,
            "due_at": _text(self.due_at),
            "remaining_seconds": self.remaining_seconds,
            "alarms": self.alarms,
            "next_alarm_at": _text(self.next_alarm_at),
        }


def projected(projection: Projection, fired: frozenset[str] = frozenset()) -> Projected:
    """The columns of a clock whose rungs `fired` already: those never fire again."""
    left = [alarm for alarm in projection.alarms if alarm.rung not in fired]
    return Projected(
        HELD[projection.state],
        projection.due_at,
        None if projection.remaining is None else int(projection.remaining.total_seconds()),
        {
            "rungs": [{"rung": alarm.rung.value, "at": alarm.at.isoformat()} for alarm in left],
            "last_tenth_at": _text(projection.last_tenth_at),
        },
        left[0].at if left else None,
    )


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
