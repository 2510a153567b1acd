"""Consents: documents signed by the client in the words that were shown, and withdrawn with what that stops."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from domain import consents as rules
from domain import zones
from domain.access import WritableClientId
from domain.consents import Document, Signed, Wording
from domain.errors import Conflict, FieldError, Invalid
from domain.ids import new_id
from domain.journeys import Step, refuse_too_early
from domain.stages import Stage
from domain.withdrawals import Stop, Stopped, stopped_by
from encryption.keys import KeyScope
from encryption.rooms import seal_field
from records import consent_holds, coverages, journeys, places
from records.database import Row, Transaction
from records.matches import withdraw_search
from records.notices import notify, notify_role


@dataclass(frozen=True, slots=True)
class Paper:
    """A document as it is put to the client where they are now.

    `signed_at` (UTC) once they signed it there, in edition `signed_version`; `withdrawn_at` when they took that back.
    """

    wording: Wording
    state: str | None
    required: bool
    signed_at: datetime | None = None
    signed_version: str | None = None
    withdrawn_at: datetime | None = None

    @property
    def words(self) -> str:
        """The whole text, with what their state adds."""
        return self.wording.words(self.state)

    @property
    def reworded(self) -> bool:
        """Whether an older edition was signed than the one in force. It counts; the new one is put to them."""
        return self.signed_version not in (None, self.wording.version)

    @property
    def to_sign(self) -> bool:
        """Whether it is asked for now: required and not signed, or signed in older words."""
        return self.reworded or (self.required and self.signed_at is None)


async def papers(tx: Transaction, client_id: UUID) -> list[Paper]:
    """Every document in force, with what this client has signed."""
    state, on = await _where_and_when(tx, client_id)
    rows = await tx.all(
        "SELECT document, version, state, signed_at, withdrawn_at FROM consents WHERE client_id = %s"
        " ORDER BY signed_at",
        (client_id,),
    )
    kind = await tx.one(
        "SELECT kind FROM coverages WHERE client_id = %s AND ended_at IS NULL"
        " ORDER BY status = 'active' DESC, created_at DESC LIMIT 1",
        (client_id,),
    )
    required = rules.required_for(Stage.CONSENTS, kind["kind"] if kind else None)
    return [
        _paper(document, rules.current(document, on), state, document in required, rows)
        for document in Document
    ]


def _paper(
    document: Document, wording: Wording, state: str | None, required: bool, rows: Iterable[Row]
) -> Paper:
    """The newest signature that covers the document here, else when the last one was taken back."""
    mine = [row for row in rows if row["document"] == document]
    covering = [row for row in mine if row["withdrawn_at"] is None and not _uncovered(row, state)]
    if covering:
        return Paper(
            wording, state, required, covering[-1]["signed_at"], covering[-1]["version"], withdrawn_at=None
        )
    withdrawn = [row["withdrawn_at"] for row in mine if row["withdrawn_at"] is not None]
    return Paper(wording, state, required, withdrawn_at=max(withdrawn, default=None))


def _uncovered(row: Row, state: str | None) -> bool:
    signed = Signed(Document(row["document"]), row["version"], row["state"])
    return bool(rules.missing([signed.document], [signed], state))


async def held(tx: Transaction, client_id: UUID) -> frozenset[Document]:
    """The documents in force for a client where they are now, whoever asks; none for somebody unknown."""
    row = await tx.one("SELECT state, consents FROM journey_facts(%s)", (client_id,))
    if row is None:
        return frozenset()
    return frozenset(Document(s["document"]) for s in row["consents"] if not _uncovered(s, row["state"]))


async def asked_anew(tx: Transaction, client_id: UUID) -> bool:
    """Whether somebody in care should sign again: newer words are in force, or they are in another state now.

    Nobody is asked for what they took back. Answers without an actor, for the moment of
    signing in.
    """
    row = await tx.one("SELECT state, consents, room_opened_at FROM journey_facts(%s)", (client_id,))
    if row is None or row["room_opened_at"] is None:
        return False
    signed = sorted(row["consents"], key=lambda each: str(each["at"]))
    covering = {each["document"]: each["version"] for each in signed if not _uncovered(each, row["state"])}
    on = tx.now.date()
    return any(
        rules.current(Document(name), on).version != covering.get(name)
        for name in {each["document"] for each in signed}
    )


async def withdrawn(tx: Transaction, client_id: UUID) -> frozenset[Document]:
    """The documents that were taken back and not signed since, anywhere."""
    rows = await tx.all(
        "SELECT document FROM consents WHERE client_id = %s GROUP BY document HAVING every(withdrawn_at IS NOT NULL)",
        (client_id,),
    )
    return frozenset(Document(row["document"]) for row in rows)


async def refuse_without(tx: Transaction, client_id: UUID, documents: Iterable[Document]) -> None:
    """Raise Conflict (`consents_first`) unless each of the documents is in force."""
    if not set(documents) <= await held(tx, client_id):
        raise Conflict("consents_first")


async def sign(
    tx: Transaction, client: WritableClientId, document: str, version: str, signature: str
) -> UUID:
    """Put a signature on file, for the state the client is in. What a withdrawal had stopped may begin again.

    Raises Conflict (`intake_first`, `version_superseded`), Invalid.
    """
    await places.hold_to_move(tx, client.id)
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
    if stopped_by(signed.document).has(Stop.MESSAGES):
        await tx.run(
            "UPDATE rooms SET consent_withdrawn_at = NULL"
            " WHERE client_id = %s AND state = 'open' AND consent_withdrawn_at IS NOT NULL",
            (client.id,),
        )
        await consent_holds.settle(tx, client.id)
    await journeys.advance(tx, client.id)
    return consent_id


async def withdraw(tx: Transaction, client: WritableClientId, document: str) -> Stopped:
    """Take a consent back, in every state and edition it was given in, and stop what it allowed, at once.

    Raises Invalid (`unknown_document`), Conflict (`not_signed`).
    """
    if document not in set(Document):
        raise Invalid(FieldError("document", "unknown_document"))
    await places.hold_to_move(tx, client.id)
    taken_back = await tx.all(
        "UPDATE consents SET withdrawn_at = %s WHERE client_id = %s AND document = %s AND withdrawn_at IS NULL"
        " RETURNING id",
        (tx.now, client.id, document),
    )
    if not taken_back:
        raise Conflict("not_signed")
    stopped = stopped_by(Document(document))
    for row in taken_back:
        await tx.audit("withdraw_consent", subject_id=row["id"], document=stopped.document)
    await _stop(tx, client.id, stopped, taken_back[0]["id"])
    await journeys.advance(tx, client.id)
    return stopped


async def _stop(tx: Transaction, client_id: UUID, stopped: Stopped, consent_id: UUID) -> None:
    """Measures, questions to a payer and bills ask what is held each time; the rest ends here."""
    if stopped.has(Stop.MATCHING):
        await withdraw_search(tx, client_id)
    if stopped.has(Stop.INSURANCE_COVER):
        await coverages.end_insurance(tx, client_id)
    if stopped.has(Stop.MESSAGES):
        await _close_composer(tx, client_id, consent_id)
        await consent_holds.settle(tx, client_id)
    if stopped.has(Stop.CLAIMS) or stopped.has(Stop.NEW_COSTS):
        await notify_role(tx, "billing", "consent_withdrawn", consent_id)


async def _close_composer(tx: Transaction, client_id: UUID, consent_id: UUID) -> None:
    """The client's, not the therapist's: what was asked is still answered, and its clock runs on."""
    rooms = await tx.all(
        "UPDATE rooms SET consent_withdrawn_at = %s WHERE client_id = %s AND state = 'open'"
        " RETURNING id, therapist_id",
        (tx.now, client_id),
    )
    for room in rooms:
        await notify(tx, room["therapist_id"], "consent_withdrawn", consent_id, room["id"])
        await notify_role(tx, "supervisor", "consent_withdrawn", consent_id, room["id"])


async def _where_and_when(tx: Transaction, client_id: UUID) -> tuple[str | None, date]:
    row = await tx.one(
        "SELECT c.state, a.time_zone FROM clients c JOIN accounts a ON a.id = c.id WHERE c.id = %s",
        (client_id,),
    )
    assert row is not None  # noqa: S101  the permit's client
    return row["state"], tx.now.astimezone(zones.zone(row["time_zone"])).date()
