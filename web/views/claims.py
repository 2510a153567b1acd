"""The billing office: never a word of any message or note."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from web.charts import Bars
from web.views.shell import Choice, Form


@dataclass(frozen=True, slots=True)
class Blocked:
    """What stands in a line's way, and who acts."""

    words: str
    who: str


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """A service not yet billed. `blocked` is empty when it can go out."""

    line_id: str
    service_date: date
    client_code: str
    payer: str
    code: str
    amount: Decimal
    blocked: tuple[Blocked, ...] = ()


@dataclass(frozen=True, slots=True)
class Tried:
    """What a batch would be, or why none was made: claims and dollars that would leave, claims stopped by an edit,
    services held, services that were held and are free now.
    """

    claims: int
    amount: Decimal
    stopped: int
    held: int
    released: int


@dataclass(frozen=True, slots=True)
class UnbilledView:
    """Lines, the payers to filter by, and the form that makes a batch. `ready` and `held` are totals over
    all pages. `tried` after a trial, or after a batch that found nothing.
    """

    lines: tuple[ServiceLine, ...]
    payers: tuple[Choice, ...]
    payer: str
    state: str
    ready_count: int
    ready_amount: Decimal
    held_count: int
    held_amount: Decimal
    form: Form
    next_href: str = ""
    tried: Tried | None = None


@dataclass(frozen=True, slots=True)
class Ack:
    """An answer from the clearing house or payer: TA1, 999, 277CA or 835. `tone` is good, soon or late."""

    kind: str
    at: datetime
    words: str
    tone: str


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """A claim and where it is."""

    claim_id: str
    client_code: str
    payer: str
    service_date: date
    state: str
    tone: str
    charged: Decimal
    paid: Decimal
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A batch in the list of batches."""

    batch_id: str
    number: str
    payer: str
    made_at: datetime
    claims: int
    charged: Decimal
    state: str
    tone: str


@dataclass(frozen=True, slots=True)
class BatchesView:
    """Newest first."""

    batches: tuple[BatchRow, ...]
    next_href: str = ""


@dataclass(frozen=True, slots=True)
class BatchView:
    """One batch. `sha256` is empty until its file is built; `acks` in the order they came; `waiting_for` the next
    one, with its time; `findings` of our own check when it stopped the file.
    """

    batch: BatchRow
    sha256: str
    acks: tuple[Ack, ...]
    claims: tuple[ClaimRow, ...]
    waiting_for: str = ""
    expected_at: datetime | None = None
    findings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ClaimsView:
    """Claims by state."""

    claims: tuple[ClaimRow, ...]
    states: tuple[Choice, ...]
    state: str
    next_href: str = ""


@dataclass(frozen=True, slots=True)
class AgeingRow:
    """A payer's open balance by age."""

    payer: str
    amounts: tuple[Decimal, ...]
    total: Decimal


@dataclass(frozen=True, slots=True)
class AgeingView:
    """The ageing report: the same figures as the file behind `csv_href`. `basis` is service_date or
    last_activity.
    """

    as_of: datetime
    basis: str
    buckets: tuple[str, ...]
    rows: tuple[AgeingRow, ...]
    totals: tuple[Decimal, ...]
    total: Decimal
    chart: Bars
    csv_href: str
    formula: str
