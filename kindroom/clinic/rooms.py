"""Everyday life in one room of the demo clinic: who writes, what is agreed on, asked and attested, and when."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from domain.access import Action, Actor, WritableRoomId
from domain.goals import Achievement, GoalTerms, Lifecycle
from domain.ids import RoomId, new_id
from domain.messaging_sessions import STATEMENT, Attestation
from domain.notes import NoteKind
from kindroom.clinic import words
from kindroom.clinic.house import House
from kindroom.clinic.people import Person
from records import (
    check_ins,
    diagnoses,
    goals,
    journeys,
    marks,
    messages,
    messaging_sessions,
    notes,
    pauses,
    places,
    rooms,
)
from records.database import Transaction
from records.goals import GoalChange
from records.messages import NewMessage
from records.relations import readable, writable, writable_chart

DIAGNOSIS: Final = "F41.1"


@dataclass(slots=True)
class LivedRoom:
    """An open room of the story, its two people, and how many times they have written."""

    house: House
    person: Person
    id: RoomId
    client: Actor
    therapist: Actor
    exchanges: int = 0

    async def say(self, who: Actor, text: str, at: datetime) -> None:
        """Post a message."""
        with self.house.past.at(at) as now:
            door = await rooms.door(self.house.past, who, self.id)
            async with self.house.past.transaction(who) as tx:
                permit = await writable(tx, self.id)
            message = NewMessage(f"seed-{new_id()}", text)
            await messages.post(self.house.past, permit, door.key, message, at=now)

    async def welcome(self, at: datetime) -> None:
        """The therapist says hello."""
        await self.say(self.therapist, words.WELCOMES[self.person.seed % len(words.WELCOMES)], at)

    async def exchange(self, asked: datetime, answered: datetime) -> None:
        """A client's line and its answer."""
        line, answer = words.EXCHANGES[(self.person.seed + self.exchanges) % len(words.EXCHANGES)]
        self.exchanges += 1
        await self._come_back(asked)
        await self.say(self.client, line, asked)
        await self.say(self.therapist, answer, answered)
        await self._read(answered)

    async def _come_back(self, at: datetime) -> None:
        """Who signs in after 30 days says where they are: where they were."""
        with self.house.past.at(at):
            async with self.house.past.transaction(self.client) as tx:
                client_id = self.client.account_id
                state, _ = await places.now(tx, client_id)
                if state and await places.must_say(tx, client_id):
                    permit = await writable_chart(tx, client_id, Action.SET_LOCATION)
                    await places.say(tx, permit, state)

    async def ask(self, at: datetime) -> None:
        """A client's line that waits for its answer."""
        await self._come_back(at)
        await self.say(self.client, words.WAITING[self.person.seed % len(words.WAITING)], at)

    async def part(self, at: datetime) -> None:
        """The last words of a finished piece of work."""
        for who, text in zip((self.client, self.therapist), words.CLOSING, strict=True):
            await self.say(who, text, at)

    async def close(self, at: datetime) -> None:
        """Care ends: the room is closed, and the journey with it."""
        with self.house.past.at(at):
            async with self.house.past.transaction(self.client) as tx:
                await rooms.close_room(tx, self.id)
                await journeys.close(tx, self.client.account_id)

    async def agree_on_goal(self, at: datetime) -> None:
        """The therapist words a goal, the client accepts, and it is worked on."""
        statement, measure, baseline, target = words.GOALS[self.person.seed % len(words.GOALS)]
        terms = GoalTerms(statement, measure, baseline, target, (at + timedelta(days=120)).date())
        with self.house.past.at(at):
            async with self.house.past.transaction(self.therapist) as tx:
                goal = await goals.add(tx, await self._permit(tx, Action.SET_GOAL), terms)
            async with self.house.past.transaction(self.client) as tx:
                permit = await self._permit(tx, Action.SET_GOAL)
                await goals.change(tx, permit, goal.id, GoalChange(accepted=True))
            async with self.house.past.transaction(self.therapist) as tx:
                permit = await self._permit(tx, Action.SET_GOAL)
                await goals.change(tx, permit, goal.id, GoalChange(lifecycle=Lifecycle.ACTIVE))

    async def look_at_goal(self, at: datetime) -> None:
        """The therapist notes that it moves."""
        with self.house.past.at(at):
            async with self.house.past.transaction(self.therapist) as tx:
                permit = await self._permit(tx, Action.SET_GOAL)
                row = await tx.one("SELECT id FROM goals WHERE room_id = %s", (self.id,))
                if row:
                    change = GoalChange(achievement=Achievement.IMPROVING)
                    await goals.change(tx, permit, row["id"], change)

    async def attest(self, n: int, minutes: int, at: datetime) -> None:
        """The therapist writes and signs a note and attests the n-th window, which is over by then."""
        with self.house.past.at(at):
            async with self.house.past.transaction(self.therapist) as tx:
                given = await self._given(tx, minutes)
                permit = await self._permit(tx, Action.ATTEST_SESSION)
                await messaging_sessions.end_windows(tx, self.id)
                session = await messaging_sessions.find(tx, self.id, n)
                await messaging_sessions.attest(tx, permit, session["id"], given)

    async def _given(self, tx: Transaction, minutes: int) -> Attestation:
        codes = await diagnoses.replace(tx, await self._permit(tx, Action.ENTER_DIAGNOSIS), [DIAGNOSIS])
        permit = await self._permit(tx, Action.WRITE_NOTE)
        note = await notes.write(tx, permit, NoteKind.DAP, dict(words.NOTE))
        await notes.sign(tx, await self._permit(tx, Action.SIGN_NOTE), note.id)
        return Attestation(note.id, minutes, tuple(each.id for each in codes), STATEMENT)

    async def next_check_in(self) -> datetime | None:
        """When the plan asks next (UTC)."""
        async with self.house.past.transaction(self.client) as tx:
            row = await tx.one("SELECT next_check_in_at FROM care_plans WHERE room_id = %s", (self.id,))
        return row["next_check_in_at"] if row else None

    async def check_in(self, at: datetime) -> None:
        """The plan does what is due; who is steady answers in the evening."""
        with self.house.past.at(at):
            async with self.house.past.transaction() as tx:
                await check_ins.keep(tx, self.id)
        answered_at = at + timedelta(hours=10)
        if not self.person.steady or answered_at > self.house.present:
            return
        with self.house.past.at(answered_at):
            async with self.house.past.transaction(self.client) as tx:
                permit = await self._permit(tx, Action.ANSWER_CHECK_IN)
                row = await tx.one(
                    "SELECT id, n FROM check_ins WHERE room_id = %s AND state = 'asked'", (self.id,)
                )
                if row:
                    value = min(9, 4 + row["n"] // 2 + self.person.seed % 2)
                    said = words.CHECK_IN_WORDS[(self.person.seed + row["n"]) % len(words.CHECK_IN_WORDS)]
                    await check_ins.answer(tx, permit, row["id"], value, said)

    async def pause(self, at: datetime) -> None:
        """The client pauses: promises and check-ins stand still until they go on."""
        with self.house.past.at(at):
            async with self.house.past.transaction(self.client) as tx:
                await pauses.pause(tx, self.client.account_id)

    async def _read(self, at: datetime) -> None:
        with self.house.past.at(at):
            for who in (self.client, self.therapist):
                async with self.house.past.transaction(who) as tx:
                    permit = await readable(tx, self.id, Action.MARK_READ)
                    await marks.mark_read(tx, permit, 2**31)

    async def _permit(self, tx: Transaction, action: Action) -> WritableRoomId:
        return await writable(tx, self.id, action)
