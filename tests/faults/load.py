"""Clients and therapists who write to each other like apps do: the same key again until it is answered."""

import asyncio
import random
from uuid import UUID, uuid4

import httpx
from ledger import Acknowledged, Ledger
from livestack import Live

from bench.clinic import OpenRoom

_RETRY_SECONDS = 0.1
_ANSWERED = 0.45
"""The share of messages that are a therapist's: enough for promises to be kept, broken and left open."""


class Load:
    """Conversations in rooms, one task each. `repeats`: the share of posts that are sent twice."""

    def __init__(
        self, live: Live, rooms: list[OpenRoom], ledger: Ledger, seed: str, *, repeats: float = 0.0
    ) -> None:
        self._live, self._rooms, self._ledger = live, rooms, ledger
        self._seed, self._repeats = seed, repeats
        self._tokens: dict[str, tuple[OpenRoom, str]] = {}

    async def run(self, messages: int, struck: asyncio.Event) -> None:
        """Write this many messages, and on until `struck` is set; a client has the last word in each room."""
        share = max(1, messages // len(self._rooms))
        async with asyncio.TaskGroup() as group:
            for place, room in enumerate(self._rooms):
                dice = random.Random(f"{self._seed}-{place}")
                group.create_task(self._converse(room, share, struck, dice))

    async def _converse(self, room: OpenRoom, share: int, struck: asyncio.Event, dice: random.Random) -> None:
        written = 0
        while written < share or not struck.is_set():
            answers = written > 0 and dice.random() < _ANSWERED
            await self.say(room, room.therapist_token if answers else room.client_token, dice)
            written += 1
            # Mostly prompt; now and then long enough for a promise to be broken.
            await asyncio.sleep(dice.uniform(2, 5) if dice.random() < 0.03 else dice.uniform(0.1, 0.8))
        await self.say(room, room.client_token, dice)

    async def say(self, room: OpenRoom, token: str, dice: random.Random) -> str:
        """One message, until it is acknowledged. Its key."""
        key = uuid4().hex
        self._ledger.asked.add(key)
        self._tokens[key] = room, token
        copies = 2 if dice.random() < self._repeats else 1
        await asyncio.gather(*(self._until_taken(room, token, key) for _ in range(copies)))
        return key

    async def repeat_some(self, dice: random.Random, count: int = 20) -> None:
        """Send acknowledged messages once more, as an app does that did not hear: the same answer comes back."""
        for key in dice.sample(sorted(self._tokens), min(count, len(self._tokens))):
            await self._until_taken(*self._tokens[key], key)

    async def _until_taken(self, room: OpenRoom, token: str, key: str) -> None:
        while True:
            try:
                answer = await self._live.post(room, token, key=key)
            except httpx.TransportError:
                await asyncio.sleep(_RETRY_SECONDS)
                continue
            if answer.status_code == 201:
                body = answer.json()
                self._ledger.acknowledge(key, Acknowledged(room.id, UUID(body["message_id"]), body["seq"]))
                return
            assert answer.status_code == 503, answer.text
            self._ledger.refusals += 1
            await asyncio.sleep(_RETRY_SECONDS)
