"""Whether a file is well formed and says nothing impossible.

A file that says no is still a valid file: a 271 with AAA, a TA1 or 999 that rejects.
"""

from collections.abc import Iterator

from x12.edits import interchange_edits, transaction_edits
from x12.elements import element_findings, isa_findings
from x12.envelopes import Interchange, Transaction, read_envelopes
from x12.errors import Finding, X12Error
from x12.layouts import layout_of
from x12.loops import read_loops
from x12.tokenizer import tokenize

# GS01 and the version each set is read in.
_GUIDES = {
    "270": ("HS", "005010X279"),
    "271": ("HB", "005010X279"),
    "276": ("HR", "005010X212"),
    "277": ("HN", "005010X212"),
    "277CA": ("HN", "005010X214"),
    "835": ("HP", "005010X221"),
    "837P": ("HC", "005010X222"),
    "999": ("FA", "005010X231"),
}


def check(data: bytes | str) -> list[Finding]:
    """Every fault of a file, in the order of the file; an empty list when it is valid.

    Never raises for content.
    """
    try:
        document = tokenize(data)
    except X12Error as error:
        return list(error.findings)
    interchanges, findings = read_envelopes(document)
    found = list(findings)
    for interchange in interchanges:
        found.extend(_interchange(interchange))
    return sorted(dict.fromkeys(found), key=lambda finding: finding.position)


def _interchange(interchange: Interchange) -> Iterator[Finding]:
    yield from isa_findings(interchange.header)
    yield from interchange_edits(interchange)
    for segment in interchange.acknowledgments:
        yield from element_findings(segment)
    for group in interchange.groups:
        yield from element_findings(group.header)
        for transaction in group.transactions:
            yield from _transaction(transaction)


def _transaction(transaction: Transaction) -> Iterator[Finding]:
    header = transaction.header
    yield from element_findings(header)
    try:
        layout = layout_of(transaction)
    except X12Error as error:
        yield from error.findings
        return
    functional_id, version = _GUIDES[transaction.kind]
    if transaction.functional_id != functional_id:
        yield Finding(
            "wrong_group", "GS", "GS01", "the group is not for this transaction set", header.position
        )
    if not transaction.version.startswith(version):
        message = "the set is not read in this version"
        yield Finding("unknown_version", "ST", "ST03", message, header.position)
    root, structure = read_loops(layout, transaction.body)
    yield from structure
    for segment in transaction.body:
        yield from element_findings(segment)
    yield from transaction_edits(transaction, root, sound=not structure)
