"""Response policies: what is promised, in versions; a new one now or from a later instant."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Response
from pydantic import BaseModel, ConfigDict, Field

from api.deps import Care, allowed
from api.instants import Instant
from api.schemas import InWindow
from domain.access import Action
from domain.policies import policy_from_json, policy_to_json
from records import response_policies
from records.response_policies import Kept, Version

router = APIRouter(
    prefix="/v1/response-policies",
    tags=["policies"],
    dependencies=[Depends(allowed(Action.MANAGE_RESPONSE_POLICIES))],
)

NAME = r"^[a-z][a-z0-9_-]{0,39}$"
PolicyName = Annotated[str, Path(pattern=NAME)]


class VersionOut(BaseModel):
    """A policy as it holds from `effective_from` on. Both null: built in, since ever."""

    model_config = ConfigDict(extra="allow")  # kind, minutes or table, ladder

    policy_id: UUID | None
    effective_from: datetime | None


class PolicyOut(BaseModel):
    """A policy by its name; `running`: clocks that count by it now."""

    name: str
    built_in: bool
    running: int
    in_force: VersionOut | None
    upcoming: list[VersionOut]


class PoliciesOut(BaseModel):
    """Every policy, by name."""

    items: list[PolicyOut]
    next_cursor: str | None = None


class PolicyIn(BaseModel):
    """`{kind, minutes or table, ladder}`, and from when it holds: now unless said."""

    model_config = ConfigDict(extra="allow")

    name: Any = Field(default=None, exclude=True)  # as it was read; the address decides
    effective_from: Instant | None = None


@router.get("")
async def list_policies(tx: Care, window: InWindow) -> PoliciesOut:
    """Each policy with the version in force and those to come."""
    return PoliciesOut(**window.of([_policy_out(each) for each in await response_policies.listing(tx)]))


@router.get("/{name}")
async def read_policy(name: PolicyName, tx: Care) -> dict[str, Any]:
    """`{kind, minutes or table, ladder}` as in force now, and `versions`, newest first."""
    found = await response_policies.find(tx, name)
    versions = [_version_out(each).model_dump() for each in found.versions]
    in_force = {} if found.in_force is None else policy_to_json(found.in_force.policy)
    return {"name": name, **in_force, "versions": versions}


@router.put("/{name}", status_code=204)
async def set_policy(name: PolicyName, body: PolicyIn, tx: Care) -> Response:
    """A new version. Running clocks move to it when it begins; those before it are kept."""
    policy = policy_from_json(name, body.model_extra or {})
    await response_policies.put_version(tx, policy, body.effective_from)
    return Response(status_code=204)


def _policy_out(kept: Kept) -> PolicyOut:
    return PolicyOut(
        name=kept.name,
        built_in=kept.built_in,
        running=kept.running,
        in_force=None if kept.in_force is None else _version_out(kept.in_force),
        upcoming=[_version_out(each) for each in kept.upcoming],
    )


def _version_out(version: Version) -> VersionOut:
    body: dict[str, Any] = policy_to_json(version.policy)
    return VersionOut(policy_id=version.id, effective_from=version.effective_from, **body)
