"""Cover: given by the client, answered by the payer, worked on by the billing office."""

from collections.abc import AsyncIterator
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse
from pydantic import BaseModel, StringConstraints

from api.coverage_words import reasons
from api.deps import Care, InServices, OnceOnly, SignedIn
from api.public_payers import ServiceOut
from api.schemas import Input, InWindow, MoneyOut, ShortText
from domain.access import Action, Role
from domain.clinicians import ClinicianKind
from domain.coverage import CoverageStatus
from domain.errors import FieldError, Forbidden, Invalid
from domain.insured import Card, Relationship
from domain.letters import WORDS as LETTER_WORDS
from domain.letters import Letters
from domain.zones import date_everywhere
from records import (
    coverages,
    covered_services,
    eligibility_worklist,
    estimate_policies,
    letters,
    payers,
    relations,
)
from records.coverages import NewCoverage
from records.database import Row, Transaction
from records.eligibility_worklist import Decision, Resolution

router = APIRouter(prefix="/v1", tags=["coverages"])

CardText = Annotated[ShortText, StringConstraints(strip_whitespace=True, max_length=80)]


class Kind(StrEnum):
    """How care is paid."""

    INSURANCE = "insurance"
    SPONSOR = "sponsor"
    SELF_PAY = "self_pay"
    FSA_HSA = "fsa_hsa"


class Sex(StrEnum):
    """As the plan has it."""

    FEMALE = "female"
    MALE = "male"
    UNKNOWN = "unknown"


class SubscriberIn(Input):
    """Whose plan it is, when it is not the client's own."""

    legal_name: CardText
    date_of_birth: date


class CoverageIn(Input):
    """What stands on the card; `payer` is an id or code of `GET /v1/payers`.

    `letters`, where the plan is somebody else's: `asked` keeps claims here until the plan writes to the client alone.
    """

    kind: Kind
    payer: ShortText | None = None
    member_id: CardText | None = None
    group_number: CardText | None = None
    relationship: Relationship = Relationship.SELF
    subscriber: SubscriberIn | None = None
    sponsor_code: CardText | None = None
    letters: Letters | None = None


class ResolveIn(Input):
    """Corrected details, or what the payer told the office. What is left out stays as it was."""

    decision: Decision = Decision.ASK_AGAIN
    member_id: CardText | None = None
    group_number: CardText | None = None
    relationship: Relationship | None = None
    subscriber: SubscriberIn | None = None
    name_on_card: CardText | None = None
    date_of_birth: date | None = None
    sex_on_file: Sex | None = None


class LettersIn(Input):
    """Where the plan's letters about this care go."""

    letters: Letters


class GivenOut(BaseModel):
    """The cover that was given."""

    coverage_id: UUID


class InputsOut(BaseModel):
    """What an estimate was reckoned with beside the rows.

    `clinician_kind`: whose services the contract's price is for; null: every clinician's. `clinician_assumed`: the
    client has no therapist yet, and it is the kind that is usual here.
    """

    allowed: MoneyOut
    in_network: bool
    sessions_per_month: int
    clinician_kind: ClinicianKind | None
    clinician_assumed: bool = False


class EstimateOut(BaseModel):
    """What a session will probably cost; `up_to`: the most it can be. `basis`: the rows it was read from.

    `rule` names the version of the algorithm.
    """

    per_session: MoneyOut
    per_month: MoneyOut
    confidence: str
    up_to: bool
    basis: list[dict[str, Any]]
    inputs: InputsOut
    as_of: date
    rule: str


class OtherWayOut(BaseModel):
    """What it costs paid in another way: `self_pay`, or by an FSA or HSA card, which may also carry one's own share of
    an insurance. Both come with an itemised receipt.
    """

    kind: Kind
    per_session: MoneyOut
    per_month: MoneyOut


class CoverageOut(BaseModel):
    """A cover. `reasons` are plain sentences, `reason_codes` the codes behind them; `owner` acts by `due_at`.

    `letters` is null where the plan is the client's own; else `warnings` say who reads the plan's letters.
    """

    coverage_id: UUID
    kind: Kind
    payer: str | None
    status: CoverageStatus
    answer: dict[str, Any] | None
    estimate: EstimateOut | None
    self_pay: MoneyOut | None
    other_ways: list[OtherWayOut]
    reasons: list[str]
    reason_codes: list[str]
    task: str | None
    owner: str | None
    due_at: datetime | None
    given_at: datetime
    answered_at: datetime | None
    verification: int
    letters: Letters | None
    warnings: list[str]


class CoveragesOut(BaseModel):
    """The one in force first."""

    items: list[CoverageOut]
    next_cursor: str | None = None


class ServicesOut(BaseModel):
    """Each of our services; an emergency never opens a room."""

    items: list[ServiceOut]
    next_cursor: str | None = None


async def _own_or_office(services: InServices, actor: SignedIn) -> AsyncIterator[Transaction]:
    """The billing office works under its own login, which can open nothing of a chart or a room."""
    database = services.billing if actor.role is Role.BILLING else services.care
    async with database.transaction(actor) as tx:
        yield tx


OwnOrOffice = Annotated[Transaction, Depends(_own_or_office, scope="function")]


@router.get("/coverages")
async def list_coverages(tx: Care, actor: SignedIn, window: InWindow) -> CoveragesOut:
    """The client's own covers that have not ended."""
    me = await relations.readable_chart(tx, actor.account_id, Action.READ_COVERAGE)
    rows = await coverages.of_client(tx, me)
    await tx.audit("read_coverage", subject_id=me.id)
    return CoveragesOut(**window.of([await coverage_out(tx, row) for row in rows]))


@router.post("/coverages", status_code=202, response_model=GivenOut)
async def give_coverage(
    body: CoverageIn, tx: Care, actor: SignedIn, once: OnceOnly, services: InServices
) -> JSONResponse:
    """Give a cover. Insurance is asked about in the background; everything else is in force at once."""
    me = await relations.writable_chart(tx, actor.account_id, Action.GIVE_COVERAGE)

    async def work() -> GivenOut:
        return GivenOut(coverage_id=await coverages.give(tx, me, services.index, new_coverage(body)))

    return await once(tx, body, work, 202)


def new_coverage(body: CoverageIn) -> NewCoverage:
    """What was given, in the words of the records. Raises Invalid naming what an insurance lacks."""
    if body.kind is not Kind.INSURANCE:
        return NewCoverage(body.kind, sponsor_code=body.sponsor_code)
    if body.payer is None:
        raise Invalid(FieldError("payer", "required"))
    card = Card(
        member_id=body.member_id or "",
        group_number=body.group_number,
        relationship=body.relationship,
        subscriber_name=body.subscriber.legal_name if body.subscriber else None,
        subscriber_born=body.subscriber.date_of_birth if body.subscriber else None,
    )
    return NewCoverage(body.kind, body.payer, card, letters=body.letters)


@router.get("/coverages/{coverage_id}")
async def read_coverage(coverage_id: UUID, tx: OwnOrOffice) -> CoverageOut:
    """A cover with the payer's answer and the estimate, our own price beside it."""
    row = await readable_coverage(tx, coverage_id)
    return await coverage_out(tx, row)


@router.get("/coverages/{coverage_id}/services")
async def read_services(coverage_id: UUID, tx: OwnOrOffice) -> ServicesOut:
    """Whether the plan covers each of our services, with the rule and the day."""
    row = await readable_coverage(tx, coverage_id)
    services = await covered_services.services_of(tx, row, await coverages.told_of(tx, row))
    return ServicesOut(items=[ServiceOut(**each) for each in services])


async def readable_coverage(tx: Transaction, coverage_id: UUID) -> Row:
    """A cover that is the actor's to read; audited. Raises NotFound."""
    row = await coverages.find(tx, coverage_id)
    await relations.readable_chart(tx, row["client_id"], Action.READ_COVERAGE)
    await tx.audit("read_coverage", subject_id=coverage_id)
    return row


@router.post("/coverages/{coverage_id}/resolve", status_code=202)
async def resolve_coverage(coverage_id: UUID, body: ResolveIn, tx: OwnOrOffice, actor: SignedIn) -> GivenOut:
    """Correct the details and ask the payer again; or, by the office, enter what the payer said in person."""
    row = await coverages.find(tx, coverage_id)
    office = actor.role is Role.BILLING
    action = Action.RESOLVE_COVERAGE if office else Action.GIVE_COVERAGE
    client = await relations.writable_chart(tx, row["client_id"], action)
    if body.decision is not Decision.ASK_AGAIN and not office:
        raise Forbidden("other_role")
    await eligibility_worklist.resolve(tx, client, coverage_id, Resolution(body.decision, corrections(body)))
    return GivenOut(coverage_id=coverage_id)


@router.put("/coverages/{coverage_id}/letters", status_code=204)
async def choose_letters(coverage_id: UUID, body: LettersIn, tx: Care) -> None:
    """The client asks the plan to write to them alone, tells that it agreed, or leaves it. 409 `letters_are_yours`."""
    row = await coverages.find(tx, coverage_id)
    client = await relations.writable_chart(tx, row["client_id"], Action.GIVE_COVERAGE)
    await letters.choose(tx, client, coverage_id, body.letters)


def corrections(body: ResolveIn) -> dict[str, Any]:
    """What was corrected, by the names of `domain.insured.Card`."""
    names = ("member_id", "group_number", "relationship", "name_on_card", "date_of_birth", "sex_on_file")
    given = {name: getattr(body, name) for name in names if getattr(body, name) is not None}
    if body.subscriber is not None:
        given["subscriber_name"] = body.subscriber.legal_name
        given["subscriber_born"] = body.subscriber.date_of_birth
    return given


async def coverage_out(tx: Transaction, row: Row) -> CoverageOut:
    """The cover on the wire. Raises Unreadable when it is not this actor's to open."""
    told = await coverages.told_of(tx, row)
    payer = await payers.find(tx, row["payer_id"]) if row["payer_id"] else None
    price = await payers.self_pay_price(tx, date_everywhere(tx.now))
    said = await reasons(tx, row)
    return CoverageOut(
        coverage_id=row["id"],
        kind=row["kind"],
        payer=payer["name"] if payer else None,
        status=row["status"],
        answer=_answer(told),
        estimate=_estimate(await covered_services.estimate_of(tx, row, told)),
        self_pay=MoneyOut.of(price),
        other_ways=await _other_ways(tx, row, price),
        reasons=[each.words for each in said],
        reason_codes=[each.code for each in said if each.code],
        task=row["task"],
        owner=row["owner"],
        due_at=row["due_at"],
        given_at=row["created_at"],
        answered_at=row["answered_at"],
        verification=row["verification"],
        letters=row["letters"],
        warnings=[LETTER_WORDS[Letters(row["letters"])]] if row["letters"] else [],
    )


def _answer(told: dict[str, Any]) -> dict[str, Any] | None:
    if not told or told["answer"] is None:
        return None
    return {"as_of": told["as_of"], "payer": told["payer"], **told["answer"]}


def _estimate(found: dict[str, Any] | None) -> EstimateOut | None:
    if found is None:
        return None
    money = {name: MoneyOut.of(Decimal(found[name])) for name in ("per_session", "per_month")}
    inputs = {**found["inputs"], "allowed": MoneyOut.of(Decimal(found["inputs"]["allowed"]))}
    return EstimateOut(**{**found, **money, "inputs": inputs})


async def _other_ways(tx: Transaction, row: Row, price: Decimal | None) -> list[OtherWayOut]:
    """Beside the cover: our own price, in cash or by card."""
    if price is None:
        return []
    month = price * (await estimate_policies.in_force(tx)).sessions_per_month
    return [
        OtherWayOut(kind=kind, per_session=MoneyOut.exactly(price), per_month=MoneyOut.exactly(month))
        for kind in (Kind.SELF_PAY, Kind.FSA_HSA)
        if kind != row["kind"]
    ]
