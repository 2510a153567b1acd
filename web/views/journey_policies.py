"""When each step of the way into care is due, and who is told."""

from __future__ import annotations

from dataclasses import dataclass

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
class WaitView:
    """One step and its form: rows of the ladder by number, more of them than are used."""

    line: WaitLine
    may_be_without: bool
    parties: tuple[Choice, ...]
    rungs: tuple[int, ...]
    form: Form
