"""Temporal's actions and history of one client, by workflow: `python -m bench.client_month`.

One client of the demo clinic comes (registration to room), then writes for two months: 60 messages in 18 exchanges
each, every answer before its first rung, every check-in answered, every session attested the day after its window
ended. A second, brisk room has 50 exchanges a day. The product's own workflows, activities and rows on skipped time
(`bench.skipping`); actions, events and bytes are counted from the histories, payloads sealed as in production.
"""

import argparse
import asyncio
import json
import platform
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from bench.clinic import open_rooms
from bench.one_life import EXCHANGES, MESSAGES, MONTH, Life
from bench.post_message import RESULTS
from bench.skipping import Histories, SkippingClinic, skipping_clinic
from bench.temporal_actions import actions
from kindroom.clinic import words
from kindroom.clinic.arrivals import arrive
from kindroom.clinic.matching import find_therapist
from kindroom.clinic.office import Office
from kindroom.clinic.people import PEOPLE
from kindroom.clinic.rooms import LivedRoom
from kindroom.worker import CARE_WORKFLOWS, MEDIA_WORKFLOWS, OFFICE_WORKFLOWS
from kindroom.workflow_runner import RUNNER

GOALS = {"CareRoom": 55, "all": 110}
TO_BEAT = (163, 14)
"""Events and KB of an ordinary room's month: signals of transitions only, payloads not sealed."""

BRISK_EXCHANGES = 50
"""A day."""

KINDS = ("start", "signal", "timer", "activity")
CLIENT, THERAPIST = "Jamie Soto", "kofi.mensah"
"""A client in New York with Cigna; a therapist there who keeps office hours and a lunch break."""

FAILURES = {EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED, EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT}
A_BATCH = Path(__file__).parents[1] / "tests" / "workflows" / "histories" / "claims-settled.json"
"""One file of claims from building to payment; it holds any number of clients' claims."""


@dataclass
class Span:
    """What the workflows of one type did in a span of time."""

    workflows: set[str] = field(default_factory=set)
    actions: Counter[str] = field(default_factory=Counter)
    events: int = 0
    bytes: int = 0

    def add(self, workflow_id: str, event: HistoryEvent) -> None:
        """One event more."""
        self.workflows.add(workflow_id)
        self.actions += actions([event])
        self.events += 1
        self.bytes += event.ByteSize()


Spans = dict[str, Span]


@dataclass
class RoomHistory:
    """How one room's history grows: days between fresh ones, and what the longest costs a worker to take up."""

    days_between: list[float]
    longest_events: int
    replay_seconds: float


@dataclass
class Found:
    """The whole measurement. Spans by workflow type."""

    arrival: Spans
    first_month: Spans
    month_in_care: Spans
    ordinary: RoomHistory
    brisk_days: int
    brisk: Spans
    brisk_room: RoomHistory
    batch: Counter[str]


def between(histories: Histories, start: datetime, end: datetime) -> Spans:
    """Actions, events and bytes whose instants lie in [start, end), by workflow type."""
    spans: Spans = {}
    for workflow_id, runs in histories.items():
        kind = runs[0][0].workflow_execution_started_event_attributes.workflow_type.name
        for event in (each for run in runs for each in run):
            if event.event_type in FAILURES:
                raise RuntimeError(f"a workflow task of {workflow_id} failed")
            if start <= event.event_time.ToDatetime(UTC) < end:
                spans.setdefault(kind, Span()).add(workflow_id, event)
    return spans


async def measure(brisk_days: int) -> Found:
    """Both clinics, one after the other."""
    async with skipping_clinic() as clinic:
        began = await clinic.now()
        life = await _come(clinic)
        opened = await clinic.now()
        await life.room.welcome(opened + timedelta(minutes=50))
        await life.expect_check_in()
        for start in (opened, opened + MONTH):
            life.plan_month(start + timedelta(hours=4))
            await life.live(start + MONTH)
            await _check_month(life, start)
        histories = await clinic.histories()
        ordinary = await _room(clinic, life.room, histories)
        spans = [
            between(histories, *ends)
            for ends in ((began, opened), (opened, opened + MONTH), (opened + MONTH, opened + 2 * MONTH))
        ]
    async with skipping_clinic() as clinic:
        brisk, brisk_room = await _brisk(clinic, brisk_days)
    events = WorkflowHistory.from_json("batch", A_BATCH.read_text()).events
    return Found(*spans, ordinary, brisk_days, brisk, brisk_room, actions(events))


async def _come(clinic: SkippingClinic) -> Life:
    """From registration to the room: what client and therapist do; the rest is done by the workflows."""
    person = replace(next(each for each in PEOPLE if each.name == CLIENT), therapist=THERAPIST, days=2)
    house, past = clinic.house, clinic.house.past
    past.present = await clinic.now() + timedelta(days=person.days, hours=2)
    arrival = await arrive(house, person)
    await Office(house, clinic.payers).take_card(arrival, arrival.after(6))
    room_id = await find_therapist(house, arrival)
    assert room_id is not None
    return Life(clinic, LivedRoom(house, person, room_id, arrival.client, house.staff[THERAPIST]))


async def _check_month(life: Life, start: datetime) -> None:
    """The month was what the report says: so many messages and promises, all kept before their first rung."""
    async with life.room.house.past.transaction(life.room.therapist) as tx:
        row = await tx.one(
            "SELECT (SELECT count(*) FROM messages WHERE room_id = %(room)s AND sent_at >= %(from)s) AS messages,"
            " (SELECT count(*) FROM response_clocks WHERE room_id = %(room)s AND opened_at >= %(from)s"
            "  AND state = 'met') AS met, (SELECT count(*) FROM clock_rungs) AS rungs",
            {"room": life.room.id, "from": start + timedelta(hours=3)},
        )
    assert row == {"messages": MESSAGES, "met": EXCHANGES, "rungs": 0}, row


async def _brisk(clinic: SkippingClinic, days: int) -> tuple[Spans, RoomHistory]:
    """A room of 50 exchanges a day, each answered after ten minutes."""
    (opened,) = await open_rooms(clinic.house.past, 1)
    room = LivedRoom(clinic.house, PEOPLE[0], opened.id, opened.client, opened.therapist)
    began = await clinic.now()
    await room.welcome(began + timedelta(minutes=1))
    for n in range(days * BRISK_EXCHANGES):
        asked = began + timedelta(minutes=5) + n * timedelta(days=1) / BRISK_EXCHANGES
        await room.ask(asked)
        await room.say(room.therapist, words.EXCHANGES[0][1], asked + timedelta(minutes=10))
    await clinic.pass_to(began + timedelta(days=days))
    histories = await clinic.histories()
    return between(histories, began, began + timedelta(days=days)), await _room(clinic, room, histories)


async def _room(clinic: SkippingClinic, room: LivedRoom, histories: Histories) -> RoomHistory:
    workflow_id = f"room-{room.id}"
    runs = histories[workflow_id]
    began = [run[0].event_time.ToDatetime(UTC) for run in runs]
    longest = max(runs, key=len)
    return RoomHistory(
        [(after - before) / timedelta(days=1) for before, after in pairwise(began)],
        len(longest),
        await _replayed(clinic, workflow_id, longest),
    )


async def _replayed(clinic: SkippingClinic, workflow_id: str, events: list[HistoryEvent]) -> float:
    """Seconds in which a fresh worker takes up this run; the best of three."""
    replayer = Replayer(
        workflows=[*CARE_WORKFLOWS, *OFFICE_WORKFLOWS, *MEDIA_WORKFLOWS],
        namespace=clinic.client.namespace,
        data_converter=clinic.client.data_converter,
        workflow_runner=RUNNER,
    )
    seconds = []
    for _ in range(3):
        began = time.perf_counter()
        await replayer.replay_workflow(WorkflowHistory(workflow_id, events))
        seconds.append(time.perf_counter() - began)
    return min(seconds)


def total(spans: Spans) -> int:
    """Actions of all workflows."""
    return sum(span.actions.total() for span in spans.values())


def table(spans: Spans) -> str:
    """Actions by workflow type as Markdown."""
    lines = [f"| workflow | runs of | {' | '.join(KINDS)} | actions | events | KB |", "|---" * 9 + "|"]
    for kind, span in sorted(spans.items()):
        counted = " | ".join(str(span.actions[each]) for each in KINDS)
        lines.append(
            f"| {kind} | {len(span.workflows)} | {counted} | {span.actions.total()} | {span.events} |"
            f" {span.bytes / 1_000:.1f} |"
        )
    summed = [sum(span.actions[each] for span in spans.values()) for each in KINDS]
    lines.append(
        f"| **all** | | {' | '.join(map(str, summed))} | **{total(spans)}** |"
        f" {sum(span.events for span in spans.values())} |"
        f" {sum(span.bytes for span in spans.values()) / 1_000:.1f} |"
    )
    return "\n".join(lines)


def growth(found: Found) -> str:
    """How histories grow and are renewed, as Markdown."""
    lines = ["| room | events a month | KB a month | a fresh history after | longest | taken up in |"]
    lines.append("|---" * 6 + "|")
    for name, span, days, room in (
        ("ordinary: 18 exchanges a month", found.month_in_care["CareRoom"], MONTH.days, found.ordinary),
        (
            f"brisk: {BRISK_EXCHANGES} exchanges a day",
            found.brisk["CareRoom"],
            found.brisk_days,
            found.brisk_room,
        ),
    ):
        months = days / MONTH.days
        pace = ", ".join(f"{each:.1f}" for each in room.days_between) or f"more than {days}"
        lines.append(
            f"| {name} | {span.events / months:,.0f} | {span.bytes / 1_000 / months:,.0f} | {pace} days |"
            f" {room.longest_events} events | {room.replay_seconds * 1_000:.0f} ms |"
        )
    return "\n".join(lines)


def report(found: Found) -> str:
    """The whole report."""
    care = found.month_in_care
    return f"""# Temporal's actions and history per client

{platform.machine()}, Python {platform.python_version()}. The product's own workflows, activities and rows on the
time-skipping test server and PostgreSQL, payloads sealed. {MESSAGES} messages in {EXCHANGES} exchanges a month, every
answer before its first rung; check-ins answered after ten hours; sessions attested the day after their window ended.
An action is a start (continue-as-new too), a signal, a timer, an activity and each of its retries; a signal that
starts its workflow is counted as two. Nothing of these figures depends on the machine but the last column.

## A month in care

Goals: `CareRoom` at most {GOALS["CareRoom"]}, all workflows of a client at most {GOALS["all"]}. Reached:
{care["CareRoom"].actions.total()} and {total(care)}. No risk was flagged: `RiskResponse` did not run.

{table(care)}

Not in it: a batch of claims, {found.batch.total()} actions from building to payment, whoever's claims it holds; and
the audits, which the clinic pays once for all rooms.

## Arrival: registration, cover, search, to the opened room

Paid once, on top of the first month: {total(found.arrival)} and {total(found.first_month)} actions,
{total(found.arrival) + total(found.first_month)} together.

{table(found.arrival)}

## The first month in the room, its welcome included

{table(found.first_month)}

## Growth of a room's history

To beat: {TO_BEAT[0]} events and {TO_BEAT[1]} KB a month (signals of transitions only, payloads not sealed). In a calm
room a promise costs 13 events: two signals, a timer that rings for nothing after the answer, and a workflow task of
three events for each. Cancelling the timer with the answer would save three of them, and cost a timer, which is an
action, for each question of a brisk room: the lazy timer serves all questions of some hours there.

{growth(found)}
"""


def _plain(spans: Spans) -> dict[str, object]:
    return {
        kind: {
            "workflows": len(span.workflows),
            "actions": dict(span.actions),
            "events": span.events,
            "bytes": span.bytes,
        }
        for kind, span in sorted(spans.items())
    }


def main() -> None:
    """Measure, print, and keep the report in `bench/results/`. Exit status 1 above a goal."""
    parser = argparse.ArgumentParser(description="Temporal's actions of one client, by workflow.")
    parser.add_argument(
        "--quick", action="store_true", help="three brisk days instead of ten; nothing is kept"
    )
    quick = parser.parse_args().quick
    found = asyncio.run(measure(3 if quick else 10))
    text = report(found)
    print(text)
    if not quick:
        names = ("arrival", "first_month", "month_in_care", "brisk")
        kept = {name: _plain(getattr(found, name)) for name in names}
        rooms = {"ordinary_room": vars(found.ordinary), "brisk_room": vars(found.brisk_room)}
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / "client_month.json").write_text(
            json.dumps({**kept, **rooms, "batch": dict(found.batch)}, indent=1) + "\n"
        )
        (RESULTS / "client_month.md").write_text(text)
    care = found.month_in_care
    if care["CareRoom"].actions.total() > GOALS["CareRoom"] or total(care) > GOALS["all"]:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
