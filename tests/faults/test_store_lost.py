"""Temporal's store is deleted and the stack started again: every promise that was alive is alive again."""

import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from livestack import Live, data_folder, live, until

pytestmark = pytest.mark.timeout(600)

ALIVE = """
SELECT 'room-' || id AS workflow FROM rooms WHERE state = 'open'
UNION ALL
SELECT 'plan-' || id FROM rooms WHERE state = 'open'
UNION ALL
SELECT 'match-' || client_id || '-' || n FROM matches WHERE id IN (SELECT match_id FROM offers WHERE state = 'open')
UNION ALL
SELECT 'messaging-' || room_id || '-' || n FROM messaging_sessions WHERE state IN ('open', 'awaiting_attestation')
"""
"""Workflows that must run, by what PostgreSQL says is still owed."""


PLANS = "SELECT p.* FROM care_plans p JOIN rooms r ON r.id = p.room_id WHERE r.state = 'open'"


@pytest.fixture
def folder() -> Iterator[Path]:
    """The stack's data directory."""
    with data_folder("store") as path:
        yield path


async def test_every_clock_offer_and_check_in_comes_back(folder: Path) -> None:
    """The demo clinic has them all: clocks running, late and held, offers out, check-ins to come."""
    async with live(folder, demo=True) as before:
        await before.told(60)
    shutil.rmtree(folder / "temporal")
    async with live(folder, demo=True) as after:
        owed = {row["workflow"] for row in await after.all(ALIVE)}
        assert {name.partition("-")[0] for name in owed} == {"room", "plan", "match", "messaging"}

        async def all_back() -> bool:
            return owed <= await _open_workflows(after)

        await until(all_back, 90)
        await after.told(60)
        for clock in await after.all("SELECT * FROM response_clocks WHERE state = 'running'"):
            await _rings_when_the_row_says(after, clock)
        for plan in await after.all(PLANS):
            await _asks_when_the_plan_says(after, plan)


async def _open_workflows(running: Live) -> set[str]:
    return {found.id async for found in running.temporal.list_workflows("ExecutionStatus = 'Running'")}


async def _rings_when_the_row_says(running: Live, clock: dict[str, Any]) -> None:
    async def knows() -> bool:
        (row,) = await running.all("SELECT * FROM response_clocks WHERE id = %s", clock["id"])
        state = await running.state(f"room-{row['room_id']}")
        return row["state"] != "running" or _instant(state["next_alarm_at"]) == row["next_alarm_at"]

    await until(knows, 30)


async def _asks_when_the_plan_says(running: Live, plan: dict[str, Any]) -> None:
    async def knows() -> bool:
        (row,) = await running.all("SELECT * FROM care_plans WHERE room_id = %s", plan["room_id"])
        state = await running.state(f"plan-{row['room_id']}")
        alarm = _instant(state["next_alarm_at"])  # the next check-in, or the end of one that was asked
        return alarm is not None and alarm <= row["next_check_in_at"]

    await until(knows, 30)


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
