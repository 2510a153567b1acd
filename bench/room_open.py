"""A room of 50,000 messages opened in a browser: `python -m bench.room_open`.

PostgreSQL, `kindroom api` as one process, Chromium through Playwright. A person on a fresh device opens the room, looks
back page by page, goes to a day two years ago, pages from there in both directions and comes back to the end.
"""

import argparse
import asyncio
import json
import os
import platform
import shutil
import statistics
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright

from bench.long_room import LongRoom, long_room
from bench.post_message import server_spec
from kindroom.embedded.ports import free_port
from kindroom.embedded.programs import Program, answers_http

RESULTS = Path(__file__).parent / "results"
MESSAGES = 50_000
GOAL_MS = 1_000.0
PAGES = 12
FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
# The newest message is drawn, the script has taken over, and the browser has nothing left to lay out.
OPEN = """async seq => {
  const at = performance.now();
  while (!document.querySelector(`html.js kind-room:defined #m${seq}`)) {
    if (performance.now() - at > 20000) throw new Error("not open");
    await new Promise(requestAnimationFrame);
  }
  await new Promise(requestAnimationFrame);
  return performance.now();
}"""
CHANGED = """async ([side, before]) => {
  const edge = () => {
    const all = document.querySelectorAll('.message[data-seq]:not([data-seq=""])');
    return Number((side === "start" ? all[0] : all[all.length - 1])?.dataset.seq ?? 0);
  };
  const at = performance.now();
  while (edge() === before) {
    if (performance.now() - at > 20000) throw new Error(`no page at the ${side}`);
    await new Promise(requestAnimationFrame);
  }
  await new Promise(requestAnimationFrame);
  return document.querySelectorAll(".message").length;
}"""
EDGE = """side => {
  const all = document.querySelectorAll('.message[data-seq]:not([data-seq=""])');
  return Number((side === "start" ? all[0] : all[all.length - 1]).dataset.seq);
}"""


@dataclass(frozen=True)
class Opened:
    """Milliseconds of each step, in the order they were taken; `most`: the most messages that were in the page."""

    messages: int
    opened: list[float]
    earlier: list[float]
    to_a_day: list[float]
    around: list[float]
    to_the_end: list[float]
    most: int


async def measure(messages: int, rounds: int) -> Opened:
    """The same visit several times, each on a device with nothing kept."""
    found = Opened(messages, [], [], [], [], [], 0)
    most = 0
    async with long_room(messages) as room, _served(room) as address, _browser() as browser:
        print("the room is filled and served", file=sys.stderr, flush=True)
        for number in range(rounds + 1):
            visit = await _visit(browser, address, room)
            if number:  # the first one only warms up
                for name in ("opened", "earlier", "to_a_day", "around", "to_the_end"):
                    getattr(found, name).extend(getattr(visit, name))
            most = max(most, visit.most)
    return Opened(**{**asdict(found), "most": most})


@asynccontextmanager
async def _served(room: LongRoom) -> AsyncIterator[str]:
    port = free_port()
    spec = server_spec("api", (sys.executable, "-m", "kindroom", "api"), port, room.postgres, room.data_dir)
    spec = replace(spec, environment={**(spec.environment or {}), "KINDROOM_COOKIE_SECURE": "false"})
    server = Program(spec, answers_http(port, "/healthz", range(200, 500)))
    await server.start()
    try:
        yield f"http://localhost:{port}"
    finally:
        await server.stop()


@asynccontextmanager
async def _browser() -> AsyncIterator[Browser]:
    async with async_playwright() as engine:
        found = await engine.chromium.launch(executable_path=shutil.which("chromium"), args=list(FLAGS))
        yield found
        await found.close()


async def _visit(browser: Browser, address: str, room: LongRoom) -> Opened:
    context = await browser.new_context(viewport={"width": 390, "height": 844})
    await context.add_cookies([{"name": "kindroom", "value": room.room.client_token, "url": address}])
    page = await context.new_page()
    await page.goto(f"{address}/rooms/{room.room.id}", wait_until="commit")
    opened = [float(await page.evaluate(OPEN, room.messages))]
    earlier, most = await _paged(page, "start", PAGES)
    day = (datetime.now(UTC) - timedelta(days=730)).date().isoformat()
    to_a_day = [await _timed(lambda: _go_to_day(page, day))]
    before, one = await _paged(page, "start", PAGES // 2)
    after, other = await _paged(page, "end", PAGES // 2)
    to_the_end = [await _timed(lambda: _to_end(page, room.messages))]
    await context.close()
    return Opened(room.messages, opened, earlier, to_a_day, before + after, to_the_end, max(most, one, other))


async def _timed(step: Callable[[], Awaitable[None]]) -> float:
    began = time.perf_counter()
    await step()
    return (time.perf_counter() - began) * 1_000


async def _paged(page: Page, side: str, pages: int) -> tuple[list[float], int]:
    taken, most = [], 0
    for _ in range(pages):
        before = await page.evaluate(EDGE, side)
        began = time.perf_counter()
        move = "0" if side == "start" else "scroller.scrollHeight"
        await page.evaluate(
            f"() => {{ const scroller = document.querySelector('[data-scroll]'); scroller.scrollTop = {move}; }}"
        )
        most = max(most, await page.evaluate(CHANGED, [side, before]))
        taken.append((time.perf_counter() - began) * 1_000)
    return taken, most


async def _go_to_day(page: Page, day: str) -> None:
    await page.click("[data-find]")
    before = await page.evaluate(EDGE, "start")
    await page.fill("#find-at", day)
    await page.press("#find-at", "Enter")
    await page.evaluate(CHANGED, ["start", before])


async def _to_end(page: Page, last: int) -> None:
    await page.click("[data-jump]")
    await page.evaluate(OPEN, last)


def report(found: Opened, rounds: int) -> str:
    """The whole report."""
    steps = {
        "the room opens (from the address to the newest message, script running)": found.opened,
        "a page of 50 before": found.earlier,
        "to a day two years ago": found.to_a_day,
        "a page of 50 from there, both ways": found.around,
        "back to the end": found.to_the_end,
    }
    return "\n".join(
        [
            "# A long room in a browser",
            "",
            f"{platform.machine()}, {os.cpu_count()} processors shared by Chromium, API, PostgreSQL and whatever else"
            f" ran; Python {platform.python_version()}. {found.messages:,} sealed messages over four years, a phone's"
            f" window, a fresh device each time, {rounds} visits; load average at the end {os.getloadavg()[0]:.1f}."
            f" Goal: open in under {GOAL_MS / 1000:.0f} s.",
            "",
            f"- Opens in {statistics.median(found.opened):.0f} ms (p50), {max(found.opened):.0f} ms at the longest.",
            f"- Never more than {found.most} messages in the page.",
            "",
            "| step | n | p50 ms | p95 ms | longest ms |",
            "|---|---:|---:|---:|---:|",
            *(_line(name, taken) for name, taken in steps.items()),
            "",
        ]
    )


def _line(name: str, taken: list[float]) -> str:
    ordered = sorted(taken)
    p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    return f"| {name} | {len(ordered)} | {statistics.median(ordered):.0f} | {p95:.0f} | {ordered[-1]:.0f} |"


def main() -> None:
    """Measure, print, and keep the report in `bench/results/`."""
    parser = argparse.ArgumentParser(description="A room of 50,000 messages opened in a browser.")
    parser.add_argument("--quick", action="store_true", help="5,000 messages, two visits; nothing is kept")
    quick = parser.parse_args().quick
    messages, rounds = (5_000, 2) if quick else (MESSAGES, 10)
    found = asyncio.run(measure(messages, rounds))
    text = report(found, rounds)
    if not quick:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / "room_open.json").write_text(json.dumps(asdict(found), indent=1) + "\n")
        (RESULTS / "room_open.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
