"""Back-tests: what another policy or another roster would have done to a period that is over."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from api.deps import Care, allowed
from api.figures import Moment, in_range
from api.instants import Instant
from api.report_files import Form, as_file
from api.schemas import Input
from domain.access import Action
from domain.attainment import Tally
from domain.back_tests import Effect, Roster, RosterChange, median_minutes
from domain.calendars import calendar_from_json
from domain.errors import FieldError, Invalid, NotFound
from domain.policies import ResponsePolicy, policy_from_json, policy_to_json
from domain.schedules import Span
from records.database import Transaction
from records.policies import response_policy
from records.practice import clinic_zone
from reports.back_tests import BackTest, Trial, back_test, headline, notes, report_of
from reports.cells import iso_duration
from reports.periods import stretch

router = APIRouter(
    prefix="/v1/supervision",
    tags=["supervision"],
    dependencies=[Depends(allowed(Action.READ_SUPERVISION_REPORTS))],
)

OWN = "own"
"""What a policy is called that was only written down to be tried."""


class TriedPolicy(Input):
    """A policy by its name, as in force now, or written out (`{kind, minutes or table, ladder?}`): one of both."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")] | None = None
    definition: dict[str, Any] | None = None


class TriedLeave(Input):
    """Leave on top of what there was."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    start: Annotated[Instant, Field(alias="from")]
    end: Annotated[Instant, Field(alias="to")]


class TriedTherapist(Input):
    """What is tried of one therapist: other weekly hours, more leave, nobody to cover their rooms."""

    therapist_id: UUID
    hours: dict[str, Any] | None = None
    leave: Annotated[list[TriedLeave], Field(max_length=50, default_factory=list)]
    without_cover: bool = False


class BackTestIn(Input):
    """Which items, and what is tried on them: a policy, a roster, or both."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    since: Annotated[Moment, Field(alias="from")] = None
    until: Annotated[Moment, Field(alias="to")] = None
    policy: TriedPolicy | None = None
    kind: Literal["welcome", "first_response", "next_response", "consult"] | None = None
    roster: Annotated[list[TriedTherapist], Field(max_length=200, default_factory=list)]


class SideOut(BaseModel):
    """The items under one side: n = answered, or overdue and open. Allowed: elapsed time to the due time."""

    n: int
    on_time: int
    breaches: int
    not_yet_due: int
    attainment: float | None
    median_allowed: str | None


class EffectOut(BaseModel):
    """Items compared one by one. `difference` is attainment after less before, as a share."""

    items: int
    before: SideOut
    after: SideOut
    difference: float | None
    newly_kept: int
    newly_broken: int


class TherapistEffectOut(EffectOut):
    """The effect on the items of one therapist."""

    therapist_id: UUID
    name: str


class BackTestOut(EffectOut):
    """The effect in all and by therapist, with what is assumed. `unlike_record`: items whose projection of what was
    is not what the record says."""

    headline: str
    policy: dict[str, Any] | None
    start: datetime
    end: datetime
    time_zone: str
    as_of: datetime
    unlike_record: int
    assumptions: list[str]
    therapists: list[TherapistEffectOut]


@router.post("/back-tests", response_class=Response, responses={200: {"model": BackTestOut}})
async def try_on_the_past(
    body: BackTestIn, tx: Care, form: Annotated[Form, Query(alias="format")] = "json"
) -> Response:
    """Compares each item of the period with itself under what is tried. Changes nothing."""
    found = await back_test(tx, await _trial(tx, body))
    await tx.audit("run_back_test")
    if form != "json":
        return as_file(report_of(found), form)
    return JSONResponse(out_of(found).model_dump(mode="json"))


async def _trial(tx: Transaction, body: BackTestIn) -> Trial:
    since, until = in_range(body.since, "from"), in_range(body.until, "to")
    return Trial(
        stretch(since, until, tx.now, await clinic_zone(tx)),
        await _policy(tx, body.policy),
        body.kind,
        _roster(body.roster),
    )


async def _policy(tx: Transaction, given: TriedPolicy | None) -> ResponsePolicy | None:
    if given is None:
        return None
    if (given.name is None) is (given.definition is None):
        raise Invalid(FieldError("policy", "name_or_definition"))
    if given.definition is not None:
        return policy_from_json(OWN, given.definition, "policy.definition")
    try:
        return await response_policy(tx, given.name or "")
    except NotFound:
        raise Invalid(FieldError("policy.name", "unknown_policy")) from None


def _roster(given: list[TriedTherapist]) -> Roster:
    roster: dict[str, RosterChange] = {}
    for place, each in enumerate(given):
        path = f"roster.{place}"
        if str(each.therapist_id) in roster:
            raise Invalid(FieldError(f"{path}.therapist_id", "repeated"))
        for n, leave in enumerate(each.leave):
            if leave.end <= leave.start:
                raise Invalid(FieldError(f"{path}.leave.{n}.to", "not_after_from"))
        roster[str(each.therapist_id)] = RosterChange(
            None if each.hours is None else calendar_from_json(each.hours, f"{path}.hours"),
            tuple(Span(leave.start, leave.end, "leave") for leave in each.leave),
            each.without_cover,
        )
    return roster


def out_of(found: BackTest) -> BackTestOut:
    """The trial on the wire."""
    trial = found.trial
    policy = trial.policy
    return BackTestOut(
        **_effect(found.whole),
        headline=headline(found.whole),
        policy=None if policy is None else {"name": policy.name, **policy_to_json(policy)},
        start=trial.stretch.start,
        end=trial.stretch.end,
        time_zone=trial.stretch.zone.key,
        as_of=found.as_of,
        unlike_record=found.whole.unlike_record,
        assumptions=list(notes(found)),
        therapists=[
            TherapistEffectOut(therapist_id=UUID(line.key), name=line.name, **_effect(line.effect))
            for line in found.lines
        ],
    )


def _effect(effect: Effect) -> dict[str, Any]:
    return {
        "items": effect.items,
        "before": _side(effect.before, median_minutes(effect.allowed_before)),
        "after": _side(effect.after, median_minutes(effect.allowed_after)),
        "difference": effect.difference,
        "newly_kept": effect.newly_kept,
        "newly_broken": effect.newly_broken,
    }


def _side(tally: Tally, minutes: int | None) -> SideOut:
    return SideOut(
        n=tally.n,
        on_time=tally.met,
        breaches=tally.late + tally.overdue,
        not_yet_due=tally.not_yet_due,
        attainment=tally.attainment,
        median_allowed=None if minutes is None else iso_duration(timedelta(minutes=minutes).total_seconds()),
    )
