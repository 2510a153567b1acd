"""Whom messages alone may not suit: who waits, and what a clinician decides."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from api.deps import Care, allowed
from api.schemas import Input, Text
from domain.access import Action
from domain.suitability import BY_CODE, Suitability
from records import relations, suitability

router = APIRouter(prefix="/v1", tags=["suitability"])


class DecisionIn(Input):
    """A clinician's decision with reasons. `letter`: what the client reads; needed unless messages suit."""

    suitability: Suitability
    rationale: Text
    letter: Text = ""


class RuleOut(BaseModel):
    """A rule that spoke, in a clinician's words, with its source."""

    code: str
    words: str
    source: str


class UndecidedOut(BaseModel):
    """Somebody who waits. `suitability` null: no pathway serves a minor where they are."""

    client_id: UUID
    client_code: str
    state: str | None
    suitability: Suitability | None
    rules: list[RuleOut]
    since: datetime
    due_at: datetime | None


class UndecidedListOut(BaseModel):
    """All of them, the longest waiting first."""

    items: list[UndecidedOut]
    next_cursor: str | None = None


@router.get("/suitability", dependencies=[Depends(allowed(Action.READ_SUITABILITY))])
async def list_undecided(tx: Care) -> UndecidedListOut:
    """Who waits for a clinician's decision."""
    return UndecidedListOut(
        items=[
            UndecidedOut(
                client_id=each.client_id,
                client_code=each.code,
                state=each.state,
                suitability=each.suitability,
                rules=rules_out(each.rules),
                since=each.since,
                due_at=each.due_at,
            )
            for each in await suitability.undecided(tx)
        ]
    )


@router.post("/clients/{client_id}/suitability", status_code=204)
async def decide(client_id: UUID, body: DecisionIn, tx: Care) -> None:
    """Decide. 409 `nothing_to_decide` when the rules ask for nobody, or somebody was quicker."""
    client = await relations.writable_chart(tx, client_id, Action.DECIDE_SUITABILITY)
    await suitability.decide(tx, client, body.suitability, body.rationale, body.letter)


def rules_out(codes: Iterable[str]) -> list[RuleOut]:
    """Rules that spoke, on the wire."""
    known = (BY_CODE[code] for code in codes if code in BY_CODE)
    return [RuleOut(code=rule.code, words=rule.staff, source=rule.source) for rule in known]
