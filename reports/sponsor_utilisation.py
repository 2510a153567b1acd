"""What a sponsor may know: how many of its people came and how many sessions they used. Nobody can be told by it."""

from typing import Final
from uuid import UUID

from domain.sponsors import LEAST_SHOWN, shown_counts, shown_total
from records import sponsor_figures, sponsor_terms
from records.database import Transaction
from reports.report import Column, Kind, Period, Report, frame_of

NAME: Final = "sponsor_utilisation"
TITLE: Final = "Use of a sponsor's sessions"
FORMULA: Final = (
    "People: holders of an authorisation in the period, by their relationship on the roster. Sessions: credits used, by"
    f" month of the first day of service. Groups of fewer than {LEAST_SHOWN} people are hidden, and so is any figure"
    " that would tell them by subtraction. Nothing clinical is counted."
)
COLUMNS: Final = (
    Column("group", "Group"),
    Column("value", "Value"),
    Column("people", "People", Kind.COUNT),
    Column("sessions", "Sessions used", Kind.COUNT),
)
HIDDEN: Final = (
    f"Empty cells beside a group stand for fewer than {LEAST_SHOWN} people, or protect such a group."
)
_WORDS: Final = {
    "self": "Employee, student or member",
    "spouse": "Spouse",
    "child": "Child",
    "other": "Other",
}


async def utilisation(tx: Transaction, sponsor_id: UUID, period: Period) -> Report:
    """One sponsor's figures in a period; from its first day where none is given. Raises NotFound."""
    sponsor = await sponsor_terms.find(tx, sponsor_id)
    since = period.since or sponsor["active_from"]
    found = await sponsor_figures.figures(tx, sponsor_id, since, period.until)
    people = shown_counts(found.people)
    by_month = {month: people for month, (people, _) in found.months.items()}
    shown = shown_counts(by_month)
    rows = [_row("Relationship", _WORDS.get(name, name), count, None) for name, count in people.items()]
    for month, count in shown.items():
        rows.append(_row("Month", month, count, found.months[month][1] if count is not None else None))
    rows.append(
        _row("All", "People on the roster", found.listed if found.listed >= LEAST_SHOWN else None, None)
    )
    rows.append(_row("All", "People who came", shown_total(found.people), None))
    used = sum(sessions for _, sessions in found.months.values())
    rows.append(_row("All", "Sessions used", None, used if shown_total(by_month) is not None else None))
    return Report(
        NAME,
        TITLE,
        FORMULA,
        Period(since, period.until),
        tx.now,
        COLUMNS,
        frame_of(COLUMNS, rows),
        about=f"{sponsor['name']}, {since.isoformat()} to {period.until.isoformat()}",
        notes=(HIDDEN,),
    )


def _row(group: str, value: str, people: int | None, sessions: int | None) -> dict[str, object]:
    return {"group": group, "value": value, "people": people, "sessions": sessions}
