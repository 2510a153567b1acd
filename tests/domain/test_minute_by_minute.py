"""The response clock against a reference that shares no line with it and steps minute by minute."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from domain.clocks import DueState, Projection, project
from domain.explanations import explain
from domain.policies import policy_from_json
from domain.schedules import schedule_from_json
from tests.domain.minute_by_minute import MINUTE, WEEK, Plain, Reference

# The noon before a clock change (spring and autumn, at one, two or midnight, by half an hour), and before none.
EVES = [
    ("America/New_York", datetime(2026, 3, 7, 17, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 10, 31, 16, tzinfo=UTC)),
    ("Europe/London", datetime(2026, 3, 28, 12, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 10, 3, 2, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 4, 4, 1, tzinfo=UTC)),
    ("America/Santiago", datetime(2026, 9, 5, 16, tzinfo=UTC)),
    ("America/Santiago", datetime(2026, 4, 4, 15, tzinfo=UTC)),
    ("America/Havana", datetime(2026, 10, 31, 16, tzinfo=UTC)),
    # Clocks ran back from a minute past midnight: the day before came a second time.
    ("America/St_Johns", datetime(2010, 11, 6, 15, tzinfo=UTC)),
    ("Asia/Kathmandu", datetime(2026, 5, 8, 6, tzinfo=UTC)),
]
# A case that fails is shown as it was found: to make it smaller would step through it a thousand times.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
DAYS, DAYS_OF_A_TABLE = 4, 8
LADDER = [
    {"name": "nudge", "percent": 75},
    {"name": "breach", "percent": 100},
    {"name": "cover", "percent": 150, "by_next_working_day": True},
]
TABLES = [
    [["07:00", "11:00", "15:00", 0], ["11:00", "16:00", "19:00", 0], ["16:00", "07:00", "10:00", 1]],
    [["09:00", "14:00", "18:00", 0], ["14:00", "19:00", "22:00", 0], ["19:00", "09:00", "14:00", 1]],
    [["00:00", "12:00", "23:45", 0], ["12:00", "24:00", "12:00", 1]],
]


def hours(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


quarters = st.integers(0, 95).map(lambda n: hours(15 * n))
small_hours = st.integers(0, 14).map(lambda n: hours(15 * n))
shifts = st.tuples(quarters | small_hours, quarters | small_hours | st.just("24:00")).map(list)
ordinary = st.sampled_from(
    [[["09:00", "17:00"]], [["08:00", "12:00"], ["13:00", "17:30"]], [["21:00", "05:00"]]]
)
days = st.lists(shifts, max_size=2) | ordinary
weeks = st.fixed_dictionaries({}, optional=dict.fromkeys(WEEK, days)) | ordinary.map(
    lambda day: dict.fromkeys(WEEK[:5], day)
)


@st.composite
def cases(draw: st.DrawFn, ahead: int = DAYS) -> tuple[Plain, datetime]:
    """A room's schedule in its plain form, and when a message comes."""
    tz, eve = draw(st.sampled_from(EVES))
    start = eve + draw(st.integers(0, 24 * 60)) * MINUTE

    def span(open_ended: bool = False) -> Plain:
        begins = start + draw(st.integers(-24 * 60, ahead * 24 * 60)) * MINUTE
        ends = begins + draw(st.integers(1, 2 * 24 * 60)) * MINUTE
        endless = open_ended and draw(st.integers(0, 3)) == 0
        return {"from": begins.isoformat(), "to": None if endless else ends.isoformat()}

    def spans(open_ended: bool = False) -> list[Plain]:
        return [span(open_ended) for _ in range(draw(st.integers(0, 2)))]

    def calendar(name: str) -> Plain:
        holidays = st.lists(
            st.integers(0, 3).map(lambda n: (eve.date() + timedelta(days=n)).isoformat()), max_size=1
        )
        return {"tz": name, "weekly": draw(weeks), "holidays": draw(holidays)}

    covers = [
        {**span(), "calendar": calendar(draw(st.sampled_from([each for each, _ in EVES]))), "leave": spans()}
        for _ in range(draw(st.integers(0, 2)))
    ]
    schedule = {
        "calendar": calendar(tz),
        "leave": spans(),
        "covers": covers,
        "pauses": spans(open_ended=True),
    }
    return schedule, start


def decided(policy: Plain, schedule: Plain, start: datetime, extension: int = 0) -> Projection:
    return project(
        policy_from_json("any", policy),
        schedule_from_json(schedule),
        start,
        start,
        extension=timedelta(minutes=extension),
    )


def agree(found: Projection, reference: Reference, due: float | None) -> None:
    """The due time and the rungs are those of the reference, as far as that looks."""
    if due is None:
        assert found.due_at is None or found.due_at > reference.at(reference.minutes)
        if found.state is DueState.NO_CAPACITY:
            assert not any(ends is None for _, ends in reference.pauses)
        return
    assert found.state is DueState.DUE
    assert found.due_at == reference.start + due * MINUTE
    if due != int(due):
        return
    # Rungs, in per cent of the minutes that count up to the due time; in wall time where none do.
    counted = reference.counted(0, int(due))
    nudge = reference.after(counted * 0.75) if counted else due * 0.75
    late = reference.after(counted * 0.5, int(due)) if counted else due * 1.5
    if late is None and any(ends is None for _, ends in reference.pauses):
        late = due * 1.5  # no more time will count, and whoever waits is not forgotten
    latest = reference.therapist.end_of_next_working_day(int(due))
    cover = min((each for each in (late, latest) if each is not None), default=None)
    alarms = [alarm.at for alarm in found.alarms]
    assert nudge is not None
    assert alarms[:2] == [reference.start + nudge * MINUTE, found.due_at]
    if cover is not None:
        assert alarms[2] == reference.start + cover * MINUTE


@settings(max_examples=40, phases=PHASES)
@given(cases(), st.integers(1, 120).map(lambda n: 4 * n), st.sampled_from([0, 0, 8, 60, 240]))
def test_open_time_is_counted_as_a_reference_counts_it_minute_by_minute(
    case: tuple[Plain, datetime], minutes: int, extension: int
) -> None:
    schedule, start = case
    reference = Reference(schedule, start, DAYS)
    found = decided(
        {"kind": "working_minutes", "minutes": minutes, "ladder": LADDER}, schedule, start, extension
    )
    agree(found, reference, reference.after(minutes + extension))
    if found.state is DueState.PAUSED:
        begins = min(begins for begins, ends in reference.pauses if ends is None)
        stop = max(begins, start)
        if stop <= reference.at(reference.minutes):
            counted = reference.counted(0, (stop - start) // MINUTE)
            assert found.remaining == (minutes + extension - counted) * MINUTE


@settings(max_examples=25, phases=PHASES)
@given(cases(), st.sampled_from(TABLES), st.sampled_from([0, 0, 60, 300]))
def test_a_reply_by_table_is_read_as_a_reference_reads_it_minute_by_minute(
    case: tuple[Plain, datetime], table: list[list[Any]], extension: int
) -> None:
    schedule, start = case
    reference = Reference(schedule, start, DAYS_OF_A_TABLE)
    deadline: float | None = reference.deadline(table)
    if deadline is not None and extension:
        deadline = reference.after(extension, int(deadline))
    found = decided({"kind": "reply_by", "table": table, "ladder": LADDER}, schedule, start, extension)
    agree(found, reference, deadline)


@settings(max_examples=25, phases=PHASES)
@given(cases(), st.integers(1, 400), st.integers(0, 120))
def test_every_minute_of_an_explanation_has_the_reason_that_a_reference_sees(
    case: tuple[Plain, datetime], minutes: int, extension: int
) -> None:
    schedule, start = case
    policy = policy_from_json("any", {"kind": "working_minutes", "minutes": minutes})
    granted = timedelta(minutes=extension)
    told = explain(policy, schedule_from_json(schedule), start, start, extension=granted)
    reference = Reference(schedule, start, DAYS)
    expected = told.opened_at
    for segment in told.segments:
        assert segment.start == expected
        expected = segment.end
        first, last = ((at - start) // MINUTE for at in (segment.start, segment.end))
        seen = {reference.reasons[n] for n in range(first, min(last, reference.minutes))}
        assert seen <= {str(segment.reason)}
        assert segment.counted == (segment.reason in ("shift", "cover"))
    counted = sum((each.duration for each in told.segments if each.counted), timedelta())
    if told.projection.due_at is not None:
        assert expected == told.projection.due_at
        assert counted == timedelta(minutes=minutes) + granted


@settings(max_examples=60)
@given(cases(), st.integers(1, 480), st.integers(0, 600))
def test_a_later_opening_is_never_due_earlier_and_rungs_keep_their_order(
    case: tuple[Plain, datetime], minutes: int, later: int
) -> None:
    plain, start = case
    policy = policy_from_json("any", {"kind": "working_minutes", "minutes": minutes})
    schedule, now = schedule_from_json(plain), start + later * MINUTE
    first, second = (project(policy, schedule, opened, now) for opened in (start, now))
    if first.due_at and second.due_at:
        assert first.due_at <= second.due_at
    for found in (first, second):
        instants = [alarm.at for alarm in found.alarms]
        assert instants == sorted(instants)
