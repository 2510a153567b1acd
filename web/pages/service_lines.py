"""What is not billed yet, what stands in its way, and the form that sends what can go."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response

from api.deps import Billing, allowed
from domain.access import Action
from domain.billing_consents import FINDING_WORDS, ConsentFinding
from domain.errors import NotFound
from domain.service_lines import MENDERS, Mender, hold_words
from records import batch_gathering, payers, unbilled
from records.database import Transaction
from records.unbilled import UnbilledLine
from web.pages import claim_words
from web.pages.forms import text_of, typed
from web.pages.frame import Frame, InOffice, go
from web.pages.refusals import PageRoute
from web.views.claims import Blocked, ServiceLine, Tried, UnbilledView
from web.views.shell import Choice, Form

router = APIRouter(route_class=PageRoute)

PAGE = 100
State = Literal["", "ready", "held"]
_FRESH = Form({"since_last_export": "yes"})


@router.get("/billing", dependencies=[Depends(allowed(Action.READ_SERVICES))])
async def show_unbilled(
    frame: InOffice,
    tx: Billing,
    payer: Annotated[str, Query(max_length=100)] = "",
    state: State = "",
    start: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> Response:
    """Oldest first. Everything that filters stands in the address."""
    return await _page(frame, tx, _FRESH, payer=payer, state=state, start=start)


@router.post("/billing/batches", dependencies=[Depends(allowed(Action.BATCH_CLAIMS))])
async def make_batches(request: Request, frame: InOffice, tx: Billing) -> Response:
    """Bill what is ready; or try it, and change nothing."""
    form = await request.form()
    payer = text_of(form, "payer", most=100)
    trial = bool(form.get("dry_run"))
    try:
        found = await batch_gathering.prepare(
            tx, payer or None, since_last_export=bool(form.get("since_last_export")), dry_run=trial
        )
    except NotFound:
        refused = Form(typed(form), errors={"payer": "Choose a payer of the list."})
        return await _page(frame, tx, refused, status=422)
    if found.batch_ids:
        only = len(found.batch_ids) == 1
        return go(f"/billing/batches/{found.batch_ids[0]}" if only else "/billing/batches", "batched")
    tried = Tried(found.claims, found.total, found.stopped, found.held, found.released)
    return await _page(frame, tx, Form(typed(form)), payer=payer, tried=tried)


async def _page(
    frame: Frame,
    tx: Transaction,
    form: Form,
    *,
    payer: str = "",
    state: State = "",
    start: int = 0,
    tried: Tried | None = None,
    status: int = 200,
) -> Response:
    payer_id = (await payers.find_offered(tx, payer))["id"] if payer else None
    ready = {"ready": True, "held": False}.get(state)
    found = await unbilled.lines(tx, payer_id=payer_id, ready=ready, limit=PAGE + 1, offset=start)
    sums = await unbilled.totals(tx, payer_id)
    address = "/billing?" + urlencode({"payer": payer, "state": state, "start": start + PAGE})
    view = UnbilledView(
        lines=tuple(_line(each) for each in found[:PAGE]),
        payers=tuple(Choice(row["code"], row["name"]) for row in await payers.listing(tx)),
        payer=payer,
        state=state,
        ready_count=sums.ready,
        ready_amount=sums.ready_amount,
        held_count=sums.held,
        held_amount=sums.held_amount,
        form=form,
        next_href=address if len(found) > PAGE else "",
        tried=tried,
    )
    return frame.page("billing/unbilled.html", view, "/billing", status)


def _line(line: UnbilledLine) -> ServiceLine:
    row = line.row
    return ServiceLine(
        line_id=str(row["id"]),
        service_date=row["service_date"],
        client_code=row["client_code"],
        payer=row["payer_name"] or "",
        code=row["code"] or "",
        amount=claim_words.cash(row["charge"]),
        blocked=(
            *(
                Blocked(hold_words(hold, row["confirmed_on"]), claim_words.MENDERS[MENDERS[hold]])
                for hold in line.holds
            ),
            *(_checked(each) for each in line.findings),
        ),
    )


def _checked(finding: str) -> Blocked:
    """What the claim's own check found: a consent is the client's to give, all else the office's to put right."""
    code = finding.partition(" ")[0]
    if code in set(ConsentFinding):
        return Blocked(FINDING_WORDS[ConsentFinding(code)], claim_words.MENDERS[Mender.CLIENT])
    return Blocked(f"The claim's own check: {finding}", "Billing acts")
