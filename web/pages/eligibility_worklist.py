"""Covers that wait: who must act, why, by when; and what the office settles."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from api.deps import Billing, allowed
from domain.access import Action
from domain.coverage import CoverageStatus
from domain.errors import FieldError, Invalid
from domain.rejections import FAULT_OF, ClientTask, Fault
from records import coverages, eligibility_worklist, relations
from records.database import Row
from records.eligibility_worklist import Decision, Resolution
from web.pages.forms import text_of
from web.pages.frame import InOffice, PageRoute, go
from web.views.clocks import Filter
from web.views.coverages import WorklistView, WorkRow

router = APIRouter(route_class=PageRoute)

HERE = "/billing/worklist"
Owner = Literal["", "billing", "client", "payer"]
OWNERS: dict[str, tuple[str, str]] = {
    "": ("Everyone", ""),
    "billing": ("Billing", "late"),
    "client": ("The client", "soon"),
    "payer": ("The payer", ""),
}
REASONS = {
    "asked": "Asked. No answer yet",
    "timed_out": "The payer did not answer in time",
    "down": "The payer's line is down",
    "malformed": "The payer's answer could not be read",
    "configuration_refused": "The clearing house refuses our connection",
    "question_unwritable": "A name or number that X12 cannot carry: ask by phone",
    "plan_inactive": "The payer says that the plan is not active",
    "plan_ended": "The payer says that the plan has ended",
    "plan_not_begun": "The payer says that the plan has not begun",
    "mental_health_not_covered": "The plan does not cover mental health care",
    "other_payer_first": "Another payer pays first",
    "carve_out": "Mental health is with another payer, which is asked now",
    "carve_out_unclear": "Mental health is with a payer that was not named, or is not ours",
    "service_type": "Asked again in broader terms",
    "cannot_process": "The payer cannot process the question",
    "nothing_said": "The answer said nothing about mental health care",
    "denied_by_office": "The payer told the office that the plan is not active",
}
FAULTS: dict[Fault | None, str] = {
    Fault.OURS: "our own connection or question is refused",
    Fault.PROVIDER: "the payer does not know our practice by this number",
    Fault.DATES: "the payer refuses the date",
    Fault.PAYER: "the payer could not answer",
}
TASKS = {
    ClientTask.MEMBER_ID: "the member number is not known to the payer",
    ClientTask.NAME: "the payer has another name",
    ClientTask.DATE_OF_BIRTH: "the payer has another date of birth",
    ClientTask.SEX_ON_FILE: "the payer has another entry for sex",
    ClientTask.RELATIONSHIP: "the plan is somebody else's",
    ClientTask.GROUP_NUMBER: "the group number is missing",
    ClientTask.OTHER_INSURANCE: "another payer pays first",
}


@router.get(HERE, dependencies=[Depends(allowed(Action.READ_ELIGIBILITY_WORKLIST))])
async def show_worklist(frame: InOffice, tx: Billing, owner: Owner = "") -> Response:
    """Due first at the top."""
    rows = await eligibility_worklist.worklist(tx)
    filters = tuple(
        Filter(
            name,
            f"{HERE}?owner={key}" if key else HERE,
            sum(1 for row in rows if not key or row["owner"] == key),
            key == owner,
        )
        for key, (name, _) in OWNERS.items()
    )
    shown = tuple(_row(row, tx.now) for row in rows if not owner or row["owner"] == owner)
    return frame.page("billing/worklist.html", WorklistView(shown, filters, owner), HERE)


@router.post(HERE + "/{coverage_id}", dependencies=[Depends(allowed(Action.READ_ELIGIBILITY_WORKLIST))])
async def resolve(coverage_id: UUID, request: Request, tx: Billing) -> Response:
    """Ask the payer once more, or enter what it told the office in person."""
    form = await request.form()
    word = text_of(form, "decision", least=1)
    if word not in set(Decision):
        raise Invalid(FieldError("decision", "unknown"))
    row = await coverages.find(tx, coverage_id)
    client = await relations.writable_chart(tx, row["client_id"], Action.RESOLVE_COVERAGE)
    await eligibility_worklist.resolve(tx, client, coverage_id, Resolution(Decision(word), {}))
    return go(HERE, "asked" if word == Decision.ASK_AGAIN else "settled")


def why(reason: str, task: str | None) -> str:
    """The reason in the words of the office, with the payer's own code where there is one."""
    code = reason.removeprefix("aaa_")
    if code != reason:
        told = (
            TASKS[ClientTask(task)]
            if task
            else FAULTS.get(FAULT_OF.get(code), "the question was not answered")
        )
        return f"AAA {code}: {told}"
    return REASONS.get(reason, reason.replace("_", " ").capitalize())


def _row(row: Row, now: datetime) -> WorkRow:
    who, tone = OWNERS.get(row["owner"] or "", ("Nobody", ""))
    return WorkRow(
        coverage_id=str(row["id"]),
        client_code=row["client_code"],
        payer=row["payer"] or "",
        who=who,
        why="; ".join(why(reason, row["task"]) for reason in row["reasons"]),
        tone=tone,
        since=row["answered_at"] or row["created_at"],
        asked=row["questions"],
        due_at=row["due_at"],
        last_asked_at=row["last_asked_at"],
        open=row["status"] != CoverageStatus.VERIFYING,
        late=row["due_at"] is not None and row["due_at"] < now,
    )
