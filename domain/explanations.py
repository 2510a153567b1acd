"""Why an answer is due when it is: the time that counted, the time that was skipped, and a sentence."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from itertools import groupby, pairwise
from typing import Final

from domain import strict
from domain.calendars import DAY, Calendar, Interval, without
from domain.clocks import HORIZON, NO_EXTENSION, DueState, Projection, project, reach
from domain.policies import ResponsePolicy
from domain.promises import day_and_time, exact, time_of_day
from domain.reply_by import Paused, Reading, read_table
from domain.schedules import Schedule, Span, covered, holes, utc
from domain.zones import TZDATA_VERSION, zone


class Reason(StrEnum):
    """Why a stretch of time counted or did not."""

    SHIFT = "shift"
    COVER = "cover"
    PAUSE = "pause"
    LEAVE = "leave"
    NO_LICENCE = "no_licence"  # where the client was then
    HOLIDAY = "holiday"
    OUTSIDE_HOURS = "outside_hours"


COUNTED: Final = frozenset({Reason.SHIFT, Reason.COVER})


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of time (UTC, half-open) with the one reason that decided it; `clinician` for cover."""

    start: datetime
    end: datetime
    reason: Reason
    clinician: str = ""

    @property
    def counted(self) -> bool:
        """Whether the clock ran."""
        return self.reason in COUNTED

    @property
    def duration(self) -> timedelta:
        """Elapsed time."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Explanation:
    """One clock explained. `tz` is the therapist's zone, in which the sentence speaks.

    `extension` is open time granted by the client; `due_before_extension` when the answer was due without it,
    None where that was never reached or nothing was granted.
    """

    policy: str
    tz: str
    opened_at: datetime
    projection: Projection
    segments: tuple[Segment, ...]
    sentence: str
    extension: timedelta = NO_EXTENSION
    due_before_extension: datetime | None = None


def explain(
    policy: ResponsePolicy,
    schedule: Schedule,
    opened_at: datetime,
    now: datetime,
    *,
    extension: timedelta = NO_EXTENSION,
) -> Explanation:
    """What `project` decides for the same arguments, and why. Raises `Invalid` as it does."""
    projection = project(policy, schedule, opened_at, now, extension=extension)
    opened_at = utc(opened_at, "opened_at")
    limit = max(utc(now, "now"), opened_at) + HORIZON
    reading = None if policy.allowance is not None else read_table(policy, schedule, opened_at, limit)
    promised = _promised(policy, schedule, opened_at, reading, limit) if extension else None
    paused_from = schedule.paused_for_good_from
    if projection.due_at is not None:
        end = projection.due_at
    elif projection.state is DueState.PAUSED and paused_from is not None:
        end = max(paused_from, opened_at)
    else:
        end = limit
    parts = segments(schedule, opened_at, end)
    words = _Words(schedule.calendar, opened_at, end)
    tz = schedule.calendar.tz
    if isinstance(reading, Reading):
        told, told_in = words.of_table(reading), reading.tz
    elif isinstance(reading, Paused):
        told, told_in = words.of_pause(reading), tz
    elif promised is not None:
        before = segments(schedule, opened_at, promised)
        told, told_in = words.of_open_time(before, Projection(DueState.DUE, promised), NO_EXTENSION), tz
    else:
        told, told_in = words.of_open_time(parts, projection, extension), tz
    if promised is not None:
        place = "" if told_in == tz else f" ({told_in})"
        told += place + words.of_extension(segments(schedule, promised, end), projection, extension)
        told_in = tz
    return Explanation(
        policy.name, tz, opened_at, projection, parts, f"{told} ({told_in})", extension, promised
    )


def _promised(
    policy: ResponsePolicy,
    schedule: Schedule,
    opened_at: datetime,
    reading: Reading | Paused | None,
    limit: datetime,
) -> datetime | None:
    """When the answer was due before anything was granted."""
    if policy.allowance is None:
        return reading.due_at if isinstance(reading, Reading) else None
    return next(iter(reach(schedule, opened_at, limit, [policy.allowance])), None)


def _unlicensed(schedule: Schedule) -> tuple[Span, ...]:
    """The spans of leave that are none: no licence reached where the client was."""
    return tuple(span for span in schedule.leave if span.reason == Reason.NO_LICENCE)


def segments(schedule: Schedule, start: datetime, end: datetime) -> tuple[Segment, ...]:
    """[start, end) without a gap, cut where the reason changes."""
    leave = holes(schedule.leave)
    shifts = tuple(schedule.calendar.shifts(start, end))
    at_work = tuple(without(shifts, leave))
    licensed = tuple(without(shifts, holes(_unlicensed(schedule))))
    layers: list[tuple[Reason, str, Iterable[Interval]]] = [
        (Reason.PAUSE, "", holes(schedule.pauses)),
        (Reason.SHIFT, "", at_work),
        *((Reason.COVER, cover.clinician, tuple(covered(cover, start, end))) for cover in schedule.covers),
        (Reason.NO_LICENCE, "", tuple(without(shifts, licensed))),
        (Reason.LEAVE, "", tuple(without(shifts, at_work))),
        (Reason.HOLIDAY, "", tuple(schedule.calendar.holiday_shifts(start, end))),
    ]
    edges = {edge for _, _, spans in layers for span in spans for edge in span if start < edge < end}
    pieces = [
        (begins, ends, *_reason(layers, begins)) for begins, ends in pairwise(sorted({start, end} | edges))
    ]
    return tuple(_joined(pieces))


def explanation_to_json(explanation: Explanation) -> dict[str, object]:
    """The plain form: `{sentence, policy, tz, tzdata, opened_at, state, due_at, alarms, segments}`.

    Where the client granted more time also `extension_minutes` and `due_before_extension`.
    """
    projection = explanation.projection
    return {
        "sentence": explanation.sentence,
        "policy": explanation.policy,
        "tz": explanation.tz,
        "tzdata": TZDATA_VERSION,
        "opened_at": strict.iso(explanation.opened_at),
        "state": str(projection.state),
        "due_at": None if projection.due_at is None else strict.iso(projection.due_at),
        **_extension_to_json(explanation),
        "alarms": [{"rung": str(alarm.rung), "at": strict.iso(alarm.at)} for alarm in projection.alarms],
        "segments": [
            {
                "from": strict.iso(segment.start),
                "to": strict.iso(segment.end),
                "minutes": round(segment.duration / timedelta(minutes=1), 3),
                "counted": segment.counted,
                "reason": str(segment.reason),
                **({"clinician": segment.clinician} if segment.clinician else {}),
            }
            for segment in explanation.segments
        ],
    }


def _extension_to_json(explanation: Explanation) -> dict[str, object]:
    if not explanation.extension:
        return {}
    before = explanation.due_before_extension
    return {
        "extension_minutes": round(explanation.extension / timedelta(minutes=1), 3),
        "due_before_extension": None if before is None else strict.iso(before),
    }


def _reason(layers: Iterable[tuple[Reason, str, Iterable[Interval]]], at: datetime) -> tuple[Reason, str]:
    for reason, clinician, spans in layers:
        if any(begins <= at < ends for begins, ends in spans):
            return reason, clinician
    return Reason.OUTSIDE_HOURS, ""


def _joined(pieces: Iterable[tuple[datetime, datetime, Reason, str]]) -> Iterator[Segment]:
    for (reason, clinician), group in groupby(pieces, key=lambda piece: piece[2:]):
        run = list(group)
        yield Segment(run[0][0], run[-1][1], reason, clinician)


class _Words:
    """Sentences in the therapist's zone, with dates once a weekday alone could mean two days."""

    def __init__(self, calendar: Calendar, opened_at: datetime, end: datetime) -> None:
        self.calendar = calendar
        self.dated = end - opened_at >= 6 * DAY
        self.opened = self._when(opened_at)
        self.end = self._when(end)

    def _when(self, at: datetime) -> str:
        return day_and_time(at.astimezone(self.calendar.zone), dated=self.dated)

    def of_open_time(self, parts: tuple[Segment, ...], projection: Projection, extension: timedelta) -> str:
        """As "Fri 4:00 PM + 30 min, weekend skipped, Mon 9:00 AM + 90 min = Mon 10:30 AM"."""
        said = [] if parts and parts[0].counted else [self.opened]
        for counted, group in groupby(parts, key=lambda part: part.counted):
            run = list(group)
            said += [self._added(part) for part in run] if counted else [f"{self._skipped(run)} skipped"]
        story = ", ".join(said)
        if projection.due_at is not None:
            return f"{story} = {self._when(projection.due_at)}"
        if projection.state is DueState.PAUSED:
            counting = f", counting {_granted(extension)}" if extension else ""
            return f"{story}, {self._paused(projection)}{counting}"
        return f"{self.opened}: {self._unattended()}"

    def of_extension(self, after: tuple[Segment, ...], projection: Projection, extension: timedelta) -> str:
        """What follows a due time that the client put off: ", + 2 h granted by the client = Mon 12:30 PM"."""
        story = f", + {_granted(extension)}"
        if projection.state is DueState.NO_CAPACITY:
            return f"{story}: {self._unattended()}"
        if skipped := [part for part in after if not part.counted]:
            story += f", {self._skipped(skipped)} skipped"
        if projection.state is DueState.PAUSED:
            return f"{story}, {self._paused(projection)}"
        return f"{story} = {self.end}"

    def of_table(self, reading: Reading) -> str:
        """As "Fri 6:00 PM, window 4:00 PM to 7:00 AM, answered by 10:00 AM the next working day = ..."."""
        tz = zone(reading.tz)
        due = reading.due_at.astimezone(tz)
        read_at = day_and_time(reading.read_at.astimezone(tz), dated=self.dated)
        said = [self.opened] if self.calendar.tz == reading.tz else [f"{self.opened} ({self.calendar.tz})"]
        if self.opened != read_at:
            said.append(f"read {'again' if reading.clinician is None else 'by cover'} at {read_at}")
        said.append(f"window {_clock(reading.window.start)} to {_clock(reading.window.end)}")
        later = " the next working day" if reading.window.next_working_day else ""
        said.append(f"answered by {_clock(reading.window.deadline)}{later}")
        if reading.moved and not (later and time_of_day(due) == _clock(reading.window.deadline)):
            said.append("not worked then, so by the next deadline")
        return f"{', '.join(said)} = {day_and_time(due, dated=self.dated)}"

    def of_pause(self, reading: Paused) -> str:
        """As "Mon 10:00 AM, paused from Mon 12:00 PM, the table is read again at the end of the pause"."""
        since = self._when(reading.since)
        return f"{self.opened}, paused from {since}, the table is read again at the end of the pause"

    def _paused(self, projection: Projection) -> str:
        left = "" if projection.remaining is None else f" with {exact(projection.remaining)} left"
        return f"paused from {self.end}{left}"

    def _unattended(self) -> str:
        return f"not enough working time before {self.end}, held for a supervisor"

    def _added(self, part: Segment) -> str:
        by = " (cover)" if part.reason is Reason.COVER else ""
        return f"{self._when(part.start)} + {exact(part.duration)}{by}"

    def _skipped(self, run: Iterable[Segment]) -> str:
        labels = list(dict.fromkeys(self._label(part) for part in run))
        # A night beside a weekend, a holiday or leave explains nothing more.
        told = [label for label in labels if label not in ("night", "closed hours")] or labels
        return " and ".join(told)

    def _label(self, part: Segment) -> str:
        if part.reason is not Reason.OUTSIDE_HOURS:
            return str(part.reason).replace("_", " ")
        first, last = (
            self.calendar.date_of(part.start),
            self.calendar.date_of(part.end - timedelta.resolution),
        )
        days_off = [day for day in _dates(first, last) if not self.calendar.weekly[day.weekday()]]
        if any(day.weekday() >= 5 for day in days_off):
            return "weekend"
        if days_off:
            return "day off"
        return "night" if first != last else "closed hours"


def _dates(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += DAY


def _granted(extension: timedelta) -> str:
    hours, rest = divmod(extension, timedelta(hours=1))
    words = [f"{hours} h"] if hours else []
    words += [exact(rest)] if rest or not hours else []
    return f"{' '.join(words)} granted by the client"  # in hours, however many: a day of open time is no day


def _clock(minutes: int) -> str:
    return time_of_day(datetime(2000, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes))
