"""What a site asks of its clients beside the first two questionnaires."""

from __future__ import annotations

from dataclasses import dataclass, field

from web.views.shell import Choice, Form


@dataclass(frozen=True, slots=True)
class PackLine:
    """One pack. `title` empty: its words have to be brought first; `in_care`: only asked once a room is open."""

    name: str
    on: bool
    ships: bool
    in_care: bool
    title: str = ""
    questions: int = 0
    licence: str = ""


@dataclass(frozen=True, slots=True)
class ScreeningView:
    """Fields `packs` (names) of one form, `name` and `words` (JSON) of the other."""

    packs: tuple[PackLine, ...]
    choices: tuple[Choice, ...]
    brought: tuple[Choice, ...]
    switching: Form = field(default_factory=Form)
    bringing: Form = field(default_factory=Form)
