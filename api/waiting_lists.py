"""Waiting lists: everyone who waits for a person of ours, assigned at once, and asked from there."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from api.deps import Care, OnceOnly, allowed
from api.report_files import Form, as_file
from api.schemas import Input, InWindow
from domain.access import Action
from records import waiting_lists
from records.database import Row
from records.waiting_lists import MOST_ASKED
from reports.waiting_list_report import report_of

router = APIRouter(prefix="/v1", tags=["matches"], dependencies=[Depends(allowed(Action.READ_MATCH_DESK))])


class RunAskedOut(BaseModel):
    """The run that was asked for, or is under way."""

    run_id: UUID


class RunLineOut(BaseModel):
    """A run on the list: `placed` by the best assignment, `in_turn` one after the other."""

    run_id: UUID
    asked_at: datetime
    state: str
    ready_at: datetime | None
    clients: int
    placed: int
    in_turn: int


class RunsOut(BaseModel):
    """The newest first."""

    items: list[RunLineOut]
    next_cursor: str | None = None


class ProposedOut(BaseModel):
    """A therapist for a client, and how well they fit (0 to 1)."""

    therapist_id: UUID
    name: str
    score: float


class WaitingClientOut(BaseModel):
    """One who waits: whom the best assignment proposes, whom they would get in turn; null where no place is left."""

    match_id: UUID
    client_id: UUID
    client_code: str
    state: str | None
    since: datetime
    eligible: int
    best: ProposedOut | None
    in_turn: ProposedOut | None
    asked_at: datetime | None
    refused: str | None


class RunOut(BaseModel):
    """A run with its clients, those who wait longest first; none while it is under way."""

    run_id: UUID
    state: str
    asked_at: datetime
    asked_by: str
    ready_at: datetime | None
    places: int | None
    pairs: int | None
    placed: int
    placed_in_turn: int
    items: list[WaitingClientOut]
    next_cursor: str | None = None


class OffersIn(Input):
    """The searches whose proposed therapists are asked."""

    match_ids: Annotated[list[UUID], Field(min_length=1, max_length=MOST_ASKED)]


class OfferedOut(BaseModel):
    """`refused`: null where the therapist is asked, or the first reason against it."""

    match_id: UUID
    refused: str | None


class OfferedListOut(BaseModel):
    """Row by row."""

    items: list[OfferedOut]
    next_cursor: str | None = None


@router.post("/waiting-lists", status_code=202, response_model=RunAskedOut)
async def ask(tx: Care, once: OnceOnly) -> JSONResponse:
    """Have everyone who waits assigned at once. It is worked out in the background."""

    async def work() -> RunAskedOut:
        return RunAskedOut(run_id=await waiting_lists.ask(tx))

    return await once(tx, b"", work, 202)


@router.get("/waiting-lists")
async def list_runs(tx: Care, window: InWindow) -> RunsOut:
    """The last runs."""
    lines = [RunLineOut(run_id=row.pop("id"), **row) for row in await waiting_lists.latest(tx)]
    return RunsOut(**window.of(lines))


@router.get("/waiting-lists/{run_id}")
async def read_run(run_id: UUID, tx: Care, window: InWindow) -> RunOut:
    """One run."""
    found = await waiting_lists.find(tx, run_id)
    row = found.row
    return RunOut(
        run_id=row["id"],
        state=row["state"],
        asked_at=row["asked_at"],
        asked_by=row["asked_by_name"],
        ready_at=row["ready_at"],
        places=row["places"],
        pairs=row["pairs"],
        placed=found.placed,
        placed_in_turn=found.placed_in_turn,
        **window.of([_client_out(line) for line in found.lines]),
    )


@router.get("/waiting-lists/{run_id}/report", response_class=Response)
async def read_run_report(
    run_id: UUID, tx: Care, form: Annotated[Form, Query(alias="format")] = "json"
) -> Response:
    """The best assignment beside one client after the other, as JSON, CSV, XLSX or HTML."""
    return as_file(report_of(await waiting_lists.find(tx, run_id), tx.now), form)


@router.post("/waiting-lists/{run_id}/offers")
async def ask_therapists(run_id: UUID, body: OffersIn, tx: Care) -> OfferedListOut:
    """Ask the proposed therapists by an offer each, under the hard filters as they are now; refused row by row."""
    answers = await waiting_lists.ask_therapists(tx, run_id, body.match_ids)
    return OfferedListOut(
        items=[OfferedOut(match_id=match, refused=refused) for match, refused in answers.items()]
    )


def _client_out(line: Row) -> WaitingClientOut:
    names = ("match_id", "client_id", "client_code", "state", "since", "eligible", "asked_at", "refused")
    return WaitingClientOut(
        best=_proposed(line["therapist_id"], line["therapist"], line["score"]),
        in_turn=_proposed(line["in_turn_id"], line["in_turn"], line["in_turn_score"]),
        **{name: line[name] for name in names},
    )


def _proposed(therapist_id: UUID | None, name: str, score: float) -> ProposedOut | None:
    return ProposedOut(therapist_id=therapist_id, name=name, score=score) if therapist_id else None
