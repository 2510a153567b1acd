"""A leave as a process: cover is looked for, clients are told, rooms are handed over and handed back."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

ANNOUNCED_BEFORE: Final = timedelta(days=7)
"""How long before a leave its clients are told; at once where it is sooner. A rule of the clinic."""
LOOK_AGAIN: Final = timedelta(days=1)
"""A room that nobody can cover is looked at again after this long: licences, places and hours change."""


class LeaveStep(StrEnum):
    """What a leave needs next."""

    PROPOSE_COVER = "propose_cover"
    ANNOUNCE = "announce"
    HAND_OVER = "hand_over"
    HAND_BACK = "hand_back"
    WAIT = "wait"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class LeaveFacts:
    """What is on record. `cover_due_at`: when cover is to be looked for, None while every room has it."""

    starts_at: datetime
    ends_at: datetime
    cover_due_at: datetime | None = None
    announced: bool = False
    begun: bool = False
    returned: bool = False
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class NextStep:
    """The step that is due now; with WAIT, when the next one will be."""

    step: LeaveStep
    at: datetime | None = None


def next_step(facts: LeaveFacts, now: datetime) -> NextStep:
    """Exactly one step is due at any instant, and each is due once."""
    if facts.cancelled or facts.returned:
        return NextStep(LeaveStep.OVER)
    ahead = _ahead(facts)
    late = {step for at, step in ahead if at <= now}
    if LeaveStep.HAND_BACK in late:  # nothing that lies before the return is worth doing after it
        return NextStep(LeaveStep.HAND_BACK)
    if late:  # in the order in which they are written: clients are told who answers once somebody was asked
        return NextStep(next(step for step in LeaveStep if step in late))
    return NextStep(LeaveStep.WAIT, min(at for at, _ in ahead))


def _ahead(facts: LeaveFacts) -> list[tuple[datetime, LeaveStep]]:
    steps = [(facts.ends_at, LeaveStep.HAND_BACK)]
    if facts.cover_due_at is not None:
        steps.append((facts.cover_due_at, LeaveStep.PROPOSE_COVER))
    if not facts.announced:
        steps.append((facts.starts_at - ANNOUNCED_BEFORE, LeaveStep.ANNOUNCE))
    if not facts.begun:
        steps.append((facts.starts_at, LeaveStep.HAND_OVER))
    return steps
