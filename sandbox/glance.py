"""What an X12 text says of itself at a glance, for the list of exchanges. It is read as far as it goes, whatever is
wrong with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sandbox.x12 import Segment, Separators, Unreadable, decoded, tokens

_VERSIONS = {"005010X222": "837P", "005010X214": "277CA"}
_TRACES = (("TRN", 2), ("TA1", 1), ("AK1", 2), ("BHT", 3), ("ISA", 13))
_PEOPLE = {"IL", "QC"}


@dataclass(frozen=True)
class Glance:
    """`kind`: 270, 271, 276, 277, 277CA, 835, 837P, 999, TA1, or empty where there is no X12. `trace`: the first TRN02,
    else the control number that is answered, else the batch's, else the interchange's.
    """

    kind: str = ""
    sender: str = ""
    receiver: str = ""
    trace: str = ""
    members: tuple[str, ...] = ()
    separators: Separators | None = None
    lines: tuple[str, ...] = ()


def glance(data: bytes) -> Glance:
    """Look at what was sent or received."""
    try:
        segments = tokens(decoded(data))
    except Unreadable:
        return Glance()
    isa = segments[0]
    return Glance(
        _kind(segments),
        isa[6].strip(),
        isa[8].strip(),
        _trace(segments),
        tuple(dict.fromkeys(_members(segments))),
        isa.separators,
        tuple(isa.separators.element.join(segment.elements) for segment in segments),
    )


def _kind(segments: list[Segment]) -> str:
    named = {segment.id: segment for segment in reversed(segments) if segment.id in {"GS", "ST", "TA1"}}
    if "ST" not in named:
        return "TA1" if "TA1" in named else "ISA"
    version = (named["ST"][3] or (named["GS"][8] if "GS" in named else ""))[:10]
    return _VERSIONS.get(version, named["ST"][1])


def _trace(segments: list[Segment]) -> str:
    first = {segment.id: segment for segment in reversed(segments)}
    return next((first[name][place] for name, place in _TRACES if name in first), "")


def _members(segments: list[Segment]) -> Iterator[str]:
    for segment in segments:
        if segment.id == "NM1" and segment[1] in _PEOPLE and segment[9]:
            yield segment[9]
