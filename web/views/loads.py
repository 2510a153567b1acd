"""Load and gaps: who has nobody, and how much comes due when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from web.heat import HeatMap
from web.views.shell import Choice


@dataclass(frozen=True, slots=True)
class Gap:
    """A room with nobody there, and since or until when."""

    client_code: str
    therapist: str
    href: str
    kind: str  # no_capacity | away
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LoadView:
    """Gaps first, then the week."""

    gaps: tuple[Gap, ...]
    more_gaps: bool
    heat: HeatMap
    teams: tuple[Choice, ...]
    therapists: tuple[Choice, ...]
    team: str = ""
    who: str = ""
    next_href: str = ""
