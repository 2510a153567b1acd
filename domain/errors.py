"""What can go wrong, in words of the service. The API maps these to problems; nothing here knows HTTP.

`code` is stable and safe to show or log: it never carries a value that someone typed.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class FieldError:
    """One refused field: its path in the input and a stable code, never its value."""

    field: str
    code: str


class KindroomError(Exception):
    """Root of all refusals. `str()` is the code, so that no message can leak."""

    code = "error"
    refusal: object | None = None
    """What was tried, when `domain.access` refused it: for the audit log."""

    def __init__(self, code: str | None = None, detail: str | None = None) -> None:
        self.code = code or type(self).code
        self.detail = detail
        super().__init__(self.code)


class NotFound(KindroomError):
    """Not there, or not yours: the two look the same."""

    code = "not_found"


class Conflict(KindroomError):
    """The state does not allow it (any more)."""

    code = "conflict"


class Invalid(KindroomError):
    """The input breaks a rule. Nothing was changed."""

    code = "invalid"

    def __init__(self, *errors: FieldError, code: str | None = None, detail: str | None = None) -> None:
        super().__init__(code, detail)
        self.errors = errors


class OffsetMismatch(Conflict):
    """An upload goes on elsewhere: the next byte is number `offset`."""

    code = "offset_mismatch"

    def __init__(self, offset: int) -> None:
        super().__init__()
        self.offset = offset


class TooLarge(KindroomError):
    """More bytes than are taken."""

    code = "too_large"


class Forbidden(KindroomError):
    """Known to exist, but not for this role, or not without a stated purpose."""

    code = "forbidden"


class WrongPasscode(Forbidden):
    """The passcode does not open this device; `tries_left` until it is signed out."""

    code = "wrong_passcode"

    def __init__(self, tries_left: int) -> None:
        super().__init__()
        self.tries_left = tries_left


class Unauthenticated(KindroomError):
    """Nobody is signed in, or the session has ended."""

    code = "not_signed_in"


class PasscodeLocked(KindroomError):
    """The device is locked; the passcode opens it."""

    code = "passcode_locked"


class TooMany(KindroomError):
    """Asked too often; try again after `retry_after`."""

    code = "too_many_requests"

    def __init__(self, retry_after: timedelta, code: str | None = None) -> None:
        super().__init__(code)
        self.retry_after = retry_after


class Unavailable(KindroomError):
    """An engine is down; nothing was done; try again after `retry_after`."""

    code = "unavailable"

    def __init__(self, retry_after: timedelta = timedelta(seconds=5), code: str | None = None) -> None:
        super().__init__(code)
        self.retry_after = retry_after


class RetainedUntil(Conflict):
    """The law keeps this record until `until` (UTC)."""

    code = "retained"

    def __init__(self, until: datetime) -> None:
        super().__init__()
        self.until = until
