"""The load as a process of its own, alike for every server: `python -m bench.peers.talk < plan.json`.

Everybody is signed in before the first second counts. Writes what was seen as JSON to standard output.
"""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from itertools import count
from typing import Any

from bench.load import Seen
from bench.peers.devices import PAGE, Device, Failed, Place, device

Deed = Callable[[], Awaitable[float]]
"""Something done once; how many seconds it took."""


@dataclass(frozen=True)
class Talk:
    """What is done (`post`, `page` or `deliver`) by whom, until it was done so many `times`."""

    what: str
    times: int
    places: list[Place]
    listeners: list[Place]
    text: str


async def run(talk: Talk) -> Seen:
    """Carry it out. Seconds: of an answer; of `deliver`, from sending to what the second device shows."""
    senders = [device(place) for place in talk.places]
    listeners = [device(place) for place in talk.listeners]
    everybody = [*senders, *listeners]
    await asyncio.gather(*(each.open() for each in everybody))
    await asyncio.gather(*(each.listen() for each in listeners))
    try:
        return await _timed(talk, senders, listeners)
    finally:
        await asyncio.gather(*(each.close() for each in everybody))


async def _timed(talk: Talk, senders: list[Device], listeners: list[Device]) -> Seen:
    left = talk.times
    latencies: list[float] = []

    async def work(deed: Deed) -> None:
        nonlocal left
        while left > 0:
            left -= 1
            latencies.append(await deed())

    deeds = {
        "post": [_posting(each, talk.text) for each in senders],
        "page": [_reading(each) for each in senders],
        "deliver": [_delivering(*pair) for pair in zip(senders, listeners, strict=False)],
    }
    began = time.perf_counter()
    await asyncio.gather(*(work(deed) for deed in deeds[talk.what]))
    return Seen(time.perf_counter() - began, len(latencies), 0, latencies)


def _posting(sender: Device, text: str) -> Deed:
    async def post() -> float:
        began = time.perf_counter()
        await sender.post(text)
        return time.perf_counter() - began

    return post


def _reading(reader: Device) -> Deed:
    async def read() -> float:
        began = time.perf_counter()
        if await reader.page() != PAGE:
            raise Failed("not a whole page")
        return time.perf_counter() - began

    return read


def _delivering(sender: Device, listener: Device) -> Deed:
    numbers = count(1)

    async def deliver() -> float:
        text = f"number {next(numbers)}"
        began = time.perf_counter()
        posted = asyncio.ensure_future(sender.post(text))
        while await listener.hear() != text:
            pass
        lag = time.perf_counter() - began
        await posted
        return lag

    return deliver


def _talk(given: dict[str, Any]) -> Talk:
    places, listeners = ([Place(**place) for place in given[name]] for name in ("places", "listeners"))
    return Talk(given["what"], given["times"], places, listeners, given["text"])


if __name__ == "__main__":
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        json.dump(asdict(runner.run(run(_talk(json.load(sys.stdin))))), sys.stdout)
