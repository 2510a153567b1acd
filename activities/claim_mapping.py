"""From acknowledgements, statuses and remittances in X12 to the events and values that move a claim.

Sources: 999 and TA1 (005010X231A1), 277CA (005010X214), 277 (005010X212), 835 (005010X221A1).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from domain.claim_states import ClaimEvent
from domain.money import cents
from domain.remittances import Adjustment, Quarantined, RemittanceKey, RemittedClaim, RemittedLine
from x12 import ts835
from x12.parties import Party
from x12.statuses import ClaimStatus
from x12.ts277 import ClaimStatusAnswer
from x12.ts277ca import ClaimAcknowledgment, LevelReport
from x12.ts999 import GroupAcknowledgment, InterchangeAcknowledgment

CLEARING_HOUSE = "AY"  # NM101 of the source of a 277CA; PR is the payer itself
_FORWARDED = frozenset({"A0", "A1"})
_ACCEPTED = frozenset({"A2", "A5"})  # a split claim goes on as several
_REJECTED = frozenset({"A3", "A4", "A6", "A7", "A8"})
_PENDING = frozenset({"P0", "P1", "P2", "P3", "P4", "P5"})
_GROUP_ACCEPTED = frozenset({"A", "E", "P"})


@dataclass(frozen=True, slots=True)
class ClaimReport:
    """What a report says of one claim: our CLM01, the event, the payer's number, the codes as "A7:254"."""

    claim_number: str
    event: ClaimEvent
    payer_claim_number: str | None
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BatchReport:
    """What a 277CA says of a whole file that it rejects. `references` are the BHT03 we sent."""

    references: tuple[str, ...]
    event: ClaimEvent
    codes: tuple[str, ...]


def interchange_event(ta1: InterchangeAcknowledgment) -> ClaimEvent | None:
    """None for an accepted interchange: the 999 says more. Matched by `ta1.control_number` (our ISA13)."""
    return ClaimEvent.INTERCHANGE_REJECTED if ta1.status == "R" else None


def group_events(group: GroupAcknowledgment) -> dict[str, ClaimEvent]:
    """The event of each transaction set by its ST02; the group is ours by `group.control_number` (GS06).

    A group partly accepted (P) has accepted and refused sets. A 999 that names no set speaks of all: key "".
    """
    if not group.transactions:
        return {"": _file_event(group.status in _GROUP_ACCEPTED)}
    refused_whole = group.status not in _GROUP_ACCEPTED
    return {
        each.control_number: _file_event(each.accepted and not refused_whole) for each in group.transactions
    }


def claim_reports(acknowledgment: ClaimAcknowledgment) -> tuple[ClaimReport, ...]:
    """What a 277CA says of each claim. A claim with only unknown codes is left out: it says nothing new."""
    found = []
    for claim in acknowledgment.claims:
        event = _event(claim.statuses, acknowledgment.source)
        if event is not None:
            number = claim.payer_claim_number or None
            found.append(ClaimReport(claim.number, event, number, _codes(claim.statuses)))
    return tuple(found)


def batch_reports(acknowledgment: ClaimAcknowledgment) -> tuple[BatchReport, ...]:
    """Files and providers that a 277CA rejects whole, when it lists no claims of theirs."""
    if acknowledgment.claims:
        return ()
    levels: Iterable[LevelReport] = (*acknowledgment.files, *acknowledgment.providers)
    references = tuple(trace for level in acknowledgment.files for trace in level.traces)
    rejected = (ClaimEvent.CH_REJECTED, ClaimEvent.PAYER_REJECTED)
    return tuple(
        BatchReport(references, event, _codes(level.statuses))
        for level in levels
        if (event := _event(level.statuses, acknowledgment.source)) in rejected and event is not None
    )


def status_event(answer: ClaimStatusAnswer) -> ClaimEvent | None:
    """What a 277 adds: pending or rejected. A finalised claim (F) waits for its 835, which brings the money."""
    return _event(answer.statuses, answer.payer)


def remittance_key(remittance: ts835.Remittance) -> RemittanceKey:
    """What tells the same payment sent twice. Raises `Quarantined` for a payment without a date."""
    if remittance.paid_on is None:
        raise Quarantined("payment_undated")
    amount = cents(remittance.amount)
    return RemittanceKey(remittance.payer_trace_id, remittance.trace, remittance.paid_on, amount)


def remitted_claims(remittance: ts835.Remittance) -> tuple[RemittedClaim, ...]:
    """Every claim of a payment as the value that `domain.remittances.post` takes."""
    return tuple(map(_remitted, remittance.claims))


def _file_event(accepted: bool) -> ClaimEvent:
    return ClaimEvent.FILE_ACCEPTED if accepted else ClaimEvent.GROUP_REJECTED


def _event(statuses: Iterable[ClaimStatus], source: Party | None) -> ClaimEvent | None:
    """A rejection anywhere outweighs what else is said."""
    categories = {code.category for status in statuses for code in status.codes}
    from_payer = source is None or source.entity != CLEARING_HOUSE
    if categories & _REJECTED:
        return ClaimEvent.PAYER_REJECTED if from_payer else ClaimEvent.CH_REJECTED
    if categories & _PENDING:
        return ClaimEvent.PENDED
    if categories & _ACCEPTED:
        return ClaimEvent.PAYER_ACCEPTED if from_payer else ClaimEvent.CH_ACCEPTED
    return ClaimEvent.CH_ACCEPTED if categories & _FORWARDED else None


def _codes(statuses: Iterable[ClaimStatus]) -> tuple[str, ...]:
    return tuple(f"{code.category}:{code.status}" for status in statuses for code in status.codes)


def _remitted(claim: ts835.PaidClaim) -> RemittedClaim:
    return RemittedClaim(
        control_number=claim.number,
        status=claim.status,
        charge=cents(claim.charge),
        paid=cents(claim.paid),
        payer_claim_number=claim.payer_claim_number or None,
        adjustments=_adjustments(claim.adjustments),
        lines=tuple(map(_remitted_line, claim.lines)),
    )


def _remitted_line(line: ts835.PaidLine) -> RemittedLine:
    return RemittedLine(
        procedure_code=line.procedure[1] if len(line.procedure) > 1 else "",
        charge=cents(line.charge),
        paid=cents(line.paid),
        adjustments=_adjustments(line.adjustments),
        control_number=line.reference or None,
    )


def _adjustments(found: Iterable[ts835.Adjustment]) -> tuple[Adjustment, ...]:
    return tuple(Adjustment(each.group, each.reason, cents(each.amount)) for each in found)
