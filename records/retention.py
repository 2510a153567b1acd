"""Rules of retention: dated rows over the presets, and what they say of one client."""

from datetime import UTC, date, datetime, timedelta
from typing import Final
from uuid import UUID

from domain.errors import Conflict, FieldError, Invalid
from domain.retention import OTHERWISE, PRESETS, Care, RetentionRule, retained_until
from domain.states import STATES
from domain.zones import date_everywhere
from records import clients, places
from records.database import Transaction
from records.relations import signed_in_actor

_DAY: Final = timedelta(days=1)


async def rules(tx: Transaction) -> list[RetentionRule]:
    """Every rule there is: presets first, then the clinic's own, oldest first."""
    rows = await tx.all(
        "SELECT state, effective_from, years, minor_until_age, source FROM retention_rules"
        " ORDER BY effective_from, state"
    )
    return [*PRESETS, *(RetentionRule(**row) for row in rows)]


async def put_rule(tx: Transaction, rule: RetentionRule) -> None:
    """Another rule for a state, from today on or later. Waiting erasures are looked at anew.

    Raises Invalid (`unknown_state`, `in_the_past`), Conflict when the state has a rule of that day already.
    """
    actor = signed_in_actor(tx)
    if rule.state != OTHERWISE and rule.state not in STATES:
        raise Invalid(FieldError("state", "unknown_state"))
    if rule.effective_from < date_everywhere(tx.now):
        raise Invalid(FieldError("effective_from", "in_the_past"))
    kept = await tx.run(
        "INSERT INTO retention_rules (state, effective_from, years, minor_until_age, source, recorded_by, recorded_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (
            rule.state,
            rule.effective_from,
            rule.years,
            rule.minor_until_age,
            rule.source,
            actor.account_id,
            tx.now,
        ),
    )
    if not kept:
        raise Conflict("rule_of_that_day")
    await tx.audit("set_retention_rule", years=rule.years)
    await tx.run(_LOOK_AGAIN, (tx.now,))


_LOOK_AGAIN = """
WITH moved AS (
    UPDATE erasures SET version = version + 1 WHERE state = 'waiting' RETURNING client_id, version
)
INSERT INTO outbox (kind, subject_id, version, payload, created_at, attempts)
SELECT 'erasure_changed', client_id, version, '{}', %s, 0 FROM moved
"""


async def care_of(tx: Transaction, client_id: UUID) -> Care | None:
    """First and last day of care, by the clinic's books in UTC; None when none was given."""
    row = await tx.one("SELECT first_at, last_at FROM care_given(%s)", (client_id,))
    if row is None or row["first_at"] is None:
        return None
    return Care(_day(row["first_at"]), _day(row["last_at"]))


async def until(tx: Transaction, client_id: UUID) -> date | None:
    """The last day on which the client's record is kept, by today's rules for every state in which they were given
    care; None when none was given.

    Raises NotFound; Unreadable where the date of birth is not for this actor.
    """
    care = await care_of(tx, client_id)
    if care is None:
        return None
    born = (await clients.profile(tx, client_id)).date_of_birth
    # Days of the books are in UTC, those of a stay on the state's calendar: one more on either side.
    where = await places.during(tx, client_id, care.first - _DAY, care.last + _DAY)
    states = {stay.state for stay in where}
    return retained_until(sorted(states), care, born, await rules(tx), date_everywhere(tx.now))


async def next_change(tx: Transaction) -> date | None:
    """When the next rule begins; None when none is to come."""
    row = await tx.one(
        "SELECT min(effective_from) AS day FROM retention_rules WHERE effective_from > %s",
        (date_everywhere(tx.now),),
    )
    return row["day"] if row else None


def _day(at: datetime) -> date:
    return at.astimezone(UTC).date()
