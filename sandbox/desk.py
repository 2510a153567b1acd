"""The parts of a running sandbox, and what every door of it asks first."""

from __future__ import annotations

import asyncio
from datetime import UTC

from fastapi import Response
from fastapi.responses import JSONResponse

from sandbox.clothes import instant
from sandbox.exchanges import Exchanges
from sandbox.faults import Fault, Faults
from sandbox.intake import Intake
from sandbox.mailbox import Mailbox, Report
from sandbox.realtime import Answer, RealTime
from sandbox.settings import Latency, Settings
from sandbox.store import Store

RETRY = {"Retry-After": "5"}
_SLOW_MS = 25_000


def iso(seconds: float) -> str:
    """Seconds since the epoch as the API writes instants."""
    return instant(seconds).astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def error(status: int, code: str) -> JSONResponse:
    """An answer that is an error and says which."""
    return JSONResponse({"error": code}, status, headers=RETRY if status == 503 else None)


class Desk:
    """The parts of a running sandbox.

    What is asked of them is answered on the server's own thread, each in its turn: they share one memory that takes one
    at a time, and threads that wait for it cost more than they bring and come to it in no order.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.store = Store(settings.data)
        self.faults = Faults(self.store)
        self.mailbox = Mailbox(self.store)
        self.realtime = RealTime(settings.rules, self.store, self.faults)
        self.intake = Intake(settings.rules, self.store, self.faults, settings.after_s)
        self.exchanges = Exchanges(self.store.now)
        self._fetched_to = 0

    async def open_door(self) -> Response | None:
        """The answer of a payer that is down, after the wait of one that is slow; None when the
        door is open.
        """
        if self.faults.take(Fault.DOWN):
            return error(503, "down")
        slow = self.faults.take(Fault.SLOW)
        if slow:
            await asyncio.sleep((_SLOW_MS if slow.delay_ms is None else slow.delay_ms) / 1000)
        return None

    def first_fetched(self, reports: list[Report]) -> list[Report]:
        """Those of them that nobody has fetched since the start: who reads again is told nothing new."""
        new = [report for report in reports if report.place > self._fetched_to]
        self._fetched_to = max([self._fetched_to, *(report.place for report in new)])
        return new

    async def ask(self, text: str) -> Answer:
        """One real-time answer after the time the payer takes for it."""
        answer = self.realtime.answer(text)
        wait = self.latency().draw() if answer.latency_ms is None else answer.latency_ms / 1000
        await asyncio.sleep(wait)
        return answer

    def latency(self) -> Latency:
        """How long ordinary answers take: as set on the run, else as the process was started."""
        given = self.settings.latency
        p50, p95 = self.store.setting("latency_p50_ms"), self.store.setting("latency_p95_ms")
        if p50 is None or p95 is None:
            return given
        return Latency(p50, p95, given.most_ms)

    def set_latency(self, p50_ms: float, p95_ms: float) -> Latency:
        """Change it, to last until it is changed again, also over a restart."""
        with self.store.write():
            self.store.set("latency_p50_ms", p50_ms)
            self.store.set("latency_p95_ms", max(p50_ms, p95_ms))
        return self.latency()
