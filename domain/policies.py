"""Response policies: how long an answer may take, and who is told when it does.

Defaults are settings of the clinic; the reply-by tables follow the response times that a large provider of
messaging therapy publishes (Talkspace Help, "How does Guaranteed Response Time work?").
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from domain import strict
from domain.calendars import MIDNIGHT, Shift, clock_time, shift
from domain.errors import NotFound


class PolicyKind(StrEnum):
    """What the promise is made of."""

    WORKING_MINUTES = "working_minutes"
    REPLY_BY = "reply_by"


class RungName(StrEnum):
    """The rungs of the ladder. What is done and who is told at each belongs to the caller."""

    NUDGE = "nudge"
    BREACH = "breach"
    COVER = "cover"


class Rung(NamedTuple):
    """A step at so many per cent of the open time between opening and due; past 100 in open time after it.

    `by_next_working_day`: no later than the end of the therapist's next working day after the due time.
    """

    name: RungName
    percent: int
    by_next_working_day: bool = False


class Window(NamedTuple):
    """One row of a reply-by table, in the therapist's zone, minutes after midnight.

    A message within [start, end) is answered by `deadline`, on the date on which the window started or on the
    next working day.
    """

    start: int
    end: int
    deadline: int
    next_working_day: bool

    @property
    def hours(self) -> Shift:
        """The window as hours of its start date; an end at or before the start is on the next day."""
        return Shift(self.start, self.end)


NUDGE: Final = Rung(RungName.NUDGE, 75)
BREACH: Final = Rung(RungName.BREACH, 100)
COVER: Final = Rung(RungName.COVER, 150, by_next_working_day=True)
LADDER: Final = (NUDGE, BREACH, COVER)
HIGHEST_RUNG: Final = 1_000
"""Per cent. A rung beyond it would only ring when everybody has forgotten what for."""


@dataclass(frozen=True, slots=True)
class ResponsePolicy:
    """A promise: either an allowance of open time or a reply-by table, and its ladder.

    Raises `Invalid` unless the one of `allowance` and `table` that fits the kind is set, the table's windows
    cover the day once, and the ladder climbs and has its breach at 100 per cent.
    """

    name: str
    kind: PolicyKind
    allowance: timedelta | None = None
    table: tuple[Window, ...] = ()
    ladder: tuple[Rung, ...] = LADDER

    def __post_init__(self) -> None:
        if self.kind is PolicyKind.WORKING_MINUTES:
            if self.allowance is None or self.allowance <= timedelta():
                raise strict.refuse("minutes", "not_positive")
            if self.table:
                raise strict.refuse("table", "not_of_this_kind")
        else:
            if self.allowance is not None:
                raise strict.refuse("minutes", "not_of_this_kind")
            _check_table(self.table)
        _check_ladder(self.ladder)


def working_minutes(name: str, minutes: float, ladder: tuple[Rung, ...] = LADDER) -> ResponsePolicy:
    """A policy of so many open minutes; fractions give seconds."""
    return ResponsePolicy(name, PolicyKind.WORKING_MINUTES, timedelta(minutes=minutes), ladder=ladder)


def reply_by(
    name: str, *rows: tuple[str, str, str, int], ladder: tuple[Rung, ...] = LADDER
) -> ResponsePolicy:
    """A policy of rows ("from", "to", "deadline", 0 for the same day or 1 for the next working day)."""
    return ResponsePolicy(
        name, PolicyKind.REPLY_BY, table=tuple(_window(*row) for row in rows), ladder=ladder
    )


def preset(name: str) -> ResponsePolicy:
    """A built-in policy by name. Raises `NotFound` (`unknown_policy`)."""
    try:
        return PRESETS[name]
    except KeyError:
        raise NotFound("unknown_policy") from None


def policy_from_json(name: str, value: object, path: str = "") -> ResponsePolicy:
    """Read `{kind: "working_minutes", minutes, ladder?}` or `{kind: "reply_by", table, ladder?}`.

    A table row is `["07:00", "11:00", "15:00", 0]`, 1 for the next working day; a rung is
    `{name, percent, by_next_working_day?}`; without a ladder the default one holds. Raises `Invalid`.
    """
    raw = strict.fields(value, path, required=("kind",), optional=("minutes", "table", "ladder"))
    kind_path, table_path = strict.under(path, "kind"), strict.under(path, "table")
    kind_text = strict.text(raw["kind"], kind_path)
    if kind_text not in list(PolicyKind):
        raise strict.refuse(kind_path, "unknown_kind")
    minutes = raw.get("minutes")
    table, ladder = raw.get("table"), raw.get("ladder")
    return ResponsePolicy(
        name,
        PolicyKind(kind_text),
        None if minutes is None else _allowance(minutes, strict.under(path, "minutes")),
        () if table is None else strict.items(table, table_path, _window_from_json),
        LADDER if ladder is None else strict.items(ladder, strict.under(path, "ladder"), _rung_from_json),
    )


def policy_to_json(policy: ResponsePolicy) -> dict[str, object]:
    """The plain form of a policy without its name, which `policy_from_json` reads back."""
    if policy.allowance is None:
        body: dict[str, object] = {
            "table": [
                [
                    clock_time(row.start),
                    clock_time(row.end),
                    clock_time(row.deadline),
                    int(row.next_working_day),
                ]
                for row in policy.table
            ]
        }
    else:
        minutes = policy.allowance / timedelta(minutes=1)
        body = {"minutes": int(minutes) if minutes.is_integer() else minutes}
    ladder = [
        {"name": str(rung.name), "percent": rung.percent, "by_next_working_day": rung.by_next_working_day}
        for rung in policy.ladder
    ]
    return {"kind": str(policy.kind), **body, "ladder": ladder}


def _check_table(table: tuple[Window, ...]) -> None:
    """Each moment of a day belongs to one window, whose deadline is not before its end."""
    rows = sorted(table)
    for row, following in zip(rows, rows[1:] + rows[:1], strict=True):
        if not (0 <= row.start < MIDNIGHT and 0 <= row.end <= MIDNIGHT and 0 <= row.deadline <= MIDNIGHT):
            raise strict.refuse("table", "bad_time")
        if row.end % MIDNIGHT != following.start:
            raise strict.refuse("table", "windows_do_not_meet")
        if row.deadline + MIDNIGHT * row.next_working_day < row.hours.minutes_to_end:
            raise strict.refuse("table", "deadline_before_end")
    if sum(row.hours.minutes_to_end - row.start for row in rows) != MIDNIGHT:
        raise strict.refuse("table", "windows_do_not_meet")


def _check_ladder(ladder: tuple[Rung, ...]) -> None:
    percents = [rung.percent for rung in ladder]
    if any(percent > HIGHEST_RUNG for percent in percents):
        raise strict.refuse("ladder", "out_of_range")
    if any(percent <= 0 for percent in percents) or percents != sorted(set(percents)):
        raise strict.refuse("ladder", "not_ascending")
    if len({rung.name for rung in ladder}) != len(ladder):
        raise strict.refuse("ladder", "repeated_name")
    if [rung.percent for rung in ladder if rung.name is RungName.BREACH] != [100]:
        raise strict.refuse("ladder", "no_breach_at_100")
    if any(rung.by_next_working_day and rung.percent <= 100 for rung in ladder):
        raise strict.refuse("ladder", "next_working_day_before_due")


def _window(start: str, end: str, deadline: str, days: int, path: str = "table") -> Window:
    if days not in (0, 1):
        raise strict.refuse(path, "not_0_or_1")
    hours = shift(start, end, path)
    return Window(hours.start, hours.end, shift(deadline, deadline, path).start, days == 1)


def _window_from_json(value: object, path: str) -> Window:
    row = strict.items(value, path, lambda cell, _: cell)
    if len(row) != 4:
        raise strict.refuse(path, "not_four_columns")
    start, end, deadline = (strict.text(cell, path) for cell in row[:3])
    return _window(start, end, deadline, _whole(row[3], path), path)


def _rung_from_json(value: object, path: str) -> Rung:
    raw = strict.fields(value, path, required=("name", "percent"), optional=("by_next_working_day",))
    name = strict.text(raw["name"], f"{path}.name")
    if name not in list(RungName):
        raise strict.refuse(f"{path}.name", "unknown_rung")
    capped = strict.flag(raw.get("by_next_working_day", False), f"{path}.by_next_working_day")
    return Rung(RungName(name), _whole(raw["percent"], f"{path}.percent"), capped)


def _allowance(value: object, path: str) -> timedelta:
    minutes = strict.number(value, path)
    if not 0 < minutes <= 366 * MIDNIGHT:
        raise strict.refuse(path, "out_of_range")
    return timedelta(minutes=minutes)


def _whole(value: object, path: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise strict.refuse(path, "not_a_whole_number")
    return value


PRESETS: Final[Mapping[str, ResponsePolicy]] = MappingProxyType(
    {
        policy.name: policy
        for policy in (
            working_minutes("welcome", 180),
            working_minutes("first_response", 240),
            working_minutes("next_response", 480),
            working_minutes("consult", 240),
            reply_by(
                "morning",
                ("07:00", "11:00", "15:00", 0),
                ("11:00", "16:00", "19:00", 0),
                ("16:00", "07:00", "10:00", 1),
            ),
            reply_by(
                "evening",
                ("09:00", "14:00", "18:00", 0),
                ("14:00", "19:00", "22:00", 0),
                ("19:00", "09:00", "14:00", 1),
            ),
            # Seconds instead of hours, to watch a breach climb its ladder; not for care.
            working_minutes("demo-seconds", 0.1),
        )
    }
)
