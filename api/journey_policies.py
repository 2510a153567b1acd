"""When each step of the way into care is due and who is told: read, and set by whoever keeps the policies."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from api.deps import Care, allowed
from api.schemas import Input
from domain.access import Action
from domain.stages import Party, Rung, Wait
from records import stage_policies
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
    """When the step is due (seconds after the wait began; null for a pause alone), and the ladder."""

    due_seconds: Seconds | None
    ladder: list[RungIO]


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


@router.get("")
async def list_journey_policies(tx: Care) -> WaitPoliciesOut:
    """Every wait with the policy in force."""
    return WaitPoliciesOut(items=[_out(each) for each in await stage_policies.listing(tx)])


@router.put("/{wait}", status_code=204)
async def set_journey_policy(wait: Wait, body: TimingIn, tx: Care) -> None:
    """From now on. A ladder that calls nobody of ours within ten days is refused (`nobody_of_ours`)."""
    due = None if body.due_seconds is None else timedelta(seconds=body.due_seconds)
    ladder = tuple(Rung(timedelta(seconds=each.after_seconds), each.whom) for each in body.ladder)
    await stage_policies.set_timing(tx, wait, due, ladder)


def _out(kept: Kept) -> WaitPolicyOut:
    policy = kept.policy
    return WaitPolicyOut(
        wait=kept.wait,
        waiting_on=policy.waiting_on,
        owner=policy.owner,
        next_step=policy.next_step,
        due_seconds=None if policy.due is None else policy.due.total_seconds(),
        ladder=[RungIO(after_seconds=rung.after.total_seconds(), whom=rung.whom) for rung in policy.ladder],
        built_in=kept.built_in,
    )
