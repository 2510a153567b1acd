"""Statements that are asked for at the same time travel as one: one round trip and one commit for all of them."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from domain.errors import Unavailable

Asked = dict[str, Any]
"""What one caller asks: the members of a JSON object."""

Answer = dict[str, Any] | None

LANES: Final = 2
CROWD: Final = 16
"""One batch is on its way at a time, a second one as well once so many wait: for the disk, or behind a lock."""

LARGEST: Final = 64
LONGEST_QUEUE: Final = 2_000


class Gathering:
    """Carries what several callers ask in batches. Nobody waits for company: what comes alone goes alone.

    `carry` runs a batch and answers in its order, with None for what should rather be asked by itself; it may
    fail as a whole. Either way each is then asked by `alone`, so asking twice must do no more than asking once.
    """

    def __init__(
        self,
        carry: Callable[[Sequence[Asked]], Awaitable[Sequence[Answer]]],
        alone: Callable[[Asked], Awaitable[Answer]],
    ) -> None:
        self._carry, self._alone = carry, alone
        self._waiting: list[tuple[Asked, asyncio.Future[Answer]]] = []
        self._lanes: set[asyncio.Task[None]] = set()

    async def ask(self, asked: Asked) -> Answer:
        """The answer of the statement to this. Raises Unavailable when too many wait."""
        if len(self._waiting) >= LONGEST_QUEUE:
            raise Unavailable
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((asked, answer))
        if len(self._lanes) < (LANES if len(self._waiting) > CROWD else 1):
            lane = asyncio.create_task(self._work(), name="gathering")
            self._lanes.add(lane)
        found = await answer
        return await self._alone(asked) if found is None else found

    async def _work(self) -> None:
        try:
            while self._waiting:
                batch = self._waiting[:LARGEST]
                del self._waiting[:LARGEST]
                wanted = [(asked, answer) for asked, answer in batch if not answer.done()]
                if wanted:
                    await self._carry_out(wanted)
        finally:
            # Here, not when the task is done: who was answered may ask again before that, and must find no lane.
            lane = asyncio.current_task()
            assert lane is not None  # noqa: S101  it runs in one
            self._lanes.discard(lane)

    async def _carry_out(self, batch: Sequence[tuple[Asked, asyncio.Future[Answer]]]) -> None:
        answers: Sequence[Answer]
        try:
            answers = await self._carry([asked for asked, _ in batch])
        except Exception:  # one of them is at fault, or the database is away: each hears it for itself
            answers = [None] * len(batch)
        for (_, waiting), answer in zip(batch, answers, strict=True):
            if not waiting.done():
                waiting.set_result(answer)
