"""When each step of the way into care is due and who is told: read, and set now or for later."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from api.deps import Care, allowed
from api.instants import Instant
from api.schemas import Input
from domain.access import Action
from domain.stages import Party, Rung, Wait, WaitPolicy
from records import stage_policies
from records.database import Row
from records.stage_policies import Kept

router = APIRouter(
    prefix="/v1/journey-policies",
    tags=["policies"],
    dependencies=[Depends(allowed(Action.MANAGE_RESPONSE_POLICIES))],
)

Seconds = Annotated[float, Field(ge=0, le=31_536_000, allow_inf_nan=False)]


class RungIO(Input):
    """Who is told, so many seconds of wall time after the wait began."""

    after_seconds: Seconds
    whom: Party


class TimingIn(Input):
    """When the step is due (seconds after the wait began; null for a pause alone), and the ladder; from when: now
    unless said.
    """

    due_seconds: Seconds | None
    ladder: list[RungIO]
    effective_from: Instant | None = None


class WaitPolicyOut(BaseModel):
    """What holds for a wait: who acts, in what words, by when, who is told otherwise."""

    wait: Wait
    waiting_on: Party
    owner: str
    next_step: str
    due_seconds: float | None
    ladder: list[RungIO]
    built_in: bool


class WaitPoliciesOut(BaseModel):
    """In the order of the way."""

    items: list[WaitPolicyOut]
    next_cursor: str | None = None


class TimingOut(BaseModel):
    """A timing as it was said. `applied_at`: since when it holds; null while its time is to come."""

    due_seconds: float | None
    ladder: list[RungIO]
    effective_from: datetime
    entered_at: datetime
    entered_by: str | None
    applied_at: datetime | None
    superseded_at: datetime | None


class WaitHistoryOut(WaitPolicyOut):
    """What holds for a wait, and all that was, is and will be said of it, the newest beginning first."""

    versions: list[TimingOut]


@router.get("")
async def list_journey_policies(tx: Care) -> WaitPoliciesOut:
    """Every wait with the policy in force."""
    return WaitPoliciesOut(items=[_out(each) for each in await stage_policies.listing(tx)])


@router.get("/{wait}")
async def read_journey_policy(wait: Wait, tx: Care) -> WaitHistoryOut:
    """One wait with its history."""
    kept = _out(await stage_policies.find(tx, wait))
    versions = [_said(policy, row) for policy, row in await stage_policies.history(tx, wait)]
    return WaitHistoryOut(**kept.model_dump(), versions=versions)


@router.put("/{wait}", status_code=204)
async def set_journey_policy(wait: Wait, body: TimingIn, tx: Care) -> None:
    """From now on, or later. A ladder that calls nobody of ours within ten days is refused (`nobody_of_ours`)."""
    due = None if body.due_seconds is None else timedelta(seconds=body.due_seconds)
    ladder = tuple(Rung(timedelta(seconds=each.after_seconds), each.whom) for each in body.ladder)
    await stage_policies.set_timing(tx, wait, due, ladder, body.effective_from)


def _out(kept: Kept) -> WaitPolicyOut:
    policy = kept.policy
    return WaitPolicyOut(
        wait=kept.wait,
        waiting_on=policy.waiting_on,
        owner=policy.owner,
        next_step=policy.next_step,
        due_seconds=_due(policy),
        ladder=_ladder(policy),
        built_in=kept.built_in,
    )


def _said(policy: WaitPolicy, row: Row) -> TimingOut:
    return TimingOut(
        due_seconds=_due(policy),
        ladder=_ladder(policy),
        entered_by=row["entered_by_name"],
        **{name: row[name] for name in ("effective_from", "entered_at", "applied_at", "superseded_at")},
    )


def _due(policy: WaitPolicy) -> float | None:
    return None if policy.due is None else policy.due.total_seconds()


def _ladder(policy: WaitPolicy) -> list[RungIO]:
    return [RungIO(after_seconds=rung.after.total_seconds(), whom=rung.whom) for rung in policy.ladder]
