"""The file that tells other programs where a running stack is: whole or not there, and private."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from kindroom.embedded.passwords import write_private


@dataclass(frozen=True, slots=True)
class Ready:
    """What outside programs rely on. `postgres`: DSN of the owner; `accounts`: those of the demo clinic."""

    api: str
    web: str
    temporal: str
    temporal_ui: str
    namespace: str
    postgres: str
    sandbox: str
    accounts: Mapping[str, Mapping[str, str]]
    pids: Mapping[str, int]


def write_ready(path: Path, ready: Ready) -> None:
    """Write or replace the file."""
    write_private(path, json.dumps(asdict(ready), indent=2) + "\n")


def remove_ready(path: Path) -> None:
    """Nobody shall take a stopped stack for a running one."""
    path.unlink(missing_ok=True)
