"""Batches: what went out, what came back, what is waited for."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from api.deps import Billing, allowed
from domain.access import Action
from domain.claim_batches import BatchState, review
from domain.claim_states import ClaimState
from records import batch_answers, batch_files, claim_batches, claims
from records.database import Row, Transaction
from web.pages import claim_words
from web.pages.claims import claim_row
from web.pages.frame import InOffice
from web.pages.refusals import PageRoute
from web.views.claims import Ack, BatchesView, BatchRow, BatchView

router = APIRouter(route_class=PageRoute, dependencies=[Depends(allowed(Action.BATCH_CLAIMS))])

PAGE = 50
HERE = "/billing/batches"
_BEFORE_IT_LEFT = {
    BatchState.BUILDING: "our own check of the file",
    BatchState.READY: "the clearing house to take the file",
}


@router.get("/billing/batches")
async def show_batches(
    frame: InOffice, tx: Billing, start: Annotated[int, Query(ge=0, le=1_000_000)] = 0
) -> Response:
    """Newest first."""
    rows = await claim_batches.listing(tx, limit=PAGE + 1, offset=start)
    view = BatchesView(
        tuple(_row(row) for row in rows[:PAGE]), f"{HERE}?start={start + PAGE}" if len(rows) > PAGE else ""
    )
    return frame.page("billing/batches.html", view, HERE)


@router.get("/billing/batches/{batch_id}")
async def show_batch(batch_id: UUID, frame: InOffice, tx: Billing) -> Response:
    """One batch with its claims and the answers it got."""
    batch = await claim_batches.find(tx, batch_id)
    rows = await claims.listing(tx, state=None, batch_id=batch_id, limit=500, offset=0)
    waiting_for, expected_at = await _awaited(tx, batch, rows)
    view = BatchView(
        batch=_row(batch),
        sha256=bytes(batch["sha256"]).hex() if batch["sha256"] is not None else "",
        acks=tuple(_ack(each) for each in await batch_answers.answers(tx, batch_id)),
        claims=tuple(claim_row(row) for row in rows),
        waiting_for=waiting_for,
        expected_at=expected_at,
        findings=tuple(batch["findings"].get("findings", ())),
    )
    return frame.page("billing/batch.html", view, HERE)


async def _awaited(tx: Transaction, batch: Row, rows: list[Row]) -> tuple[str, datetime | None]:
    """What comes next and until when, by the same rule that the batch's workflow follows."""
    state = BatchState(batch["state"])
    if state is not BatchState.SENT:
        return _BEFORE_IT_LEFT.get(state, ""), None
    policy = (await claim_batches.poll_policy(tx)).follow_up
    found = review([ClaimState(row["state"]) for row in rows], batch["sent_at"], tx.now, policy)
    return (claim_words.WAITING[found.waiting_for] if found.waiting_for else ""), found.expected_at


def _row(row: Row) -> BatchRow:
    words, tone = claim_words.BATCHES[BatchState(row["state"])]
    return BatchRow(
        batch_id=str(row["id"]),
        number=batch_files.reference(row),
        payer=row["payer_name"],
        made_at=row["created_at"],
        claims=row["claims"],
        charged=row["total"],
        state=words,
        tone=tone,
    )


def _ack(answer: batch_answers.Answer) -> Ack:
    words, tone = claim_words.answer_words(answer)
    return Ack(answer.kind, answer.received_at, words, tone)
