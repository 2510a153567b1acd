"""A roster is worked off to its end whatever is killed; and the calendar of the office is looked at."""

from typing import TYPE_CHECKING

import pytest
from arrivals import house
from stage import keep_history, replay, stored, worker
from temporalio import activity
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment

from activities.payers import PayerActivities
from activities.shapes.rosters import RowsTaken, TakeRows
from records import rosters, sponsor_terms
from records.sponsor_terms import NewSponsor
from workflows.payers import OfficeCalendar
from workflows.rosters import RosterIntake, RosterIntakeInput, RosterSent

if TYPE_CHECKING:
    from conftest import Databases

KINDS = {"rosters": RosterIntake, "office_calendar": OfficeCalendar}


class Rosters:
    """A worker that dies after its first commit, each time it has taken a batch."""

    def __init__(self, databases: "Databases") -> None:
        self._database = databases.worker
        self.asked = 0

    @activity.defn
    async def take_roster_rows(self, ask: TakeRows) -> RowsTaken:
        self.asked += 1
        async with self._database.transaction() as tx:
            goes_on = await rosters.work(tx, ask.roster_id)
        if self.asked % 2:
            raise ApplicationError("unavailable", type="Unavailable")
        return RowsTaken(goes_on)


async def test_every_row_is_counted_once_though_each_other_answer_is_lost(
    skipping: WorkflowEnvironment, databases: "Databases", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rosters, "BATCH", 3)
    found = await house(databases.care)
    people = "".join(f"Ana,Rivera,1990-01-{day:02},\n" for day in range(1, 11))
    async with databases.care.transaction() as tx:
        new = NewSponsor("S", "school", "SCHOOL-2026", 3, tx.now.date(), needs_roster=True)
        sponsor_id = await sponsor_terms.add_sponsor(tx, found.index, new)
        content = b"first_name,last_name,date_of_birth,until\n" + people.encode() + b"Bad,,1990-01-01,\n"
        roster_id = await rosters.send(tx, sponsor_id, content, "add", tx.now.date())
        assert await rosters.retell(tx) == 1
    taking = Rosters(databases)
    async with worker(skipping.client, RosterIntake, [taking.take_roster_rows], "office"):
        handle = await skipping.client.start_workflow(
            RosterIntake.run,
            RosterIntakeInput(roster_id),
            id=f"roster-{roster_id}",
            task_queue="office",
            start_signal="roster_sent",
            start_signal_args=[RosterSent(1)],
        )
        await handle.result()
        await keep_history(handle, "rosters-answers-lost")
    async with databases.care.transaction() as tx:
        done = await rosters.find(tx, sponsor_id, roster_id)
        assert await rosters.counted(tx, sponsor_id, tx.now.date()) == 10
        assert await rosters.retell(tx) == 0
    assert (done["state"], done["done"], done["taken"], done["refused"]) == ("done", 11, 10, 1)


async def test_the_calendar_of_the_office_is_looked_at(
    skipping: WorkflowEnvironment, databases: "Databases"
) -> None:
    activities = PayerActivities(databases.worker).all()
    async with worker(skipping.client, OfficeCalendar, activities, "office"):
        handle = await skipping.client.start_workflow(
            OfficeCalendar.run, id="office-calendar", task_queue="office"
        )
        assert await handle.result() == 0
        await keep_history(handle, "office_calendar-nothing-due")


@pytest.mark.parametrize("name", [*stored("rosters"), *stored("office_calendar")])
async def test_stored_histories_still_replay(name: str) -> None:
    await replay(next(kind for prefix, kind in KINDS.items() if name.startswith(prefix)), name)


def test_there_are_histories_to_replay() -> None:
    assert stored("rosters")
    assert stored("office_calendar")
