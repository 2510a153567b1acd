"""Signals that do not open: their workflows went on without them, and the Checks page counts whose they were.

Nothing is lost by it: signals carry state and version, and what was in one is told again from its row. An alarm that
went unset is told by the clock audit.
"""

from uuid import UUID

from records.audit import record_damage
from records.database import Database


class DamagedSignals:
    """Heard from the codec, which may not write; noted soon after."""

    def __init__(self) -> None:
        self._places: set[str] = set()

    def tell(self, place: str) -> None:
        """`place`: namespace/workflow id."""
        self._places.add(place)

    async def note(self, database: Database) -> None:
        """One entry for each workflow of which something was heard; kept for the next try where that fails."""
        for place in tuple(self._places):
            await record_damage(database, _room_of(place))
            self._places.discard(place)


def _room_of(place: str) -> UUID | None:
    kind, _, rest = place.rpartition("/")[2].partition("-")
    try:
        return UUID(rest) if kind == "room" else None
    except ValueError:
        return None
