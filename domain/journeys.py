"""A client's journey: from what has happened to where it stands, who acts next, and by when.

The stage is never set by hand: it follows from the facts, in the transaction that adds one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.coverage import CoverageStatus
from domain.errors import Conflict
from domain.guardians import Pathway
from domain.stages import POLICIES, Party, Rung, Stage, Wait, WaitPolicy
from domain.suitability import RECOMMENDATION, Suitability


class Step(StrEnum):
    """A line of the list that the client sees."""

    CONFIRM = "confirm"
    INTAKE = "intake"
    CONSENTS = "consents"
    MEASURES = "measures"
    COVERAGE = "coverage"
    MATCHING = "matching"
    ROOM = "room"


class StepState(StrEnum):
    """`current`: we are at work on it; `waiting`: somebody else is; `needs_you`: the client's turn."""

    DONE = "done"
    CURRENT = "current"
    WAITING = "waiting"
    TODO = "todo"
    NEEDS_YOU = "needs_you"


@dataclass(frozen=True, slots=True)
class Facts:
    """What has happened to one client so far; every instant is UTC, None is "not yet".

    `coverage_at` is when the present status came about; `switching_at` when a client in care asked for somebody else.
    """

    registered_at: datetime
    confirmed_at: datetime | None = None
    intake_submitted_at: datetime | None = None
    suitability: Suitability | None = None
    suitability_at: datetime | None = None
    guardian_pathway: Pathway | None = None
    guardian_consented_at: datetime | None = None
    consents_signed_at: datetime | None = None
    measures_done_at: datetime | None = None
    coverage_status: CoverageStatus | None = None
    coverage_at: datetime | None = None
    candidates_at: datetime | None = None
    chosen_at: datetime | None = None
    offered_at: datetime | None = None
    offer_expires_at: datetime | None = None
    offer_missed_at: datetime | None = None
    human_match_at: datetime | None = None
    switching_at: datetime | None = None
    room_opened_at: datetime | None = None
    paused_at: datetime | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step, its state, and when it was done or began to wait."""

    name: Step
    state: StepState
    at: datetime | None


@dataclass(frozen=True, slots=True)
class DueRung:
    """A rung of the ladder at its instant. `n` counts from 1 within the wait."""

    n: int
    at: datetime
    whom: Party


@dataclass(frozen=True, slots=True)
class Journey:
    """Where a journey stands. `since` is when the present wait began; `due_at` None: nothing is due."""

    stage: Stage
    wait: Wait
    waiting_on: Party
    owner: str
    next_step: str
    since: datetime
    due_at: datetime | None
    paused: bool
    steps: tuple[StepLine, ...]
    ladder: tuple[DueRung, ...]

    def unclimbed(self, climbed: Iterable[tuple[Party, datetime]]) -> tuple[DueRung, ...]:
        """Rungs still to climb, given whom was told when: see `unclimbed`."""
        return unclimbed(self.ladder, climbed)


def unclimbed(ladder: Iterable[DueRung], climbed: Iterable[tuple[Party, datetime]]) -> tuple[DueRung, ...]:
    """Rungs of whose party nobody was told at or after their instant.

    Not by their number: a ladder may change while somebody waits, and then nobody may be left out. Rungs of one party
    that are due together after an outage tell that party once.
    """
    told = tuple(climbed)
    return tuple(rung for rung in ladder if not any(whom is rung.whom and at >= rung.at for whom, at in told))


def journey(facts: Facts, policies: Mapping[Wait, WaitPolicy] = POLICIES) -> Journey:
    """Where the facts put the client."""
    stage, wait, since = _stand(facts)
    paused = facts.paused_at is not None and stage is not Stage.CLOSED
    steps = _steps(facts, wait, since, policies)
    if facts.paused_at is not None and paused:
        wait, since = Wait.RESUMING, facts.paused_at
    policy = policies[wait]
    due_at = facts.offer_expires_at if wait is Wait.OFFER_ANSWER else _due(policy, since)
    return Journey(
        stage=stage,
        wait=wait,
        waiting_on=policy.waiting_on,
        owner=policy.owner,
        next_step=_next_step(facts, stage, wait, policy),
        since=since,
        due_at=due_at,
        paused=paused,
        steps=steps,
        ladder=tuple(_due_rung(n, rung, since) for n, rung in enumerate(policy.ladder, start=1)),
    )


def _next_step(facts: Facts, stage: Stage, wait: Wait, policy: WaitPolicy) -> str:
    """What comes next, in the client's words; where messages do not fit, what we recommend instead."""
    if wait is Wait.SUITABILITY and facts.guardian_pathway is Pathway.NOT_SERVED:
        return _NOT_SERVED
    if wait is Wait.SUITABILITY and facts.suitability is not None:
        return f"{RECOMMENDATION[facts.suitability]} {_AT_ONCE}"
    return policy.next_step or _WITHOUT_A_WAIT[stage]


_NOT_SERVED = (
    "We cannot care for somebody of your age where you are now. A person of ours looks for who can and writes to you. "
    "In an emergency call 911; call or text 988 at any hour."
)
_AT_ONCE = "In an emergency call 911; call or text 988 at any hour."
_WITHOUT_A_WAIT = {
    Stage.IN_CARE: "Your room is open. Write at any hour.",
    Stage.CLOSED: "Your care here has ended. Your record stays available for export.",
}


def _due(policy: WaitPolicy, since: datetime) -> datetime | None:
    return None if policy.due is None else since + policy.due


def _due_rung(n: int, rung: Rung, since: datetime) -> DueRung:
    return DueRung(n, since + rung.after, rung.whom)


def _stand(facts: Facts) -> tuple[Stage, Wait, datetime]:
    """Stage, wait, and since when: the first thing on the way that has not happened."""
    if facts.closed_at is not None:
        return Stage.CLOSED, Wait.NOTHING, facts.closed_at
    if facts.room_opened_at is not None:
        if facts.switching_at is not None:  # care goes on while the next therapist is looked for
            return Stage.IN_CARE, *_stand_in_matching(facts, facts.switching_at)[1:]
        return Stage.IN_CARE, Wait.NOTHING, facts.room_opened_at
    way = (
        (Stage.REGISTERED, Wait.CONFIRMATION, facts.confirmed_at),
        (Stage.INTAKE, Wait.INTAKE, facts.intake_submitted_at),
        (Stage.INTAKE, Wait.SUITABILITY, _suited_at(facts)),
        (Stage.CONSENTS, Wait.GUARDIAN, _guarded_at(facts)),
        (Stage.CONSENTS, Wait.CONSENTS, facts.consents_signed_at),
        (Stage.SCREENING, Wait.MEASURES, facts.measures_done_at),
    )
    since = facts.registered_at
    for stage, wait, done_at in way:
        if done_at is None:
            return stage, wait, _latest(since, facts.suitability_at) if wait is Wait.SUITABILITY else since
        since = max(since, done_at)
    since = _latest(since, facts.coverage_at)
    if facts.coverage_status is not CoverageStatus.ACTIVE:
        return Stage.COVERAGE, _COVERAGE_WAITS[facts.coverage_status], since
    return _stand_in_matching(facts, since)


def _suited_at(facts: Facts) -> datetime | None:
    """When it was clear that messages suit this client; None while a clinician has to look."""
    if (
        facts.suitability in (None, Suitability.MESSAGING)
        and facts.guardian_pathway is not Pathway.NOT_SERVED
    ):
        return _latest(facts.intake_submitted_at, facts.suitability_at) if facts.intake_submitted_at else None
    return None


def _guarded_at(facts: Facts) -> datetime | None:
    """When nobody else had to agree any more: at once, unless the client's pathway asks for a guardian."""
    if facts.guardian_pathway is Pathway.GUARDIAN:
        return facts.guardian_consented_at
    return facts.intake_submitted_at


_COVERAGE_WAITS: dict[CoverageStatus | None, Wait] = {
    None: Wait.COVERAGE,
    CoverageStatus.VERIFYING: Wait.PAYER_ANSWER,
    CoverageStatus.NEEDS_INFORMATION: Wait.COVERAGE_DETAILS,
    CoverageStatus.INACTIVE: Wait.OTHER_COVERAGE,
    CoverageStatus.MANUAL_REVIEW: Wait.COVERAGE_REVIEW,
}


def _stand_in_matching(facts: Facts, ready_at: datetime) -> tuple[Stage, Wait, datetime]:
    if facts.offered_at is not None:
        return Stage.OFFER, Wait.OFFER_ANSWER, facts.offered_at
    if facts.human_match_at is not None:
        return Stage.MATCHING, Wait.HUMAN_MATCH, facts.human_match_at
    if facts.chosen_at is not None:
        return Stage.OFFER, Wait.NEXT_OFFER, _latest(facts.chosen_at, facts.offer_missed_at)
    if facts.candidates_at is not None:
        return Stage.MATCHING, Wait.CHOICE, _latest(ready_at, facts.candidates_at)
    return Stage.MATCHING, Wait.CANDIDATES, ready_at


def _latest(first: datetime, *others: datetime | None) -> datetime:
    return max([first, *(other for other in others if other is not None)])


def _done_at(facts: Facts) -> dict[Step, datetime | None]:
    covered = facts.coverage_status is CoverageStatus.ACTIVE
    return {
        Step.CONFIRM: facts.confirmed_at,
        Step.INTAKE: _suited_at(facts),
        Step.CONSENTS: facts.consents_signed_at if _guarded_at(facts) else None,
        Step.MEASURES: facts.measures_done_at,
        Step.COVERAGE: facts.coverage_at if covered else None,
        Step.MATCHING: facts.room_opened_at,
        Step.ROOM: facts.room_opened_at,
    }


_STEP_OF = {
    Wait.CONFIRMATION: Step.CONFIRM,
    Wait.INTAKE: Step.INTAKE,
    Wait.SUITABILITY: Step.INTAKE,
    Wait.GUARDIAN: Step.CONSENTS,
    Wait.CONSENTS: Step.CONSENTS,
    Wait.MEASURES: Step.MEASURES,
    Wait.COVERAGE: Step.COVERAGE,
    Wait.PAYER_ANSWER: Step.COVERAGE,
    Wait.COVERAGE_DETAILS: Step.COVERAGE,
    Wait.OTHER_COVERAGE: Step.COVERAGE,
    Wait.COVERAGE_REVIEW: Step.COVERAGE,
    Wait.CANDIDATES: Step.MATCHING,
    Wait.CHOICE: Step.MATCHING,
    Wait.NEXT_OFFER: Step.MATCHING,
    Wait.OFFER_ANSWER: Step.MATCHING,
    Wait.HUMAN_MATCH: Step.MATCHING,
}


def _steps(
    facts: Facts, wait: Wait, since: datetime, policies: Mapping[Wait, WaitPolicy]
) -> tuple[StepLine, ...]:
    present = _STEP_OF.get(wait)
    lines = []
    for step, done_at in _done_at(facts).items():
        if done_at is not None:
            lines.append(StepLine(step, StepState.DONE, done_at))
        elif step is present:
            lines.append(StepLine(step, _state(policies[wait].waiting_on), since))
        elif step is Step.COVERAGE and facts.coverage_status is not None and facts.coverage_at is not None:
            # Given before the measures were finished: the payer is asked meanwhile.
            ahead = policies[_COVERAGE_WAITS[facts.coverage_status]].waiting_on
            lines.append(StepLine(step, _state(ahead), facts.coverage_at))
        else:
            lines.append(StepLine(step, StepState.TODO, None))
    return tuple(lines)


def _state(waiting_on: Party) -> StepState:
    if waiting_on is Party.CLIENT:
        return StepState.NEEDS_YOU
    return StepState.CURRENT if waiting_on is Party.NOBODY else StepState.WAITING


_NEEDS: dict[Step, tuple[tuple[Step, str], ...]] = {
    Step.INTAKE: ((Step.CONFIRM, "confirm_first"),),
    Step.CONSENTS: ((Step.INTAKE, "intake_first"),),
    Step.MEASURES: ((Step.CONSENTS, "consents_first"),),
    Step.COVERAGE: ((Step.CONSENTS, "consents_first"),),
    Step.MATCHING: (
        (Step.CONSENTS, "consents_first"),
        (Step.MEASURES, "measures_first"),
        (Step.COVERAGE, "coverage_first"),
    ),
}


_AFTER_INTAKE = frozenset({Step.CONSENTS, Step.MEASURES, Step.COVERAGE, Step.MATCHING})


def refuse_too_early(step: Step, facts: Facts) -> None:
    """Raise Conflict, its code naming what comes first, if `step` may not be taken yet.

    Informed consent comes before measures, before any question to a payer and before matching.
    """
    if facts.closed_at is not None:
        raise Conflict("journey_closed")
    if step in _AFTER_INTAKE and facts.room_opened_at is None and facts.intake_submitted_at is not None:
        _refuse_unclear(facts)
    done = _done_at(facts)
    for needed, code in _NEEDS.get(step, ()):
        if done[needed] is None:
            raise Conflict(code)


def _refuse_unclear(facts: Facts) -> None:
    """Nothing goes on while a clinician, or a guardian, has the word."""
    if _suited_at(facts) is None:
        raise Conflict("suitability_first")
    if _guarded_at(facts) is None:
        raise Conflict("guardian_first")
