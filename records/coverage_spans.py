"""The covers of a client as spans of days, and which of them pays for a week."""

from datetime import date
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.coverage import CoverageStatus
from domain.coverage_spans import CoverageSpan, paying
from records.database import Row, Transaction
from records.recheck_policies import recheck_policy

CONFIRMED_ON: Final = (
    "(SELECT (coalesce(v.answered_at, v.created_at) AT TIME ZONE 'UTC')::date FROM coverages v"
    " WHERE v.id = l.coverage_id)"
)
"""Since when the payer has said nothing about the cover of a service line `l` (a day in UTC)."""

# What never came to be says nothing; an insurance may still come to be.
_COVERS: Final = """
SELECT c.id, c.kind, c.payer_id, c.status, c.owner, c.created_at, c.answered_at, c.ended_at, c.active_from, c.active_to,
       p.filing_limit_days, p.code AS payer_code, CASE WHEN c.payer_id = c.card_payer_id THEN c.plan END AS plan
FROM coverages c LEFT JOIN payers p ON p.id = c.payer_id
WHERE c.client_id = %s AND (c.kind = 'insurance' OR c.status = 'active')
"""


async def of_week(tx: Transaction, client_id: UUID, first: date, last: date, tz: ZoneInfo) -> Row | None:
    """The cover that pays for these days of service, with its payer; None while there is none. `covered`: in force
    throughout, without a doubt. `confirmed`: by a yes that is new enough. `tz` is the calendar of the service.
    """
    rows = {row["id"]: row for row in await tx.all(_COVERS, (client_id,))}
    span = paying([_span(row, tz) for row in rows.values()], first, last)
    if span is None:
        return None
    confirmed = not span.insurance or span.confirmed_for(first, (await recheck_policy(tx)).good_for)
    return {**rows[span.id], "covered": span.covers(first, last), "confirmed": confirmed}


def _span(row: Row, tz: ZoneInfo) -> CoverageSpan:
    given, answered, ended = (
        at.astimezone(tz).date() if at else None
        for at in (row["created_at"], row["answered_at"], row["ended_at"])
    )
    assert given is not None  # noqa: S101  every cover was given
    return CoverageSpan(
        id=row["id"],
        insurance=row["kind"] == "insurance",
        active=row["status"] == CoverageStatus.ACTIVE,
        in_doubt=row["owner"] is not None,
        given_at=row["created_at"],
        given_on=given,
        confirmed_on=answered or given,
        active_from=row["active_from"],
        active_to=row["active_to"],
        replaced_on=ended,
    )


TO_CONFIRM: Final = """
EXISTS (SELECT 1 FROM coverages v WHERE v.id = l.coverage_id AND v.kind = 'insurance'
        AND (v.owner IS NOT NULL OR v.status <> 'active' OR make_interval(days =>
             l.service_date - (coalesce(v.answered_at, v.created_at) AT TIME ZONE 'UTC')::date + 1) > %(good_for)s))
"""
"""Whether the cover of an unbilled line `l` has to be looked at before a claim file takes it. One day early rather than
late: calendars differ, and `of_week` decides.
"""
