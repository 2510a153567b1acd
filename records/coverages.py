"""How care is paid: given by the client, sealed, asked about, and in force from one instant to another."""

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from domain.access import ReadableClientId, WritableClientId
from domain.coverage import CoverageStatus
from domain.errors import Conflict, FieldError, Invalid, NotFound
from domain.ids import CoverageId, new_id
from domain.insured import Card, Relationship
from domain.journeys import Step, refuse_too_early
from domain.money import ZERO
from domain.stages import Wait
from domain.zones import zone
from encryption.blind_index import BlindIndex, IndexedField
from encryption.keys import KeyScope
from encryption.rooms import open_field, seal_field
from records import coverage_answers, journeys, payers
from records.database import Row, Transaction, dumps
from records.events import Event, EventKind

INSURANCE, SPONSOR, SELF_PAY, FSA_HSA = "insurance", "sponsor", "self_pay", "fsa_hsa"

WAIT_OF = {
    CoverageStatus.VERIFYING: Wait.PAYER_ANSWER,
    CoverageStatus.NEEDS_INFORMATION: Wait.COVERAGE_DETAILS,
    CoverageStatus.INACTIVE: Wait.OTHER_COVERAGE,
    CoverageStatus.MANUAL_REVIEW: Wait.COVERAGE_REVIEW,
}


@dataclass(frozen=True, slots=True)
class NewCoverage:
    """What the client gives. `payer` is an id or code."""

    kind: str
    payer: str | None = None
    card: Card = field(default_factory=Card)
    sponsor_code: str | None = field(default=None, repr=False)


async def give(tx: Transaction, client: WritableClientId, index: BlindIndex, new: NewCoverage) -> CoverageId:
    """A cover: insurance is asked about, what needs no question is in force at once.

    Raises Conflict naming what comes first (`consents_first`), Invalid (naming fields), NotFound
    (`unknown_payer`).
    """
    await journeys.hold(tx, client.id)
    refuse_too_early(Step.COVERAGE, await journeys.facts(tx, client.id))
    payer_id, sponsor_id = await _who_pays(tx, client.id, index, new)
    coverage_id = CoverageId(new_id())
    key = await tx.key(KeyScope.BILLING, client.id)
    details = dumps(new.card.to_json())
    await _end(tx, client.id, but=coverage_id, active=False)
    await tx.insert(
        "coverages",
        id=coverage_id,
        client_id=client.id,
        kind=new.kind,
        payer_id=payer_id,
        card_payer_id=payer_id,
        sponsor_id=sponsor_id,
        details_sealed=seal_field(key, client.id, "coverages", "details_sealed", coverage_id, details),
        member_index=index.of(IndexedField.MEMBER_ID, new.card.member_id) if payer_id else None,
        status=CoverageStatus.VERIFYING,
        verification=1,
        version=1,
        reasons=[],
        owner="payer",
        created_at=tx.now,
    )
    await tx.audit("give_coverage", subject_id=coverage_id)
    coverage = await find(tx, coverage_id, lock=True)
    if new.kind == INSURANCE:
        await ask(tx, coverage, 1)
    else:
        await _in_force_at_once(tx, coverage)
    return coverage_id


async def _who_pays(
    tx: Transaction, client_id: UUID, index: BlindIndex, new: NewCoverage
) -> tuple[UUID | None, UUID | None]:
    if new.kind == INSURANCE:
        payer = await payers.find_offered(tx, new.payer or "")
        check_card(new.card, group_required=bool(payer["settings"].get("group_required")))
        return payer["id"], None
    if new.kind == SPONSOR:
        sponsor = await payers.sponsor_of(tx, index, new.sponsor_code or "", await local_date(tx, client_id))
        return None, sponsor["id"]
    return None, None


def check_card(card: Card, *, group_required: bool) -> None:
    """Raise Invalid naming what the payer would miss."""
    missing = {
        "member_id": not card.member_id.strip(),
        "group_number": group_required and not card.group_number,
        "subscriber": card.relationship is not Relationship.SELF
        and not (card.subscriber_name and card.subscriber_born),
    }
    errors = [FieldError(name, "required") for name, stands in missing.items() if stands]
    if errors:
        raise Invalid(*errors)


async def ask(tx: Transaction, coverage: Row, n: int) -> None:
    """Have the payer asked: verification `n`, told to its workflow."""
    await set_status(tx, coverage, CoverageStatus.VERIFYING, "asked", verification=n)
    row = await find(tx, coverage["id"])
    await tx.tell("coverage_asked", row["id"], row["version"], n=n)
    await journeys.advance(tx, coverage["client_id"])


async def _in_force_at_once(tx: Transaction, coverage: Row) -> None:
    today = await local_date(tx, coverage["client_id"])
    price = await payers.self_pay_price(tx, today)
    reason = "sponsor_active" if coverage["kind"] == SPONSOR else coverage["kind"]
    cost = ZERO if coverage["kind"] == SPONSOR else price
    told = coverage_answers.without_a_payer(reason, cost, price, today)
    await settle(tx, coverage, CoverageStatus.ACTIVE, reason, told)


async def settle(
    tx: Transaction,
    coverage: Row,
    status: CoverageStatus,
    reason: str,
    told: dict[str, Any],
    *,
    task: str | None = None,
    payer_id: UUID | None = None,
) -> None:
    """Keep the answer and move the journey, in one transaction. The row is locked by the caller.

    An active cover ends the one before it.
    """
    client_id = coverage["client_id"]
    key = await tx.key(KeyScope.BILLING, client_id)
    sealed = seal_field(key, client_id, "coverages", "answer_sealed", coverage["id"], dumps(told))
    await tx.run(
        "UPDATE coverages SET answer_sealed = %s, answered_at = %s, payer_id = coalesce(%s, payer_id)"
        " WHERE id = %s",
        (sealed, tx.now, payer_id, coverage["id"]),
    )
    await set_status(tx, coverage, status, reason, task=task)
    if status is CoverageStatus.ACTIVE:
        await _end(tx, client_id, but=coverage["id"], active=True)
    await tx.audit("settle_coverage", subject_id=coverage["id"], status=status)
    await journeys.advance(tx, client_id)


async def set_status(
    tx: Transaction,
    coverage: Row,
    status: CoverageStatus,
    reason: str,
    *,
    task: str | None = None,
    verification: int | None = None,
) -> None:
    """The new status, who must act now, and by when."""
    await tx.run(
        "UPDATE coverages SET status = %s, reasons = %s, task = %s, owner = %s, due_at = %s,"
        " verification = coalesce(%s, verification), version = version + 1 WHERE id = %s",
        (
            status,
            [reason],
            task,
            _OWNER_OF.get(status),
            await _due(tx, status),
            verification,
            coverage["id"],
        ),
    )
    tx.announce(Event(EventKind.JOURNEY, account_id=coverage["client_id"]))


_OWNER_OF = {
    CoverageStatus.VERIFYING: "payer",
    CoverageStatus.NEEDS_INFORMATION: "client",
    CoverageStatus.INACTIVE: "client",
    CoverageStatus.MANUAL_REVIEW: "billing",
}


async def _due(tx: Transaction, status: CoverageStatus) -> datetime | None:
    if status not in WAIT_OF:
        return None
    policy = (await journeys.stage_policies(tx))[WAIT_OF[status]]
    return tx.now + policy.due if policy.due else None


async def _end(tx: Transaction, client_id: UUID, *, but: UUID, active: bool) -> None:
    """End the client's other covers: those in force, or those that never came to be."""
    await tx.run(
        "UPDATE coverages SET ended_at = %s, version = version + 1"
        " WHERE client_id = %s AND id <> %s AND ended_at IS NULL AND (%s OR status <> 'active')",
        (tx.now, client_id, but, active),
    )


async def find(tx: Transaction, coverage_id: UUID, *, lock: bool = False) -> Row:
    """One cover. Raises NotFound."""
    row = await tx.one(_LOCKED if lock else _FOUND, (coverage_id,))
    if row is None:
        raise NotFound
    return row


_FOUND = "SELECT * FROM coverages WHERE id = %s"
_LOCKED = _FOUND + " FOR UPDATE"


async def card_of(tx: Transaction, coverage: Row) -> Card:
    """What the client gave, opened. The caller audits."""
    key = await tx.key(KeyScope.BILLING, coverage["client_id"])
    text = open_field(
        key, coverage["client_id"], "coverages", "details_sealed", coverage["id"], coverage["details_sealed"]
    )
    return Card.from_json(json.loads(text))


async def keep_card(tx: Transaction, coverage: Row, card: Card) -> None:
    """Seal and keep corrected details."""
    key = await tx.key(KeyScope.BILLING, coverage["client_id"])
    details = dumps(card.to_json())
    sealed = seal_field(key, coverage["client_id"], "coverages", "details_sealed", coverage["id"], details)
    await tx.run("UPDATE coverages SET details_sealed = %s WHERE id = %s", (sealed, coverage["id"]))


async def told_of(tx: Transaction, coverage: Row) -> dict[str, Any]:
    """The answer with estimate and services as they were told; empty while there is none. The caller audits."""
    if coverage["answer_sealed"] is None:
        return {}
    key = await tx.key(KeyScope.BILLING, coverage["client_id"])
    text = open_field(
        key, coverage["client_id"], "coverages", "answer_sealed", coverage["id"], coverage["answer_sealed"]
    )
    told: dict[str, Any] = json.loads(text)
    return told


async def of_client(tx: Transaction, client: ReadableClientId) -> list[Row]:
    """The client's covers that have not ended, the one in force first."""
    return await tx.all(
        "SELECT * FROM coverages WHERE client_id = %s AND ended_at IS NULL"
        " ORDER BY status = 'active' DESC, created_at DESC",
        (client.id,),
    )


async def active_coverage(tx: Transaction, client_id: UUID, on: date) -> Row | None:
    """The cover in force for care on a day (the client's calendar), the newest; None when there was none."""
    # A day has begun somewhere before it begins by UTC, and ends somewhere after it.
    begin, end = (datetime.combine(on + timedelta(days=days), time(), UTC) for days in (-1, 2))
    return await tx.one(
        "SELECT * FROM coverages WHERE client_id = %s AND status = 'active' AND created_at < %s"
        " AND (ended_at IS NULL OR ended_at >= %s) ORDER BY ended_at IS NULL DESC, created_at DESC LIMIT 1",
        (client_id, end, begin),
    )


async def local_date(tx: Transaction, client_id: UUID) -> date:
    """Today by the client's calendar. Raises NotFound."""
    row = await tx.one("SELECT time_zone FROM accounts WHERE id = %s", (client_id,))
    if row is None:
        raise NotFound
    return tx.now.astimezone(zone(row["time_zone"])).date()


async def retell(tx: Transaction) -> int:
    """Tell the workflow of every verification that is not answered again. How many."""
    rows = await tx.all(
        "SELECT id, version, verification FROM coverages WHERE status = 'verifying' AND ended_at IS NULL"
    )
    for row in rows:
        await tx.tell("coverage_asked", row["id"], row["version"], n=row["verification"])
    return len(rows)


def refuse_ended(coverage: Row) -> None:
    """Raise Conflict (`coverage_ended`) for a cover that another one has replaced."""
    if coverage["ended_at"] is not None:
        raise Conflict("coverage_ended")
