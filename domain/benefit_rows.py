"""Choosing among a payer's benefit rows the one that speaks of our care.

The narrowest service type wins (A6 psychotherapy, MH mental health, 98 office visit, 30 whole plan), then our
side of the network, then a row about telehealth, then the individual's before the family's.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from domain.eligibility import (
    MENTAL_HEALTH_TYPES,
    OFFICE_VISIT,
    VISITS,
    WHOLE_PLAN,
    Benefit,
    EligibilityAnswer,
    Kind,
    Network,
    Period,
)

_TYPES = (*MENTAL_HEALTH_TYPES, OFFICE_VISIT, WHOLE_PLAN)
_IN_NETWORK = (Network.IN, Network.NOT_APPLICABLE, Network.UNSAID, Network.UNKNOWN)
_OUT_OF_NETWORK = (Network.OUT, Network.NOT_APPLICABLE, Network.UNSAID, Network.UNKNOWN)
_LEVELS = ("IND", "", "FAM")


@dataclass(frozen=True, slots=True)
class Choice:
    """The row chosen, and the service type for which it was."""

    row: Benefit
    service_type: str

    @property
    def breadth(self) -> int:
        """0 for the narrowest service type, growing with what else the row speaks of."""
        return _TYPES.index(self.service_type)


def choose(rows: Iterable[Benefit], in_network: bool) -> Choice | None:
    """The row that prices our care on this side of the network, or None."""
    pool = list(rows)
    networks = _IN_NETWORK if in_network else _OUT_OF_NETWORK
    for service_type in _TYPES:
        found = [
            row
            for row in pool
            if row.about(service_type) and row.network in networks and row.level in _LEVELS
        ]
        if found:
            return Choice(min(found, key=lambda row: _rank(row, networks)), service_type)
    return None


def remaining_visits(answer: EligibilityAnswer, in_network: bool) -> Choice | None:
    """The limitation that says how many visits are left."""
    counted = (
        row
        for row in answer.rows(Kind.LIMITATION)
        if row.quantity_kind == VISITS and row.quantity is not None and row.period == Period.REMAINING
    )
    return choose(counted, in_network)


def _rank(row: Benefit, networks: tuple[Network, ...]) -> tuple[int, bool, int]:
    return networks.index(row.network), not row.telehealth, _LEVELS.index(row.level)
