"""Temporal's actions per exchange, counted from real histories: `python -m bench.temporal_actions`.

An exchange is a question and its answer. Temporal Cloud bills actions (docs.temporal.io/cloud/actions): a
workflow start, a signal, a timer, an activity and each of its retries, an upsert of search attributes. Two rooms
on the embedded stack: in the calm one the timer of each promise rings before the next question, in the brisk
one the next question comes while it still runs.
"""

import argparse
import asyncio
import json
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from uuid import uuid4

import httpx
import psycopg
from psycopg.types.json import Jsonb
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client

from bench.clinic import OpenRoom, open_rooms
from bench.post_message import RESULTS
from encryption.key_files import LocalFileKeys
from encryption.keys import KeyRing
from kindroom.embedded.placement import remove_home
from kindroom.embedded.programs import Programs
from kindroom.embedded.stack import EmbeddedStack
from records.database import Database

GOAL = 4
EXCHANGES, QUICK_EXCHANGES = 10, 4
POLICY = "bench-seconds"
PROMISE_SECONDS = 8.0
NUDGE_SECONDS = PROMISE_SECONDS * 0.75
ANSWERED_AFTER = 0.5
PAUSES = {"calm": NUDGE_SECONDS + 1.0, "brisk": 0.8}
"""Seconds between an answer and the next question."""

ACTIONS = {
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED: "start",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED: "signal",
    EventType.EVENT_TYPE_TIMER_STARTED: "timer",
    EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED: "activity",
    EventType.EVENT_TYPE_MARKER_RECORDED: "local activity",
    EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES: "search attributes",
    EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED: "child",
}


def actions(events: Iterable[HistoryEvent]) -> Counter[str]:
    """What a history costs, by kind. A started activity counts with its retries."""
    counted: Counter[str] = Counter()
    for event in events:
        if event.event_type in ACTIONS:
            retries = max(1, event.activity_task_started_event_attributes.attempt)
            counted[ACTIONS[event.event_type]] += retries
    return counted


async def measure(data_dir: Path, exchanges: int) -> dict[str, Counter[str]]:
    """The actions of so many exchanges in each room, its start and its welcome left out."""
    async with EmbeddedStack(data_dir, demo=False, programs=Programs(seed=None)) as stack:
        care = Database(
            stack.postgres.dsn("kindroom_care"),
            KeyRing(LocalFileKeys(data_dir / "secrets" / "kek.json")),
            size=4,
        )
        await care.open()
        rooms = dict(zip(PAUSES, await open_rooms(care, len(PAUSES)), strict=True))
        _promise_seconds(stack.postgres.dsn(), [room.id for room in rooms.values()])
        client = await Client.connect(stack.temporal.address, namespace=stack.temporal.namespace)
        async with httpx.AsyncClient(base_url=stack.api_url) as api:
            found = await asyncio.gather(
                *(
                    _exchanges(api, care, client, room, PAUSES[name], exchanges)
                    for name, room in rooms.items()
                )
            )
        await care.close()
    return dict(zip(PAUSES, found, strict=True))


async def _exchanges(
    api: httpx.AsyncClient, care: Database, temporal: Client, room: OpenRoom, pause: float, exchanges: int
) -> Counter[str]:
    await _say(api, room, room.therapist_token)  # the welcome is answered: nothing is owed
    await _quiet(care)
    handle = temporal.get_workflow_handle(f"room-{room.id}")
    before = actions((await handle.fetch_history()).events)
    for _ in range(exchanges):
        await _say(api, room, room.client_token)
        await asyncio.sleep(ANSWERED_AFTER)
        await _say(api, room, room.therapist_token)
        await _quiet(care)
        await asyncio.sleep(pause)
    await asyncio.sleep(NUDGE_SECONDS + 1.0)  # the last timer rings
    return actions((await handle.fetch_history()).events) - before


async def _say(api: httpx.AsyncClient, room: OpenRoom, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": uuid4().hex}
    answer = await api.post(f"/v1/rooms/{room.id}/messages", json={"text": "a few words"}, headers=headers)
    answer.raise_for_status()


async def _quiet(care: Database) -> None:
    """Wait until every note has reached Temporal."""
    while await _waiting(care):  # noqa: ASYNC110  another process sets no Event of ours
        await asyncio.sleep(0.05)


async def _waiting(care: Database) -> bool:
    async with care.transaction() as tx:
        return await tx.one("SELECT id FROM outbox WHERE sent_at IS NULL LIMIT 1") is not None


def _promise_seconds(owner_dsn: str, rooms: list[object]) -> None:
    """A promise short enough to watch: its first alarm is the nudge at three quarters."""
    definition = {"kind": "working_minutes", "minutes": PROMISE_SECONDS / 60}
    with psycopg.connect(owner_dsn) as connection:
        connection.execute(
            "INSERT INTO policies (id, kind, name, definition, effective_from)"
            " VALUES (%s, 'response', %s, %s, now() - interval '1 day')",
            (uuid4(), POLICY, Jsonb(definition)),
        )
        connection.execute(
            "INSERT INTO response_terms (id, scope, room_id, policy_name, effective_from, applied_at)"
            " SELECT gen_random_uuid(), 'room', room, %s, now() - interval '1 day', now()"
            " FROM unnest(%s::uuid[]) room",
            (POLICY, rooms),
        )


def report(found: dict[str, Counter[str]], exchanges: int) -> str:
    """The figures as Markdown."""
    kinds = sorted({kind for counted in found.values() for kind in counted})
    lines = [
        f"# Temporal's actions per exchange\n\nA question and its answer, {exchanges} times in each room, counted"
        f" from the histories of `CareRoom` on the embedded stack. Goal: at most {GOAL}.\n",
        "| room | " + " | ".join(kinds) + " | per exchange |",
        "|---" * (len(kinds) + 2) + "|",
    ]
    for name, counted in found.items():
        each = counted.total() / exchanges
        lines.append(f"| {name} | " + " | ".join(str(counted[kind]) for kind in kinds) + f" | {each:.1f} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure, print, and keep the report in `bench/results/`. Exit status 1 above the goal."""
    parser = argparse.ArgumentParser(description="Temporal's actions per exchange.")
    parser.add_argument("--quick", action="store_true", help="four exchanges instead of ten; nothing is kept")
    quick = parser.parse_args().quick
    exchanges = QUICK_EXCHANGES if quick else EXCHANGES
    with tempfile.TemporaryDirectory(prefix="kindroom-bench-") as name:
        Path(name).chmod(0o711)
        try:
            found = asyncio.run(measure(Path(name), exchanges))
        finally:
            remove_home(Path(name) / "postgres")
    text = report(found, exchanges)
    print(text)
    if not quick:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / "temporal_actions.json").write_text(json.dumps(found, indent=1) + "\n")
        (RESULTS / "temporal_actions.md").write_text(text)
    if any(counted.total() > GOAL * exchanges for counted in found.values()):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
