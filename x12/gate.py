"""The last gate before a claim file leaves: pyx12's implementation-guide maps.

pyx12 re-reads its maps for every file, so they are loaded once; it writes offending values to its log and
into its messages, so the log is silenced and the messages are our own. It checks structure and code sets,
not totals, NPI, diagnoses or procedures: `x12.check` does those.
"""

import io
import json
import logging
from collections.abc import Callable, Iterator
from functools import cache
from threading import Lock
from typing import Any

from x12.errors import Finding
from x12.tokenizer import tokenize

# IK304 and IK403 of the 999 (X12 elements 620 and 621), which pyx12 uses as its error codes.
_SEGMENT_FAULTS = {
    "1": "is not known",
    "2": "stands where it must not",
    "3": "must be there",
    "4": "begins a loop too often",
    "5": "stands too often",
    "6": "is not part of this transaction set",
    "7": "stands out of order",
}
_ELEMENT_FAULTS = {
    "1": "must be given",
    "2": "must be given with what stands beside it",
    "3": "is one too many",
    "4": "is too short",
    "5": "is too long",
    "6": "holds a character it must not hold",
    "7": "is not a code allowed here",
    "8": "is not a date",
    "9": "is not a time of day",
    "10": "must not stand with what stands beside it",
}
# The loaded maps are shared, and pyx12 does not promise that they may be walked twice at once.
_ONE_AT_A_TIME = Lock()


def gate(data: bytes) -> tuple[Finding, ...]:
    """What pyx12 finds wrong with an outbound 837P; empty when it may leave. Never logs.

    Raises `X12Error` when the data is not even X12.
    """
    document = tokenize(data)
    text = document.write().decode("ascii", "replace")
    report = io.StringIO()
    try:
        with _ONE_AT_A_TIME:
            passed = _validator()(io.StringIO(text), report)
    except Exception as error:
        # pyx12 raises many kinds for files it has no map for; their texts repeat values.
        return (Finding("gate_failed", "", "", f"the maps cannot read this file ({type(error).__name__})"),)
    found = tuple(_findings(json.loads(report.getvalue() or "{}")))
    if found or passed:
        return found
    return (Finding("gate_refused", "", "", "an envelope segment breaks its map"),)


@cache
def _validator() -> Callable[[io.StringIO, io.StringIO], bool]:
    """pyx12's validation with its log off and its maps kept."""
    import pyx12.map_if
    import pyx12.map_index
    import pyx12.params
    import pyx12.x12n_document

    log = logging.getLogger("pyx12")
    log.setLevel(logging.CRITICAL + 1)
    log.propagate = False
    pyx12.map_if.load_map_file = cache(pyx12.map_if.load_map_file)
    pyx12.map_index.map_index = cache(pyx12.map_index.map_index)
    params = pyx12.params.ParamsBase()

    def validate(source: io.StringIO, report: io.StringIO) -> bool:
        return bool(pyx12.x12n_document.x12n_document(params, source, None, None, fd_json=report))

    return validate


def _findings(report: dict[str, Any]) -> Iterator[Finding]:
    for interchange in report.get("interchanges", ()):
        yield from _envelope(interchange, "ISA")
        for group in interchange["groups"]:
            yield from _envelope(group, "GS")
            for transaction in group["transactions"]:
                yield from _envelope(transaction, "ST")
                for segment in transaction["segments"]:
                    yield from _segment(segment)


def _envelope(node: dict[str, Any], segment: str) -> Iterator[Finding]:
    for error in node["errors"]:
        message = f"the envelope is wrong (pyx12 code {error['err_cde']})"
        yield Finding("gate_envelope", segment, "", message, node["cur_line"])


def _segment(segment: dict[str, Any]) -> Iterator[Finding]:
    name, position = str(segment["seg_id"]), int(segment["cur_line"])
    for error in segment["errors"]:
        message = _SEGMENT_FAULTS.get(error["err_cde"], "breaks its map")
        yield Finding(f"gate_segment_{error['err_cde']}", name, "", message, position)
    for element in segment["elements"]:
        place = f"{name}{int(element['ele_pos'] or 0):02d}"
        if element["subele_pos"]:
            place += f"-{element['subele_pos']}"
        for error in element["errors"]:
            message = _ELEMENT_FAULTS.get(error["err_cde"], "breaks its map")
            yield Finding(f"gate_element_{error['err_cde']}", name, place, message, position)
