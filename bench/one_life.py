"""One client's life in a room, on skipped time: exchanges, check-ins and attestations, each in its time."""

import heapq
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bench.skipping import SkippingClinic
from domain.access import Action
from kindroom.clinic import words
from kindroom.clinic.rooms import LivedRoom
from records import check_ins
from records.database import Row
from records.relations import writable

MONTH = timedelta(days=30)
EXCHANGES, MESSAGES = 18, 60
"""A month."""

Deed = Callable[[datetime], Awaitable[None]]


@dataclass
class Life:
    """What happens in one room, in the order of its time; each deed may think of further ones."""

    clinic: SkippingClinic
    room: LivedRoom
    chance: random.Random = field(default_factory=lambda: random.Random(7))
    _events: list[tuple[datetime, int, Deed]] = field(default_factory=list)
    _thought_of: int = 0
    _sessions: int = 0

    def at(self, instant: datetime, deed: Deed) -> None:
        """Plan."""
        self._thought_of += 1
        heapq.heappush(self._events, (instant, self._thought_of, deed))

    async def live(self, until: datetime) -> None:
        """Everything up to an instant."""
        while self._events and self._events[0][0] < until:
            instant, _, deed = heapq.heappop(self._events)
            await deed(instant)
        await self.clinic.pass_to(until)

    def plan_month(self, begins: datetime) -> None:
        """60 messages in 18 exchanges, on weekdays at any hour."""
        days = [begins + timedelta(days=day) for day in range(MONTH.days - 1)]
        weekdays = [day for day in days if day.weekday() < 5]
        asked = sorted(self.chance.sample(weekdays, EXCHANGES))
        times = [day + timedelta(hours=self.chance.uniform(0, 20)) for day in asked]
        self.at(times[0], self._asking(times, 0))

    def _asking(self, times: list[datetime], n: int) -> Deed:
        """Two lines of the client; one of the therapist, in every third exchange two: 60 in 18 exchanges."""

        async def ask(at: datetime) -> None:
            await self.room.ask(at)
            await self.room.ask(at + timedelta(minutes=4))
            await self._note_session()
            alarm = await self._alarm()
            answer_at = at + max((alarm - at) * self.chance.uniform(0.3, 0.8), timedelta(minutes=5))
            self.at(answer_at, self._answering(times, n))

        return ask

    def _answering(self, times: list[datetime], n: int) -> Deed:
        async def answer(at: datetime) -> None:
            _, line = words.EXCHANGES[n % len(words.EXCHANGES)]
            for minute in range(2 if n % 3 == 0 else 1):
                await self.room.say(self.room.therapist, line, at + timedelta(minutes=minute))
            if n + 1 < len(times):
                self.at(max(times[n + 1], at + timedelta(minutes=20)), self._asking(times, n + 1))

        return answer

    async def expect_check_in(self) -> None:
        """Each is answered ten hours after it was asked."""
        due = await self.room.next_check_in()
        assert due is not None
        self.at(due + timedelta(hours=10), self._answer_check_in)

    async def _answer_check_in(self, at: datetime) -> None:
        with self.room.house.past.at(at):
            async with self.room.house.past.transaction(self.room.client) as tx:
                permit = await writable(tx, self.room.id, Action.ANSWER_CHECK_IN)
                row = await tx.one(
                    "SELECT id FROM check_ins WHERE room_id = %s AND state = 'asked'", (self.room.id,)
                )
                assert row is not None, "the plan asked in its time"
                await check_ins.answer(tx, permit, row["id"], 6, "")
        await self.expect_check_in()

    async def _note_session(self) -> None:
        """The session that is open is attested the day after its window ends."""
        row = await self._row(
            "SELECT n, window_ends_at FROM messaging_sessions WHERE room_id = %s ORDER BY n DESC LIMIT 1"
        )
        if row["n"] > self._sessions:
            self._sessions = n = row["n"]

            async def attest(at: datetime) -> None:
                await self.room.attest(n, 25, at)

            self.at(row["window_ends_at"] + timedelta(hours=20), attest)

    async def _alarm(self) -> datetime:
        row = await self._row(
            "SELECT next_alarm_at FROM response_clocks WHERE room_id = %s AND state = 'running'"
        )
        alarm: datetime = row["next_alarm_at"]
        return alarm

    async def _row(self, sql: str) -> Row:
        async with self.room.house.past.transaction(self.room.therapist) as tx:
            row = await tx.one(sql, (self.room.id,))
        assert row is not None
        return row
