"""A trial changes what is tried and nothing else."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.back_tests import Effect, Outcome, Past, RosterChange, compare, judge, median_minutes, with_roster
from domain.calendars import Calendar, round_the_clock, week
from domain.clocks import project
from domain.policies import working_minutes
from domain.schedules import Cover, Schedule, Span

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
NOW = datetime(2026, 4, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
OFFICE = week("UTC", {day: [("09:00", "17:00")] for day in ("mon", "tue", "wed", "thu", "fri")})
ALWAYS = round_the_clock("UTC")
FOUR, ONE = working_minutes("four", 240), working_minutes("one", 60)


def past(
    answered_after: timedelta | None,
    schedule: Schedule | None = None,
    *,
    extension: timedelta = timedelta(),
    recorded: Outcome | None = None,
) -> Past:
    closed_at = None if answered_after is None else MONDAY + answered_after
    return Past("mei", MONDAY, closed_at, FOUR, schedule or Schedule(OFFICE), extension, recorded)


def effect(*pairs: tuple[Past, float]) -> Effect:
    found = Effect()
    for item, minutes in pairs:
        found.add(item, *compare(item, working_minutes("tried", minutes), {}, NOW))
    return found


def test_a_shorter_promise_breaks_what_was_kept_and_a_longer_one_mends_it() -> None:
    found = effect((past(2 * HOUR), 60), (past(5 * HOUR), 360), (past(HOUR), 60))
    assert (found.newly_broken, found.newly_kept) == (1, 1)
    assert (found.before.attainment, found.after.attainment) == (2 / 3, 2 / 3)
    assert found.difference == 0.0


def test_an_answer_at_the_due_time_is_in_time() -> None:
    assert judge(past(4 * HOUR), FOUR, Schedule(OFFICE), NOW).outcome is Outcome.KEPT
    late = past(4 * HOUR + timedelta(microseconds=1))
    assert judge(late, FOUR, Schedule(OFFICE), NOW).outcome is Outcome.BROKEN


def test_who_still_waits_is_broken_once_due_and_open_before() -> None:
    waits = past(None)
    assert judge(waits, FOUR, Schedule(OFFICE), NOW).outcome is Outcome.BROKEN
    assert judge(waits, FOUR, Schedule(OFFICE), MONDAY + HOUR).outcome is Outcome.OPEN
    held = Schedule(OFFICE, pauses=(Span(MONDAY, None, "hold"),))
    assert judge(waits, FOUR, held, NOW).outcome is Outcome.OPEN


def test_time_that_the_client_granted_counts_on_both_sides() -> None:
    item = past(4 * HOUR + timedelta(minutes=30), extension=HOUR)
    before, after = compare(item, ONE, {}, NOW)
    assert (before.outcome, after.outcome) == (Outcome.KEPT, Outcome.BROKEN)
    assert (before.allowed, after.allowed) == (5 * HOUR, 2 * HOUR)


def test_leave_that_is_tried_moves_the_due_time_over_it() -> None:
    away = RosterChange(leave=(Span(MONDAY, MONDAY + 24 * HOUR, "leave"),))
    _, after = compare(past(5 * HOUR), None, {"mei": away}, NOW)
    assert (after.outcome, after.allowed) == (Outcome.KEPT, 28 * HOUR)


def test_hours_that_are_tried_keep_the_holidays_unless_others_are_given() -> None:
    holiday = MONDAY.date()
    own = Schedule(week("UTC", {"mon": [("09:00", "17:00")]}, [holiday]))
    tried = with_roster(own, "mei", {"mei": RosterChange(ALWAYS)})
    assert tried.calendar.holidays == {holiday}
    given_too = Calendar(ALWAYS.tz, ALWAYS.weekly, frozenset({holiday + timedelta(days=1)}))
    assert with_roster(own, "mei", {"mei": RosterChange(given_too)}).calendar is given_too


def test_a_cover_can_be_taken_away_and_the_one_who_covers_can_be_away() -> None:
    cover = Cover(Span(MONDAY, MONDAY + 48 * HOUR), ALWAYS, (), "ada")
    leave = (Span(MONDAY - HOUR, MONDAY + 48 * HOUR, "leave"),)
    room = Schedule(OFFICE, leave, (cover,))
    item = past(5 * HOUR, room)
    assert compare(item, None, {}, NOW)[0].outcome is Outcome.BROKEN
    for roster in ({"mei": RosterChange(without_cover=True)}, {"ada": RosterChange(leave=leave)}):
        before, after = compare(item, None, roster, NOW)
        assert (before.outcome, after.outcome) == (Outcome.BROKEN, Outcome.KEPT)
        assert after.allowed == 52 * HOUR


def test_what_is_tried_of_somebody_else_changes_nothing() -> None:
    room = Schedule(OFFICE)
    assert with_roster(room, "mei", {"rafael": RosterChange(ALWAYS)}) is room


def test_a_projection_that_differs_from_the_record_is_counted() -> None:
    found = effect((past(HOUR, recorded=Outcome.BROKEN), 60), (past(HOUR, recorded=Outcome.KEPT), 60))
    assert found.unlike_record == 1


ITEMS = st.lists(
    st.tuples(st.integers(0, 60 * 24 * 9) | st.none(), st.integers(0, 600)), min_size=1, max_size=40
)


def pasts(items: list[tuple[int | None, int]]) -> list[Past]:
    return [
        past(None if answered is None else timedelta(minutes=answered), extension=timedelta(minutes=extra))
        for answered, extra in items
    ]


@given(ITEMS)
def test_the_same_policy_changes_nothing(items: list[tuple[int | None, int]]) -> None:
    found = effect(*((each, 240) for each in pasts(items)))
    assert found.before == found.after
    assert (found.newly_kept, found.newly_broken, found.allowed_before) == (0, 0, found.allowed_after)


@given(ITEMS, st.integers(1, 240), st.integers(0, 240))
def test_more_time_never_breaks_a_promise(
    items: list[tuple[int | None, int]], minutes: int, more: int
) -> None:
    short = effect(*((each, minutes) for each in pasts(items))).after
    long = effect(*((each, minutes + more) for each in pasts(items))).after
    assert long.late + long.overdue <= short.late + short.overdue


@given(ITEMS, st.integers(1, 2_000))
def test_each_item_is_judged_by_its_own_projection(items: list[tuple[int | None, int]], minutes: int) -> None:
    policy = working_minutes("tried", minutes)
    for each in pasts(items):
        due = project(policy, each.schedule, MONDAY, each.closed_at or NOW, extension=each.extension).due_at
        assert due is not None
        expected = Outcome.BROKEN if (each.closed_at or NOW) > due else Outcome.KEPT
        found = compare(each, policy, {}, NOW)[1]
        assert found.outcome is (Outcome.OPEN if each.closed_at is None and due >= NOW else expected)


@given(ITEMS, ITEMS)
def test_effects_of_two_groups_are_the_effect_of_both(
    one: list[tuple[int | None, int]], two: list[tuple[int | None, int]]
) -> None:
    whole, part = effect(*((each, 60) for each in pasts(one))), effect(*((each, 60) for each in pasts(two)))
    whole.merge(part)
    assert whole == effect(*((each, 60) for each in pasts(one + two)))


def test_the_median_is_of_the_allowed_minutes() -> None:
    found = effect((past(HOUR), 60), (past(HOUR), 120), (past(HOUR), 240))
    assert (median_minutes(found.allowed_before), median_minutes(found.allowed_after)) == (240, 120)
    assert median_minutes(Effect().allowed_after) is None
