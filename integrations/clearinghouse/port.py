"""The port to a clearing house: what we ask of it, and in which ways it can fail.

Clearing houses differ (raw X12, CORE multipart, SOAP, JSON); everything above sees only this. Errors say the
class of a failure and never carry a byte of what was sent or received: both are health information.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Protocol

from domain.coverage import TransportFailure
from domain.errors import KindroomError


class ReportKind(StrEnum):
    """The transaction set of a report that waits at the clearing house."""

    TA1 = "TA1"
    ACK_999 = "999"
    CLAIM_ACK_277CA = "277CA"
    STATUS_277 = "277"
    REMITTANCE_835 = "835"
    ELIGIBILITY_271 = "271"  # an answer that a payer could not give at once


@dataclass(frozen=True, slots=True)
class Receipt:
    """The clearing house has the file. Not an acceptance: the acknowledgements come as reports."""

    submission_id: str


@dataclass(frozen=True, slots=True)
class ReportItem:
    """One waiting file. `content` is X12 and kept out of `repr`."""

    report_id: str
    kind: ReportKind
    created_at: datetime
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ReportPage:
    """Reports in the order they were created. `next` is the `after` of the next poll, also when empty."""

    items: tuple[ReportItem, ...]
    next: str | None


class ClearingHouse(Protocol):
    """Every method raises one of the `ClearingHouseError`s below, or returns a whole answer."""

    refuses_production: ClassVar[bool]

    async def check(self, x12_270: bytes) -> bytes:
        """Ask about eligibility in real time; the answer is a 271, or a TA1 or 999 that refuses."""
        ...

    async def submit(self, x12_837: bytes) -> Receipt:
        """Hand in a file of claims. The same control number twice is refused by a later report, not here."""
        ...

    async def poll_reports(self, after: str | None = None, limit: int = 100) -> ReportPage:
        """Reports created after the cursor; from the beginning when it is None. Reading removes nothing."""
        ...

    async def status(self, x12_276: bytes) -> bytes:
        """Ask what became of claims; the answer is a 277 (or a TA1 or 999 that refuses the question)."""
        ...


class ClearingHouseError(KindroomError):
    """No answer that can be used. `failure` is what `domain.coverage` decides on."""

    code = "clearing_house"
    failure: ClassVar[TransportFailure]


class TimedOut(ClearingHouseError):
    """No whole answer within the deadline (20 s by the CORE response-time rule)."""

    code = "payer_timed_out"
    failure = TransportFailure.TIMED_OUT


class PayerDown(ClearingHouseError):
    """The other side cannot serve now (`status` 429 or 5xx), or cannot be reached at all (`status` None)."""

    code = "payer_down"
    failure = TransportFailure.DOWN

    def __init__(self, status: int | None = None) -> None:
        super().__init__()
        self.status = status


class Malformed(ClearingHouseError):
    """An answer came, but it is not a whole interchange or not the agreed envelope."""

    code = "payer_answer_malformed"
    failure = TransportFailure.MALFORMED


class ConfigurationRefused(ClearingHouseError):
    """Address, credentials, or envelope are refused (HTTP 400 and its kin). Asking again cannot help."""

    code = "clearing_house_configuration"
    failure = TransportFailure.CONFIGURATION_REFUSED

    def __init__(self, status: int = 400) -> None:
        super().__init__()
        self.status = status
