"""Running promises on their way to something new."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Moving:
    """One change being worked off. `total` None: not counted yet."""

    words: str
    done: int
    total: int | None
