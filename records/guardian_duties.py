"""What is done for minors by the calendar: a guardian who is silent is written to again, and age is looked at each day.

Run again and again: each step looks at the rows first, so twice is once.
"""

from typing import Any, Final
from uuid import UUID, uuid4

from domain.errors import NotFound
from domain.guardians import REMIND_AFTER_DAYS, Pathway, reminders
from records import clients, guardian_letters, guardians, journeys, policies
from records.database import Transaction
from records.notices import notify

BATCH: Final = 20

_SILENT: Final = """
SELECT g.client_id, g.reminders, g.asked_at FROM guardian_consents g JOIN clients c ON c.id = g.client_id
WHERE g.superseded_at IS NULL AND g.answer IS NULL AND g.mailed_at IS NOT NULL AND g.reminders < %(most)s
  AND g.asked_at <= %(now)s - make_interval(days => (%(gaps)s::int[])[g.reminders + 1])
  AND c.guardian_pathway = 'guardian' AND c.paused_at IS NULL AND c.closed_at IS NULL AND c.sealed_at IS NULL
ORDER BY g.asked_at LIMIT %(limit)s
"""

# Once on each day of the client's own calendar.
_NOT_LOOKED_AT: Final = """
SELECT c.id, c.state FROM clients c JOIN accounts a ON a.id = c.id
WHERE c.guardian_pathway IN ('guardian', 'minor', 'not_served') AND c.closed_at IS NULL AND c.sealed_at IS NULL
  AND (c.pathway_at IS NULL
       OR (c.pathway_at AT TIME ZONE a.time_zone)::date < (%(now)s::timestamptz AT TIME ZONE a.time_zone)::date)
ORDER BY c.pathway_at NULLS FIRST LIMIT %(limit)s
"""


async def remind(tx: Transaction) -> int:
    """Write again to guardians who have not answered, with a new link: a few times, by policy. How many letters."""
    days = await _remind_after(tx)
    gaps = [after - before for before, after in zip((0, *days), days, strict=False)]
    asked = {"now": tx.now, "most": len(days), "gaps": gaps, "limit": BATCH}
    written = 0
    for row in await tx.all(_SILENT, asked):
        written += await _write_again(tx, row["client_id"], row["reminders"])
    return written


async def _write_again(tx: Transaction, client_id: UUID, reminded: int) -> bool:
    """Whoever changes a letter holds its client: an answer that came meanwhile wins."""
    await journeys.hold(tx, client_id)
    found = await guardian_letters.letter(tx, client_id)
    row = await tx.one(
        "SELECT state FROM guardian_consents WHERE client_id = %s AND superseded_at IS NULL AND answer IS NULL"
        " AND reminders = %s",
        (client_id, reminded),
    )
    if found is None or row is None:
        return False
    born = (await clients.profile(tx, client_id)).date_of_birth
    await guardian_letters.write(tx, client_id, found.email, born, row["state"], reminders=reminded + 1)
    return True


async def _remind_after(tx: Transaction) -> tuple[int, ...]:
    """On which days after the first letter, by the clinic's policy for minors."""
    try:
        policy: dict[str, Any] = await policies.in_force(tx, "minors")
    except NotFound:
        return REMIND_AFTER_DAYS
    return reminders(policy.get("remind_after_days"))


async def look_at_age(tx: Transaction) -> int:
    """Whose consent a minor needs is looked at anew on each day of their own zone: who is of age goes on alone then.

    How many pathways changed.
    """
    changed = 0
    for row in await tx.all(_NOT_LOOKED_AT, {"now": tx.now, "limit": BATCH}):
        changed += await _looked_at(tx, row["id"])
    return changed


async def _looked_at(tx: Transaction, client_id: UUID) -> bool:
    await journeys.hold(tx, client_id)
    row = await tx.one("SELECT state, guardian_pathway, wait FROM clients WHERE id = %s", (client_id,))
    assert row is not None  # noqa: S101  held above
    born = (await clients.profile(tx, client_id)).date_of_birth
    found = await guardians.settle(tx, client_id, born, row["state"])
    if found == row["guardian_pathway"]:
        return False
    if found in (Pathway.ADULT, Pathway.MINOR):
        await guardian_letters.end_question(tx, client_id)
    await tx.audit("guardian_pathway_changed", subject_id=client_id)
    await journeys.advance(tx, client_id)
    if row["wait"] == "guardian":
        await notify(tx, client_id, "step_waiting", uuid4())
    return True
