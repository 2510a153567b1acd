"""How many uploads are in hand at a time, in one process."""

import asyncio
from dataclasses import dataclass, field


@dataclass(frozen=True)
class UploadLanes:
    """`coming`: parts in memory, each of eight MiB and a little. `keeping`: parts on their way to the blob port, each
    with a connection to PostgreSQL in its hand: a slow store must not take them all.
    """

    coming: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(16))
    keeping: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(4))
