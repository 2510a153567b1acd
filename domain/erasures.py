"""To be forgotten: asked for, waiting for the law's date, destroyed, proved. Decided from the row and the day alone."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ErasureState(StrEnum):
    """Where an erasure stands."""

    WAITING = "waiting"
    SHREDDING = "shredding"
    SHREDDED = "shredded"
    WITHDRAWN = "withdrawn"


class ErasureStep(StrEnum):
    """What is to be done now."""

    WAIT = "wait"
    BEGIN = "begin"
    SHRED = "shred"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class ErasureFacts:
    """How an erasure stands. `due_at` (UTC): from then on the law keeps the record no longer."""

    state: ErasureState
    due_at: datetime
    held: bool = False
    risk_open: bool = False


@dataclass(frozen=True, slots=True)
class NextStep:
    """The step, and when a waiting one is due; None while somebody must act first."""

    step: ErasureStep
    at: datetime | None = None


def next_step(facts: ErasureFacts, now: datetime) -> NextStep:
    """A legal hold and an open risk flag stop the destruction until somebody ends them; what has begun goes on."""
    match facts.state:
        case ErasureState.SHREDDED | ErasureState.WITHDRAWN:
            return NextStep(ErasureStep.OVER)
        case ErasureState.SHREDDING:
            return NextStep(ErasureStep.SHRED)
    if now < facts.due_at:
        return NextStep(ErasureStep.WAIT, facts.due_at)
    if facts.held or facts.risk_open:
        return NextStep(ErasureStep.WAIT)
    return NextStep(ErasureStep.BEGIN)
