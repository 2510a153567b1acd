"""A batch of claims on its way: when to look for reports again, and when it is done or needs a person."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from domain.claim_states import AWAITING_PAYER, SETTLED, ClaimState
from domain.claim_timers import STANDARD_FOLLOW_UP, Awaited, FollowUpPolicy, awaited, follow_up_at
from domain.errors import FieldError, Invalid

MOST_CLAIMS: Final = 500
"""In one file; the 837P guide recommends no more than 5,000."""


class BatchState(StrEnum):
    """`refused`: our own gate stopped the file. `settled` and `with_person` end the batch's workflow."""

    BUILDING = "building"
    READY = "ready"
    REFUSED = "refused"
    SENT = "sent"
    SETTLED = "settled"
    WITH_PERSON = "with_person"


UNDER_WAY = frozenset({BatchState.BUILDING, BatchState.READY, BatchState.SENT})
_UNANSWERED = AWAITING_PAYER | {ClaimState.BATCHED}


@dataclass(frozen=True, slots=True)
class PollPolicy:
    """How often the mailbox is read: first after `first`, then at twice the wait, up to `longest`."""

    first: timedelta = timedelta(minutes=1)
    longest: timedelta = timedelta(hours=1)
    follow_up: FollowUpPolicy = STANDARD_FOLLOW_UP


STANDARD_POLL: Final = PollPolicy()


def poll_policy_from_json(definition: Mapping[str, Any]) -> PollPolicy:
    """The policy of a stored definition: `poll_seconds`, `poll_limit_seconds` (whole seconds), and
    `file_ack_seconds`, `claim_ack_seconds`, `remittance_seconds`, which count plain time.

    What is left out is the default. Raises Invalid.
    """
    spans = {key: _span(key, value) for key, value in definition.items()}
    follow_up = STANDARD_FOLLOW_UP
    if spans.keys() & _FOLLOW_UP.keys():
        follow_up = FollowUpPolicy(
            **{name: spans[key] for key, name in _FOLLOW_UP.items() if key in spans}, business_days=False
        )
    first = spans.get("poll_seconds", STANDARD_POLL.first)
    return PollPolicy(first, max(first, spans.get("poll_limit_seconds", STANDARD_POLL.longest)), follow_up)


_FOLLOW_UP = {
    "file_ack_seconds": "file_ack",
    "claim_ack_seconds": "claim_ack",
    "remittance_seconds": "remittance",
}


def _span(key: str, value: object) -> timedelta:
    if key not in {*_FOLLOW_UP, "poll_seconds", "poll_limit_seconds"}:
        raise Invalid(FieldError("definition", "unknown_field"))
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise Invalid(FieldError(key, "not_a_positive_number"))
    return timedelta(seconds=value)


@dataclass(frozen=True, slots=True)
class Review:
    """Where a sent batch stands: its state now, what is waited for next and until when, what is overdue."""

    state: BatchState
    waiting_for: Awaited | None
    expected_at: datetime | None
    overdue: tuple[Awaited, ...]


def review(
    states: Iterable[ClaimState],
    sent_at: datetime,
    now: datetime,
    policy: FollowUpPolicy = STANDARD_FOLLOW_UP,
) -> Review:
    """Settled when nobody has to act on any claim; with a person when someone has to, or the 835 stays away."""
    found = set(states)
    if not found & _UNANSWERED:
        done = found <= SETTLED
        return Review(BatchState.SETTLED if done else BatchState.WITH_PERSON, None, None, ())
    waits = {awaited(ClaimState.SENT if state is ClaimState.BATCHED else state) for state in found}
    due = sorted((follow_up_at(each, sent_at, policy), each) for each in waits if each is not None)
    overdue = tuple(each for at, each in due if at <= now)
    if Awaited.REMITTANCE in overdue:
        return Review(BatchState.WITH_PERSON, Awaited.REMITTANCE, None, overdue)
    expected_at, waiting_for = due[0]
    return Review(BatchState.SENT, waiting_for, expected_at, overdue)
