"""The last exchanges, for people and programs to look at: kept in memory only, the oldest dropped when there are too
many.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from fastapi import Response

from sandbox import trail
from sandbox.glance import Glance, glance
from sandbox.trail import Trail

MOST = 500
MOST_BYTES = 32 * 1024 * 1024
NOT_X12 = "no X12"


@dataclass(frozen=True)
class Wire:
    """One side of an exchange: the X12, byte for byte (or what else came in its place), and of a CORE envelope the
    fields that may be shown.
    """

    content: bytes = b""
    envelope: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def glance(self) -> Glance:
        return glance(self.content)


@dataclass(frozen=True)
class Exchange:
    """What came in and what went out. `at`: the sandbox's own time, seconds since the epoch; `ms`: how long it took."""

    id: int
    at: float
    transport: str
    door: str
    request: Wire
    reply: Wire
    status: int
    ms: float
    trail: Trail

    @cached_property
    def kind(self) -> str:
        """Of the question; of a report that was fetched, the report's."""
        return self.request.glance.kind or (not self.request.content and self.reply.glance.kind) or NOT_X12

    @property
    def shown(self) -> Glance:
        """The side that says who sent it and about whom: the request, or the report that was fetched."""
        return self.request.glance if self.request.content else self.reply.glance

    @property
    def suffixes(self) -> list[str]:
        """The member suffixes whose behaviour answered, as `..02`."""
        return list(dict.fromkeys(f"..{suffix}" for suffix, _ in self.trail.answers if suffix))

    @property
    def answers(self) -> list[str]:
        return list(dict.fromkeys(answer for _, answer in self.trail.answers))

    @property
    def faults(self) -> list[str]:
        return list(self.trail.faults)

    @property
    def size(self) -> int:
        return len(self.request.content) + len(self.reply.content)


@dataclass(frozen=True)
class Wanted:
    """Which exchanges: of a kind, about a member whose id ends so, answered by a behaviour (`..02`), a fault, or in
    these words.
    """

    kind: str = ""
    member: str = ""
    behaviour: str = ""

    def fits(self, exchange: Exchange) -> bool:
        if self.kind and exchange.kind != self.kind:
            return False
        if self.behaviour and self.behaviour not in {*exchange.suffixes, *exchange.faults, *exchange.answers}:
            return False
        ending = self.member.casefold()
        return not ending or any(each.casefold().endswith(ending) for each in exchange.shown.members)


class Exchanges:
    """The ring: at most `most` exchanges and `most_bytes` of X12."""

    def __init__(self, now: Callable[[], float], most: int = MOST, most_bytes: int = MOST_BYTES) -> None:
        self._now, self._most, self._most_bytes = now, most, most_bytes
        self._kept: deque[Exchange] = deque()
        self._lock = threading.Lock()
        self._bytes = self._last = 0
        self.dropped = 0

    def begin(self, transport: str, door: str) -> Entry:
        """An exchange begins, and with it the trail of this task."""
        return Entry(self, transport, door, self._now())

    def add(self, make: Callable[[int], Exchange]) -> None:
        """Keep one more, under the next number."""
        with self._lock:
            self._last += 1
            self._kept.append(make(self._last))
            self._bytes += self._kept[-1].size
            while self._kept and (len(self._kept) > self._most or self._bytes > self._most_bytes):
                self._bytes -= self._kept.popleft().size
                self.dropped += 1

    def forget(self) -> None:
        """Drop all of them, and the count of those dropped before. Numbers go on."""
        with self._lock:
            self._kept.clear()
            self._bytes = self.dropped = 0

    def all(self) -> list[Exchange]:
        """Every one that is kept, the latest first."""
        with self._lock:
            return list(reversed(self._kept))

    def find(self, number: int) -> Exchange | None:
        """One by its number; None when it was dropped or never was."""
        return next((each for each in self.all() if each.id == number), None)

    def fitting(self, wanted: Wanted, before: int | None = None) -> Iterator[Exchange]:
        """Those wanted, the latest first, from below number `before` on."""
        return (each for each in self.all() if (before is None or each.id < before) and wanted.fits(each))


class Entry:
    """An exchange under way."""

    def __init__(self, ring: Exchanges, transport: str, door: str, at: float) -> None:
        self._ring, self._transport, self._door, self._at = ring, transport, door, at
        self._began, self._trail = time.perf_counter(), trail.begin()
        self.request = Wire()

    def keep(self, response: Response, reply: Wire | None = None) -> Response:
        """It is answered by `response`; `reply` is what was in it where that is not its whole body."""
        ms = (time.perf_counter() - self._began) * 1000
        sent = Wire(bytes(response.body)) if reply is None else reply
        self._ring.add(
            lambda number: Exchange(
                number,
                self._at,
                self._transport,
                self._door,
                self.request,
                sent,
                response.status_code,
                ms,
                self._trail,
            )
        )
        return response
