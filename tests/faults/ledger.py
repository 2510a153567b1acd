"""What the senders know: each acknowledged message, and when which part was away."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID


@dataclass(frozen=True)
class Acknowledged:
    """A message that the API said it has."""

    room_id: UUID
    id: UUID
    seq: int


@dataclass
class Ledger:
    """Kept by the test beside the database, and compared with it."""

    asked: set[str] = field(default_factory=set)
    acknowledged: dict[str, Acknowledged] = field(default_factory=dict)
    refusals: int = 0
    outages: list[tuple[datetime, datetime]] = field(default_factory=list)

    def acknowledge(self, key: str, answer: Acknowledged) -> None:
        """The API answered 201 for this Idempotency-Key: always with the same message."""
        assert self.acknowledged.setdefault(key, answer) == answer, "a repeat gave another message"

    @contextmanager
    def outage(self) -> Iterator[None]:
        """A time in which rungs cannot fire."""
        began = datetime.now(UTC)
        try:
            yield
        finally:
            self.outages.append((began, datetime.now(UTC)))

    def away(self, start: datetime, end: datetime) -> timedelta:
        """How much of [start, end) something was away. Outages do not overlap."""
        return sum(
            (max(timedelta(), min(end, back) - max(start, gone)) for gone, back in self.outages), timedelta()
        )
