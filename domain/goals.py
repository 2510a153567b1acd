"""Goals: HL7 FHIR R4 Goal lifecycle and achievement, versions, and goal attainment scaling."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from math import sqrt
from typing import Final

from domain.errors import Conflict, FieldError, Invalid

LONGEST_TEXT: Final = 2000


class Lifecycle(StrEnum):
    """FHIR R4 `goal-status`."""

    PROPOSED = "proposed"
    PLANNED = "planned"
    ACCEPTED = "accepted"
    ACTIVE = "active"
    ON_HOLD = "on-hold"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    ENTERED_IN_ERROR = "entered-in-error"


class Achievement(StrEnum):
    """FHIR R4 `goal-achievement`."""

    IN_PROGRESS = "in-progress"
    IMPROVING = "improving"
    WORSENING = "worsening"
    NO_CHANGE = "no-change"
    ACHIEVED = "achieved"
    SUSTAINING = "sustaining"
    NOT_ACHIEVED = "not-achieved"
    NO_PROGRESS = "no-progress"
    NOT_ATTAINABLE = "not-attainable"


class Side(StrEnum):
    """A goal is agreed between two."""

    CLIENT = "client"
    CLINICIAN = "clinician"


_BOTH = frozenset(Side)
_OPEN = frozenset(
    {Achievement.IN_PROGRESS, Achievement.IMPROVING, Achievement.WORSENING, Achievement.NO_CHANGE}
)
FINAL_ACHIEVEMENTS = frozenset(Achievement) - _OPEN
"""How a completed goal may have ended; the others tell of a goal still worked on."""

L = Lifecycle
TRANSITIONS: dict[Lifecycle, frozenset[Lifecycle]] = {
    L.PROPOSED: frozenset({L.PLANNED, L.ACCEPTED, L.REJECTED, L.CANCELLED, L.ENTERED_IN_ERROR}),
    L.PLANNED: frozenset({L.ACCEPTED, L.REJECTED, L.CANCELLED, L.ENTERED_IN_ERROR}),
    L.ACCEPTED: frozenset({L.ACTIVE, L.ON_HOLD, L.CANCELLED, L.ENTERED_IN_ERROR}),
    L.ACTIVE: frozenset({L.ON_HOLD, L.COMPLETED, L.CANCELLED, L.ENTERED_IN_ERROR}),
    L.ON_HOLD: frozenset({L.ACTIVE, L.COMPLETED, L.CANCELLED, L.ENTERED_IN_ERROR}),
    L.COMPLETED: frozenset({L.ENTERED_IN_ERROR}),
    L.CANCELLED: frozenset({L.ENTERED_IN_ERROR}),
    L.REJECTED: frozenset({L.ENTERED_IN_ERROR}),
    L.ENTERED_IN_ERROR: frozenset(),
}

ENDED = frozenset({L.COMPLETED, L.CANCELLED, L.REJECTED, L.ENTERED_IN_ERROR})


@dataclass(frozen=True, slots=True)
class GoalTerms:
    """What is to be reached; hidden from `repr`, as all that people write."""

    statement: str = field(repr=False)
    measure: str = field(default="", repr=False)
    baseline: str = field(default="", repr=False)
    target: str = field(default="", repr=False)
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class GoalState:
    """Where a goal stands. Each change of terms is a new `version`; earlier ones are kept."""

    version: int
    lifecycle: Lifecycle
    accepted_by: frozenset[Side]
    achievement: Achievement | None = None
    review_on: date | None = None


def check_terms(terms: GoalTerms, today: date) -> None:
    """Raise Invalid for an empty or overlong text, or a due date before `today` (the client's date)."""
    texts = ("statement", "measure", "baseline", "target")
    errors = [FieldError(name, "too_long") for name in texts if len(getattr(terms, name)) > LONGEST_TEXT]
    if not terms.statement.strip():
        errors.append(FieldError("statement", "required"))
    if terms.due_on is not None and terms.due_on < today:
        errors.append(FieldError("due_on", "in_the_past"))
    if errors:
        raise Invalid(*errors)


def propose(by: Side) -> GoalState:
    """A new goal: whoever writes it has accepted it, the other has not."""
    return GoalState(version=1, lifecycle=Lifecycle.PROPOSED, accepted_by=frozenset({by}))


def accept(goal: GoalState, by: Side) -> GoalState:
    """Accept the present version. Once both have, a proposed or planned goal is accepted.

    Raises Conflict when the goal has ended.
    """
    if goal.lifecycle in ENDED:
        raise Conflict("goal_ended")
    accepted_by = goal.accepted_by | {by}
    waiting = goal.lifecycle in (Lifecycle.PROPOSED, Lifecycle.PLANNED)
    lifecycle = Lifecycle.ACCEPTED if waiting and accepted_by == _BOTH else goal.lifecycle
    return replace(goal, accepted_by=accepted_by, lifecycle=lifecycle)


def revise(goal: GoalState, by: Side) -> GoalState:
    """Change the terms: a new version that the other side has still to accept; work goes on meanwhile.

    Raises Conflict when the goal has ended.
    """
    if goal.lifecycle in ENDED:
        raise Conflict("goal_ended")
    return replace(goal, version=goal.version + 1, accepted_by=frozenset({by}))


def assess(goal: GoalState, achievement: Achievement) -> GoalState:
    """Record how the work goes. Raises Conflict unless the goal is active or on hold."""
    if goal.lifecycle not in (Lifecycle.ACTIVE, Lifecycle.ON_HOLD):
        raise Conflict("goal_not_active")
    return replace(goal, achievement=achievement)


def move(
    goal: GoalState,
    to: Lifecycle,
    *,
    achievement: Achievement | None = None,
    reason: str = "",
    review_on: date | None = None,
) -> GoalState:
    """Move along the lifecycle.

    Completed needs an achievement that ends; on hold needs a reason and a review date; accepted needs both
    sides. Raises Conflict (`goal_transition`, `not_accepted_by_both`) or Invalid (`achievement_required`,
    `reason_required`, `review_date_required`).
    """
    if to not in TRANSITIONS[goal.lifecycle]:
        raise Conflict("goal_transition")
    if to is Lifecycle.ACCEPTED and goal.accepted_by != _BOTH:
        raise Conflict("not_accepted_by_both")
    reached = achievement or goal.achievement
    errors = []
    if to is Lifecycle.COMPLETED and reached not in FINAL_ACHIEVEMENTS:
        errors.append(FieldError("achievement", "achievement_required"))
    if to is Lifecycle.ON_HOLD and not reason.strip():
        errors.append(FieldError("reason", "reason_required"))
    if to is Lifecycle.ON_HOLD and review_on is None:
        errors.append(FieldError("review_on", "review_date_required"))
    if errors:
        raise Invalid(*errors)
    hold = review_on if to is Lifecycle.ON_HOLD else None
    return replace(goal, lifecycle=to, achievement=reached, review_on=hold)


def goal_weight(importance: int, difficulty: int) -> int:
    """Weight of a goal, each part 0..3. Weight 0 leaves the goal out. Raises Invalid."""
    for name, value in (("importance", importance), ("difficulty", difficulty)):
        if not 0 <= value <= 3:
            raise Invalid(FieldError(name, "out_of_range"))
    return importance * difficulty


def attainment_t(weights: Sequence[int], levels: Sequence[int]) -> float | None:
    """Goal attainment T score (Kiresuk and Sherman 1968, rho 0.3): 50 is "as expected".

    Levels run -2..2 (0: the expected outcome). None when no goal has a weight. Raises Invalid.
    """
    if len(weights) != len(levels):
        raise Invalid(FieldError("levels", "wrong_count"))
    if any(level not in (-2, -1, 0, 1, 2) for level in levels):
        raise Invalid(FieldError("levels", "out_of_range"))
    if any(weight < 0 for weight in weights):
        raise Invalid(FieldError("weights", "out_of_range"))
    total = sum(weights)
    if total == 0:
        return None
    gained = sum(weight * level for weight, level in zip(weights, levels, strict=True))
    squares = sum(weight * weight for weight in weights)
    return 50 + 10 * gained / sqrt(0.7 * squares + 0.3 * total * total)
