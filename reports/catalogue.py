"""The reports of the billing office, by name."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from domain.ageing import AgedBy
from domain.errors import NotFound
from records.database import Transaction
from reports import ageing, denials, unbilled
from reports.report import Period, Report


@dataclass(frozen=True, slots=True)
class Entry:
    """A report that can be asked for."""

    name: str
    title: str
    formula: str
    make: Callable[[Transaction, Period], Awaitable[Report]]


REPORTS: tuple[Entry, ...] = (
    Entry(ageing.NAME, ageing.TITLE, ageing.formula(AgedBy.SERVICE_DATE), ageing.ageing),
    Entry(
        ageing.NAMES[AgedBy.LAST_ACTIVITY],
        ageing.TITLES[AgedBy.LAST_ACTIVITY],
        ageing.formula(AgedBy.LAST_ACTIVITY),
        ageing.by_activity,
    ),
    Entry(unbilled.NAME, unbilled.TITLE, unbilled.FORMULA, unbilled.unbilled),
    Entry(denials.NAME, denials.TITLE, denials.FORMULA, denials.denials),
)


def entry(name: str) -> Entry:
    """The report of this name. Raises NotFound (`unknown_report`)."""
    found = next((each for each in REPORTS if each.name == name), None)
    if found is None:
        raise NotFound("unknown_report")
    return found
