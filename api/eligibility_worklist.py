"""The eligibility worklist: covers on which somebody must act, what was asked about them, and asking again together."""

from datetime import date, datetime
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from api.coverage_words import sentence
from api.deps import Billing, allowed
from api.schemas import Input, InWindow, MoneyOut, ShortText
from domain.access import Action
from domain.coverage import CoverageStatus, Owner
from domain.coverage_work import NEXT_STEP, CoverageWork
from records import coverages, eligibility_worklist, relations
from records.database import Row
from records.eligibility_worklist import WorkItem

router = APIRouter(
    prefix="/v1", tags=["coverages"], dependencies=[Depends(allowed(Action.READ_ELIGIBILITY_WORKLIST))]
)


class TouchedOut(BaseModel):
    """What was done in the name of a cover for days after its last one: lines not billed, claims, their charges."""

    lines: int
    claims: int
    charge: MoneyOut | None
    last_covered_day: date | None


class WorkOut(BaseModel):
    """A cover that waits: who must act, why, by when, what to do; how often the payer was asked.

    `reason` is what the client reads. `ask_again_at`: when the payer is asked anew by itself.
    """

    coverage_id: UUID
    client_code: str
    payer: str | None
    status: CoverageStatus
    work: CoverageWork
    owner: Owner | None
    reason: str
    reason_codes: list[str]
    next_step: str
    task: str | None
    due_at: datetime | None
    since: datetime
    asking: bool
    ask_again_at: datetime | None
    questions: int
    last_asked_at: datetime | None
    touched: TouchedOut | None


class WorklistOut(BaseModel):
    """What is due first at the top."""

    items: list[WorkOut]
    next_cursor: str | None = None


class QuestionOut(BaseModel):
    """One question to a payer and what came of it, in codes; `outcome` is empty while nobody knows.

    `together`: how many service types were asked for at once, `service_type` the narrowest.
    """

    verification: int
    attempt: int
    asked_at: datetime
    answered_at: datetime | None
    payer_number: str
    payer: str | None
    service_type: str
    together: int
    as_dependent: bool
    tried: list[str]
    outcome: str | None
    reason: str | None
    next_at: datetime | None


class QuestionsOut(BaseModel):
    """The newest first."""

    items: list[QuestionOut]
    next_cursor: str | None = None


class AskAllIn(Input):
    """One kind of work (`alarm`, `enrolment`, `payer_silent`), of one payer (a code) or of all."""

    work: CoverageWork
    payer: ShortText | None = None


class AskedOut(BaseModel):
    """How many payers are asked again."""

    asked: int


@router.get("/eligibility-worklist")
async def read_worklist(
    tx: Billing, window: InWindow, owner: Owner | None = None, work: CoverageWork | None = None
) -> WorklistOut:
    """Covers on which somebody must act, by who acts and by the kind of work."""
    items = await eligibility_worklist.worklist(tx, owner=owner, work=work)
    return WorklistOut(**window.of([_work(item) for item in items]))


@router.post("/eligibility-worklist/ask-again", status_code=202)
async def ask_all(body: AskAllIn, tx: Billing) -> AskedOut:
    """Ask again for everyone who waits for the same thing, once it has been put right."""
    return AskedOut(asked=await eligibility_worklist.ask_all(tx, body.work, body.payer))


@router.get("/coverages/{coverage_id}/questions")
async def read_questions(coverage_id: UUID, tx: Billing, window: InWindow) -> QuestionsOut:
    """What was asked about a cover, and what came of it."""
    row = await coverages.find(tx, coverage_id)
    await relations.readable_chart(tx, row["client_id"], Action.READ_COVERAGE)
    await tx.audit("read_coverage", subject_id=coverage_id)
    asked = await eligibility_worklist.questions(tx, coverage_id)
    return QuestionsOut(**window.of([_question(each) for each in asked]))


def _question(row: Row) -> QuestionOut:
    return QuestionOut(**row)


def _work(item: WorkItem) -> WorkOut:
    row, touched = item.row, item.touched
    some = touched.lines or touched.claims
    return WorkOut(
        coverage_id=row["id"],
        client_code=row["client_code"],
        payer=row["payer"],
        status=row["status"],
        work=item.work,
        owner=item.owner,
        reason=sentence(row),
        reason_codes=row["reasons"],
        next_step=NEXT_STEP[item.work],
        task=row["task"],
        due_at=row["due_at"],
        since=row["status_at"],
        asking=row["asking"],
        ask_again_at=row["ask_again_at"],
        questions=row["questions"],
        last_asked_at=row["last_asked_at"],
        touched=TouchedOut(
            lines=touched.lines,
            claims=touched.claims,
            charge=MoneyOut.of(touched.charge),
            last_covered_day=row["active_to"],
        )
        if some
        else None,
    )
