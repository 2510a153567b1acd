"""How old unpaid money is: the five buckets of an accounts-receivable report. Nothing is dropped from it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from domain.money import ZERO, total


class Bucket(StrEnum):
    """Age in days, both ends included."""

    TO_30 = "0-30"
    TO_60 = "31-60"
    TO_90 = "61-90"
    TO_120 = "91-120"
    OVER_120 = "120+"


_UPPER = ((30, Bucket.TO_30), (60, Bucket.TO_60), (90, Bucket.TO_90), (120, Bucket.TO_120))


class AgedBy(StrEnum):
    SERVICE_DATE = "service_date"
    LAST_ACTIVITY = "last_activity"


@dataclass(frozen=True, slots=True)
class Receivable:
    """What one claim still owes us, in dollars; negative when the payer overpaid."""

    payer: str
    outstanding: Decimal
    service_date: date
    last_activity: date


@dataclass(frozen=True, slots=True)
class AgeingRow:
    """One payer's receivables. `buckets` has every bucket, also the empty ones."""

    payer: str
    buckets: dict[Bucket, Decimal]
    claims: int

    @property
    def total(self) -> Decimal:
        return total(self.buckets.values())


def bucket_of(age_days: int) -> Bucket:
    """The bucket of an age. A date in the future counts as new: it is never left out."""
    return next((bucket for upper, bucket in _UPPER if age_days <= upper), Bucket.OVER_120)


def age(
    receivables: Iterable[Receivable], as_of: date, by: AgedBy = AgedBy.SERVICE_DATE
) -> tuple[AgeingRow, ...]:
    """The ageing by payer, in the order of payers' ids. The rows' totals add up to all that was passed in."""
    sums: dict[str, dict[Bucket, Decimal]] = {}
    counts: dict[str, int] = {}
    for each in receivables:
        since = each.service_date if by is AgedBy.SERVICE_DATE else each.last_activity
        row = sums.setdefault(each.payer, dict.fromkeys(Bucket, ZERO))
        row[bucket_of((as_of - since).days)] += each.outstanding
        counts[each.payer] = counts.get(each.payer, 0) + 1
    return tuple(AgeingRow(payer, sums[payer], counts[payer]) for payer in sorted(sums))
