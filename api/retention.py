"""Rules of retention by state, for administrators."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field, StringConstraints

from api.deps import Care, allowed
from api.schemas import Input, InWindow, Page, ShortText
from domain.access import Action
from domain.errors import NotFound
from domain.retention import RetentionRule, rule_in_force
from domain.states import STATES
from domain.zones import date_everywhere
from records import retention

router = APIRouter(
    prefix="/v1/retention-rules",
    tags=["retention"],
    dependencies=[Depends(allowed(Action.MANAGE_RETENTION))],
)

StateCode = Annotated[str, StringConstraints(pattern=r"^([A-Z]{2}|\*)$")]
"""A state's postal code, or `*` for every state without a rule of its own."""


class RuleOut(BaseModel):
    """From a day on: years after the last service, and for a minor at least until an age. `source`: the law."""

    state: str
    effective_from: date
    years: int
    minor_until_age: int | None
    source: str


class StateRulesOut(BaseModel):
    """What holds for a state today (its own rule, or the one of `*`), and all there ever was or will be."""

    state: str
    in_force: RuleOut
    rules: list[RuleOut]


class RuleIn(Input):
    """A further rule. What is in force already is never edited."""

    effective_from: date
    years: Annotated[int, Field(ge=0, le=50)]
    minor_until_age: Annotated[int | None, Field(ge=0, le=40)] = None
    source: ShortText


@router.get("")
async def list_rules(tx: Care, window: InWindow) -> Page[RuleOut]:
    """Every rule that is kept, presets first."""
    return Page(**window.of([_out(rule) for rule in await retention.rules(tx)]))


@router.get("/{state}")
async def read_rule(state: StateCode, tx: Care) -> StateRulesOut:
    """The rule of a state."""
    if state != "*" and state not in STATES:
        raise NotFound
    rules = await retention.rules(tx)
    return StateRulesOut(
        state=state,
        in_force=_out(rule_in_force(state, rules, date_everywhere(tx.now))),
        rules=[_out(rule) for rule in rules if rule.state == state],
    )


@router.put("/{state}", status_code=204)
async def set_rule(state: StateCode, body: RuleIn, tx: Care) -> Response:
    """From today on, or later. The dates of waiting erasures move with it. 409: there is one of that day."""
    rule = RetentionRule(state, body.effective_from, body.years, body.minor_until_age, body.source)
    await retention.put_rule(tx, rule)
    return Response(status_code=204)


def _out(rule: RetentionRule) -> RuleOut:
    return RuleOut(
        state=rule.state,
        effective_from=rule.effective_from,
        years=rule.years,
        minor_until_age=rule.minor_until_age,
        source=rule.source,
    )
