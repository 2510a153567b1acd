"""The envelope checks that come first, and their answers: TA1 for the interchange, 999 for groups and
sets.

TA105 codes of the X12 TA1: 000 none, 001 control numbers differ, 021 count of groups, 022 control
structure, 023 ends too early, 024 content (a group header or trailer), 025 duplicate control number.
AK905 and IK502 codes of 005010X231A1.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sandbox.grammar import FUNCTIONS, VERSIONS
from sandbox.structure import ElementError, SegmentError, check
from sandbox.x12 import Group, Interchange, Row, Segment, TransactionSet


def interchange_fault(tree: Interchange) -> str | None:
    """The TA105 code of what is wrong with the interchange itself, None when it may be opened."""
    if tree.iea is None:
        return "023"
    checks = (
        (bool(tree.groups), "024"),
        (not tree.strays, "022"),
        (tree.isa[12] == "00501", "017"),
        (tree.isa[13].isascii() and tree.isa[13].isdigit(), "018"),
        (tree.iea[2] == tree.isa[13], "001"),
        (tree.iea[1] == str(len(tree.groups)), "021"),
    )
    return next((code for good, code in checks if not good), None)


def ta1_rows(isa: Segment, code: str) -> list[Row]:
    """The TA1 segment for an interchange: A when the code is 000, else R."""
    return [("TA1", isa[13], isa[9], isa[10], "A" if code == "000" else "R", code)]


@dataclass(frozen=True)
class SetResult:
    """What became of one transaction set: IK502 codes (none: accepted) and the errors within."""

    transaction: TransactionSet
    codes: tuple[str, ...] = ()
    errors: tuple[SegmentError, ...] = ()

    @property
    def accepted(self) -> bool:
        return not self.codes


@dataclass(frozen=True)
class GroupResult:
    """What became of one group: AK905 codes (none: taken) and its sets."""

    group: Group
    codes: tuple[str, ...] = ()
    sets: list[SetResult] = field(default_factory=list)

    @property
    def accepted(self) -> list[TransactionSet]:
        """The sets that go on to the payer."""
        return [] if self.codes else [entry.transaction for entry in self.sets if entry.accepted]

    @property
    def status(self) -> str:
        """AK901: A all, P some, R none."""
        good = len(self.accepted)
        if good == 0:
            return "R"
        return "A" if good == len(self.sets) else "P"


def _set_codes(entry: TransactionSet, kind: str, seen: set[str]) -> list[str]:
    codes = []
    if entry.st[1] != kind:
        codes.append("6" if not entry.st[1] else "1")
    if not entry.st[2]:
        codes.append("7")
    elif entry.st[2] in seen:
        codes.append("23")
    seen.add(entry.st[2])
    if entry.se is None:
        return [*codes, "2"]
    if entry.se[2] != entry.st[2]:
        codes.append("3")
    if entry.se[1] != str(len(entry.segments)):
        codes.append("4")
    return codes


def _check_set(entry: TransactionSet, kind: str, seen: set[str]) -> SetResult:
    codes = _set_codes(entry, kind, seen)
    errors = tuple(check(entry)) if entry.st[1] == kind else ()
    return SetResult(entry, tuple([*codes, "5"] if errors else codes), errors)


def check_group(group: Group, kind: str) -> GroupResult:
    """Check one group that should hold sets of `kind` (837, 270, 276)."""
    codes = []
    if group.gs[1] != FUNCTIONS[kind]:
        codes.append("1")
    if group.gs[8] != VERSIONS[kind]:
        codes.append("2")
    if group.ge is None:
        codes.append("3")
    else:
        if group.ge[2] != group.gs[6]:
            codes.append("4")
        if group.ge[1] != str(len(group.sets)):
            codes.append("5")
    seen: set[str] = set()
    return GroupResult(group, tuple(codes), [_check_set(entry, kind, seen) for entry in group.sets])


def _ik4(error: ElementError) -> Row:
    position: str | tuple[str, ...] = str(error.position)
    if error.component:
        position = (str(error.position), str(error.component))
    return ("IK4", position, error.number, error.code, error.bad[:99])


def _context(entry: TransactionSet, error: SegmentError) -> list[Row]:
    """CTX names the claim an error stands in, by its CLM01."""
    before = entry.segments[: error.position]
    claim = next((found for found in reversed(before) if found.id in {"CLM", "HL"}), None)
    if claim is None or claim.id != "CLM":
        return []
    return [("CTX", ("CLM01", claim[1]))]


def _set_rows(result: SetResult, version: str) -> list[Row]:
    st = result.transaction.st
    rows: list[Row] = [("AK2", st[1], st[2], st[3] or version)]
    for error in result.errors:
        # Data element 447, the loop identifier, has at most four characters.
        rows.append(("IK3", error.segment, str(error.position), error.loop[:4], error.code))
        rows += _context(result.transaction, error)
        rows += [_ik4(inner) for inner in error.elements]
    rows.append(("IK5", "A") if result.accepted else ("IK5", "R", *result.codes[:5]))
    return rows


def rows_999(result: GroupResult, number: int) -> list[Row]:
    """One 999 transaction set for one group."""
    gs, ge = result.group.gs, result.group.ge
    rows: list[Row] = [("ST", "999", f"{number:04d}", "005010X231A1"), ("AK1", gs[1], gs[6], gs[8])]
    for entry in result.sets:
        rows += _set_rows(entry, gs[8])
    told = ge[1] if ge is not None and ge[1].isascii() and ge[1].isdigit() else str(len(result.sets))
    counts = (told, str(len(result.sets)), str(len(result.accepted)))
    rows.append(("AK9", result.status, *counts, *result.codes[:5]))
    return rows
