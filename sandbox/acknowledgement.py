"""Writes the 277CA (005010X214): what the payer's front end made of each claim, with totals that add up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sandbox.claims import Batch, Claim, Name
from sandbox.rules import ClaimRejection
from sandbox.x12 import Row


def money(amount: Decimal) -> str:
    """Dollars as X12 writes decimals: no needless zeros, never an exponent."""
    return format(amount.normalize(), "f")


@dataclass(frozen=True)
class Verdict:
    """One answer on a claim, or on a part of it when the payer split it. `icn` is the payer's number,
    empty when refused.
    """

    claim: Claim
    charge: Decimal
    icn: str = ""
    rejected: ClaimRejection | None = None
    split: bool = False


def _entity(code: str, name: Name) -> Row:
    return ("NM1", code, name.kind, name.last, name.first, "", "", "", name.qualifier, name.id)


def _totals(verdicts: Sequence[Verdict], good: str, bad: str) -> list[Row]:
    """QTY and AMT: how many and how much was taken and refused."""
    rows: list[Row] = []
    amounts: list[Row] = []
    for code, unit, refused in ((good, "YU", False), (bad, "YY", True)):
        own = [verdict for verdict in verdicts if (verdict.rejected is not None) == refused]
        if own:
            rows.append(("QTY", code, str(len(own))))
            amounts.append(("AMT", unit, money(sum((verdict.charge for verdict in own), Decimal(0)))))
    return rows + amounts


def _status(verdict: Verdict, day: str) -> Row:
    refused = verdict.rejected
    if refused:
        composite = tuple(part for part in (refused.category, refused.code, refused.entity) if part)
        return ("STC", composite, day, "U", money(verdict.charge))
    return ("STC", ("A5" if verdict.split else "A2", "20", "PR"), day, "WQ", money(verdict.charge))


def _claim_rows(verdict: Verdict, level: int, parent: int, day: str) -> list[Row]:
    claim = verdict.claim
    patient = Name("1", claim.patient.last, claim.patient.first, "MI", claim.patient.id or claim.member_id)
    first, last = f"{claim.first:%Y%m%d}", f"{claim.last:%Y%m%d}"
    rows: list[Row] = [
        ("HL", str(level), str(parent), "PT"),
        _entity("QC", patient),
        ("TRN", "2", claim.number),
        _status(verdict, day),
    ]
    if verdict.icn:
        rows.append(("REF", "1K", verdict.icn))
    period = ("D8", first) if first == last else ("RD8", f"{first}-{last}")
    return [*rows, ("DTP", "472", *period)]


def _by_provider(verdicts: Sequence[Verdict]) -> dict[str, list[Verdict]]:
    groups: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        groups.setdefault(verdict.claim.billing.name.id, []).append(verdict)
    return groups


def rows_277ca(
    batch: Batch, verdicts: Sequence[Verdict], reference: str, number: int, received: datetime, at: datetime
) -> list[Row]:
    """One 277CA transaction set on the claims of one payer in one batch."""
    day, payer = f"{at:%Y%m%d}", verdicts[0].claim.payer
    total = money(sum((verdict.charge for verdict in verdicts), Decimal(0)))
    rows: list[Row] = [
        ("ST", "277", f"{number:04d}", "005010X214"),
        ("BHT", "0085", "08", reference, day, f"{at:%H%M}", "TH"),
        ("HL", "1", "", "20", "1"),
        _entity("PR", Name("2", payer.last, "", "PI", payer.id)),
        ("TRN", "1", reference),
        ("DTP", "050", "D8", f"{received:%Y%m%d}"),
        ("DTP", "009", "D8", day),
        ("HL", "2", "1", "21", "1"),
        _entity("41", batch.submitter),
        ("TRN", "2", batch.reference),
        ("STC", ("A1", "19", "PR"), day, "WQ", total),
        *_totals(verdicts, "90", "AA"),
    ]
    level = 2
    for own in _by_provider(verdicts).values():
        level += 1
        parent = level
        share = money(sum((verdict.charge for verdict in own), Decimal(0)))
        rows += [
            ("HL", str(level), "2", "19", "1"),
            _entity("85", own[0].claim.billing.name),
            ("TRN", "1", "0"),
            ("STC", ("A1", "19", "PR"), "", "WQ", share),
            *_totals(own, "QA", "QC"),
        ]
        for verdict in own:
            level += 1
            rows += _claim_rows(verdict, level, parent, day)
    return rows
