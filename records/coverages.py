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
from domain.letters import Letters, letters_for
from domain.zones import zone
from encryption.blind_index import BlindIndex, IndexedField
from encryption.keys import KeyScope
from encryption.rooms import open_field, seal_field
from records import coverage_answers, coverage_states, insurance_plans, journeys, payers, sponsors
from records.database import Row, Transaction, dumps

INSURANCE, SPONSOR, SELF_PAY, FSA_HSA = "insurance", "sponsor", "self_pay", "fsa_hsa"


@dataclass(frozen=True, slots=True)
class NewCoverage:
    """What the client gives. `payer` is an id or code."""

    kind: str
    payer: str | None = None
    card: Card = field(default_factory=Card)
    sponsor_code: str | None = field(default=None, repr=False)
    letters: Letters | None = None


async def give(tx: Transaction, client: WritableClientId, index: BlindIndex, new: NewCoverage) -> CoverageId:
    """A cover: insurance is asked about, what needs no question is in force at once.

    Raises Conflict naming what comes first (`consents_first`), Invalid (naming fields), NotFound
    (`unknown_payer`).
    """
    await journeys.hold(tx, client.id)
    refuse_too_early(Step.COVERAGE, await journeys.facts(tx, client.id, paid_by=new.kind))
    payer_id, sponsor_id = await _who_pays(tx, client.id, index, new)
    coverage_id = CoverageId(new_id())
    key = await tx.key(KeyScope.BILLING, client.id)
    details = dumps(new.card.to_json())
    await coverage_states.end_others(tx, client.id, but=coverage_id, active=False)
    await tx.insert(
        "coverages",
        id=coverage_id,
        client_id=client.id,
        kind=new.kind,
        payer_id=payer_id,
        card_payer_id=payer_id,
        sponsor_id=sponsor_id,
        plan=await _plan(tx, client.id, payer_id, new.card),
        details_sealed=seal_field(key, client.id, "coverages", "details_sealed", coverage_id, details),
        member_index=index.of(IndexedField.MEMBER_ID, new.card.member_id) if payer_id else None,
        letters=letters_for(new.card.relationship, new.letters) if payer_id else None,
        status=CoverageStatus.VERIFYING,
        status_at=tx.now,
        asking=False,
        verification=1,
        version=1,
        reasons=[],
        owner="payer",
        created_at=tx.now,
    )
    await tx.audit("give_coverage", subject_id=coverage_id)
    coverage = await find(tx, coverage_id, lock=True)
    if new.kind == INSURANCE:
        await coverage_states.ask(tx, coverage, 1)
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
        sponsor = await sponsors.cover_of(tx, index, client_id, new.sponsor_code or "")
        return None, sponsor["id"]
    return None, None


async def _plan(tx: Transaction, client_id: UUID, payer_id: UUID | None, card: Card) -> str | None:
    if payer_id is None:
        return None
    return await insurance_plans.of_card(tx, payer_id, card, await local_date(tx, client_id))


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


async def _in_force_at_once(tx: Transaction, coverage: Row) -> None:
    if coverage["kind"] == SPONSOR:
        await sponsors.grant(tx, coverage)
    reason = "sponsor_active" if coverage["kind"] == SPONSOR else coverage["kind"]
    told = coverage_answers.without_a_payer(reason, await local_date(tx, coverage["client_id"]))
    await coverage_states.settle(tx, coverage, CoverageStatus.ACTIVE, reason, told)


async def end_insurance(tx: Transaction, client_id: UUID) -> None:
    """The client released nothing to a payer any more: what insurance paid for, or was asked about, ends here.

    The caller holds the client, and advances the journey.
    """
    await tx.run(
        "UPDATE coverages SET ended_at = %s, asking = false, version = version + 1"
        " WHERE client_id = %s AND kind = 'insurance' AND ended_at IS NULL",
        (tx.now, client_id),
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
    plan = await _plan(tx, coverage["client_id"], coverage["card_payer_id"], card)
    before = Letters(coverage["letters"]) if coverage["letters"] else None
    letters = letters_for(card.relationship, None, before)
    await tx.run(
        "UPDATE coverages SET details_sealed = %s, plan = %s, letters = %s WHERE id = %s",
        (sealed, plan, letters, coverage["id"]),
    )


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
    rows = await tx.all("SELECT id, version, verification FROM coverages WHERE asking")
    for row in rows:
        await tx.tell("coverage_asked", row["id"], row["version"], n=row["verification"])
    return len(rows)


def refuse_ended(coverage: Row) -> None:
    """Raise Conflict (`coverage_ended`) for a cover that another one has replaced."""
    if coverage["ended_at"] is not None:
        raise Conflict("coverage_ended")
