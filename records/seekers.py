"""The client of a search as matching sees them, opened from what they said. Only the worker may open it all."""

from datetime import date
from typing import Any
from uuid import UUID

from domain import states
from domain.errors import Conflict
from domain.ids import ClientId, TherapistId
from domain.match_profiles import Search, Seeker
from domain.seekers import hours_of, wishes_of
from records import charts, coverages, needs
from records.blocks import kept_apart
from records.database import Row, Transaction


async def search_of(tx: Transaction, match: Row) -> Search:
    """Everything the filters and the score may know. Raises Conflict (`no_location`), Unreadable."""
    return await seeker_of(tx, match["client_id"], await asked(tx, match["id"]))


async def seeker_of(
    tx: Transaction, client_id: UUID, already_asked: frozenset[TherapistId] = frozenset()
) -> Search:
    """A client as the filters see them, in a search or in care. Raises Conflict (`no_location`), Unreadable."""
    said = await charts.chart(tx, client_id)
    found = await needs.of_chart(tx, client_id, said)
    state, on = await whereabouts(tx, client_id)
    preferences: dict[str, Any] = said.get("preferences") or {}
    zone = await _zone(tx, client_id)
    seeker = Seeker(
        client_id=ClientId(client_id),
        state=state,
        age=found.age_on(on),
        language=found.language,
        acuity=found.acuity,
        payer_id=await payer_code(tx, client_id, on),
        focus=frozenset(said.get("focus") or ()),
        wishes=wishes_of(preferences),
        hours=hours_of(said.get("availability") or (), zone, on),
        blocked=await kept_apart(tx, client_id),
        already_asked=already_asked,
    )
    return Search(seeker, on)


async def whereabouts(tx: Transaction, client_id: UUID) -> tuple[str, date]:
    """The state the client is in now, and the date there. Raises Conflict (`no_location`)."""
    row = await tx.one("SELECT state FROM clients WHERE id = %s", (client_id,))
    if row is None or row["state"] is None:
        raise Conflict("no_location")
    return row["state"], tx.now.astimezone(states.state(row["state"]).zone).date()


async def payer_code(tx: Transaction, client_id: UUID, on: date) -> str | None:
    """The payer whose credential a therapist needs; None where nobody is asked to pay by claim."""
    coverage = await coverages.active_coverage(tx, client_id, on)
    if coverage is None or coverage["payer_id"] is None:
        return None
    row = await tx.one("SELECT code FROM payers WHERE id = %s", (coverage["payer_id"],))
    return row["code"] if row else None


async def asked(tx: Transaction, match_id: UUID) -> frozenset[TherapistId]:
    """Who has said no in this search, or let the time pass."""
    rows = await tx.all(
        "SELECT therapist_id FROM offers WHERE match_id = %s AND state IN ('declined', 'expired')",
        (match_id,),
    )
    return frozenset(TherapistId(row["therapist_id"]) for row in rows)


async def _zone(tx: Transaction, client_id: UUID) -> str:
    row = await tx.one("SELECT time_zone FROM accounts WHERE id = %s", (client_id,))
    assert row is not None  # noqa: S101  every client has an account
    zone: str = row["time_zone"]
    return zone
