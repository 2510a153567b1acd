"""The parts of a running sandbox, and what every door of it asks first."""

from __future__ import annotations

import asyncio
from datetime import UTC

from fastapi import Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from sandbox.clothes import instant
from sandbox.faults import Fault, Faults
from sandbox.intake import Intake
from sandbox.mailbox import Mailbox
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
    """The parts of a running sandbox."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.store = Store(settings.data)
        self.faults = Faults(self.store)
        self.mailbox = Mailbox(self.store)
        self.realtime = RealTime(settings.rules, self.store, self.faults)
        self.intake = Intake(settings.rules, self.store, self.faults, settings.after_s)

    async def open_door(self) -> Response | None:
        """The answer of a payer that is down, after the wait of one that is slow; None when the
        door is open.
        """
        if await run_in_threadpool(self.faults.take, Fault.DOWN):
            return error(503, "down")
        slow = await run_in_threadpool(self.faults.take, Fault.SLOW)
        if slow:
            await asyncio.sleep((_SLOW_MS if slow.delay_ms is None else slow.delay_ms) / 1000)
        return None

    async def ask(self, text: str) -> Answer:
        """One real-time answer after the time the payer takes for it."""
        answer = await run_in_threadpool(self.realtime.answer, text)
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
