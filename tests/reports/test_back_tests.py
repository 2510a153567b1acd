"""A trial on the records: both sides by one projection, on the hours, leave and cover as they were known."""

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
from factories import OFFICE_HOURS, Room
from promises import promise, quiet_room

from domain.back_tests import RosterChange
from domain.calendars import calendar_to_json, round_the_clock, week
from domain.errors import Invalid, TooMany
from domain.ids import TherapistId
from domain.policies import working_minutes
from domain.schedules import Span
from domain.zones import zone
from records import past_clocks
from records.calendars import record_version
from records.database import Transaction
from reports.back_tests import BackTest, Trial, back_test, headline, report_of
from reports.exports import to_csv, to_html, to_xlsx
from reports.periods import stretch

if TYPE_CHECKING:
    from conftest import Databases

NY = zone("America/New_York")
NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
MONDAY = datetime(2026, 3, 2, 15, tzinfo=UTC)  # 10:00 in New York
MARCH = stretch(date(2026, 3, 1), date(2026, 3, 31), NOW, NY)
HOUR = timedelta(hours=1)


async def tried(databases: "Databases", **what: Any) -> BackTest:
    async with databases.care.transaction(at=NOW) as tx:
        return await back_test(tx, Trial(MARCH, **what))


async def leave(
    tx: Transaction, whose: UUID, start: datetime, end: datetime, **columns: datetime | None
) -> None:
    await tx.insert(
        "leaves", id=uuid4(), therapist_id=whose, starts_at=start, ends_at=end, version=0, **columns
    )


def keeper(room: Room) -> UUID:
    return room.therapist.account_id


async def test_another_policy_is_compared_item_by_item_and_in_all(databases: "Databases") -> None:
    mei = await quiet_room(databases.care, name="Mei Lin", always=False)
    rafael = await quiet_room(databases.care, name="Rafael Ortiz")
    async with databases.care.transaction() as tx:
        await promise(tx, mei, MONDAY, after=2 * HOUR)
        await promise(tx, mei, MONDAY + timedelta(days=1), after=30 * HOUR / 60)
        await promise(tx, rafael, MONDAY, state="late", after=9 * HOUR)
        await promise(tx, rafael, NOW - HOUR, state="running", after=None)
        await promise(tx, rafael, MONDAY, state="waived", after=HOUR, reason="duplicate")
    found = await tried(databases, policy=working_minutes("own", 60))
    assert [(line.name, line.effect.items) for line in found.lines] == [("Mei Lin", 2), ("Rafael Ortiz", 2)]
    assert (found.whole.before.attainment, found.whole.after.attainment) == (2 / 3, 1 / 3)
    assert (found.whole.newly_broken, found.whole.newly_kept, found.whole.unlike_record) == (1, 0, 0)
    row = report_of(found).rows[0]
    assert (row["difference"], row["breaches_before"], row["breaches_after"]) == (-50.0, 0, 1)
    assert (row["allowed_before"], row["allowed_after"]) == (24 * 3600, 3600)
    assert headline(found.whole) == "66.7% on time as it was, 33.3% as tried: 0 newly kept, 1 newly broken"


async def test_only_items_of_the_kind_are_tried(databases: "Databases") -> None:
    mei = await quiet_room(databases.care)
    async with databases.care.transaction() as tx:
        await promise(tx, mei, MONDAY)
        await promise(tx, mei, MONDAY, kind="welcome", policy="welcome")
    found = await tried(databases, policy=working_minutes("own", 1), kind="welcome")
    assert (found.whole.items, found.whole.newly_broken) == (1, 1)


async def test_hours_are_those_of_the_version_that_was_counted(databases: "Databases") -> None:
    mei = await quiet_room(databases.care)
    office = calendar_to_json(week("America/New_York", OFFICE_HOURS))
    always = calendar_to_json(round_the_clock("America/New_York"))
    async with databases.care.transaction() as tx:
        clock_id = await promise(tx, mei, MONDAY, after=20 * HOUR)
        await tx.run("UPDATE response_clocks SET calendar_version = 2 WHERE id = %s", (clock_id,))
        for version, hours in ((2, office), (3, always)):
            await record_version(tx, keeper(mei), version, hours, "test")
        await tx.run("UPDATE calendars SET version = 3 WHERE therapist_id = %s", (keeper(mei),))
    # By the hours of then 8 open hours end on Tuesday at 10:00; by today's they would have ended on Monday night.
    found = await tried(databases, policy=working_minutes("own", 480))
    assert (found.whole.before.attainment, found.whole.unlike_record) == (1.0, 0)


async def test_leave_counts_as_it_was_known_when_the_item_closed(databases: "Databases") -> None:
    mei = await quiet_room(databases.care, name="Mei")
    async with databases.care.transaction() as tx:
        await promise(tx, mei, MONDAY, after=40 * HOUR, due_after=56 * HOUR)
        start, end = MONDAY, MONDAY + 48 * HOUR
        await leave(tx, keeper(mei), start, end, recorded_at=MONDAY - HOUR, cancelled_at=NOW - HOUR)
        await leave(tx, keeper(mei), start, end + 100 * HOUR, recorded_at=NOW - HOUR)
    found = await tried(databases, policy=working_minutes("own", 480))
    assert dict(found.whole.allowed_before) == {56 * 60: 1}


async def test_another_roster_moves_due_times_of_own_rooms_and_of_covered_ones(
    databases: "Databases",
) -> None:
    mei, ada = await quiet_room(databases.care, name="Mei"), await quiet_room(databases.care, name="Ada")
    week_off = (MONDAY, MONDAY + timedelta(days=7))
    async with databases.care.transaction() as tx:
        await promise(tx, mei, MONDAY, state="late", after=20 * HOUR)
        await leave(tx, keeper(mei), *week_off, recorded_at=MONDAY - HOUR)
        await tx.insert(
            "covers",
            id=uuid4(),
            room_id=mei.id,
            therapist_id=keeper(ada),
            starts_at=week_off[0],
            ends_at=week_off[1],
        )
    away = RosterChange(leave=(Span(*week_off, "leave"),))
    for roster in ({str(keeper(ada)): away}, {str(keeper(mei)): RosterChange(without_cover=True)}):
        found = await tried(databases, roster=roster)
        assert (found.whole.newly_kept, found.whole.newly_broken) == (1, 0)
        assert dict(found.whole.allowed_after) == {(7 * 24 + 8) * 60: 1}
    office = RosterChange(week("America/New_York", OFFICE_HOURS))
    found = await tried(databases, roster={str(keeper(ada)): office})
    # Ada counts from 10:00 to 17:00 on Monday, and one hour of Tuesday from 09:00.
    assert dict(found.whole.allowed_after) == {24 * 60: 1}


async def test_an_item_that_stands_otherwise_on_record_is_said(databases: "Databases") -> None:
    mei = await quiet_room(databases.care)
    async with databases.care.transaction() as tx:
        await promise(tx, mei, MONDAY, state="late", after=HOUR)
    found = await tried(databases, policy=working_minutes("own", 60))
    assert found.whole.unlike_record == 1
    assert report_of(found).notes[-1].startswith("1 of 1 items stand otherwise on record")


async def test_what_tries_nothing_or_nobody_known_is_refused(databases: "Databases") -> None:
    refused = []
    for what in ({}, {"roster": {str(uuid4()): RosterChange()}}):
        with pytest.raises(Invalid) as error:
            await tried(databases, **what)
        refused += [(each.field, each.code) for each in error.value.errors]
    assert refused == [("policy", "nothing_tried"), ("roster.0.therapist_id", "unknown")]


async def test_more_items_than_a_trial_bears_are_refused_before_any_is_read(
    databases: "Databases", monkeypatch: pytest.MonkeyPatch
) -> None:
    import reports.back_tests as module

    monkeypatch.setattr(module, "MOST", 1)
    mei = await quiet_room(databases.care)
    async with databases.care.transaction() as tx:
        for _ in range(2):
            await promise(tx, mei, MONDAY)
    with pytest.raises(Invalid):
        await tried(databases, policy=working_minutes("own", 60))


async def test_trials_take_few_places_and_give_them_back(
    databases: "Databases", monkeypatch: pytest.MonkeyPatch
) -> None:
    import reports.back_tests as module

    mei = await quiet_room(databases.care)
    async with databases.care.transaction() as tx:
        await promise(tx, mei, MONDAY)
    for _ in range(module.MOST_AT_ONCE + 1):
        await tried(databases, policy=working_minutes("own", 60))
    monkeypatch.setattr(module, "MOST_AT_ONCE", 0)
    with pytest.raises(TooMany):
        await tried(databases, policy=working_minutes("own", 60))


async def test_pieces_are_one_whole_and_rooms_of_one_therapist_are_one_line(
    databases: "Databases", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past_clocks, "PIECE", 2)
    mei = await quiet_room(databases.care, name="Mei")
    other = await quiet_room(databases.care, of=TherapistId(keeper(mei)))
    async with databases.care.transaction() as tx:
        for n in range(5):
            await promise(tx, mei if n % 2 else other, MONDAY + n * HOUR, after=(n + 1) * HOUR)
    found = await tried(databases, policy=working_minutes("own", 150))
    assert [(line.effect.items, line.effect.newly_broken) for line in found.lines] == [(5, 3)]


async def test_the_files_say_what_was_tried_and_what_is_assumed(databases: "Databases") -> None:
    mei = await quiet_room(databases.care, name="=cmd")
    async with databases.care.transaction() as tx:
        await promise(tx, mei, MONDAY)
    report = report_of(await tried(databases, policy=working_minutes("own", 30)))
    text, page = to_csv(report).decode(), to_html(report).decode()
    for said in ("Tried: policy own (30 open minutes).", "Answers arrive when they did"):
        assert said in text
        assert said in page
    assert "'=cmd,1," in text
    assert page.count('class="bar before"') == page.count('class="bar"') == 1
    assert len(to_xlsx(report)) > 5_000


async def test_a_period_without_items_is_an_empty_trial(databases: "Databases") -> None:
    found = await tried(databases, policy=working_minutes("own", 30))
    assert (found.lines, headline(found.whole)) == ((), "Nothing was due in this period")
    assert report_of(found).totals["difference"] is None
