"""What estimates take for usual, as an administrator keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from web.views.payers import Said
from web.views.shell import Choice, Form


@dataclass(frozen=True, slots=True)
class UsualLine:
    """What was said to be usual, from an instant on; `clinician`: whose price who has no therapist is told."""

    since: datetime
    sessions: int
    minutes: int
    clinician: str
    said: Said


@dataclass(frozen=True, slots=True)
class UsualView:
    """What was, is and will be said, the newest beginning first. Without lines it is built in."""

    lines: tuple[UsualLine, ...]
    clinicians: tuple[Choice, ...]
    form: Form
    zone: str
