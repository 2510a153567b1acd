"""The envelope of everything the sandbox sends: its own control numbers, and the faults that change how
text looks.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from sandbox.faults import Fault, Faults
from sandbox.store import Store
from sandbox.x12 import Envelope, Segment, Separators, answering


def instant(seconds: float) -> datetime:
    """Seconds since the epoch as an aware instant, UTC."""
    return datetime.fromtimestamp(seconds, UTC)


class Clothes:
    """Makes envelopes."""

    def __init__(self, store: Store, faults: Faults) -> None:
        self._store, self._faults = store, faults

    def envelope(self, isa: Segment, at: float) -> Envelope:
        """The envelope of one answer to the interchange headed by `isa`, dated `at`."""
        made = answering(isa, self._store.count("interchange"), instant(at))
        if self._faults.take(Fault.SEPARATORS):
            made = replace(
                made, separators=Separators(element="|", component=">", repetition="^", segment="~")
            )
        return replace(made, bom_and_crlf=self._faults.take(Fault.BOM_AND_CRLF) is not None)
