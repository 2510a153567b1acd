"""From a room's first day to the present: what happened in it, in order, and what stands in it now."""

import heapq
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from kindroom.clinic.arrivals import Arrival, take_measure
from kindroom.clinic.people import Bill, Promise, Story
from kindroom.clinic.rooms import LivedRoom
from kindroom.clinic.therapists import ALWAYS, THERAPISTS

_WINDOW: Final = timedelta(days=7)
_MINUTES: Final = 25
_BELOW_MINIMUM: Final = 4
_ANSWERED_AFTER: Final = {True: timedelta(hours=5), False: timedelta(hours=20)}
"""Always within eight working hours: of those who work at any hour, and of those who keep office hours."""

_ASKED_AGO: Final = {
    Promise.RUNNING: timedelta(hours=2),
    Promise.SOON: timedelta(hours=7, minutes=35),
    Promise.LATE: timedelta(days=6),
    Promise.PAUSED: timedelta(hours=3),
    Promise.HELD: timedelta(days=1),
}
_PAUSED_AGO: Final = timedelta(hours=1)
_GOODBYE: Final = timedelta(days=9)
"""After the beginning of the last billed week."""

_NEVER: Final = datetime.max.replace(tzinfo=UTC)

Deed = Callable[[datetime], Awaitable[None]]


@dataclass(order=True, slots=True)
class _Event:
    at: datetime
    order: int
    do: Deed = field(compare=False)


class Life:
    """The events of one room, told in the order of their time whatever order they were thought of."""

    def __init__(self, room: LivedRoom, arrival: Arrival, opened_at: datetime) -> None:
        self._room, self._arrival, self._opened = room, arrival, opened_at
        self.person, self._present = arrival.person, room.house.present
        self._until = self._present
        if self.person.story is Story.CLOSED:
            self._until = self._present - timedelta(days=self.person.billed) + _GOODBYE
        self._events: list[_Event] = []
        always = {therapist.username for therapist in THERAPISTS if therapist.hours == ALWAYS}
        self._answers_after = _ANSWERED_AFTER[self.person.therapist in always]
        self._check_in: datetime | None = None
        self._plan()

    @property
    def last_attested_at(self) -> datetime | None:
        """When the last billed week is attested (UTC); None: nothing is billed."""
        starts = self._windows()
        return _attested_at(starts[-1]) if starts else None

    async def live(self, until: datetime) -> None:
        """Tell what happens up to an instant, in order; the plan's check-ins come between."""
        self._check_in = self._check_in or await self._room.next_check_in()
        while True:
            event_at = self._events[0].at if self._events else _NEVER
            at = min(self._check_in or _NEVER, event_at)
            if at > min(until, self._until):
                return
            if at < event_at:
                await self._room.check_in(at + timedelta(minutes=1))
                self._check_in = await self._room.next_check_in()
            else:
                event = heapq.heappop(self._events)
                await event.do(event.at)

    def _at(self, at: datetime, do: Deed) -> None:
        if at <= self._until:
            heapq.heappush(self._events, _Event(at, len(self._events), do))

    def _plan(self) -> None:
        room, opened = self._room, self._opened
        self._at(opened + timedelta(minutes=50), room.welcome)
        self._at(opened + timedelta(hours=26), room.agree_on_goal)
        self._at(opened + timedelta(days=24), room.look_at_goal)
        self._measures()
        starts = self._windows()
        for n, start in enumerate(starts, start=1):
            self._window(n, start, last=n == len(starts))
        self._now(starts)

    def _measures(self) -> None:
        for turn in range(1, 12):
            at = self._opened + timedelta(days=21 * turn, hours=3)
            for name in ("PHQ-9", "GAD-7"):
                self._at(at, self._measuring(name, turn))

    def _measuring(self, name: str, turn: int) -> Deed:
        async def measure(at: datetime) -> None:
            await take_measure(self._room.house, self._arrival, name, turn, at)

        return measure

    def _exchanging(self, answered: datetime) -> Deed:
        async def exchange(at: datetime) -> None:
            await self._room.exchange(at, min(answered, self._present))

        return exchange

    def _attesting(self, n: int, minutes: int) -> Deed:
        async def attest(at: datetime) -> None:
            await self._room.attest(n, minutes, at)

        return attest

    def _windows(self) -> list[datetime]:
        """When each billed week begins: every third week since the room opened, the last one as the bill has it."""
        last = self._present - timedelta(days=self.person.billed, hours=1)
        if self.person.bill is Bill.NONE or last < self._opened + timedelta(hours=2):
            return []
        starts, at = [], self._opened + timedelta(hours=4)
        while at + _WINDOW < last - timedelta(hours=1):
            starts.append(at)
            at += timedelta(days=21)
        return [*starts, last]

    def _window(self, n: int, start: datetime, *, last: bool) -> None:
        """A week of writing, a late answer in it now and then, and its attestation a day after it ended."""
        late = not last and (self.person.seed + n) % 4 == 0
        for day in (0, 2, 4):
            asked = start + timedelta(days=day)
            takes = timedelta(hours=40) if late and day == 2 else self._answers_after
            self._at(asked, self._exchanging(asked + takes))
        minutes = _BELOW_MINIMUM if last and self.person.bill is Bill.HELD else _MINUTES
        self._at(_attested_at(start), self._attesting(n, minutes))

    def _now(self, starts: list[datetime]) -> None:
        """What stands in the room at present, or how it was left."""
        room, person = self._room, self.person
        if person.story is Story.CLOSED:
            self._at(starts[-1] + _WINDOW - timedelta(hours=12), room.part)
            self._at(self._until, room.close)
            return
        if not starts:
            first = self._opened + timedelta(hours=28)
            self._at(first, self._exchanging(first + self._answers_after))
        if person.promise in _ASKED_AGO:
            self._at(self._present - _ASKED_AGO[person.promise], room.ask)
        elif starts:
            asked = max(starts[-1] + _WINDOW + timedelta(hours=1), self._present - timedelta(days=3))
            self._at(asked, self._exchanging(asked + self._answers_after))
        if person.promise is Promise.PAUSED:
            self._at(self._present - _PAUSED_AGO, room.pause)


def _attested_at(start: datetime) -> datetime:
    """The day after a billed week that began at `start`."""
    return start + _WINDOW + timedelta(hours=20)
