"""A client's intake as those who care for them read it: answers, corrections, what was judged, signed, measured."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from domain.access import Action, ReadableClientId
from domain.errors import NotFound
from records import clients, consents, intake, intake_corrections, measures, relations, suitability
from records.clients import Profile
from records.consents import Paper
from records.database import Transaction
from records.intake import Intake
from records.intake_corrections import Correction
from records.measures import Taken
from records.suitability import Judged


@dataclass(frozen=True, slots=True)
class IntakeRecord:
    """Everything of a client's way in that care rests on. `state` is where they said they are, at `located_at`;
    `room_id` their newest room, None before there is one.
    """

    client_id: UUID
    code: str
    who: Profile = field(repr=False)
    state: str | None
    located_at: datetime | None
    submitted_at: datetime | None
    intake: Intake
    corrections: list[Correction]
    judged: list[Judged]
    papers: list[Paper]
    taken: list[Taken]
    room_id: UUID | None


_CLIENT = """
SELECT c.code, c.state, c.located_at, c.intake_submitted_at,
       (SELECT r.id FROM rooms r WHERE r.client_id = c.id ORDER BY r.opened_at DESC LIMIT 1) AS room_id
FROM clients c WHERE c.id = %s
"""


async def room_of(tx: Transaction, client_id: UUID) -> UUID | None:
    """The client's newest room."""
    row = await tx.one(_CLIENT, (client_id,))
    return row["room_id"] if row else None


async def read(tx: Transaction, client: ReadableClientId) -> IntakeRecord:
    """The record, audited as a reading of the intake and of the measures before anything is opened.

    Raises NotFound and Forbidden where the measures are not the actor's to read.
    """
    measured = await relations.readable_chart(tx, client.id, Action.READ_MEASURES)
    found = await intake.read(tx, client)
    row = await tx.one(_CLIENT, (client.id,))
    if row is None:
        raise NotFound
    return IntakeRecord(
        client_id=client.id,
        code=row["code"],
        who=await clients.profile(tx, client.id),
        state=row["state"],
        located_at=row["located_at"],
        submitted_at=row["intake_submitted_at"],
        intake=found,
        corrections=await intake_corrections.listing(tx, client),
        judged=await suitability.judged(tx, client),
        papers=await consents.papers(tx, client.id),
        taken=await measures.history(tx, measured),
        room_id=row["room_id"],
    )
