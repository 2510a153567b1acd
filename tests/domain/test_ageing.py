"""Every unpaid dollar stands in exactly one bucket."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ageing import AgedBy, Bucket, Receivable, age, bucket_of

AS_OF = date(2026, 6, 30)


@pytest.mark.parametrize(
    ("days", "bucket"),
    [
        (-3, "0-30"),
        (0, "0-30"),
        (30, "0-30"),
        (31, "31-60"),
        (60, "31-60"),
        (61, "61-90"),
        (90, "61-90"),
        (91, "91-120"),
        (120, "91-120"),
        (121, "120+"),
        (5000, "120+"),
    ],
)
def test_each_age_has_its_bucket_at_every_bound(days: int, bucket: str) -> None:
    assert bucket_of(days) == bucket


receivables = st.builds(
    Receivable,
    payer=st.sampled_from(["62308", "87726", "00590"]),
    outstanding=st.decimals(min_value=-500, max_value=5000, places=2),
    service_date=st.integers(-10, 900).map(lambda days: AS_OF - timedelta(days=days)),
    last_activity=st.integers(-10, 900).map(lambda days: AS_OF - timedelta(days=days)),
)


@given(st.lists(receivables, max_size=40), st.sampled_from(AgedBy))
def test_nothing_is_dropped_between_the_claims_and_the_report(items: list[Receivable], by: AgedBy) -> None:
    rows = age(items, AS_OF, by)
    assert sum((row.total for row in rows), Decimal(0)) == sum(
        (item.outstanding for item in items), Decimal(0)
    )
    assert sum(row.claims for row in rows) == len(items)
    assert all(set(row.buckets) == set(Bucket) for row in rows)


def test_age_counts_from_the_service_or_from_the_last_activity() -> None:
    item = Receivable("62308", Decimal("45.00"), AS_OF - timedelta(days=100), AS_OF - timedelta(days=5))
    (by_service,) = age([item], AS_OF)
    (by_activity,) = age([item], AS_OF, AgedBy.LAST_ACTIVITY)
    assert by_service.buckets[Bucket.TO_120] == by_activity.buckets[Bucket.TO_30] == Decimal("45.00")
