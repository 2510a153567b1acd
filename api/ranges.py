"""Parts of files: which bytes are asked for (RFC 9110, 14.1), and which are sent (14.4)."""

import re
from dataclasses import dataclass
from typing import Final

from domain.errors import FieldError, Invalid

_ASKED: Final = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})", re.IGNORECASE)
_SENT: Final = re.compile(
    r"bytes (?:([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18}|\*)|\*/([0-9]{1,18}))", re.IGNORECASE
)


class NotSatisfiable(Exception):
    """No byte of the file is in the range that was asked for."""


def asked(header: str | None, size: int) -> tuple[int, int] | None:
    """The bytes `[start, stop)`, or None for all of them: a range of another kind, or several, may be ignored.

    Raises NotSatisfiable.
    """
    found = _ASKED.fullmatch(header.strip()) if header else None
    if found is None or not any(found.groups()):
        return None
    first, last = found.groups()
    if not first:
        start, stop = max(0, size - int(last)), size
    else:
        start, stop = int(first), min(size, int(last) + 1) if last else size
        if last and int(last) < start:
            return None
    if start >= stop:
        raise NotSatisfiable
    return start, stop


@dataclass(frozen=True, slots=True)
class SentRange:
    """A part of an upload: the bytes `[start, stop)`, none at its end; `total` once the sender knows it."""

    start: int
    stop: int
    total: int | None

    @property
    def length(self) -> int:
        """Bytes."""
        return self.stop - self.start


def sent(header: str) -> SentRange:
    """What a Content-Range says. Raises Invalid."""
    found = _SENT.fullmatch(header.strip())
    if found is None:
        raise Invalid(FieldError("Content-Range", "malformed"), code="content_range")
    first, last, total, end = found.groups()
    if end is not None:
        return SentRange(int(end), int(end), int(end))
    part = SentRange(int(first), int(last) + 1, None if total == "*" else int(total))
    if part.length <= 0 or (part.total is not None and part.stop > part.total):
        raise Invalid(FieldError("Content-Range", "malformed"), code="content_range")
    return part
