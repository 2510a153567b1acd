"""Faults on demand: each stands until it was taken `count` times, until an instant, or until it is
cleared.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sandbox import trail
from sandbox.store import Store


class Fault(StrEnum):
    DOWN = "down"
    SLOW = "slow"
    DROP_999 = "drop_999"
    DUPLICATE_835 = "duplicate_835"
    OUT_OF_ORDER = "out_of_order_277CA_before_999"
    UNBALANCED_835 = "835_unbalanced_by_0.01"
    TWO_PAYEES_835 = "835_two_payees"
    LATE_835 = "late_835_45_days"
    SPLIT_CLAIM = "split_claim_A5"
    BOM_AND_CRLF = "bom_and_crlf"
    SEPARATORS = "separators_gt_pipe"


@dataclass(frozen=True)
class Standing:
    """A fault that is set. `count` and `until` (seconds since the epoch) None: no limit."""

    fault: Fault
    count: int | None
    until: float | None
    delay_ms: int | None
    taken: int


class Faults:
    """The faults that stand now. They survive a restart."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def set(self, fault: Fault, count: int | None, until: float | None, delay_ms: int | None) -> None:
        """Set a fault, replacing an earlier setting of the same one."""
        with self._store.write() as db:
            db.execute(
                "INSERT OR REPLACE INTO faults (name, count, until, delay_ms, set_at, taken)"
                " VALUES (?, ?, ?, ?, ?, 0)",
                (fault, count, until, delay_ms, self._store.now()),
            )

    def clear(self, fault: Fault | None = None) -> None:
        """Clear one fault, or all."""
        with self._store.write() as db:
            db.execute("DELETE FROM faults WHERE name = ? OR ? IS NULL", (fault, fault))

    def standing(self) -> list[Standing]:
        """The faults that would still strike."""
        now = self._store.now()
        rows = self._store.rows(
            "SELECT * FROM faults WHERE (count IS NULL OR taken < count) AND (until IS NULL OR until > ?)"
            " ORDER BY name",
            now,
        )
        return [
            Standing(Fault(row["name"]), row["count"], row["until"], row["delay_ms"], row["taken"])
            for row in rows
        ]

    def take(self, fault: Fault) -> Standing | None:
        """Let a fault strike once, if it stands."""
        if not self._find(fault):
            return None
        with self._store.write() as db:
            found = self._find(fault)
            if found:
                db.execute("UPDATE faults SET taken = taken + 1 WHERE name = ?", (fault,))
                trail.struck(fault)
        return found

    def _find(self, fault: Fault) -> Standing | None:
        return next((entry for entry in self.standing() if entry.fault is fault), None)
