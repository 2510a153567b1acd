"""Response policies: read the one in force, put a new version in force."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Response

from api.deps import Care, allowed
from domain.access import Action
from domain.policies import policy_from_json, policy_to_json
from records import policies

router = APIRouter(prefix="/v1/response-policies", tags=["policies"])

PolicyName = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]


@router.get("/{name}", dependencies=[Depends(allowed(Action.MANAGE_RESPONSE_POLICIES))])
async def read_policy(name: PolicyName, tx: Care) -> dict[str, Any]:
    """`{kind, minutes or table, ladder}` as in force now."""
    return {"name": name, **policy_to_json(await policies.response_policy(tx, name))}


@router.put("/{name}", status_code=204, dependencies=[Depends(allowed(Action.MANAGE_RESPONSE_POLICIES))])
async def set_policy(name: PolicyName, body: dict[str, Any], tx: Care) -> Response:
    """A new version, in force from now for clocks opened or re-projected from now on."""
    policy = policy_from_json(name, {key: value for key, value in body.items() if key != "name"})
    await policies.add_version(tx, "response", name, policy_to_json(policy))
    return Response(status_code=204)
