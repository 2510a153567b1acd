"""What is wrong with a file, said without repeating what stands in it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of a file.

    `segment` is a segment id ("CLM"), `element` a position in it as implementation guides write it ("CLM02",
    "HI01-2") or "" when the fault is the segment itself. `message` is a sentence that never repeats a value.
    `position` is the ordinal of the segment in the file, starting at 1; 0 when there is none.
    """

    code: str
    segment: str
    element: str
    message: str
    position: int = 0

    def __str__(self) -> str:
        where = self.element or self.segment or "file"
        at = f" (segment {self.position})" if self.position else ""
        return f"{where}{at}: {self.message}"


class X12Error(Exception):
    """The data cannot be read, or must not be written. `str()` names places and faults, never values."""

    def __init__(self, *findings: Finding) -> None:
        self.findings = findings
        super().__init__("; ".join(str(finding) for finding in findings[:5]))

    @property
    def finding(self) -> Finding:
        """The first fault."""
        return self.findings[0]


def fault(code: str, segment: str, element: str, message: str, position: int = 0) -> X12Error:
    """An `X12Error` with one finding, ready to raise."""
    return X12Error(Finding(code, segment, element, message, position))
