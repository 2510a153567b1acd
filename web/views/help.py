"""The crisis card and what followed from asking for help."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class HelpView:
    """`paged_at` (UTC) once a person of the clinic was paged; `known` when we know who is asking."""

    known: bool = False
    paged_at: datetime | None = None
