"""Which recordings a device has opened lately.

A player asks for one recording in many pieces. Its opening is audited before the first of them leaves, whichever
that is, and again when this process has forgotten it: after a link's lifetime, or when many others came since.
"""

from collections import OrderedDict
from collections.abc import Hashable
from time import monotonic

from domain.media import LINK_LIFETIME


class Openings:
    """Bounded memory of one process. Another process audits the same opening once more: too often, never too rarely."""

    def __init__(self, capacity: int = 10_000) -> None:
        self._seen: OrderedDict[Hashable, float] = OrderedDict()
        self._capacity = capacity

    def known(self, opening: Hashable) -> bool:
        """Whether it was audited a short while ago."""
        until = self._seen.get(opening)
        return until is not None and monotonic() < until

    def remember(self, opening: Hashable) -> None:
        """It is in the audit log now."""
        self._seen[opening] = monotonic() + LINK_LIFETIME.total_seconds()
        self._seen.move_to_end(opening)
        while len(self._seen) > self._capacity:
            self._seen.popitem(last=False)
