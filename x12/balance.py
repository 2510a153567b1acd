"""Whether an 835 adds up, to the cent (005010X221A1, section 1.10.2: balancing)."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from x12.errors import Finding
from x12.ts835 import Adjustment, PaidClaim, PaidLine, Remittance


def balance_findings(remittance: Remittance) -> tuple[Finding, ...]:
    """Every sum that does not hold: of a line, of a claim, of the payment. Empty when all do.

    line: SVC02 - its CAS = SVC03; claim: CLP03 - all CAS of claim and lines = CLP04; payment: the sum of
    CLP04 less all PLB = BPR02.
    """
    found = [finding for claim in remittance.claims for finding in _claim(claim)]
    moved = sum((each.amount for each in remittance.provider_adjustments), Decimal(0))
    paid = sum((claim.paid for claim in remittance.claims), Decimal(0))
    if paid - moved != remittance.amount:
        message = "the payment is not the sum of its claims less provider adjustments"
        found.append(Finding("out_of_balance", "BPR", "BPR02", message, remittance.position))
    return tuple(found)


def _claim(claim: PaidClaim) -> Iterator[Finding]:
    for line in claim.lines:
        yield from _line(line)
    if claim.charge - _total(claim.all_adjustments()) != claim.paid:
        message = "the charge less all adjustments is not what was paid"
        yield Finding("out_of_balance", "CLP", "CLP04", message, claim.position)


def _line(line: PaidLine) -> Iterator[Finding]:
    if line.charge - _total(line.adjustments) != line.paid:
        message = "the line's charge less its adjustments is not what was paid"
        yield Finding("out_of_balance", "SVC", "SVC03", message, line.position)


def _total(adjustments: Iterable[Adjustment]) -> Decimal:
    return sum((adjustment.amount for adjustment in adjustments), Decimal(0))
