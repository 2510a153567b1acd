"""What workflow tests stand on: a worker in the real sandbox, readable payloads, stored histories."""

import json
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from temporalio.client import Client, WorkflowHandle, WorkflowHistory
from temporalio.converter import DataConverter
from temporalio.worker import Replayer, Worker

from encryption.codec import IdsOnlyConverter
from kindroom.workflow_runner import RUNNER

HISTORIES = Path(__file__).parent / "histories"
PLAIN = DataConverter(payload_converter_class=IdsOnlyConverter)
ASIDE = timedelta(hours=6)
"""Added to whole days before a signal, so that it does not meet a workflow that looks at its row once a day in the
very moment it wakes: the test server then at times refuses the finished task and never gives it out again."""


@asynccontextmanager
async def worker(
    client: Client, workflow: type, activities: Sequence[Callable[..., Any]], queue: str = "care"
) -> AsyncIterator[Worker]:
    """A worker in the real sandbox, with these activities."""
    async with Worker(
        client, task_queue=queue, workflows=[workflow], activities=activities, workflow_runner=RUNNER
    ) as running:
        yield running


async def replay(workflow: type, name: str) -> None:
    """The stored history of an earlier run still replays: running workflows survive this version."""
    history = WorkflowHistory.from_json(name, (HISTORIES / f"{name}.json").read_text())
    await Replayer(workflows=[workflow], data_converter=PLAIN, workflow_runner=RUNNER).replay_workflow(
        history
    )


async def keep_history(handle: WorkflowHandle[Any, Any], name: str) -> None:
    """Store this run's history under a new name, when asked by KINDROOM_KEEP_HISTORIES=1. Never over another."""
    path = HISTORIES / f"{name}.json"
    if os.environ.get("KINDROOM_KEEP_HISTORIES") and not path.exists():
        path.write_text(
            json.dumps(_placeless(json.loads((await handle.fetch_history()).to_json())), indent=2)
        )


def _placeless(value: Any) -> Any:
    """The history without names and paths of the machine it ran on; replay does not look at them."""
    if isinstance(value, list):
        return [_placeless(each) for each in value]
    if not isinstance(value, dict):
        return value
    blank = {"stackTrace": "", "identity": "worker"}
    return {name: blank.get(name, _placeless(each)) for name, each in value.items()}


def stored(prefix: str) -> list[str]:
    """Names of the stored histories of one workflow."""
    return sorted(path.stem for path in HISTORIES.glob(f"{prefix}-*.json"))
