"""How a sponsor's people use what it grants: counts of people and sessions, and nothing of anybody."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from records.database import Transaction

_PEOPLE = """
SELECT coalesce(m.relationship, 'self') AS relationship, count(DISTINCT a.client_id) AS n
FROM sponsor_authorisations a LEFT JOIN sponsor_members m ON m.id = a.member_id
WHERE a.sponsor_id = %(sponsor)s AND a.valid_from <= %(until)s AND a.valid_to >= %(since)s GROUP BY 1
"""
_MONTHS = """
SELECT to_char(c.on_day, 'YYYY-MM') AS month, count(DISTINCT a.client_id) AS people, -sum(c.sessions) AS sessions
FROM sponsor_credits c JOIN sponsor_authorisations a ON a.id = c.authorisation_id
WHERE a.sponsor_id = %(sponsor)s AND c.reason = 'used' AND c.on_day BETWEEN %(since)s AND %(until)s
GROUP BY 1 ORDER BY 1
"""
_LISTED = """
SELECT count(*) AS n FROM sponsor_members WHERE sponsor_id = %(sponsor)s AND active_from <= %(until)s
AND (active_to IS NULL OR active_to >= %(until)s)
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one sponsor in a period. `months`: (people, sessions used) by month, such as 2026-11."""

    listed: int
    people: Mapping[str, int]
    months: Mapping[str, tuple[int, int]]


async def figures(tx: Transaction, sponsor_id: UUID, since: date, until: date) -> Figures:
    """Not fit to be shown as they are: `domain.sponsors.shown_counts` hides what is too small."""
    scope = {"sponsor": sponsor_id, "since": since, "until": until}
    listed = await tx.one(_LISTED, scope)
    people = await tx.all(_PEOPLE, scope)
    months = await tx.all(_MONTHS, scope)
    return Figures(
        listed=int(listed["n"]) if listed else 0,
        people={row["relationship"]: row["n"] for row in people},
        months={row["month"]: (row["people"], int(row["sessions"])) for row in months},
    )
