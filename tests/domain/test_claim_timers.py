"""A silent claim is asked about in time, and its filing limit never comes as a surprise."""

from datetime import UTC, date, datetime, timedelta

import pytest

from domain.claim_states import AWAITING_PAYER, ClaimState
from domain.claim_timers import (
    Awaited,
    FollowUpPolicy,
    awaited,
    filing_alarm,
    follow_up_at,
    last_filing_day,
)

FRIDAY = datetime(2026, 3, 6, 22, 30, tzinfo=UTC)


def test_a_file_sent_on_friday_is_missed_on_monday() -> None:
    assert follow_up_at(Awaited.FILE_ACK, FRIDAY) == datetime(2026, 3, 9, 22, 30, tzinfo=UTC)
    assert follow_up_at(Awaited.CLAIM_ACK, FRIDAY) == datetime(2026, 3, 10, 22, 30, tzinfo=UTC)


@pytest.mark.parametrize("day", [7, 8])
def test_a_file_sent_at_the_weekend_is_missed_on_monday(day: int) -> None:
    sent = datetime(2026, 3, day, 3, 0, tzinfo=UTC)
    assert follow_up_at(Awaited.FILE_ACK, sent) == datetime(2026, 3, 9, 3, 0, tzinfo=UTC)


def test_a_payment_is_missed_after_thirty_calendar_days() -> None:
    assert follow_up_at(Awaited.REMITTANCE, FRIDAY) == FRIDAY + timedelta(days=30)


def test_a_demo_waits_seconds() -> None:
    second = timedelta(seconds=1)
    policy = FollowUpPolicy(second, 2 * second, 3 * second, business_days=False)
    assert follow_up_at(Awaited.CLAIM_ACK, FRIDAY, policy) == FRIDAY + 2 * second
    assert follow_up_at(Awaited.REMITTANCE, FRIDAY, policy) == FRIDAY + 3 * second


def test_every_claim_that_waits_for_the_payer_has_something_awaited() -> None:
    waiting = {state for state in ClaimState if awaited(state) is not None}
    assert waiting == AWAITING_PAYER


@pytest.mark.parametrize(
    ("days", "alarm"),
    [(0, None), (44, None), (45, 50), (67, 50), (68, 75), (80, 75), (81, 90), (90, 100), (200, 100)],
)
def test_the_filing_alarm_rings_at_half_three_quarters_and_nine_tenths(days: int, alarm: int | None) -> None:
    service = date(2026, 1, 1)
    assert filing_alarm(service, service + timedelta(days=days), 90) == alarm


def test_the_last_filing_day_is_counted_from_the_service() -> None:
    assert last_filing_day(date(2026, 1, 1), 90) == date(2026, 4, 1)
