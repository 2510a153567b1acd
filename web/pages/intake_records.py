"""A client's intake for those who care for them: to read, and to print."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from api.deps import Care
from domain.access import Action
from domain.errors import Forbidden
from domain.guardians import Pathway
from domain.intake_words import answer_words, in_words
from domain.screening_words import result_words
from domain.states import STATES
from domain.suitability import BY_CODE, Suitability
from records import intake_records, relations, rooms
from records.consents import Paper
from records.intake_corrections import Correction
from records.intake_records import IntakeRecord
from records.measures import Taken
from records.suitability import Judged
from web.pages.access import ask_for_purpose
from web.pages.frame import Frame, InFrame, go
from web.pages.headers import place_of, reader_of
from web.pages.refusals import PageRoute
from web.pages.suitability import LEVELS, SAID
from web.views.intake_records import ConsentRow, CorrectionRow, IntakeRecordView, JudgedRow, MeasureRow

router = APIRouter(route_class=PageRoute)

PATHWAYS = {
    Pathway.ADULT: "Adult",
    Pathway.GUARDIAN: "Minor, with a guardian's consent",
    Pathway.MINOR: "Minor, consents alone",
    Pathway.NOT_SERVED: "Minor whom no pathway serves there",
}
_JUDGED = {**LEVELS, Suitability.MESSAGING: "Messages suit"}
_TONES = {Suitability.MESSAGING: "good", Suitability.LIVE: "soon", Suitability.HIGHER_CARE: "late"}


@router.get("/rooms/{room_id}/intake")
async def go_to_intake(room_id: UUID, tx: Care) -> Response:
    """From a room to the intake of its client."""
    header = await rooms.header(tx, await relations.visible(tx, room_id))
    return go(f"/clients/{header['client_id']}/intake")


@router.get("/clients/{client_id}/intake")
async def show_intake(client_id: UUID, frame: InFrame, tx: Care) -> Response:
    """The intake, or for a supervisor without a purpose the form that asks for one."""
    try:
        client = await relations.readable_chart(tx, client_id, Action.READ_INTAKE_RECORD)
    except Forbidden as refusal:
        room_id = await intake_records.room_of(tx, client_id)
        if refusal.code != "purpose_required" or room_id is None:
            raise
        return ask_for_purpose(frame, room_id)
    found = await intake_records.read(tx, client)
    return frame.page("room/intake.html", view_of(found), _place(frame, found.room_id))


def _place(frame: Frame, room_id: UUID | None) -> str:
    if room_id is not None:
        return place_of(frame, room_id)
    return "/inbox" if reader_of(frame) == "therapist" else "/board"


def view_of(found: IntakeRecord) -> IntakeRecordView:
    """The record in words."""
    intake = found.intake
    return IntakeRecordView(
        client_code=found.code,
        room_id=str(found.room_id or ""),
        legal_name=found.who.legal_name,
        born=found.who.date_of_birth,
        pathway=PATHWAYS[intake.pathway] if intake.pathway else "",
        state=STATES[found.state].name if found.state in STATES else "",
        located_at=found.located_at,
        form=intake.form.version,
        submitted_at=found.submitted_at,
        steps=in_words(intake.form, intake.answers),
        missing=len(intake.missing),
        corrections=tuple(_correction(found, each) for each in found.corrections),
        judged=tuple(_judged(each) for each in found.judged),
        consents=tuple(_consent(each) for each in found.papers),
        measures=tuple(_measure(each) for each in reversed(found.taken)),
    )


def _correction(found: IntakeRecord, correction: Correction) -> CorrectionRow:
    asked = {each.name: each for each in found.intake.form.fields}
    earlier = (
        (asked[name].label, answer_words(asked[name], value))
        for name, value in correction.earlier.items()
        if name in asked
    )
    return CorrectionRow(correction.at, tuple(earlier))


def _judged(each: Judged) -> JudgedRow:
    words = SAID if each.by else _JUDGED
    return JudgedRow(
        words[each.suitability],
        _TONES[each.suitability],
        each.at,
        each.by,
        tuple((BY_CODE[code].staff, BY_CODE[code].source) for code in each.rules if code in BY_CODE),
        each.rationale,
        each.letter,
    )


def _consent(paper: Paper) -> ConsentRow:
    return ConsentRow(
        paper.wording.title, paper.signed_version or "", paper.signed_at, paper.withdrawn_at, paper.required
    )


def _measure(taken: Taken) -> MeasureRow:
    return MeasureRow(taken.instrument, taken.taken_at, result_words(taken.instrument, taken.figures))
