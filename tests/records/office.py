"""What the billing office's tests start from: a payer with contract, a client with cover, an attested week."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from factories import Room, room

from domain.access import Action
from domain.contracts import ContractRow, Modality
from domain.messaging_sessions import Attestation
from domain.notes import NoteKind
from domain.practice import Practice
from encryption.keys import KeyScope
from encryption.rooms import seal_field
from records import diagnoses, messaging_sessions, notes, relations
from records.clients import Profile, save_profile
from records.contracts import add_contract
from records.database import Transaction
from records.messaging_sessions import SessionView
from records.payers import NewPayer, add_payer
from records.practice import set_practice

if TYPE_CHECKING:
    from conftest import Databases

PRACTICE = Practice(
    name="KINDROOM THERAPY PC",
    npi="1345678902",
    taxonomy="251S00000X",
    tax_id="123456789",
    street="622 3RD AVE",
    city="NEW YORK",
    state="NY",
    postal_code="100176701",
    contact="BILLING DESK",
    phone="2125550100",
    submitter_id="KINDROOM",
    receiver_name="SANDBOX CLEARINGHOUSE",
    receiver_id="SANDBOX",
)
ADDRESS = {"line1": "1 Elm St", "city": "Seattle", "state": "WA", "postal_code": "98101"}
CHARGES = {"98970": ("20.00", 5, 10), "98971": ("40.00", 11, 20), "98972": ("60.00", 21, None)}


@dataclass(frozen=True)
class Office:
    """A clinic that can bill: its payer."""

    payer_id: UUID
    payer_code: str


async def open_office(databases: "Databases", *, number: str = "62308", code: str = "cigna") -> Office:
    """The practice's own data, one payer and its contract."""
    long_ago = datetime(2024, 1, 1, tzinfo=UTC)
    async with databases.care.transaction(at=long_ago) as tx:
        if not await tx.one("SELECT 1 AS there FROM policies WHERE name = 'practice'"):
            await set_practice(tx, PRACTICE)
        payer_id = await add_payer(tx, NewPayer(code, code.title(), number, "CI", 90))
        for procedure, (charge, least, most) in CHARGES.items():
            row = ContractRow(
                code, Modality.ASYNC, procedure, Decimal(charge), Decimal(charge), "11", date(2024, 1, 1),
                minutes_from=least, minutes_to=most,
            )  # fmt: skip
            await add_contract(tx, payer_id, row)
    return Office(payer_id, code)


async def insured_room(
    databases: "Databases", office: Office, *, member: str = "U1234567801", **details: Any
) -> Room:
    """A room whose client has given everything a claim needs."""
    where = await room(databases.care, at=datetime.now(UTC) - timedelta(days=60))
    client_id = where.client.account_id
    given = {"member_id": member, "group_number": "3340001", "relationship": "self", **details}
    async with databases.care.transaction(where.client, datetime.now(UTC) - timedelta(days=60)) as tx:
        await save_profile(
            tx,
            client_id,
            Profile("Ana Maria Rivera", date(1990, 1, 15), ADDRESS, "2065550100", "female"),
        )
        await covered(tx, office, client_id, given)
        await tx.insert(
            "consents",
            id=uuid4(),
            client_id=client_id,
            document="release_of_benefits",
            version="2025-01",
            signature_sealed=b"",
            signed_at=tx.now,
        )
        await tx.insert(
            "payer_credentials",
            therapist_id=where.therapist.account_id,
            payer_id=office.payer_id,
            active_from=date(2020, 1, 1),
        )
        await tx.run(
            "UPDATE accounts SET display_name = 'Dr. Ngozi Okafor, LCSW' WHERE id = %s",
            (where.therapist.account_id,),
        )
    return where


async def covered(tx: Transaction, office: Office, client_id: UUID, details: dict[str, Any]) -> UUID:
    """An insurance in force, answered a month after it was given."""
    key, coverage_id = await tx.key(KeyScope.BILLING, client_id), uuid4()
    sealed = seal_field(key, client_id, "coverages", "details_sealed", coverage_id, json.dumps(details))
    await tx.insert(
        "coverages",
        id=coverage_id,
        client_id=client_id,
        kind="insurance",
        payer_id=office.payer_id,
        details_sealed=sealed,
        status="active",
        status_at=tx.now,
        asking=False,
        verification=1,
        version=1,
        reasons=[],
        created_at=tx.now,
        answered_at=tx.now + timedelta(days=30),
    )
    return coverage_id


async def signed_note(databases: "Databases", where: Room) -> UUID:
    """A SOAP note by the therapist, signed."""
    async with databases.care.transaction(where.therapist) as tx:
        writable = await relations.writable(tx, where.id, Action.WRITE_NOTE)
        note = await notes.write(tx, writable, NoteKind.SOAP, {"subjective": "Sleeps better."})
        signable = await relations.writable(tx, where.id, Action.SIGN_NOTE)
        return (await notes.sign(tx, signable, note.id)).id


async def diagnosed(databases: "Databases", where: Room, *codes: str) -> list[UUID]:
    """These diagnoses are in force."""
    async with databases.care.transaction(where.therapist) as tx:
        writable = await relations.writable(tx, where.id, Action.ENTER_DIAGNOSIS)
        return [each.id for each in await diagnoses.replace(tx, writable, list(codes))]


async def ended_week(databases: "Databases", where: Room, *, days_ago: int = 9) -> UUID:
    """A messaging session that opened so many days ago; its week is over."""
    async with databases.care.transaction(where.client, datetime.now(UTC) - timedelta(days=days_ago)) as tx:
        await messaging_sessions.ensure_open(tx, where.id)
        row = await tx.one(
            "SELECT id FROM messaging_sessions WHERE room_id = %s ORDER BY n DESC LIMIT 1", (where.id,)
        )
    assert row is not None
    session_id: UUID = row["id"]
    return session_id


async def attested_week(
    databases: "Databases",
    where: Room,
    *,
    days_ago: int = 9,
    minutes: int = 25,
    codes: tuple[str, ...] = ("F41.1",),
) -> SessionView:
    """A week that is attested: its service line stands in the view."""
    session_id = await ended_week(databases, where, days_ago=days_ago)
    note_id = await signed_note(databases, where)
    ids = await diagnosed(databases, where, *codes)
    async with databases.care.transaction(where.therapist) as tx:
        writable = await relations.writable(tx, where.id, Action.ATTEST_SESSION)
        given = Attestation(note_id, minutes, tuple(ids), "As shown.")
        return await messaging_sessions.attest(tx, writable, session_id, given)
