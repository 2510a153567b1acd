"""To whom the plan writes about a client's care, where the plan is somebody else's."""

from uuid import UUID

from domain import letters as rules
from domain.access import ReadableClientId, WritableClientId
from domain.errors import NotFound
from domain.letters import Letters
from records import coverages
from records.database import Row, Transaction


async def choose(tx: Transaction, client: WritableClientId, coverage_id: UUID, wanted: Letters) -> None:
    """Another choice for a cover. Claims wait while it is `ASKED`. Raises NotFound, Conflict (`letters_are_yours`)."""
    coverage = await coverages.find(tx, coverage_id, lock=True)
    if coverage["client_id"] != client.id:
        raise NotFound
    coverages.refuse_ended(coverage)
    chosen = rules.choose(Letters(coverage["letters"]) if coverage["letters"] else None, wanted)
    await tx.run("UPDATE coverages SET letters = %s WHERE id = %s", (chosen, coverage_id))
    await tx.audit("choose_letters", subject_id=coverage_id, letters=chosen)


async def in_question(tx: Transaction, client: ReadableClientId) -> Row | None:
    """The client's cover through somebody else, with `letters`; None without one."""
    rows = await coverages.of_client(tx, client)
    return next((row for row in rows if row["letters"] is not None), None)
