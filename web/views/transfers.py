"""The note that goes over with a client who changes therapist."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class TransferView:
    """`mine`: the reader writes it, `other` goes on; else the reader goes on, in `room_id`. `written_at` None: not
    there yet."""

    transfer_id: str
    client: str
    other: str
    mine: bool
    room_id: str
    since: datetime
    due_at: datetime
    written_at: datetime | None
    text: str
    problem: str = ""
