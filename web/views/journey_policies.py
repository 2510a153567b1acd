"""When each step of the way into care is due, and who is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from web.views.payers import Said
from web.views.shell import Choice, Form


@dataclass(frozen=True, slots=True)
class WaitLine:
    """A step: who acts, by when, and the ladder in words. `set_here`: the clinic has its own timing for it."""

    wait: str
    why: str
    who: str
    due: str
    ladder: tuple[str, ...]
    set_here: bool


@dataclass(frozen=True, slots=True)
class WaitsView:
    """Every step in the order of the way."""

    lines: tuple[WaitLine, ...]


@dataclass(frozen=True, slots=True)
class Timing:
    """A timing as it was said, from an instant on."""

    since: datetime
    due: str
    ladder: tuple[str, ...]
    said: Said


@dataclass(frozen=True, slots=True)
class WaitView:
    """One step, what was, is and will be said of it, and its form: rows of the ladder by number, more than are used."""

    line: WaitLine
    may_be_without: bool
    parties: tuple[Choice, ...]
    rungs: tuple[int, ...]
    form: Form
    versions: tuple[Timing, ...] = ()
    zone: str = ""
