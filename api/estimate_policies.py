"""What estimates take for usual: read with its history, and set now or for later, by administrators."""

from datetime import datetime

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from api.deps import Care, allowed
from api.instants import Instant
from api.schemas import Input
from domain.access import Action
from domain.clinicians import ClinicianKind
from domain.estimate_policies import EstimatePolicy
from records import estimate_policies
from records.database import Row

router = APIRouter(
    prefix="/v1/estimate-policy", tags=["payers"], dependencies=[Depends(allowed(Action.MANAGE_PAYERS))]
)


class EstimatePolicyIn(Input):
    """Sessions a month, clinical minutes of one, and the kind of clinician whose price a client without a therapist is
    told; from when: now unless said.
    """

    sessions_per_month: int
    typical_minutes: int
    clinician_kind: ClinicianKind
    effective_from: Instant | None = None

    @property
    def policy(self) -> EstimatePolicy:
        """As the rules read it. Raises Invalid (`out_of_range`)."""
        return EstimatePolicy(self.sessions_per_month, self.typical_minutes, self.clinician_kind)


class UsualOut(BaseModel):
    """What is usual."""

    sessions_per_month: int
    typical_minutes: int
    clinician_kind: ClinicianKind


class UsualVersionOut(UsualOut):
    """The same as it was said; `superseded_at`: taken back before its time came."""

    effective_from: datetime
    entered_at: datetime
    entered_by: str | None
    superseded_at: datetime | None


class EstimatePolicyOut(UsualOut):
    """What is usual now, and what was, is and will be said, the newest beginning first."""

    versions: list[UsualVersionOut]


@router.get("")
async def read_estimate_policy(tx: Care) -> EstimatePolicyOut:
    """What estimates take for usual. Without versions it is built in."""
    versions = [_said(policy, row) for policy, row in await estimate_policies.history(tx)]
    return EstimatePolicyOut(**_usual(await estimate_policies.in_force(tx)).model_dump(), versions=versions)


@router.put("", status_code=204)
async def set_estimate_policy(body: EstimatePolicyIn, tx: Care) -> None:
    """From now on, or later."""
    await estimate_policies.set_usual(tx, body.policy, body.effective_from)


def _usual(policy: EstimatePolicy) -> UsualOut:
    return UsualOut(
        sessions_per_month=policy.sessions_per_month,
        typical_minutes=policy.typical_minutes,
        clinician_kind=policy.clinician_kind,
    )


def _said(policy: EstimatePolicy, row: Row) -> UsualVersionOut:
    names = ("effective_from", "entered_at", "superseded_at")
    return UsualVersionOut(
        **_usual(policy).model_dump(),
        entered_by=row["entered_by_name"],
        **{name: row[name] for name in names},
    )
