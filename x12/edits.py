"""Business edits: what a file may not say although its structure allows it."""

import re
from collections.abc import Callable, Iterator

from x12 import codes
from x12.balance import balance_findings
from x12.benefits import Information
from x12.edits_837p import claim_file_findings
from x12.elements import parse_day
from x12.envelopes import Interchange, Transaction
from x12.errors import Finding, X12Error
from x12.identifiers import npi_holds
from x12.loops import Loop
from x12.parties import parse_days
from x12.tokenizer import Segment
from x12.ts835 import remittance

_Fault = tuple[str, str, str]
_REMARK = re.compile(codes.REMARK_SHAPE)
_CATEGORY = re.compile(r"[A-Z][0-9]{1,2}[A-Z]?")
_STATUS = re.compile(r"[0-9]{1,4}")
_COUNT = re.compile(r"[0-9]{1,6}")


def interchange_edits(interchange: Interchange) -> Iterator[Finding]:
    """Edits of the TA1 segments."""
    for segment in interchange.acknowledgments:
        if segment.at(4) not in codes.TA1_STATUSES:
            yield Finding("bad_code", "TA1", "TA104", "must be A, E or R", segment.position)


def transaction_edits(transaction: Transaction, root: Loop, *, sound: bool) -> Iterator[Finding]:
    """Edits of one transaction set.

    `sound` tells that the structure is right, so that levels can be counted.
    """
    for segment in transaction.body:
        edit = _EDITS.get(segment.id)
        for code, element, message in edit(segment) if edit else ():
            yield Finding(code, segment.id, element, message, segment.position)
    if sound:
        yield from _levels(root)
    try:
        yield from _sums(transaction, root)
    except X12Error as error:
        yield from error.findings


def _sums(transaction: Transaction, root: Loop) -> Iterator[Finding]:
    if transaction.kind == "837P":
        yield from claim_file_findings(root)
    elif transaction.kind == "835":
        yield from balance_findings(remittance(transaction))


def _levels(root: Loop) -> Iterator[Finding]:
    """HL01 counts up from 1; HL02 names the level around; HL04 tells whether there are levels below."""
    count = 0

    def walk(loop: Loop, parent: str) -> Iterator[Finding]:
        nonlocal count
        for inner in loop.loops:
            head = inner.segments[0]
            if head.id != "HL":
                continue
            count += 1
            if head.at(1) != str(count):
                yield Finding("bad_level", "HL", "HL01", "levels must be numbered from 1", head.position)
            if head.at(2) != parent:
                yield Finding("bad_level", "HL", "HL02", "must name the level around it", head.position)
            has_below = any(below.segments[0].id == "HL" for below in inner.loops)
            if head.at(4) and head.at(4) != str(int(has_below)):
                message = "must tell whether levels follow below"
                yield Finding("bad_level", "HL", "HL04", message, head.position)
            yield from walk(inner, head.at(1))

    yield from walk(root, "")


def _identifier(segment: Segment) -> Iterator[_Fault]:
    kind, value = (3, 4) if segment.id == "N1" else (8, 9)
    if segment.at(kind) == "XX" and not npi_holds(segment.at(value)):
        yield "bad_npi", f"{segment.id}{value:02d}", "the check digit of the NPI does not hold"


def _period(segment: Segment) -> Iterator[_Fault]:
    shape, text = segment.at(2), segment.at(3)
    first, last = parse_days(text)
    wanted = {"D8": 8, "RD8": 17}.get(shape)
    if wanted and (first is None or last is None or len(text) != wanted or last < first):
        yield "bad_date", "DTP03", "is not a date or range in the format named beside it"


def _birth(segment: Segment) -> Iterator[_Fault]:
    if segment.at(1) == "D8" and parse_day(segment.at(2)) is None:
        yield "bad_date", "DMG02", "is not a date"


def _rejection(segment: Segment) -> Iterator[_Fault]:
    if segment.at(1) not in ("Y", "N"):
        yield "bad_code", "AAA01", "must be Y or N"
    if segment.at(3) not in codes.REJECT_REASONS:
        yield "bad_code", "AAA03", "is not a reject reason"
    if segment.at(4) and segment.at(4) not in list(codes.FollowUp):
        yield "bad_code", "AAA04", "is not a follow-up action"


def _benefit(segment: Segment) -> Iterator[_Fault]:
    if segment.at(1) not in list(Information):
        yield "bad_code", "EB01", "is not a kind of benefit information"


def _adjustments(segment: Segment) -> Iterator[_Fault]:
    if segment.at(1) not in codes.ADJUSTMENT_GROUPS:
        yield "bad_code", "CAS01", "is not an adjustment group"
    for element in range(2, len(segment.values), 3):
        if segment.at(element) and segment.at(element) not in codes.ADJUSTMENT_REASONS:
            yield "bad_code", f"CAS{element:02d}", "is not an adjustment reason"


def _paid_claim(segment: Segment) -> Iterator[_Fault]:
    if segment.at(2) not in codes.CLAIM_PAYMENT_STATUSES:
        yield "bad_code", "CLP02", "is not a claim status"


def _remark(segment: Segment) -> Iterator[_Fault]:
    if segment.at(1) == "HE" and not _REMARK.fullmatch(segment.at(2)):
        yield "bad_code", "LQ02", "does not have the shape of a remark code"


def _claim_status(segment: Segment) -> Iterator[_Fault]:
    for element in (1, 10, 11):
        if not segment.at(element):
            continue
        if not _CATEGORY.fullmatch(segment.part(element, 1)):
            yield "bad_code", f"STC{element:02d}-1", "does not have the shape of a status category"
        if not _STATUS.fullmatch(segment.part(element, 2)):
            yield "bad_code", f"STC{element:02d}-2", "does not have the shape of a status code"


def _group_verdict(segment: Segment) -> Iterator[_Fault]:
    if segment.at(1) not in codes.GROUP_STATUSES:
        yield "bad_code", "AK901", "is not a group status"
    received, accepted = segment.at(3), segment.at(4)
    if _COUNT.fullmatch(received) and _COUNT.fullmatch(accepted) and int(accepted) > int(received):
        yield "bad_count", "AK904", "more were accepted than received"


def _transaction_verdict(segment: Segment) -> Iterator[_Fault]:
    if segment.at(1) not in codes.TRANSACTION_STATUSES:
        yield "bad_code", "IK501", "is not a transaction set status"


_EDITS: dict[str, Callable[[Segment], Iterator[_Fault]]] = {
    "AAA": _rejection,
    "AK9": _group_verdict,
    "CAS": _adjustments,
    "CLP": _paid_claim,
    "DMG": _birth,
    "DTP": _period,
    "EB": _benefit,
    "IK5": _transaction_verdict,
    "LQ": _remark,
    "N1": _identifier,
    "NM1": _identifier,
    "STC": _claim_status,
}
