"""Intake in parts, its form as data, where the client is, and the care that fits."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field, StringConstraints

from api.deps import Care, own
from api.risk import QuestionOut, question_out
from api.schemas import Input, ShortText, Text
from domain.access import Action, Actor
from domain.guardians import Pathway
from domain.intake_forms import Condition, IntakeForm, Kind
from domain.suitability import RECOMMENDATION, Suitability, words_of
from records import intake, places, relations, suitability

router = APIRouter(prefix="/v1", tags=["intake"])

Recency = Literal["never", "within_30_days", "longer_ago"]
Codes = Annotated[list[ShortText], Field(max_length=30)]
Email = Annotated[ShortText, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]


class AddressIn(Input):
    """A postal address in the United States. Parts that are left out stay as they were saved."""

    line1: ShortText | None = None
    line2: ShortText | None = None
    city: ShortText | None = None
    state: ShortText | None = None
    postal_code: ShortText | None = None


class PreferencesIn(Input):
    """Wishes about the therapist; those named in `must` are hard filters."""

    gender: ShortText | None = None
    language: ShortText | None = None
    modality: ShortText | None = None
    must: Codes | None = None


class ContactIn(Input):
    """Whom to call in an emergency; `available` false: there is nobody. `local_number`: police or crisis team."""

    available: bool | None = None
    name: ShortText | None = None
    phone: ShortText | None = None
    relationship: ShortText | None = None
    local_number: ShortText | None = None


class GuardianContactIn(Input):
    """How to reach the parent or guardian named in `guardian`."""

    relationship: ShortText | None = None
    email: Email | None = None
    phone: ShortText | None = None


class SafetyIn(Input):
    """How recently; and what makes care by messages alone the wrong care."""

    suicidal_thoughts: Recency | None = None
    homicidal_thoughts: Recency | None = None
    private_channel: bool | None = None
    recent_attempt: bool | None = None
    recent_discharge: bool | None = None
    imminent_violence: bool | None = None
    psychosis_or_mania: bool | None = None
    withdrawal: bool | None = None


class IntakeIn(Input):
    """A part of the intake: fields that are left out stay as they were saved, null takes an answer back. `version`
    is the one that the writer looked at: the answer then names what another device had written meanwhile.
    """

    version: Annotated[int, Field(ge=0)] | None = None
    focus: Codes | None = None
    address: AddressIn | None = None
    phone: ShortText | None = None
    sex_on_file: Literal["female", "male", "unknown"] | None = None
    prior_care: Text | None = None
    medication: Text | None = None
    guardian: Text | None = None
    guardian_contact: GuardianContactIn | None = None
    state: ShortText | None = None
    location: ShortText | None = None
    location_withheld: bool | None = None
    preferences: PreferencesIn | None = None
    availability: Codes | None = None
    emergency_contact: ContactIn | None = None
    safety: SafetyIn | None = None

    def part(self) -> dict[str, Any]:
        """What was sent, and nothing else."""
        return self.model_dump(mode="json", exclude_unset=True, exclude={"version"})


class IntakeOut(BaseModel):
    """How far the intake is. `question` is put to the client at once when it is there; `overwrote` names answers of
    another device that the writer had not seen, and that count no longer.
    """

    version: int
    form: str
    submitted: bool
    missing: list[str]
    pathway: Pathway | None
    question: QuestionOut | None = None
    overwrote: list[str] = Field(default_factory=list)


class SavedIntakeOut(IntakeOut):
    """The intake with what was saved, for going on elsewhere."""

    values: dict[str, Any]


class ConditionOut(BaseModel):
    """Asked only while the answer `field` is none of `unless`."""

    field: str
    unless: list[str | bool | None]


class OptionOut(BaseModel):
    """One answer to choose."""

    value: str
    label: str
    hint: str


class FieldOut(BaseModel):
    """One question; `name` is dotted as in `missing`."""

    name: str
    label: str
    kind: Kind
    help: str
    required: bool
    options: list[OptionOut]
    when: ConditionOut | None


class FormStepOut(BaseModel):
    """A few questions that belong together."""

    name: str
    title: str
    intro: str
    when: ConditionOut | None
    fields: list[FieldOut]


class FormOut(BaseModel):
    """The edition of the form that this client answers."""

    version: str
    steps: list[FormStepOut]


class LocationIn(Input):
    """The state (two letters) in which the client is now, and the place if it changed."""

    state: ShortText
    location: ShortText | None = None


class SuitabilityOut(BaseModel):
    """What care fits. `reasons` in plain words; `letter`: what the clinician who decided wrote."""

    suitability: Suitability | None
    recommendation: str
    reasons: list[str]
    decided: bool
    letter: str


@router.get("/intake")
async def read_intake(tx: Care, actor: Annotated[Actor, Depends(own(Action.READ_INTAKE))]) -> SavedIntakeOut:
    """What was saved so far."""
    client = await relations.readable_chart(tx, actor.account_id, Action.READ_INTAKE)
    found = await intake.read(tx, client)
    return SavedIntakeOut(**_out(found).model_dump(), values=found.values)


@router.get("/intake/form")
async def read_form(tx: Care, actor: Annotated[Actor, Depends(own(Action.READ_INTAKE))]) -> FormOut:
    """The questions as data, in the edition this client answers."""
    client = await relations.readable_chart(tx, actor.account_id, Action.READ_INTAKE)
    return form_out((await intake.read(tx, client)).form)


@router.put("/intake")
async def save_intake(
    body: IntakeIn, tx: Care, actor: Annotated[Actor, Depends(own(Action.SAVE_INTAKE))]
) -> IntakeOut:
    """Save a part, down to a single answer."""
    client = await relations.writable_chart(tx, actor.account_id, Action.SAVE_INTAKE)
    return _out(await intake.save(tx, client, body.part(), body.version))


@router.post("/intake/submit")
async def submit_intake(tx: Care, actor: Annotated[Actor, Depends(own(Action.SAVE_INTAKE))]) -> IntakeOut:
    """Hand the intake in. 422 `intake_incomplete` names what is missing."""
    client = await relations.writable_chart(tx, actor.account_id, Action.SAVE_INTAKE)
    return _out(await intake.submit(tx, client))


@router.post("/intake/guardian", status_code=204)
async def write_to_guardian(tx: Care, actor: Annotated[Actor, Depends(own(Action.SAVE_INTAKE))]) -> None:
    """Another letter to the guardian; the link of the earlier one ends. 409 when no guardian is needed."""
    client = await relations.writable_chart(tx, actor.account_id, Action.SAVE_INTAKE)
    await intake.write_again(tx, client)


@router.put("/me/location", status_code=204)
async def set_location(
    body: LocationIn, tx: Care, actor: Annotated[Actor, Depends(own(Action.SET_LOCATION))]
) -> None:
    """Say where one is now: a therapist must hold a licence there."""
    client = await relations.writable_chart(tx, actor.account_id, Action.SET_LOCATION)
    if body.location is None:
        await places.say(tx, client, body.state)
    else:
        await intake.save(tx, client, {"state": body.state, "location": body.location})


@router.get("/me/suitability")
async def read_suitability(
    tx: Care, actor: Annotated[Actor, Depends(own(Action.READ_INTAKE))]
) -> SuitabilityOut:
    """What we recommend, and why."""
    found = await suitability.standing(tx, actor.account_id)
    if found is None:
        return SuitabilityOut(suitability=None, recommendation="", reasons=[], decided=False, letter="")
    return SuitabilityOut(
        suitability=found.suitability,
        recommendation=RECOMMENDATION[found.suitability],
        reasons=[] if found.suitability is Suitability.MESSAGING else list(words_of(found.rules)),
        decided=found.decided,
        letter=found.letter,
    )


def _out(found: intake.Intake) -> IntakeOut:
    return IntakeOut(
        version=found.version,
        form=found.form.version,
        submitted=found.submitted,
        missing=found.missing,
        pathway=found.pathway,
        question=question_out(found.question),
        overwrote=list(found.overwrote),
    )


def form_out(form: IntakeForm) -> FormOut:
    """A form on the wire."""
    return FormOut(
        version=form.version,
        steps=[
            FormStepOut(
                name=step.name,
                title=step.title,
                intro=step.intro,
                when=_when(step.when),
                fields=[
                    FieldOut(
                        name=each.name,
                        label=each.label,
                        kind=each.kind,
                        help=each.help,
                        required=each.required,
                        options=[OptionOut(value=o.value, label=o.label, hint=o.hint) for o in each.options],
                        when=_when(each.when),
                    )
                    for each in step.fields
                ],
            )
            for step in form.steps
        ],
    )


def _when(condition: Condition | None) -> ConditionOut | None:
    if condition is None:
        return None
    return ConditionOut.model_validate({"field": condition.field, "unless": list(condition.unless)})
