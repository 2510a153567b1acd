"""A report of the clearing house is read and posted: whole, or not at all. Twice is once."""

from uuid import UUID

from activities.claim_mapping import (
    BatchReport,
    batch_reports,
    claim_reports,
    group_events,
    interchange_event,
    remittance_key,
    remitted_claims,
)
from activities.eligibility_mapping import late_answers
from domain.claim_states import IllegalStep
from domain.remittances import Quarantined
from records import acknowledgements, clearinghouse, remittances, verifications
from records.claim_batches import tell_reported
from records.database import Row, Transaction
from records.notices import notify_role
from x12.errors import X12Error
from x12.ts277ca import read_277ca
from x12.ts835 import read_835
from x12.ts999 import read_999, read_ta1

DUPLICATE_INTERCHANGE = "025"  # TA105: they have this file already, which is what we want


async def post_report(tx: Transaction, report_id: UUID) -> str:
    """Post one report; its state: `posted`, or `quarantined` with its reason on the row and the office told."""
    report = await clearinghouse.find(tx, report_id, lock=True)
    if report["state"] != "received":
        return str(report["state"])
    try:
        async with tx.conn.transaction():
            batches = await _post(tx, report, await clearinghouse.content(tx, report))
    except (Quarantined, IllegalStep, X12Error) as error:
        await clearinghouse.mark(tx, report_id, "quarantined", _reason(error), None)
        await notify_role(tx, "billing", "report_quarantined", report_id)
        return "quarantined"
    await clearinghouse.mark(tx, report_id, "posted", None, batches[0] if batches else None)
    for batch_id in batches:
        await tell_reported(tx, batch_id)
    return "posted"


def _reason(error: Exception) -> str:
    if isinstance(error, X12Error) and error.findings:
        return error.findings[0].code
    return str(getattr(error, "code", "unreadable"))


async def _post(tx: Transaction, report: Row, content: bytes) -> list[UUID]:
    """The batches of ours that the report speaks of."""
    source = str(report["source"])
    match report["kind"]:
        case "TA1":
            found = await _interchanges(tx, source, content)
        case "999":
            found = await _groups(tx, source, content)
        case "277CA":
            found = await _claims(tx, source, content)
        case "835":
            found = await _payments(tx, report["id"], content)
        case "271":
            found = await _answers(tx, content)
        case _:
            raise Quarantined("report_kind_unknown")
    return list(dict.fromkeys(batch_id for batch_id in found if batch_id is not None))


async def _answers(tx: Transaction, content: bytes) -> list[UUID | None]:
    """Answers about cover that a payer gave later. They speak of no batch."""
    for trace, answer in late_answers(content):
        await verifications.answered_late(tx, trace.number, answer, content)
    return []


async def _interchanges(tx: Transaction, source: str, content: bytes) -> list[UUID | None]:
    batches = []
    for ta1 in read_ta1(content):
        batch_id = await acknowledgements.batch_by_control(tx, ta1.control_number)
        event = interchange_event(ta1)
        if batch_id and event and ta1.note != DUPLICATE_INTERCHANGE:
            await acknowledgements.move_batch(tx, batch_id, event, source, [f"TA1:{ta1.note}"])
        batches.append(batch_id)
    return batches


async def _groups(tx: Transaction, source: str, content: bytes) -> list[UUID | None]:
    batches = []
    for group in read_999(content):
        batch_id = await acknowledgements.batch_by_control(tx, group.control_number)
        if batch_id:
            for event in dict.fromkeys(group_events(group).values()):
                await acknowledgements.move_batch(tx, batch_id, event, source, [f"999:{group.status}"])
        batches.append(batch_id)
    return batches


async def _claims(tx: Transaction, source: str, content: bytes) -> list[UUID | None]:
    batches: list[UUID | None] = []
    for acknowledgment in read_277ca(content):
        batches += [
            await acknowledgements.move_claim(
                tx, one.claim_number, one.event, source, one.codes, one.payer_claim_number
            )
            for one in claim_reports(acknowledgment)
        ]
        for whole in batch_reports(acknowledgment):
            batches += [await _whole_batch(tx, reference, whole, source) for reference in whole.references]
    return batches


async def _whole_batch(tx: Transaction, reference: str, report: BatchReport, source: str) -> UUID | None:
    batch_id = await acknowledgements.batch_by_reference(tx, reference)
    if batch_id:
        await acknowledgements.move_batch(tx, batch_id, report.event, source, report.codes)
    return batch_id


async def _payments(tx: Transaction, report_id: UUID, content: bytes) -> list[UUID | None]:
    batches: list[UUID | None] = []
    for remittance in read_835(content):
        moved = [each.amount for each in remittance.provider_adjustments]
        batches += await remittances.post_payment(
            tx, report_id, remittance_key(remittance), remitted_claims(remittance), moved
        )
    return batches
