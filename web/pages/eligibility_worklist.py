"""Covers that wait: who must act, why, by when; and what the office settles."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Literal
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import ValidationError
from starlette.datastructures import FormData

from api.coverages import ResolveIn, corrections
from api.deps import Billing, allowed
from domain.access import Action
from domain.coverage import CoverageStatus, Outcome
from domain.coverage_work import ASKED_TOGETHER, NEXT_STEP, CoverageWork
from domain.errors import FieldError, Invalid, NotFound
from domain.insured import Card
from records import coverage_endings, coverages, eligibility_worklist, relations
from records.database import Row, Transaction
from records.eligibility_worklist import Decision, Resolution, WorkItem
from web.pages.claim_words import CLAIMS
from web.pages.eligibility_words import OUTCOMES, OWNERS, WORK, asked, why
from web.pages.forms import text_of
from web.pages.frame import Frame, InOffice, go
from web.pages.refusals import PageRoute
from web.views.clocks import Filter
from web.views.coverages import AskAll, CoverView, Hanging, QuestionLine, WorklistView, WorkRow
from web.views.shell import Form

router = APIRouter(route_class=PageRoute, dependencies=[Depends(allowed(Action.READ_ELIGIBILITY_WORKLIST))])

HERE = "/billing/worklist"
OwnerFilter = Literal["", "billing", "client", "payer", "administrator"]
WorkFilter = CoverageWork | Literal[""]
_CORRECTED = ("member_id", "group_number", "name_on_card", "date_of_birth", "sex_on_file")


@router.get(HERE)
async def show_worklist(
    frame: InOffice, tx: Billing, owner: OwnerFilter = "", work: WorkFilter = ""
) -> Response:
    """Due first at the top."""
    items = await eligibility_worklist.worklist(tx)
    kinds = Counter(item.work for item in items)
    owners = (("", "Everyone"), *((key.value, name) for key, (name, _) in OWNERS.items()))
    shown = [item for item in items if (not owner or item.owner == owner) and (not work or item.work == work)]
    view = WorklistView(
        rows=tuple(_row(item, tx.now) for item in shown),
        filters=tuple(
            Filter(
                name,
                _address(key, ""),
                sum(1 for item in items if not key or item.owner == key),
                not work and key == owner,
            )
            for key, name in owners
        ),
        kinds=tuple(
            Filter(WORK[kind], _address("", kind), kinds[kind], kind == work)
            for kind in CoverageWork
            if kinds[kind] or kind == work
        ),
        here=_address(owner, work),
        next_step=NEXT_STEP[work] if work else "",
        ask_all=_ask_all(shown, work) if work in ASKED_TOGETHER else (),
    )
    return frame.page("billing/worklist.html", view, HERE)


def _address(owner: str, work: str) -> str:
    given = {name: value for name, value in (("owner", owner), ("work", work)) if value}
    return f"{HERE}?{urlencode(given)}" if given else HERE


def _ask_all(shown: list[WorkItem], work: str) -> tuple[AskAll, ...]:
    payers = Counter((item.row["payer_code"] or "", item.row["payer"] or "") for item in shown)
    return tuple(AskAll(work, code, name, count) for (code, name), count in sorted(payers.items()))


@router.post(HERE + "/ask-again")
async def ask_all(request: Request, tx: Billing) -> Response:
    """Ask again for all who wait for the same thing at one payer."""
    form = await request.form()
    work, payer = text_of(form, "work", least=1), text_of(form, "payer")
    await eligibility_worklist.ask_all(tx, work, payer or None)
    return go(HERE, "asked")


@router.get(HERE + "/{coverage_id}")
async def show_cover(coverage_id: UUID, frame: InOffice, tx: Billing) -> Response:
    """One cover: why it waits, what was asked, what hangs on it, and the card."""
    return await _cover(coverage_id, frame, tx, None)


@router.post(HERE + "/{coverage_id}")
async def resolve(coverage_id: UUID, request: Request, frame: InOffice, tx: Billing) -> Response:
    """Ask the payer once more, with corrected details or as they are, or enter what it told the office in person."""
    form = await request.form()
    word = text_of(form, "decision", least=1)
    if word not in set(Decision):
        raise Invalid(FieldError("decision", "unknown"))
    row = await coverages.find(tx, coverage_id)
    client = await relations.writable_chart(tx, row["client_id"], Action.RESOLVE_COVERAGE)
    try:
        changed = corrections(_given(form, await coverages.card_of(tx, row)))
        await eligibility_worklist.resolve(tx, client, coverage_id, Resolution(Decision(word), changed))
    except ValidationError as refusal:
        errors = {str(each["loc"][-1]): "Please look at this once more." for each in refusal.errors()}
        typed = {name: text_of(form, name) for name in _CORRECTED}
        return await _cover(coverage_id, frame, tx, Form(typed, errors=errors), 422)
    return go(HERE, "asked" if word == Decision.ASK_AGAIN else "settled")


def _given(form: FormData, card: Card) -> ResolveIn:
    """What differs from the card. Raises ValidationError."""
    before = _values(card)
    typed = {name: text_of(form, name) for name in _CORRECTED}
    return ResolveIn.model_validate(
        {name: text for name, text in typed.items() if text and text != before[name]}
    )


def _values(card: Card) -> dict[str, str]:
    return {
        "member_id": card.member_id,
        "group_number": card.group_number or "",
        "name_on_card": card.name_on_card or "",
        "date_of_birth": card.date_of_birth.isoformat() if card.date_of_birth else "",
        "sex_on_file": card.sex_on_file or "",
    }


async def _cover(
    coverage_id: UUID, frame: Frame, tx: Transaction, form: Form | None, status: int = 200
) -> Response:
    coverage = await coverages.find(tx, coverage_id)
    await relations.readable_chart(tx, coverage["client_id"], Action.READ_COVERAGE)
    found = await eligibility_worklist.worklist(tx, coverage_id=coverage_id)
    if not found:  # settled meanwhile, or never insurance
        raise NotFound
    await tx.audit("read_coverage", subject_id=coverage_id)
    item = found[0]
    view = CoverView(
        row=_row(item, tx.now),
        next_step=NEXT_STEP[item.work],
        last_covered_day=item.row["active_to"],
        ask_again_at=item.row["ask_again_at"],
        lines=item.touched.lines,
        claims=tuple(map(_hanging, await coverage_endings.claims_after(tx, coverage_id))),
        questions=tuple(map(_question, await eligibility_worklist.questions(tx, coverage_id))),
        form=form or Form(_values(await coverages.card_of(tx, coverage))),
    )
    return frame.page("billing/cover.html", view, HERE, status)


def _hanging(row: Row) -> Hanging:
    return Hanging(row["number"], row["service_date"], row["charge"], row["paid"], CLAIMS[row["state"]][0])


def _question(row: Row) -> QuestionLine:
    outcome = Outcome(row["outcome"]) if row["outcome"] else None
    return QuestionLine(
        asked_at=row["asked_at"],
        payer=row["payer"] or row["payer_number"],
        what=asked(row["service_type"], row["together"], row["as_dependent"], row["tried"]),
        came=OUTCOMES[outcome] if outcome else "Nobody knows yet",
        why=why(row["reason"], None) if row["reason"] and outcome is not Outcome.ACTIVE else "",
        good=outcome is Outcome.ACTIVE,
        next_at=row["next_at"],
    )


def _row(item: WorkItem, now: datetime) -> WorkRow:
    row = item.row
    who, tone = OWNERS[item.owner] if item.owner else ("Nobody", "")
    return WorkRow(
        coverage_id=str(row["id"]),
        client_code=row["client_code"],
        payer=row["payer"] or "",
        who=who,
        why="; ".join(why(reason, row["task"]) for reason in row["reasons"]),
        tone=tone,
        since=row["status_at"],
        asked=row["questions"],
        due_at=row["due_at"],
        last_asked_at=row["last_asked_at"],
        open=row["ended_at"] is None and not row["asking"],
        in_force=row["status"] == CoverageStatus.ACTIVE,
        hanging=item.touched.lines + item.touched.claims,
        late=row["due_at"] is not None and row["due_at"] < now,
    )
