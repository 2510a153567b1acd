"""Policies of the demo clinic, beside the built-in ones. Each is named for what it is; none shortens real care.

`demo-week` and `demo-seconds` apply to rooms that a supervisor puts on them by name, as the demonstration does.
"""

from dataclasses import dataclass
from typing import Any, Final

DEMO_WEEK: Final = "demo-week"
DEMO_SECONDS: Final = "demo-seconds"
DEMO_WINDOW_SECONDS: Final = 15


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """One row of table `policies`, in force since the clinic opened."""

    kind: str
    name: str
    definition: dict[str, Any]


POLICIES: Final = (
    # The promise of an ordinary first answer; the billable window of seven days shrunk to be watched.
    PolicyRow("response", DEMO_WEEK, {"kind": "working_minutes", "minutes": 240}),
    PolicyRow(
        "messaging_session",
        DEMO_WEEK,
        {"window_seconds": DEMO_WINDOW_SECONDS, "attest_seconds": 14 * 24 * 3600},
    ),
    # The payer sandbox answers in seconds and may be asked again in seconds; real payers want minutes (CAQH CORE).
    PolicyRow(
        "verification",
        "default",
        {
            "delays_seconds": [1, 2, 4, 8, 15, 30, 60, 300],
            "then_seconds": 1800,
            "minimum_gap_seconds": 1,
            "burst_limit": 20,
            "burst_window_seconds": 900,
            "give_up_after_seconds": 24 * 3600,
        },
    ),
    # The sandbox's mailbox is filled within seconds: look often at first, then less and less.
    PolicyRow("claims", "default", {"poll_seconds": 1, "poll_limit_seconds": 300}),
)
