"""What the licence watch asks for: warnings, rooms closed and opened, licensed cover."""

from collections.abc import Callable
from typing import Any

from temporalio import activity

from records import licence_watch
from records.database import Database


class LicenceActivities:
    """The watch."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Callable[..., Any]]:
        """The activities to register."""
        return [self.watch_licences]

    @activity.defn
    async def watch_licences(self) -> int:
        """Warn, close, open, find cover, take offers back. How many things were done; a repeat finds none to do."""
        return await licence_watch.watch(self._database)
