"""Who pays: the card, the insurer's answer, the cost before anyone agrees."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import ValidationError
from starlette.datastructures import FormData

from api.coverage_words import reasons, sentence
from api.coverages import CoverageIn, ResolveIn, corrections, new_coverage
from api.deps import Care, InServices, own
from api.services import Services
from domain.access import Action, Actor, ReadableClientId
from domain.coverage import CoverageStatus
from domain.errors import Conflict, FieldError, Invalid, NotFound
from domain.insured import Card
from domain.journeys import Step, StepState
from domain.letters import Letters
from records import coverages, covered_services, eligibility_worklist, journeys, letters, payers, relations
from records.database import Row, Transaction
from records.eligibility_worklist import Decision, Resolution
from web.pages.estimate_words import basis_words, clinician_words, service_words
from web.pages.forms import text_of, typed
from web.pages.frame import Frame, InFrame, go
from web.pages.journeys import journey_at
from web.pages.refusals import PageRoute
from web.views.journeys import CoverageView, EstimateView
from web.views.shell import Choice, Form

router = APIRouter(route_class=PageRoute)

_FIELDS = ("payer", "member_id", "group_number", "relationship", "sponsor_code", "letters")
_AS_THE_PLAN_HAS_IT = ("name_on_card", "date_of_birth", "sex_on_file")
_WRONG = {
    "required": "Please fill this in.",
    "unknown_code": "This code is not known, or not good for you today. Look at it once more, or ask whoever gave it"
    " to you: your name and date of birth have to be as they have them.",
    "credits_used_up": "What your organisation pays for is used up. You can pay yourself, or use another plan.",
}
Payer = Annotated[Actor, Depends(own(Action.GIVE_COVERAGE))]


@router.get("/journey/cover")
async def show_card(frame: InFrame, tx: Care, actor: Payer) -> Response:
    """The form, with what was given before."""
    if await _too_early(tx, actor):
        return go("/journey")
    now = await _current(tx, actor)
    return await _card_page(frame, tx, now, await _form_of(tx, now))


@router.post("/journey/cover")
async def give(request: Request, frame: InFrame, tx: Care, actor: Payer, services: InServices) -> Response:
    """Give a cover, or put right what the insurer did not find. Insurance is asked about at once."""
    form = await request.form()
    now = await _current(tx, actor)
    if text_of(form, "kind") == "":
        unsaid = Form(typed(form), errors={"kind": "Please choose one."})
        return await _card_page(frame, tx, now, unsaid, 422)
    try:
        return await _taken(tx, actor, services, now, form)
    except (ValidationError, Invalid, NotFound) as refusal:
        wrong = Form(typed(form), errors=_errors(refusal))
        return await _card_page(frame, tx, now, wrong, 422)


async def _taken(
    tx: Transaction, actor: Actor, services: Services, now: Row | None, form: FormData
) -> Response:
    """Give the cover or put it right, and where that leads."""
    given = _given(form)
    _refuse_without_letters(given)
    try:
        if now is not None and await _puts_right(tx, now, given):
            await _resolve(tx, now, form, given)
        else:
            await _give(tx, actor, services, CoverageIn.model_validate(given))
    except Conflict as refusal:
        if refusal.code != "consents_first":
            raise
        return go("/agreements", "agreement_needed")
    return go("/letters" if given.get("letters") == Letters.ASKED else "/journey/estimate")


def _errors(refusal: ValidationError | Invalid | NotFound) -> dict[str, str]:
    """What was wrong, by the form's names."""
    match refusal:
        case ValidationError():
            return {_field(each["loc"]): "Please look at this once more." for each in refusal.errors()}
        case Invalid():
            return {
                _field((e.field,)): _WRONG.get(e.code, "Please look at this once more.")
                for e in refusal.errors
            }
        case _:
            return {"payer": "Choose an insurer of the list."}


@router.get("/journey/estimate")
async def show_estimate(frame: InFrame, tx: Care, actor: Payer) -> Response:
    """How far the insurer's answer is, and what a session will cost, our own price beside it."""
    me = await relations.readable_chart(tx, actor.account_id, Action.READ_COVERAGE)
    now = await _newest(tx, me)
    if now is None:
        return go("/journey/cover")
    return frame.page("journey/estimate.html", await _estimate(frame, tx, now), "/journey")


@router.post("/journey/estimate")
async def agree(request: Request, tx: Care, actor: Payer, services: InServices) -> Response:
    """Agree to what it costs and go on; or pay oneself instead of the plan that does not."""
    form = await request.form()
    if form.get("self_pay"):
        await _give(tx, actor, services, CoverageIn.model_validate({"kind": coverages.SELF_PAY}))
        return go("/journey/estimate")
    me = await relations.readable_chart(tx, actor.account_id, Action.READ_COVERAGE)
    now = await _newest(tx, me)
    if now is None or now["status"] != CoverageStatus.ACTIVE:
        raise Conflict("coverage_not_active")
    await tx.audit("agree_estimate", subject_id=now["id"])
    return go("/journey/people")


async def _too_early(tx: Transaction, actor: Actor) -> bool:
    found = await journeys.view(tx, actor.account_id)
    return any(line.name is Step.COVERAGE and line.state is StepState.TODO for line in found.steps)


async def _current(tx: Transaction, actor: Actor) -> Row | None:
    return await _newest(tx, await relations.readable_chart(tx, actor.account_id, Action.READ_COVERAGE))


async def _newest(tx: Transaction, me: ReadableClientId) -> Row | None:
    """The cover that was given last: one that is asked about comes before the one in force until then."""
    rows = await coverages.of_client(tx, me)
    return max(rows, key=lambda row: row["created_at"], default=None)


async def _give(tx: Transaction, actor: Actor, services: Services, body: CoverageIn) -> None:
    me = await relations.writable_chart(tx, actor.account_id, Action.GIVE_COVERAGE)
    await coverages.give(tx, me, services.index, new_coverage(body))


async def _puts_right(tx: Transaction, now: Row, given: Mapping[str, Any]) -> bool:
    """Whether this corrects the card that the insurer did not find, rather than giving another one."""
    if not _wants_details(now) or given["kind"] != coverages.INSURANCE:
        return False
    payer = await payers.find(tx, now["card_payer_id"])
    return bool(given.get("payer") == payer["code"])


def _wants_details(now: Row) -> bool:
    """Something is the client's to put right, also on a cover that is still in force."""
    return now["status"] == CoverageStatus.NEEDS_INFORMATION or now["task"] is not None


async def _resolve(tx: Transaction, now: Row, form: FormData, given: Mapping[str, Any]) -> None:
    CoverageIn.model_validate(given)
    card = {
        name: given[name]
        for name in ("member_id", "group_number", "relationship", "subscriber")
        if name in given
    }
    plan = {name: text for name in _AS_THE_PLAN_HAS_IT if (text := text_of(form, name))}
    body = ResolveIn.model_validate({**card, **plan})
    client = await relations.writable_chart(tx, now["client_id"], Action.GIVE_COVERAGE)
    await eligibility_worklist.resolve(
        tx, client, now["id"], Resolution(Decision.ASK_AGAIN, corrections(body))
    )
    if "letters" in given:
        await letters.choose(tx, client, now["id"], Letters(given["letters"]))


def _given(form: FormData) -> dict[str, Any]:
    """The form as the API takes it; what is left empty is left out."""
    given: dict[str, Any] = {"kind": text_of(form, "kind")}
    given |= {name: text for name in _FIELDS if (text := text_of(form, name))}
    name, born = text_of(form, "subscriber_name"), text_of(form, "subscriber_born")
    if given.get("relationship", "self") != "self" and (name or born):
        given["subscriber"] = {"legal_name": name, "date_of_birth": born}
    if given.get("relationship", "self") == "self":
        given.pop("letters", None)
    return given


def _refuse_without_letters(given: Mapping[str, Any]) -> None:
    """Whoever is told who reads the plan's letters says what they want. Raises Invalid, with what else is missing."""
    someone_elses = given.get("relationship", "self") != "self"
    if given["kind"] != coverages.INSURANCE or not someone_elses or "letters" in given:
        return
    wrong = [FieldError("letters", "required")]
    try:
        coverages.check_card(new_coverage(CoverageIn.model_validate(given)).card, group_required=False)
    except Invalid as refusal:
        wrong = [*refusal.errors, *wrong]
    raise Invalid(*wrong)


def _field(place: tuple[int | str, ...]) -> str:
    """The form's name of a refused value."""
    name = str(place[-1])
    if "subscriber" in place and name in ("date_of_birth", "legal_name", "subscriber"):
        return "subscriber_born" if name == "date_of_birth" else "subscriber_name"
    return name


async def _form_of(tx: Transaction, now: Row | None) -> Form:
    """What was given before, so that only what is wrong has to be typed."""
    if now is None or now["kind"] != coverages.INSURANCE:
        return Form({"relationship": "self", **({"kind": now["kind"]} if now else {})})
    await tx.audit("read_coverage", subject_id=now["id"])
    card, payer = await coverages.card_of(tx, now), await payers.find(tx, now["card_payer_id"])
    values = {**_values(card, payer["code"]), "letters": now["letters"]}
    return Form({name: text for name, text in values.items() if text})


def _values(card: Card, payer: str) -> dict[str, str]:
    return {
        "kind": coverages.INSURANCE,
        "payer": payer,
        "member_id": card.member_id,
        "group_number": card.group_number or "",
        "relationship": card.relationship.value,
        "subscriber_name": card.subscriber_name or "",
        "subscriber_born": card.subscriber_born.isoformat() if card.subscriber_born else "",
        "name_on_card": card.name_on_card or "",
        "date_of_birth": card.date_of_birth.isoformat() if card.date_of_birth else "",
        "sex_on_file": card.sex_on_file or "",
    }


async def _card_page(
    frame: Frame, tx: Transaction, now: Row | None, form: Form, status: int = 200
) -> Response:
    wanted = now is not None and _wants_details(now)
    view = CoverageView(
        journey=await journey_at(frame, tx, Step.COVERAGE, "Who pays"),
        payers=tuple(Choice(row["code"], row["name"]) for row in await payers.listing(tx)),
        form=form,
        asked_for=sentence(now) if wanted and now is not None else "",
        as_the_plan_has_it=wanted,
    )
    return frame.page("journey/coverage.html", view, "/journey", status)


async def _estimate(frame: Frame, tx: Transaction, now: Row) -> EstimateView:
    told = await _told(tx, now)
    found = await covered_services.estimate_of(tx, now, told) or {}
    services = await covered_services.services_of(tx, now, told) if told else []
    today = await coverages.local_date(tx, now["client_id"])
    return EstimateView(
        journey=await journey_at(frame, tx, Step.COVERAGE, "What it costs"),
        status=now["status"],
        payer=await _payer_name(tx, now["payer_id"]),
        self_pay=await payers.self_pay_price(tx, today),
        kind=now["kind"],
        reasons=tuple(each.words for each in await reasons(tx, now)),
        per_session=Decimal(found["per_session"]) if found else None,
        per_month=Decimal(found["per_month"]) if found else None,
        confidence=found.get("confidence", ""),
        basis=tuple(basis_words(row) for row in found.get("basis", ())),
        as_of=date.fromisoformat(found["as_of"]) if found else None,
        asked_at=now["created_at"],
        self_pay_per_month=Decimal(found["self_pay_per_month"]) if found else None,
        sessions_per_month=found["inputs"]["sessions_per_month"] if found else 4,
        services=tuple(service_words(each) for each in services),
        clinician=clinician_words(found["inputs"]) if found else "",
    )


async def _told(tx: Transaction, now: Row) -> dict[str, Any]:
    """The insurer's answer; nothing is opened, and so nothing audited, while there is none."""
    if now["status"] == CoverageStatus.VERIFYING:
        return {}
    await tx.audit("read_coverage", subject_id=now["id"])
    return await coverages.told_of(tx, now)


async def _payer_name(tx: Transaction, payer_id: UUID | None) -> str:
    if payer_id is None:
        return "Your organisation"
    return str((await payers.find(tx, payer_id))["name"])
