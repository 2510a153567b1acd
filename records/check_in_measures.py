"""Questionnaires that go along with a check-in: which are due, and which of them are still to be answered."""

from uuid import UUID

from domain import measure_cadence
from domain.zones import zone
from records import screening
from records.database import Row, Transaction

_LAST = """
SELECT instrument, max(at) AS at FROM (
    SELECT instrument, taken_at AS at FROM measure_responses WHERE client_id = %(client)s AND complete IS NOT FALSE
    UNION ALL SELECT unnest(measures), asked_at FROM check_ins WHERE room_id = %(room)s) done
GROUP BY instrument
"""

# The newest check-in of the open room. One that was asked by hand between two brings nothing and takes nothing away.
_ASKED = """
SELECT k.id, k.measures FROM check_ins k JOIN rooms r ON r.id = k.room_id
WHERE r.client_id = %s AND r.state = 'open' AND k.asked_by = 'plan' ORDER BY k.asked_at DESC LIMIT 1
"""


async def due(tx: Transaction, plan: Row) -> list[str]:
    """What goes along with a check-in of this plan that is asked now. Reads instants, and no answer."""
    rows = await tx.all(_LAST, {"client": plan["client_id"], "room": plan["room_id"]})
    last = {row["instrument"]: row["at"] for row in rows}
    on = (await screening.policy(tx)).switched_on
    return list(measure_cadence.due(on, plan["opened_at"], tx.now, zone(plan["time_zone"]), last))


async def left(tx: Transaction, client_id: UUID) -> tuple[str, ...]:
    """What came with the client's newest check-in and is not answered, in the order in which it is put."""
    row = await tx.one(_ASKED, (client_id,))
    if row is None or not row["measures"]:
        return ()
    done = await tx.all("SELECT instrument FROM measure_responses WHERE check_in_id = %s", (row["id"],))
    answered = {each["instrument"] for each in done}
    on = (await screening.policy(tx)).switched_on
    return tuple(name for name in on if name in row["measures"] and name not in answered)


async def check_in_of(tx: Transaction, client_id: UUID, instrument: str) -> UUID | None:
    """The check-in that asked for this questionnaire, if the newest one did."""
    row = await tx.one(_ASKED, (client_id,))
    return row["id"] if row is not None and instrument in row["measures"] else None
