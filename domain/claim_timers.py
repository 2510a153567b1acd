"""When a silent claim must be asked about, and how near its filing limit it is.

Clearing houses send the 999 within a business day and the 277CA within two; a payer pays within about 30
days, after which a 276 asks. Business days are Monday to Friday: a holiday only makes the question a day
early.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from domain.claim_states import ClaimState

SATURDAY = 5


class Awaited(StrEnum):
    """The next word we wait for."""

    FILE_ACK = "999"
    CLAIM_ACK = "277CA"
    REMITTANCE = "835"


@dataclass(frozen=True, slots=True)
class FollowUpPolicy:
    """How long to wait for each. Whole days count business days when `business_days`; a demo has seconds."""

    file_ack: timedelta = timedelta(days=1)
    claim_ack: timedelta = timedelta(days=2)
    remittance: timedelta = timedelta(days=30)
    business_days: bool = True


STANDARD_FOLLOW_UP = FollowUpPolicy()

_AWAITED = {
    ClaimState.SENT: Awaited.FILE_ACK,
    ClaimState.FILE_ACCEPTED: Awaited.CLAIM_ACK,
    ClaimState.CH_ACCEPTED: Awaited.CLAIM_ACK,
    ClaimState.PAYER_ACCEPTED: Awaited.REMITTANCE,
    ClaimState.PENDING: Awaited.REMITTANCE,
    ClaimState.APPEAL: Awaited.REMITTANCE,
}


def awaited(state: ClaimState) -> Awaited | None:
    """What a claim in this state waits for; None when it waits for a person or for nothing."""
    return _AWAITED.get(state)


def follow_up_at(
    expected: Awaited, sent_at: datetime, policy: FollowUpPolicy = STANDARD_FOLLOW_UP
) -> datetime:
    """The instant (UTC) to act when nothing has come. The 835 counts in calendar days."""
    if expected is Awaited.REMITTANCE:
        return sent_at + policy.remittance
    wait = policy.file_ack if expected is Awaited.FILE_ACK else policy.claim_ack
    return _business(sent_at, wait.days) if policy.business_days else sent_at + wait


def _business(start: datetime, days: int) -> datetime:
    at = start
    while days > 0 or at.weekday() >= SATURDAY:
        at += timedelta(days=1)
        if at.weekday() < SATURDAY:
            days -= 1
    return at


FILING_ALARMS = (50, 75, 90, 100)


def filing_alarm(service_date: date, today: date, limit_days: int) -> int | None:
    """The highest of 50, 75, 90 and 100 per cent of the payer's filing limit that has been reached.

    Counted from the day of service; 100 is reached on the last day on which the payer takes the claim.
    """
    used = (today - service_date).days
    reached = [percent for percent in FILING_ALARMS if used * 100 >= percent * limit_days]
    return max(reached, default=None)


def last_filing_day(service_date: date, limit_days: int) -> date:
    """The last day on which the payer takes the claim."""
    return service_date + timedelta(days=limit_days)
