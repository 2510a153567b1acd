"""A waiting list assigned at once, beside one client after the other: who is placed, with whom, how well."""

from datetime import UTC, datetime
from typing import Any, Final

from records.database import Row
from records.waiting_lists import Run
from reports.report import Column, Kind, Period, Report, frame_of

NAME: Final = "waiting-list"
TITLE: Final = "A waiting list assigned at once"
FORMULA: Final = (
    "Best: as many clients placed as there can be; among those assignments the one with the highest sum of scores,"
    " a day of waiting counting a hundredth of a score for who is placed, up to 30 days. In turn: who has waited"
    " longest first, each to their best therapist who has a place left. Both under every hard filter and every place."
)
COLUMNS: Final = (
    Column("waited_days", "Days waited", Kind.COUNT),
    Column("client", "Client"),
    Column("state", "State"),
    Column("eligible", "Who could", Kind.COUNT),
    Column("best", "Best"),
    Column("best_score", "Score", Kind.SHARE),
    Column("placed", "Placed", Kind.COUNT, summed=True),
    Column("in_turn", "In turn"),
    Column("in_turn_score", "Score in turn", Kind.SHARE),
    Column("placed_in_turn", "Placed in turn", Kind.COUNT, summed=True),
)


def report_of(run: Run, now: datetime) -> Report:
    """The report of one run, in the order of waiting. Scores of the whole are means over who is placed."""
    asked_at: datetime = run.row["asked_at"]
    day = asked_at.astimezone(UTC).date()
    rows = [_row(line, asked_at) for line in run.lines]
    scores = {name: _mean([row[name] for row in rows]) for name in ("best_score", "in_turn_score")}
    return Report(
        NAME,
        TITLE,
        FORMULA,
        Period(day, day),
        now.astimezone(UTC),
        COLUMNS,
        frame_of(COLUMNS, rows),
        about=f"All who waited on {day.isoformat()}, {len(rows)} in number.",
        overall={name: score for name, score in scores.items() if score is not None},
        notes=(
            f"Best: {run.placed} of {len(rows)} placed. In turn: {run.placed_in_turn}. Scores: means of those placed.",
            f"{run.row['places'] or 0} free places; {run.row['pairs'] or 0} pairs pass every filter.",
        ),
    )


def _row(line: Row, asked_at: datetime) -> dict[str, Any]:
    return {
        "waited_days": (asked_at - line["since"]).days,
        "client": line["client_code"],
        "state": line["state"] or "",
        "eligible": line["eligible"],
        "best": line["therapist"] or "",
        "best_score": line["score"],
        "placed": int(line["therapist_id"] is not None),
        "in_turn": line["in_turn"] or "",
        "in_turn_score": line["in_turn_score"],
        "placed_in_turn": int(line["in_turn_id"] is not None),
    }


def _mean(scores: list[float | None]) -> float | None:
    given = [score for score in scores if score is not None]
    return sum(given) / len(given) if given else None
