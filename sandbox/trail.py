"""Who had a part in the answer that is being made: the members' behaviours and the faults, in order.

A request is a task of its own and so has a trail of its own; where none was begun, nothing is kept.
"""

from __future__ import annotations

from collections import Counter
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Trail:
    """`answers`: how often which answer was given to which member suffix ("": to no one member). `faults`: how often
    which one struck.
    """

    answers: Counter[tuple[str, str]] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)


_trail: ContextVar[Trail | None] = ContextVar("trail", default=None)


def begin() -> Trail:
    """A new trail for this task."""
    trail = Trail()
    _trail.set(trail)
    return trail


def answered(suffix: str, answer: str) -> None:
    """An answer was decided on, by the rules of a member with this suffix."""
    if trail := _trail.get():
        trail.answers[suffix, answer] += 1


def struck(fault: str) -> None:
    """A fault struck."""
    if trail := _trail.get():
        trail.faults[fault] += 1
