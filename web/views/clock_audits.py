"""The page that shows zeros."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from web.views.reprojections import Moving


@dataclass(frozen=True, slots=True)
class Figure:
    """A count that should be zero. `fine` says whether it is; `act` is what to do when it is not."""

    name: str
    value: str
    fine: bool
    meaning: str
    act: str


@dataclass(frozen=True, slots=True)
class Hour:
    """An hour of audits as a column: `x` and `height` are drawn; `tone` is late where something was found or
    the audit did not run, soon where it ran less than it should.
    """

    starts_at: datetime
    runs: int
    found: int
    repaired: int
    x: float
    height: float
    tone: str


@dataclass(frozen=True, slots=True)
class HealthView:
    """Every figure, the audit that vouches for them, and its last day."""

    figures: tuple[Figure, ...]
    last_audit_at: datetime | None
    silent: bool
    repaired: int
    hours: tuple[Hour, ...]
    message: str
    moving: tuple[Moving, ...] = ()

    @property
    def fine(self) -> bool:
        """Whether nothing needs anybody."""
        return not self.silent and all(figure.fine for figure in self.figures)
