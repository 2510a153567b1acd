"""A client's intake for those who care for them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from api.deps import Care
from api.suitability import RuleOut, rules_out
from domain.access import Action
from domain.consents import Document
from domain.guardians import Pathway
from domain.intake_words import answer_words, in_words
from domain.screening_words import result_words
from domain.suitability import Suitability
from records import intake_records, relations
from records.intake_records import IntakeRecord

router = APIRouter(prefix="/v1", tags=["intake"])


class AnswerOut(BaseModel):
    """A question that was put, and the answer in words. `missing`: a submit still needs it."""

    name: str
    label: str
    words: str
    missing: bool


class AnsweredStepOut(BaseModel):
    """A part of the form as this client took it."""

    title: str
    answers: list[AnswerOut]


class EarlierAnswerOut(BaseModel):
    """What stood there before, in words."""

    name: str
    label: str
    words: str


class CorrectionOut(BaseModel):
    """Answers that the client changed after handing the intake in, as they were before."""

    at: datetime
    earlier: list[EarlierAnswerOut]


class JudgedOut(BaseModel):
    """What the rules said, or with `by` what a clinician decided, and why. `letter`: what the client reads."""

    suitability: Suitability
    rules: list[RuleOut]
    at: datetime
    by: str
    rationale: str
    letter: str


class ConsentHeldOut(BaseModel):
    """A document: signed in an edition at an instant, taken back, or neither."""

    document: Document
    title: str
    required: bool
    version: str | None
    signed_at: datetime | None
    withdrawn_at: datetime | None


class MeasuredOut(BaseModel):
    """A questionnaire as it was answered: in words with its cut-off, and under its published keys."""

    instrument: str
    taken_at: datetime
    words: str
    figures: dict[str, Any]


class ClientIntakeOut(BaseModel):
    """The intake as a clinician reads it. `state`: where the client said they are, at `located_at`."""

    client_code: str
    legal_name: str
    date_of_birth: date
    state: str | None
    located_at: datetime | None
    pathway: Pathway | None
    form: str
    submitted_at: datetime | None
    steps: list[AnsweredStepOut]
    missing: list[str]
    corrections: list[CorrectionOut]
    suitability: list[JudgedOut]
    consents: list[ConsentHeldOut]
    measures: list[MeasuredOut]


@router.get("/clients/{client_id}/intake")
async def read_client_intake(client_id: UUID, tx: Care) -> ClientIntakeOut:
    """Answers, corrections, what was judged, signed and measured; newest first. The client reads who read it."""
    client = await relations.readable_chart(tx, client_id, Action.READ_INTAKE_RECORD)
    return _out(await intake_records.read(tx, client))


def _out(found: IntakeRecord) -> ClientIntakeOut:
    return ClientIntakeOut(
        client_code=found.code,
        legal_name=found.who.legal_name,
        date_of_birth=found.who.date_of_birth,
        state=found.state,
        located_at=found.located_at,
        pathway=found.intake.pathway,
        form=found.intake.form.version,
        submitted_at=found.submitted_at,
        steps=[
            AnsweredStepOut(
                title=step.title,
                answers=[
                    AnswerOut(name=a.name, label=a.label, words=a.words, missing=a.missing)
                    for a in step.answers
                ],
            )
            for step in in_words(found.intake.form, found.intake.answers)
        ],
        missing=found.intake.missing,
        corrections=_corrections_out(found),
        suitability=[
            JudgedOut(
                suitability=each.suitability,
                rules=rules_out(each.rules),
                at=each.at,
                by=each.by,
                rationale=each.rationale,
                letter=each.letter,
            )
            for each in found.judged
        ],
        consents=[
            ConsentHeldOut(
                document=paper.wording.document,
                title=paper.wording.title,
                required=paper.required,
                version=paper.signed_version,
                signed_at=paper.signed_at,
                withdrawn_at=paper.withdrawn_at,
            )
            for paper in found.papers
        ],
        measures=[
            MeasuredOut(
                instrument=each.instrument,
                taken_at=each.taken_at,
                words=result_words(each.instrument, each.figures),
                figures=each.figures,
            )
            for each in reversed(found.taken)
        ],
    )


def _corrections_out(found: IntakeRecord) -> list[CorrectionOut]:
    asked = {each.name: each for each in found.intake.form.fields}
    return [
        CorrectionOut(
            at=each.at,
            earlier=[
                EarlierAnswerOut(name=name, label=asked[name].label, words=answer_words(asked[name], value))
                for name, value in each.earlier.items()
                if name in asked
            ],
        )
        for each in found.corrections
    ]
