"""Response times say what the clocks say: in parts and in whole, with those who wait counted as waiting."""

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from factories import Room, actor
from promises import promise, quiet_room, second_opinion

from domain.access import Role
from domain.attainment import RANKED_FROM, Tally
from domain.zones import zone
from reports.periods import Stretch, stretch
from reports.report import NOT_REACHED, Report, Unsound
from reports.response_report import report_of
from reports.response_times import SUPERVISORS, Figures, GroupBy, response_times

if TYPE_CHECKING:
    from conftest import Databases

NY = zone("America/New_York")
NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
MONDAY = datetime(2026, 3, 2, 15, tzinfo=UTC)
MARCH = stretch(date(2026, 3, 1), date(2026, 3, 31), NOW, NY)
HOUR = timedelta(hours=1)
SUPERVISOR = actor(Role.SUPERVISOR)


async def figures(
    databases: "Databases", by: GroupBy = GroupBy.ALL, period: Stretch = MARCH, at: datetime = NOW
) -> Figures:
    async with databases.care.transaction(SUPERVISOR, at) as tx:
        return await response_times(tx, period, by)


async def mixed(databases: "Databases") -> tuple[Room, Room]:
    """Two therapists of two teams: 4 on time, 1 late, 1 overdue, 1 not due, 2 waived, 1 cancelled.

    And supervisors: a second opinion on time, one late, one overdue.
    """
    mei = await quiet_room(databases.care, name="Mei Lin", team="East")
    rafael = await quiet_room(databases.care, name="Rafael Ortiz", team="West")
    async with databases.care.transaction() as tx:
        for hours in (1, 2, 3, 4):
            await promise(tx, mei, MONDAY + hours * HOUR, after=hours * HOUR)
        await promise(tx, mei, MONDAY + timedelta(days=8), state="late", after=10 * HOUR, kind="welcome")
        await promise(tx, rafael, MONDAY, state="running", after=None)
        await promise(tx, mei, NOW - HOUR, state="running", after=None, extension=HOUR)
        await promise(tx, rafael, MONDAY, state="waived", after=timedelta(), reason="auto_acknowledgement")
        await promise(tx, rafael, MONDAY, state="waived", after=HOUR, reason="duplicate", policy="morning")
        await promise(tx, rafael, MONDAY, state="cancelled", after=HOUR)
        # Not of March: before it, and after it.
        await promise(tx, mei, MONDAY - timedelta(days=3))
        await promise(tx, mei, NOW + timedelta(days=5))
    async with databases.care.transaction(SUPERVISOR) as tx:
        await second_opinion(tx, mei, MONDAY, after=HOUR)
        await second_opinion(tx, mei, MONDAY + 2 * HOUR, state="late", after=5 * HOUR)
        await second_opinion(tx, rafael, MONDAY, state="running", after=None)
    return mei, rafael


async def test_each_item_is_counted_once_and_in_its_place(databases: "Databases") -> None:
    await mixed(databases)
    whole = (await figures(databases)).whole
    assert whole.tally == Tally(met=5, late=2, overdue=2, not_yet_due=1, waived=2, cancelled=1)
    assert whole.tally.attainment == 5 / 9
    assert (whole.apart.breaches, whole.apart.acknowledgements, whole.apart.extended) == (3, 1, 1)
    assert whole.apart.backlog == 3


async def test_second_opinions_are_the_supervisors_own_and_in_nobody_elses_rank(
    databases: "Databases",
) -> None:
    await mixed(databases)
    theirs = Tally(met=1, late=1, overdue=1)
    by_kind = {line.key: line for line in (await figures(databases, GroupBy.KIND)).lines}
    assert (by_kind["consult"].tally, by_kind["consult"].p50) == (theirs, 5 * 3600)
    for by in (GroupBy.THERAPIST, GroupBy.TEAM):
        lines = {line.key: line for line in (await figures(databases, by)).lines}
        assert (lines[SUPERVISORS].tally, lines[SUPERVISORS].rank) == (theirs, None)
        assert lines[SUPERVISORS].apart.backlog == 1


@pytest.mark.parametrize("by", list(GroupBy))
async def test_the_groups_are_the_whole_whatever_they_are_told_apart_by(
    databases: "Databases", by: GroupBy
) -> None:
    await mixed(databases)
    found, alone = await figures(databases, by), (await figures(databases)).whole
    assert sum((line.tally for line in found.lines), Tally()) == alone.tally
    assert (found.whole.tally, found.whole.apart) == (alone.tally, alone.apart)
    assert (found.whole.p50, found.whole.p90) == (alone.p50, alone.p90)


async def test_those_who_wait_are_in_the_median_and_not_in_the_mean_of_the_answered(
    databases: "Databases",
) -> None:
    where = await quiet_room(databases.care)
    others = [await quiet_room(databases.care) for _ in range(3)]
    async with databases.care.transaction() as tx:
        for minutes in (20, 25, 30, 35):
            await promise(tx, where, MONDAY, after=timedelta(minutes=minutes))
        for waiting in others:
            await promise(tx, waiting, MONDAY, state="running", after=None)
    whole = (await figures(databases)).whole
    assert (whole.p50, whole.p90) == (35 * 60, None)
    report = report_of(await figures(databases))
    assert (report.totals["p50"], report.totals["p90"]) == (35 * 60, NOT_REACHED)


async def test_weeks_are_the_clinics_and_an_empty_week_is_a_gap_and_never_a_zero(
    databases: "Databases",
) -> None:
    where = await quiet_room(databases.care)
    async with databases.care.transaction() as tx:
        # Sunday 23:30 and Monday 00:30 in New York, after the clocks went forward on 8 March.
        await promise(tx, where, datetime(2026, 3, 9, 3, 30, tzinfo=UTC), after=HOUR / 6)
        await promise(tx, where, datetime(2026, 3, 9, 4, 30, tzinfo=UTC), after=timedelta(days=9))
    lines = {line.name: line for line in (await figures(databases, GroupBy.WEEK)).lines}
    assert [name for name, line in lines.items() if line.tally.items] == ["2026-W10", "2026-W11"]
    assert list(lines) == ["2026-W09", "2026-W10", "2026-W11", "2026-W12", "2026-W13", "2026-W14"]
    assert lines["2026-W12"].tally.attainment is None
    # The second one is open at the end of its own week, answered within the next.
    assert [line.apart.backlog for line in lines.values()] == [0, 0, 1, 0, 0, 0]


async def test_the_backlog_is_what_is_open_at_the_end_of_the_period_whenever_it_came(
    databases: "Databases",
) -> None:
    where = await quiet_room(databases.care, name="Mei Lin")
    async with databases.care.transaction() as tx:
        await promise(tx, where, MONDAY - timedelta(days=20), after=timedelta(days=200))
    later = NOW + timedelta(days=400)
    found = await figures(databases, GroupBy.THERAPIST, at=later)
    assert [(line.name, line.tally.items, line.apart.backlog) for line in found.lines] == [("Mei Lin", 0, 1)]
    assert (await figures(databases, at=later)).whole.apart.backlog == 1


async def test_no_therapist_is_ranked_by_a_handful_and_two_of_one_name_stay_two(
    databases: "Databases",
) -> None:
    names = ("Zoe Many", "Ada Many", "Carl Few", "Bea Few", "Bea Few")
    rooms = [await quiet_room(databases.care, name=name) for name in names]
    async with databases.care.transaction() as tx:
        for where, late in ((rooms[0], 3), (rooms[1], 6)):
            for n in range(RANKED_FROM):
                await promise(tx, where, MONDAY + n * HOUR, state="late" if n < late else "met")
        for where in rooms[2:]:
            await promise(tx, where, MONDAY)
    found = await figures(databases, GroupBy.THERAPIST)
    assert [(line.name, line.rank) for line in found.lines] == [
        ("Zoe Many", 1),
        ("Ada Many", 2),
        ("Bea Few", None),
        ("Bea Few", None),
        ("Carl Few", None),
    ]
    assert any("Not ranked" in note for note in report_of(found).notes)


async def test_held_and_paused_items_are_shown_apart(databases: "Databases") -> None:
    where, other = await quiet_room(databases.care), await quiet_room(databases.care)
    async with databases.care.transaction() as tx:
        await promise(tx, where, MONDAY, state="running", after=None, due_after=None, held="no_capacity")
        await promise(tx, other, MONDAY, after=9 * HOUR, due_after=20 * HOUR)
        await promise(tx, other, MONDAY + 10 * HOUR, after=HOUR)
        for starts in (MONDAY + HOUR, MONDAY + 2 * HOUR):
            await tx.insert(
                "pauses",
                id=uuid4(),
                room_id=other.id,
                reason="client",
                starts_at=starts,
                ends_at=starts + 2 * HOUR,
            )
    whole = (await figures(databases)).whole
    assert (whole.apart.held, whole.apart.paused) == (1, 1)
    assert whole.tally == Tally(met=2, not_yet_due=1)


async def test_groups_have_the_words_of_the_clinic(databases: "Databases") -> None:
    await mixed(databases)
    names = {by: [line.name for line in (await figures(databases, by)).lines] for by in GroupBy}
    assert names[GroupBy.TEAM] == ["East", "Supervisors (second opinions)", "West"]
    assert names[GroupBy.POLICY] == ["Consult", "Morning", "Next response"]
    assert names[GroupBy.KIND] == ["Consult", "Next response", "Welcome"]


async def test_nothing_at_all_is_an_empty_report_and_no_error(databases: "Databases") -> None:
    for by in GroupBy:
        report: Report = report_of(await figures(databases, by))
        assert (report.totals["n"], report.totals["attainment"]) == (0, None)
        assert report.totals["p50"] is None


async def test_parts_that_are_not_the_whole_are_not_shown(
    databases: "Databases", monkeypatch: pytest.MonkeyPatch
) -> None:
    await mixed(databases)
    from reports import response_times as module

    torn = module._COUNT.replace(
        "SELECT key, count(*) FILTER (WHERE state = 'met') AS met", "SELECT key, 1 AS met"
    )
    monkeypatch.setattr(module, "_COUNT", torn)
    with pytest.raises(Unsound):
        await figures(databases)
