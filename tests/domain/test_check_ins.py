"""Weekly on the client's wall clock; silence climbs a ladder; a pause is no silence."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.check_ins import (
    AbsenceStep,
    Cadence,
    CheckInState,
    Pause,
    absence_step,
    answer,
    cadence_from,
    check_in_policy_from_json,
    closes_at,
    miss,
    missed_in_a_row,
    next_due,
    reminder_at,
    silent_for,
    silent_time,
    state_when_due,
)
from domain.errors import Conflict, Invalid
from domain.zones import zone

NEW_YORK = zone("America/New_York")
START = datetime(2026, 2, 10, 22, tzinfo=UTC)
DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)
ASKED, ANSWERED, MISSED, SKIPPED = CheckInState
instants = st.integers(0, 5 * 365 * 86400).map(
    lambda s: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=s)
)


@st.composite
def disjoint_pauses(draw: st.DrawFn) -> list[Pause]:
    edges = sorted(draw(st.lists(instants, max_size=6, unique=True)))
    pauses = [Pause(start, until) for start, until in zip(edges[::2], edges[1::2], strict=False)]
    return [*pauses, Pause(edges[-1])] if len(edges) % 2 else pauses


def test_check_ins_keep_their_hour_across_a_change_of_clocks() -> None:
    cadence = cadence_from(START, NEW_YORK)
    due = [cadence.due(k) for k in range(13)]
    assert due[0] == datetime(2026, 2, 17, 14, tzinfo=UTC)
    assert due[-1] == datetime(2026, 5, 12, 13, tzinfo=UTC)  # summer time: an hour earlier in UTC
    assert {(d.astimezone(NEW_YORK).weekday(), d.astimezone(NEW_YORK).time()) for d in due} == {(1, time(9))}


def test_a_time_that_the_clocks_skip_is_asked_at_the_jump() -> None:
    cadence = Cadence(date(2026, 3, 8), time(2, 30), 7, NEW_YORK)
    assert cadence.due(0) == datetime(2026, 3, 8, 7, tzinfo=UTC)
    assert cadence.due(1) == datetime(2026, 3, 15, 6, 30, tzinfo=UTC)


@given(
    instants,
    st.sampled_from(["America/New_York", "America/Phoenix", "America/Anchorage"]),
    st.integers(1, 30),
)
def test_the_next_one_is_ahead_and_none_is_passed_over(at: datetime, tz: str, every: int) -> None:
    cadence = Cadence(date(2025, 1, 7), time(2, 30), every, zone(tz))
    due = cadence.next_after(at)
    assert due > at
    earlier = [k for k in range(2000) if cadence.due(k) > at][:1]
    assert due == cadence.due(earlier[0])


def asked(pauses: list[Pause], weeks: int = 13) -> list[CheckInState]:
    cadence = cadence_from(START, NEW_YORK)
    return [state_when_due(cadence.due(k), pauses) for k in range(weeks)]


def test_thirteen_weeks_ask_thirteen_times() -> None:
    assert asked([]) == [ASKED] * 13


def test_a_client_who_pauses_two_weeks_is_asked_eleven_times() -> None:
    states = asked([Pause(START + 4 * WEEK + DAY, START + 6 * WEEK + DAY)])
    assert states.count(ASKED) == 11
    assert states[4:6] == [SKIPPED, SKIPPED]


def test_a_pause_is_half_open() -> None:
    pause = Pause(START, START + DAY)
    assert state_when_due(START, [pause]) is SKIPPED
    assert state_when_due(START + DAY, [pause]) is ASKED


def test_the_reminder_comes_at_48_hours_unless_paused_or_closed() -> None:
    closes = closes_at(START, START + WEEK)
    assert reminder_at(START, closes, []) == START + 2 * DAY
    assert reminder_at(START, closes, [Pause(START + DAY)]) is None
    assert reminder_at(START, START + 2 * DAY, []) is None


def test_one_asked_by_hand_stays_open_for_a_whole_interval() -> None:
    assert closes_at(START, None) == START + WEEK


def test_an_open_one_is_missed_when_the_next_falls_due_and_not_before() -> None:
    closes = START + WEEK
    early = miss(ASKED, closes=closes, now=closes - timedelta(seconds=1), pauses=[])
    assert early is ASKED
    assert miss(ASKED, closes=closes, now=closes, pauses=[]) is MISSED
    assert miss(ASKED, closes=closes, now=closes, pauses=[Pause(START + DAY)]) is SKIPPED
    assert miss(ANSWERED, closes=closes, now=closes, pauses=[]) is ANSWERED


def test_a_late_answer_counts_and_a_second_one_does_not() -> None:
    assert answer(ASKED) is ANSWERED
    assert answer(MISSED) is ANSWERED
    with pytest.raises(Conflict, match="check_in_answered"):
        answer(ANSWERED)
    with pytest.raises(Conflict, match="check_in_skipped"):
        answer(SKIPPED)


def test_skipped_ones_neither_count_nor_break_the_row() -> None:
    assert missed_in_a_row([MISSED, ANSWERED, MISSED, SKIPPED, MISSED, ASKED]) == 2
    assert missed_in_a_row([MISSED, MISSED, ANSWERED]) == 0
    assert missed_in_a_row([]) == 0


@pytest.mark.parametrize(
    ("missed", "silent", "notice", "step"),
    [
        (0, 0 * DAY, None, AbsenceStep.NONE),
        (1, 13 * DAY, None, AbsenceStep.NONE),
        (2, 13 * DAY, None, AbsenceStep.THERAPIST_TASK),
        (3, 13 * DAY, None, AbsenceStep.SUPERVISOR_OUTREACH),
        (0, 14 * DAY, None, AbsenceStep.SUPERVISOR_OUTREACH),
        (2, 14 * DAY, None, AbsenceStep.SUPERVISOR_OUTREACH),
        (3, 25 * DAY, None, AbsenceStep.REMATCH_OFFER),
        (6, 50 * DAY, 27 * DAY, AbsenceStep.REMATCH_OFFER),
        (7, 53 * DAY, 28 * DAY, AbsenceStep.DISCHARGE_REVIEW),
    ],
)
def test_missed_ones_climb_the_ladder(
    missed: int, silent: timedelta, notice: timedelta | None, step: AbsenceStep
) -> None:
    assert absence_step(missed, silent, notice) is step


@given(st.integers(0, 9), st.integers(0, 60), st.integers(0, 9), st.integers(0, 60))
def test_more_silence_never_steps_down(missed: int, silent: int, more: int, longer: int) -> None:
    order = list(AbsenceStep)
    first = absence_step(missed, silent * DAY)
    later = absence_step(missed + more, (silent + longer) * DAY)
    assert order.index(first) <= order.index(later)


def test_a_pause_is_no_silence() -> None:
    pauses = [Pause(START + 3 * DAY, START + 20 * DAY)]
    assert silent_time(START, START + 24 * DAY, pauses) == 7 * DAY
    assert silent_for(START, 14 * DAY, pauses) == START + 31 * DAY
    assert silent_for(START, 14 * DAY, [Pause(START + DAY)]) is None
    assert silent_for(START, 14 * DAY, [Pause(START + 15 * DAY)]) == START + 14 * DAY


@given(instants, st.integers(1, 60).map(timedelta), disjoint_pauses())
def test_the_foreseen_instant_is_the_first_with_that_much_silence(
    last: datetime, threshold: timedelta, pauses: list[Pause]
) -> None:
    at = silent_for(last, threshold, pauses)
    if at is None:
        assert silent_time(last, last + timedelta(days=9999), pauses) < threshold
    else:
        assert silent_time(last, at, pauses) == threshold
        assert silent_time(last, at - timedelta(seconds=1), pauses) < threshold


def test_a_policy_row_of_seconds_counts_from_the_rooms_opening() -> None:
    policy = check_in_policy_from_json({"every_seconds": 30, "remind_seconds": 10})
    start = datetime(2026, 3, 4, 12, tzinfo=UTC)
    due = next_due(start, start + timedelta(seconds=65), zone("America/Los_Angeles"), policy)
    assert due == start + timedelta(seconds=90)
    assert policy.remind_after == timedelta(seconds=10)


@pytest.mark.parametrize("definition", [{"every_seconds": 0}, {"every_seconds": "7"}, {"at": "nine"}])
def test_a_wrong_cadence_is_refused(definition: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        check_in_policy_from_json(definition)
