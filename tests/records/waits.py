"""A client for each thing a journey can wait for, made by the rows that put them there."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from factories import actor, client

from domain.access import Role
from domain.consents import Document, current
from domain.ids import ClientId, TherapistId
from domain.stages import Wait
from records import journeys
from records.database import Database, Transaction
from records.tables.coverages import Coverage

WAITS = tuple(wait for wait in Wait if wait is not Wait.NOTHING)
_STATUS = {
    Wait.PAYER_ANSWER: "verifying",
    Wait.COVERAGE_DETAILS: "needs_information",
    Wait.OTHER_COVERAGE: "inactive",
    Wait.COVERAGE_REVIEW: "manual_review",
}
_MATCH = {Wait.CHOICE: "choosing", Wait.NEXT_OFFER: "offering", Wait.OFFER_ANSWER: "offering"}
_IN_TURN = list(Wait)


async def waiting_client(care: Database, wait: Wait, asked: TherapistId, at: datetime) -> ClientId:
    """A client whose journey waits for this since `at`. `asked` holds the offer, where one is out."""
    async with care.transaction(at=at) as tx:
        client_id = await client(tx)
    async with care.transaction(actor(Role.CLIENT, client_id), at) as tx:
        await _bring(tx, client_id, wait, asked)
        await journeys.advance(tx, client_id)
    return client_id


async def _bring(tx: Transaction, client_id: ClientId, wait: Wait, asked: TherapistId) -> None:
    if wait is Wait.CONFIRMATION:
        await tx.run("UPDATE accounts SET confirmed_at = NULL WHERE id = %s", (client_id,))
    if _past(wait, Wait.INTAKE):
        await _intake(tx, client_id, wait)
    if _past(wait, Wait.CONSENTS):
        await _consents(tx, client_id)
    if _past(wait, Wait.MEASURES):
        await _measures(tx, client_id)
    if _past(wait, Wait.COVERAGE):
        await _coverage(tx, client_id, _STATUS.get(wait, "active"))
    if _past(wait, Wait.CANDIDATES):
        await _search(tx, client_id, wait, asked)
    if wait is Wait.RESUMING:
        await tx.run("UPDATE clients SET paused_at = %s WHERE id = %s", (tx.now, client_id))


def _past(wait: Wait, step: Wait) -> bool:
    return wait is not Wait.RESUMING and _IN_TURN.index(wait) > _IN_TURN.index(step)


async def _intake(tx: Transaction, client_id: UUID, wait: Wait) -> None:
    await tx.run(
        "UPDATE clients SET intake_submitted_at = %(now)s, suitability = %(fits)s, suitability_at = %(now)s,"
        " guardian_pathway = %(path)s WHERE id = %(id)s",
        {
            "now": tx.now,
            "fits": "live" if wait is Wait.SUITABILITY else "messaging",
            "path": "guardian" if wait is Wait.GUARDIAN else "adult",
            "id": client_id,
        },
    )


async def _consents(tx: Transaction, client_id: UUID) -> None:
    for document in Document:
        await tx.insert(
            "consents",
            id=uuid4(),
            client_id=client_id,
            document=document,
            version=current(document, tx.now.date()).version,
            state="NY",
            signature_sealed=b"-",
            signed_at=tx.now,
        )


async def _measures(tx: Transaction, client_id: UUID) -> None:
    for instrument in ("PHQ-9", "GAD-7"):
        await tx.insert(
            "measure_responses",
            id=uuid4(),
            client_id=client_id,
            instrument=instrument,
            answers_sealed=b"-",
            result_sealed=b"-",
            taken_at=tx.now,
            complete=True,
        )


async def _coverage(tx: Transaction, client_id: UUID, status: str) -> None:
    now = tx.now
    cover = Coverage(
        id=uuid4(),
        client_id=client_id,
        kind="insurance",
        details_sealed=b"-",
        status=status,
        status_at=now,
        reasons=[],
        created_at=now,
    )
    await tx.insert("coverages", **cover.model_dump())


async def _search(tx: Transaction, client_id: UUID, wait: Wait, asked: TherapistId) -> None:
    match_id = uuid4()
    person: dict[str, Any] = {"decided_at": tx.now} if wait is Wait.HUMAN_MATCH else {}
    await tx.insert(
        "matches",
        id=match_id,
        client_id=client_id,
        n=1,
        status=_MATCH.get(wait, "human"),
        version=1,
        choice=[] if wait is Wait.CHOICE else [asked],
        misses=0,
        created_at=tx.now,
        **person,
    )
    if wait is Wait.OFFER_ANSWER:
        await tx.insert(
            "offers",
            id=uuid4(),
            match_id=match_id,
            client_id=client_id,
            therapist_id=asked,
            n=1,
            state="open",
            offered_at=tx.now,
            expires_at=tx.now + timedelta(days=2),
        )
