"""Whether promises were kept: attainment, how sure it is, and who may be ranked by it.

attainment = answered on time / (answered + overdue and open); what is not due yet is left out, and so is what
was waived or cancelled. Risk flags are no response items: they run on a ladder of their own.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, fields
from math import sqrt
from typing import Final, TypeVar

K = TypeVar("K", bound=Hashable)

RANKED_FROM: Final = 30
"""A therapist with fewer items that count is shown and not ranked: the figure says little about them."""

_Z_95: Final = 1.959964


@dataclass(frozen=True, slots=True)
class Tally:
    """Response items by how they stand. `overdue` and `not_yet_due` (also when held) still run."""

    met: int = 0
    late: int = 0
    overdue: int = 0
    not_yet_due: int = 0
    waived: int = 0
    cancelled: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))

    @property
    def items(self) -> int:
        """All of them."""
        return self.n + self.not_yet_due + self.waived + self.cancelled

    @property
    def n(self) -> int:
        """Those that count: answered, or overdue and still open."""
        return self.met + self.late + self.overdue

    @property
    def running(self) -> int:
        """Those still without an answer."""
        return self.overdue + self.not_yet_due

    @property
    def attainment(self) -> float | None:
        """The share on time, 0 to 1; None where nothing counts yet."""
        return self.met / self.n if self.n else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Where the share lies with 95 % confidence (Wilson 1927); None where nothing counts yet."""
        return wilson(self.met, self.n) if self.n else None


def wilson(hits: int, n: int) -> tuple[float, float]:
    """The score interval of Wilson at 95 % for `hits` of `n`, `n` above 0: never outside 0 to 1."""
    share, z2 = hits / n, _Z_95 * _Z_95
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z_95 / (1 + z2 / n) * sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    # The ends of an extreme share are exact, whatever rounding says.
    return (0.0 if hits == 0 else middle - half), (1.0 if hits == n else middle + half)


def ranks(tallies: Mapping[K, Tally]) -> dict[K, int]:
    """Ranks by attainment, the best first, equal shares sharing a rank; those under `RANKED_FROM` have none."""
    shares = {key: each.met / each.n for key, each in tallies.items() if each.n >= RANKED_FROM}
    return {key: 1 + sum(other > share for other in shares.values()) for key, share in shares.items()}
