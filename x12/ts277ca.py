"""The claim acknowledgment, 277CA (005010X214): what became of each claim on its way into the payer's
system."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from x12.envelopes import Transaction, transactions_of
from x12.layouts import layout_of
from x12.loops import Loop, read_loops
from x12.parties import Amount, Party, Period, Reference, party_in, read_amounts, read_period, read_reference
from x12.statuses import ClaimStatus, LineStatus, read_line, read_status, reference_of


@dataclass(frozen=True, slots=True)
class LevelReport:
    """What is said of a whole file (2200B) or provider (2200C).

    `traces` are TRN02: at file level the batch reference we sent (BHT03 of the 837). Quantities are 90 or QA
    accepted, AA or QC rejected; amounts YU accepted, YY rejected.
    """

    party: Party | None
    traces: tuple[str, ...]
    statuses: tuple[ClaimStatus, ...]
    quantities: tuple[Amount, ...]
    amounts: tuple[Amount, ...]
    references: tuple[Reference, ...]


@dataclass(frozen=True, slots=True)
class AcknowledgedClaim:
    """What is said of one claim (2200D). `number` is our CLM01, `payer_claim_number` the payer's (REF*1K)."""

    number: str
    patient: Party | None = field(repr=False)
    statuses: tuple[ClaimStatus, ...]
    payer_claim_number: str
    references: tuple[Reference, ...]
    dates: tuple[Period, ...]
    lines: tuple[LineStatus, ...]


@dataclass(frozen=True, slots=True)
class ClaimAcknowledgment:
    """One 277CA. `reference` is BHT03 of the report, `source_trace` the sender's own batch number."""

    reference: str
    source: Party | None
    source_trace: str
    source_dates: tuple[Period, ...]
    files: tuple[LevelReport, ...]
    providers: tuple[LevelReport, ...]
    claims: tuple[AcknowledgedClaim, ...]


def read_277ca(data: bytes | str) -> tuple[ClaimAcknowledgment, ...]:
    """Every 277CA of a file. Raises `X12Error`."""
    return tuple(map(acknowledgment, transactions_of(data, "277CA")))


def acknowledgment(transaction: Transaction) -> ClaimAcknowledgment:
    """One 277CA."""
    root, _ = read_loops(layout_of(transaction), transaction.body)
    header = root.first("BHT")
    source = next(root.inner("2000A"), Loop("2000A"))
    trace = next(source.inner("2200A"), Loop("2200A"))
    number = trace.first("TRN")
    return ClaimAcknowledgment(
        reference=header.at(3) if header else "",
        source=party_in(source, "2100A"),
        source_trace=number.at(2) if number else "",
        source_dates=tuple(map(read_period, trace.every("DTP"))),
        files=tuple(_level(loop, "2100B", "2200B") for loop in root.deep("2000B")),
        providers=tuple(_level(loop, "2100C", "2200C") for loop in root.deep("2000C")),
        claims=tuple(claim for patient in root.deep("2000D") for claim in _claims(patient)),
    )


def _level(level: Loop, name: str, trace_name: str) -> LevelReport:
    trace = next(level.inner(trace_name), Loop(trace_name))
    return LevelReport(
        party=party_in(level, name),
        traces=tuple(segment.at(2) for segment in trace.every("TRN")),
        statuses=tuple(map(read_status, trace.every("STC"))),
        quantities=read_amounts(trace.every("QTY")),
        amounts=read_amounts(trace.every("AMT")),
        references=tuple(map(read_reference, trace.every("REF"))),
    )


def _claims(patient: Loop) -> Iterator[AcknowledgedClaim]:
    who = party_in(patient, "2100D")
    for claim in patient.inner("2200D"):
        references = tuple(map(read_reference, claim.every("REF")))
        yield AcknowledgedClaim(
            number=claim.segments[0].at(2),
            patient=who,
            statuses=tuple(map(read_status, claim.every("STC"))),
            payer_claim_number=reference_of(references, "1K"),
            references=references,
            dates=tuple(map(read_period, claim.every("DTP"))),
            lines=tuple(map(read_line, claim.inner("2220D"))),
        )
