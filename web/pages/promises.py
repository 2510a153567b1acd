"""The promise of a room's header, as pages show it."""

from __future__ import annotations

from datetime import datetime

from api.promises import SOON, covered_while_away, promise_state
from domain import states
from records.database import Row, Transaction
from web.views.rooms import Promise


def promise_of(header: Row, tx: Transaction) -> Promise:
    """The promise as it stands."""
    state = promise_state(
        "running" if header["clock_id"] else None,
        header["due_at"],
        header["held"],
        tx.now,
        covered=covered_while_away(header),
    )
    due_at = header["due_at"] if state not in ("none", "paused", "no_capacity") else None
    return Promise(
        state,
        due_at,
        soon_at(header["clock_opened_at"], due_at),
        on_hold=header["on_hold_since"] is not None,
        agree_in=states.state(header["unconsented_in"]).name if header["unconsented_in"] else "",
        extended=bool(header["extension_seconds"]),
    )


def soon_at(opened_at: datetime | None, due_at: datetime | None) -> datetime | None:
    """When amber begins: half an hour before the due time, or after three quarters of a shorter promise."""
    if opened_at is None or due_at is None:
        return None
    return max(due_at - SOON, opened_at + (due_at - opened_at) * 3 / 4)
