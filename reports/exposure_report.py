"""Who is shown to clients, and how often beside how often they could be: whether the places shown are fairly spread."""

from datetime import UTC
from typing import Any, Final

from domain.match_states import SHOWN
from records.database import Row, Transaction
from reports.periods import Stretch
from reports.report import Column, Kind, Report, frame_of

NAME: Final = "exposure"
TITLE: Final = "Who is shown to clients"
FORMULA: Final = (
    "Searches begun in these days, as last ranked. Eligible: no hard filter stood against the therapist. Shown: among"
    " the three the client chose from. Exposure: the share of all places shown that went to them, over their share of"
    " all who were eligible; 100 % is as often as chance would. One of three places goes to somebody under half of"
    " target load, where there is one."
)
COLUMNS: Final = (
    Column("therapist", "Therapist"),
    Column("load", "Rooms", Kind.COUNT, summed=True),
    Column("target", "Target", Kind.COUNT, summed=True),
    Column("eligible", "Eligible", Kind.COUNT, summed=True),
    Column("shown", "Shown", Kind.COUNT, summed=True),
    Column("exposure", "Exposure", Kind.SHARE),
    Column("chosen", "Chosen", Kind.COUNT, summed=True),
    Column("asked", "Asked", Kind.COUNT, summed=True),
    Column("accepted", "Said yes", Kind.COUNT, summed=True),
)
_ROWS: Final = """
WITH searches AS (SELECT id, choice, room_id FROM matches
                  WHERE created_at >= %(start)s AND created_at < %(end)s AND status <> 'ranking')
SELECT a.display_name AS therapist, t.active_rooms AS load, t.capacity AS target,
       coalesce(c.eligible, 0) AS eligible, coalesce(c.shown, 0) AS shown, coalesce(c.chosen, 0) AS chosen,
       coalesce(o.asked, 0) AS asked, coalesce(o.accepted, 0) AS accepted
FROM therapists t JOIN accounts a ON a.id = t.id
LEFT JOIN (SELECT x.therapist_id, count(x.position) AS eligible,
                  count(*) FILTER (WHERE x.position <= %(shown)s) AS shown,
                  count(*) FILTER (WHERE x.therapist_id = ANY(s.choice)) AS chosen
           FROM match_candidates x JOIN searches s ON s.id = x.match_id GROUP BY x.therapist_id) c
    ON c.therapist_id = t.id
LEFT JOIN (SELECT f.therapist_id, count(*) AS asked, count(*) FILTER (WHERE f.state = 'accepted') AS accepted
           FROM offers f JOIN searches s ON s.id = f.match_id GROUP BY f.therapist_id) o
    ON o.therapist_id = t.id
WHERE a.disabled_at IS NULL OR c.eligible > 0
ORDER BY a.display_name, t.id
"""


async def exposure(tx: Transaction, during: Stretch) -> Report:
    """Everyone who works here, for the searches begun in a period."""
    rows = await tx.all(_ROWS, {"start": during.start, "end": during.end, "shown": SHOWN})
    places = {name: sum(row[name] for row in rows) for name in ("eligible", "shown")}
    light = sum(1 for row in rows if 2 * row["load"] < row["target"])
    return Report(
        NAME,
        TITLE,
        FORMULA,
        during.days,
        tx.now.astimezone(UTC),
        COLUMNS,
        frame_of(COLUMNS, [{**row, "exposure": _exposure(row, places)} for row in rows]),
        about=f"Searches begun {during.days.since} to {during.days.until}.",
        notes=(f"{light} of {len(rows)} are under half of target load now.",),
    )


def _exposure(row: Row, places: dict[str, Any]) -> float | None:
    """Nothing to say of somebody who was never eligible."""
    if not row["eligible"] or not places["shown"]:
        return None
    share: float = (row["shown"] / places["shown"]) / (row["eligible"] / places["eligible"])
    return share
