"""The crisis card and what followed from asking for help."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class HelpView:
    """`paged_at` (UTC) once people of the clinic were called; `failed` when nobody of ours could be."""

    paged_at: datetime | None = None
    failed: bool = False
