"""A client who is ready for cover and matching, made by rows: intake, consents, first measures, a payer."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from factories import actor, client, therapist

from domain.access import Action, Actor, Role, WritableClientId
from domain.consents import Document, current
from domain.contracts import ContractRow, Modality
from domain.ids import TherapistId
from domain.insured import Card
from domain.practice import Practice
from encryption.blind_index import BlindIndex
from encryption.keys import KeyScope
from encryption.rooms import seal_field
from records import contracts, coverages, payers, relations
from records.clinic import clinic_key
from records.coverages import NewCoverage
from records.database import Database, Transaction, dumps
from records.journeys import advance
from records.practice import set_practice

PRACTICE = Practice(
    name="KINDROOM THERAPY PC",
    npi="1345678902",
    taxonomy="251S00000X",
    tax_id="999999998",
    street="1 HARBOR WAY",
    city="SEATTLE",
    state="WA",
    postal_code="981010001",
    contact="BILLING OFFICE",
    phone="2065550100",
    submitter_id="KINDROOM",
    receiver_name="SANDBOX",
    receiver_id="SANDBOX",
)
SOON = {
    "delays_seconds": [0.05, 0.05, 0.05, 0.1, 0.2],
    "then_seconds": 0.2,
    "minimum_gap_seconds": 0,
    "burst_limit": 100,
    "give_up_after_seconds": 3600,
}
INTAKE: dict[str, Any] = {
    "focus": ["anxiety"],
    "preferences": {"gender": "any", "language": "en", "modality": "cbt", "must": []},
    "availability": ["evenings"],
    "safety": {"suicidal": "never", "homicidal": "never"},
}


@dataclass(frozen=True)
class House:
    """The clinic's data that arrival stands on."""

    index: BlindIndex
    payers: dict[str, UUID]


async def house(care: Database, *, retry: dict[str, Any] | None = None) -> House:
    """Cigna with a contract and Optum, our own price, the practice, a retry policy."""
    numbers = {"cigna": "62308", "optum": "87726"}
    async with care.transaction() as tx:
        await set_practice(tx, PRACTICE)
        for definition in [retry] if retry else []:
            await policy(tx, "verification", definition)
        await payers.set_self_pay_price(tx, payers.MESSAGING, Decimal("65.00"), date(2020, 1, 1))
        found = {}
        for code, number in numbers.items():
            new = payers.NewPayer(code, code.title(), number, "CI", 90, public={"usual_cost": "25.00"})
            found[code] = await payers.add_payer(tx, new)
            await contracts.add_contract(tx, found[code], contract(code))
        return House(BlindIndex(await clinic_key(tx)), found)


async def policy(tx: Transaction, kind: str, definition: dict[str, Any]) -> None:
    """A policy in force since long."""
    since = tx.now.replace(year=2020, month=1, day=1)
    await tx.insert(
        "policies", id=uuid4(), kind=kind, name="default", definition=definition, effective_from=since
    )


def contract(payer: str, since: date = date(2020, 1, 1), allowed: str = "45.00") -> ContractRow:
    """Messaging at 21 minutes and more."""
    return ContractRow(
        payer=payer,
        modality=Modality.ASYNC,
        procedure_code="98972",
        charge=Decimal("75.00"),
        allowed=Decimal(allowed),
        place_of_service="11",
        effective_from=since,
        minutes_from=21,
    )


async def arrived(care: Database, *, measures: bool = True, state: str = "NY", phq9: int = 6) -> Actor:
    """A client with a submitted intake, all consents and, unless told otherwise, both first measures."""
    async with care.transaction() as tx:
        client_id = await client(tx, state=state)
    me = actor(Role.CLIENT, client_id)
    async with care.transaction(me) as tx:
        await tx.run(
            "UPDATE clients SET stage = 'registered', journey_version = 0, intake_submitted_at = %s,"
            " intake_sealed = %s WHERE id = %s",
            (tx.now, await _sealed(tx, client_id, "clients", "intake_sealed", client_id, INTAKE), client_id),
        )
        for document in Document:
            await tx.insert(
                "consents",
                id=uuid4(),
                client_id=client_id,
                document=document,
                version=current(document, tx.now.date()).version,
                state=state,
                signature_sealed=b"-",
                signed_at=tx.now,
            )
        for instrument, total in (("PHQ-9", phq9), ("GAD-7", 5)) if measures else ():
            await measured(tx, client_id, instrument, total)
        await advance(tx, client_id)
    return me


async def measured(tx: Transaction, client_id: UUID, instrument: str, total: int) -> None:
    """A complete measure with this total."""
    row_id = uuid4()
    result = {"total": total}
    await tx.insert(
        "measure_responses",
        id=row_id,
        client_id=client_id,
        instrument=instrument,
        answers_sealed=b"-",
        result_sealed=await _sealed(tx, client_id, "measure_responses", "result_sealed", row_id, result),
        taken_at=tx.now,
        complete=True,
    )


async def _sealed(
    tx: Transaction, client_id: UUID, table: str, column: str, row_id: UUID, value: dict[str, Any]
) -> bytes:
    key = await tx.key(KeyScope.CHART, client_id)
    return seal_field(key, client_id, table, column, row_id, dumps(value))


async def permit(tx: Transaction, me: Actor, action: Action = Action.GIVE_COVERAGE) -> WritableClientId:
    """What the API asks for on the client's behalf."""
    return await relations.writable_chart(tx, me.account_id, action)


async def give_insurance(
    care: Database, found: House, me: Actor, member_id: str, payer: str = "cigna"
) -> UUID:
    """The client's card."""
    async with care.transaction(me) as tx:
        new = NewCoverage(coverages.INSURANCE, payer, Card(member_id=member_id))
        return await coverages.give(tx, await permit(tx, me), found.index, new)


async def give_self_pay(care: Database, found: House, me: Actor) -> UUID:
    """The client pays; with measures done, the search begins."""
    async with care.transaction(me) as tx:
        return await coverages.give(tx, await permit(tx, me), found.index, NewCoverage(coverages.SELF_PAY))


async def therapist_for(
    care: Database, found: House, *, places: int = 20, payer: str = "cigna", **profile: Any
) -> TherapistId:
    """A therapist whom a payer lists."""
    async with care.transaction() as tx:
        therapist_id = await therapist(tx, **profile)
        await tx.run("UPDATE therapists SET capacity = %s WHERE id = %s", (places, therapist_id))
        await tx.insert(
            "payer_credentials",
            therapist_id=therapist_id,
            payer_id=found.payers[payer],
            active_from=date(2020, 1, 1),
        )
    return therapist_id
