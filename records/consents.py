"""Consents: documents signed by the client, in the version that was shown."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from domain import consents as rules
from domain import zones
from domain.access import WritableClientId
from domain.consents import Document, Wording
from domain.ids import new_id
from domain.journeys import Step, refuse_too_early
from domain.stages import Stage
from encryption.keys import KeyScope
from encryption.rooms import seal_field
from records import journeys
from records.database import Transaction


@dataclass(frozen=True, slots=True)
class Paper:
    """A document as it is put to the client; `signed_at` (UTC) once this client signed it where they are now."""

    wording: Wording
    required: bool
    signed_at: datetime | None


async def papers(tx: Transaction, client_id: UUID) -> list[Paper]:
    """Every document in force, with what this client has signed."""
    state, on = await _where_and_when(tx, client_id)
    rows = await tx.all(
        "SELECT document, version, state, signed_at FROM consents WHERE client_id = %s"
        " AND withdrawn_at IS NULL ORDER BY signed_at",
        (client_id,),
    )
    kind = await tx.one(
        "SELECT kind FROM coverages WHERE client_id = %s AND ended_at IS NULL"
        " ORDER BY status = 'active' DESC, created_at DESC LIMIT 1",
        (client_id,),
    )
    required = rules.required_for(Stage.CONSENTS, kind["kind"] if kind else None)
    signed_at: dict[Document, datetime] = {}
    for row in rows:
        signed = rules.Signed(Document(row["document"]), row["version"], row["state"])
        if not rules.missing([signed.document], [signed], state):
            signed_at.setdefault(signed.document, row["signed_at"])
    return [
        Paper(rules.current(document, on), document in required, signed_at.get(document))
        for document in Document
    ]


async def sign(
    tx: Transaction, client: WritableClientId, document: str, version: str, signature: str
) -> UUID:
    """Put a signature on file, for the state the client is in.

    Raises Conflict (`intake_first`, `version_superseded`), Invalid.
    """
    await tx.one("SELECT id FROM clients WHERE id = %s FOR UPDATE", (client.id,))
    refuse_too_early(Step.CONSENTS, await journeys.facts(tx, client.id))
    state, on = await _where_and_when(tx, client.id)
    signed = rules.check_signing(document, version, signature, on=on, state=state)
    consent_id = new_id()
    key = await tx.key(KeyScope.CHART, client.id)
    await tx.insert(
        "consents",
        id=consent_id,
        client_id=client.id,
        document=signed.document,
        version=signed.version,
        state=signed.state,
        signature_sealed=seal_field(
            key, client.id, "consents", "signature_sealed", consent_id, signature.strip()
        ),
        signed_at=tx.now,
    )
    await tx.audit("sign_consent", subject_id=consent_id, document=signed.document)
    await journeys.advance(tx, client.id)
    return consent_id


async def _where_and_when(tx: Transaction, client_id: UUID) -> tuple[str | None, date]:
    row = await tx.one(
        "SELECT c.state, a.time_zone FROM clients c JOIN accounts a ON a.id = c.id WHERE c.id = %s",
        (client_id,),
    )
    assert row is not None  # noqa: S101  the permit's client
    return row["state"], tx.now.astimezone(zones.zone(row["time_zone"])).date()
