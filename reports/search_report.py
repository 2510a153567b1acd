"""Searches for a therapist: how long until somebody was found, who said yes, who stayed, and who still waits."""

from datetime import UTC, timedelta
from enum import StrEnum
from typing import Any, Final

from records.database import Row, Transaction
from reports.periods import Stretch
from reports.report import NOT_REACHED, Column, Kind, Report, frame_of

NAME: Final = "searches"
TITLE: Final = "Searches for a therapist"
STAYS: Final = timedelta(weeks=4)
FORMULA: Final = (
    "Searches begun in these days. Time to match: from the beginning to the open room, by elapsed time; the median"
    " counts who still waits as longer than anything seen. Said yes: offers accepted of those answered or lapsed."
    " First answer: from the open room to the therapist's first message. Stayed: rooms open for four weeks or closed"
    " before, of which open after four. Changes: searches of clients who leave a therapist. Unmet: undecided now."
)
COLUMNS: Final = (
    Column("group", "Of"),
    Column("searches", "Searches", Kind.COUNT, summed=True),
    Column("matched", "Found", Kind.COUNT, summed=True),
    Column("unmet", "Unmet", Kind.COUNT, summed=True),
    Column("by_us", "Needed one of us", Kind.COUNT, summed=True),
    Column("time_to_match", "Half found within", Kind.DURATION),
    Column("said_yes", "Said yes", Kind.SHARE),
    Column("first_answer", "Half answered within", Kind.DURATION),
    Column("stayed", "Stayed 4 weeks", Kind.SHARE),
    Column("changes", "Changes", Kind.COUNT, summed=True),
)


class SearchesBy(StrEnum):
    """What searches are told apart by. A client's language stays in their chart."""

    STATE = "state"
    PAYER = "payer"


_GROUP: Final = {
    SearchesBy.STATE: "coalesce(c.state, '')",
    SearchesBy.PAYER: "coalesce((SELECT p.name FROM coverages v JOIN payers p ON p.id = v.payer_id"
    " WHERE v.client_id = m.client_id AND v.created_at <= m.created_at"
    " ORDER BY v.created_at DESC LIMIT 1), 'No payer')",
}
_SEARCHES: Final = """
SELECT {group} AS "group", m.status, m.created_at, m.from_room_id IS NOT NULL AS change,
       m.status = 'human' OR EXISTS (SELECT FROM notices n WHERE n.subject_id = m.id
                                     AND n.template = 'match_needs_person') AS by_us,
       r.opened_at, r.first_answered_at, r.closed_at,
       (SELECT count(*) FROM offers o WHERE o.match_id = m.id AND o.state = 'accepted') AS accepted,
       (SELECT count(*) FROM offers o WHERE o.match_id = m.id
        AND o.state IN ('accepted', 'declined', 'expired')) AS answered
FROM matches m JOIN clients c ON c.id = m.client_id LEFT JOIN rooms r ON r.id = m.room_id
WHERE m.created_at >= %(start)s AND m.created_at < %(end)s AND m.status <> 'withdrawn'
ORDER BY 1, m.created_at
"""


async def searches(tx: Transaction, during: Stretch, by: SearchesBy) -> Report:
    """Searches begun in a period, by state or payer."""
    found = await tx.all(_SEARCHES.replace("{group}", _GROUP[by]), {"start": during.start, "end": during.end})
    groups: dict[str, list[Row]] = {}
    for row in found:
        groups.setdefault(row["group"], []).append(row)
    rows = [{"group": name, **_figures(listed, tx)} for name, listed in groups.items()]
    whole = _figures(found, tx)
    overall = {name: whole[name] for name in ("time_to_match", "said_yes", "first_answer", "stayed")}
    return Report(
        NAME,
        TITLE,
        FORMULA,
        during.days,
        tx.now.astimezone(UTC),
        COLUMNS,
        frame_of(COLUMNS, rows),
        about=f"Searches begun {during.days.since} to {during.days.until}, by {by.value}.",
        overall={name: value for name, value in overall.items() if value is not None},
    )


def _figures(listed: list[Row], tx: Transaction) -> dict[str, Any]:
    found = [row for row in listed if row["opened_at"]]
    answered = sum(row["answered"] for row in listed)
    known = [row for row in found if row["closed_at"] or tx.now - row["opened_at"] >= STAYS]
    stayed = [row for row in known if (row["closed_at"] or tx.now) - row["opened_at"] >= STAYS]
    return {
        "searches": len(listed),
        "matched": len(found),
        "unmet": len(listed) - len(found),
        "by_us": sum(1 for row in listed if row["by_us"]),
        "time_to_match": _median([_elapsed(row, "created_at", "opened_at") for row in listed]),
        "said_yes": sum(row["accepted"] for row in listed) / answered if answered else None,
        "first_answer": _median([_elapsed(row, "opened_at", "first_answered_at") for row in found]),
        "stayed": len(stayed) / len(known) if known else None,
        "changes": sum(1 for row in listed if row["change"]),
    }


def _elapsed(row: Row, start: str, end: str) -> float:
    seconds: float = (row[end] - row[start]).total_seconds() if row[end] else NOT_REACHED
    return max(0.0, seconds)


def _median(seconds: list[float]) -> float | None:
    """The first time by which half were through; `NOT_REACHED` where half are not."""
    return sorted(seconds)[(len(seconds) - 1) // 2] if seconds else None
