"""Claims: each one and where it is now."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Response

from api.deps import Billing, allowed
from domain.access import Action
from domain.claim_states import ClaimState
from records import claims
from records.database import Row
from web.pages import claim_words
from web.pages.frame import InOffice
from web.pages.refusals import PageRoute
from web.views.claims import ClaimRow, ClaimsView
from web.views.shell import Choice

router = APIRouter(route_class=PageRoute, dependencies=[Depends(allowed(Action.READ_CLAIMS))])

PAGE = 100
STATES = tuple(Choice(state.value, words) for state, (words, _) in claim_words.CLAIMS.items())


@router.get("/billing/claims")
async def show_claims(
    frame: InOffice,
    tx: Billing,
    state: ClaimState | Literal[""] = "",
    start: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> Response:
    """The last changed first."""
    rows = await claims.listing(tx, state=state or None, batch_id=None, limit=PAGE + 1, offset=start)
    more = "/billing/claims?" + urlencode({"state": state, "start": start + PAGE})
    view = ClaimsView(
        tuple(claim_row(row) for row in rows[:PAGE]), STATES, state, more if len(rows) > PAGE else ""
    )
    return frame.page("billing/claims.html", view, "/billing/claims")


def claim_row(row: Row) -> ClaimRow:
    """The claim as lists show it."""
    words, tone = claim_words.CLAIMS[ClaimState(row["state"])]
    return ClaimRow(
        claim_id=str(row["id"]),
        client_code=row["client_code"],
        payer=row["payer_name"],
        service_date=row["service_date"],
        state=words,
        tone=tone,
        charged=row["charge"],
        paid=claim_words.cash(row["paid"]),
        changed_at=row["changed_at"],
    )
