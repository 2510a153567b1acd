"""The documents to sign, one by one, and what a client signed: to read again, to sign anew, to take back."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from api.deps import Care, InServices, own
from domain.access import Action, Actor
from domain.consents import Document, edition
from domain.errors import NotFound
from domain.journeys import Step
from domain.withdrawals import stopped_by
from records import consents, coverages, letters, relations
from records.consents import Paper
from records.database import Transaction
from web.pages.forms import many_of, text_of, typed
from web.pages.frame import Frame, InFrame, go
from web.pages.journeys import journey_at
from web.pages.measures import next_place
from web.pages.refusals import PageRoute
from web.views.consents import AgreementsView, AgreementView, Consent, ConsentsView
from web.views.shell import Form

router = APIRouter(route_class=PageRoute)

HERE = "/agreements"
# The address names a document by its place: its name may say more than an address should.
Place = Annotated[int, Path(ge=1, le=len(Document))]
Signer = Annotated[Actor, Depends(own(Action.CONSENT))]

_SIGN = {"signature": "Type your full legal name."}


@router.get("/journey/consents")
async def show_consents(frame: InFrame, tx: Care, actor: Signer) -> Response:
    """The documents in force."""
    return await _consents_page(frame, tx, actor, Form())


@router.post("/journey/consents")
async def sign(request: Request, frame: InFrame, tx: Care, actor: Signer, services: InServices) -> Response:
    """Sign what was ticked, in the version that was shown; without a release only by paying oneself."""
    form = await request.form()
    agreed, signature = many_of(form, "agree"), text_of(form, "signature")
    pays = bool(form.get("pay_myself"))
    papers = [paper for paper in await consents.papers(tx, actor.account_id) if paper.signed_at is None]
    spared = Document.RELEASE_OF_BENEFITS if pays else None
    left = [paper for paper in papers if paper.required and not _ticked(paper, agreed, spared)]
    if not signature or left:
        problem = "Please read and tick each document that is needed." if left else ""
        wrong = Form(typed(form), {"agree": agreed}, {} if signature else _SIGN, problem)
        return await _consents_page(frame, tx, actor, wrong, HTTPStatus.UNPROCESSABLE_ENTITY)
    client = await relations.writable_chart(tx, actor.account_id, Action.CONSENT)
    for paper in papers:
        if paper.wording.document.value in agreed:
            await consents.sign(tx, client, paper.wording.document, paper.wording.version, signature)
    if pays and Document.RELEASE_OF_BENEFITS.value not in agreed:
        payer = await relations.writable_chart(tx, actor.account_id, Action.GIVE_COVERAGE)
        await coverages.give(tx, payer, services.index, coverages.NewCoverage(coverages.SELF_PAY))
    return go(await next_place(tx, actor))


def _ticked(paper: Paper, agreed: Sequence[str], spared: Document | None) -> bool:
    return paper.wording.document is spared or paper.wording.document.value in agreed


@router.get(HERE)
async def list_agreements(frame: InFrame, tx: Care, actor: Signer) -> Response:
    """Everything that was or can be signed."""
    papers = await consents.papers(tx, actor.account_id)
    lines = tuple(_consent(place, paper) for place, paper in enumerate(papers, start=1))
    me = await relations.readable_chart(tx, actor.account_id, Action.READ_COVERAGE)
    view = AgreementsView(lines, letters=await letters.in_question(tx, me) is not None)
    return frame.page("account/agreements.html", view, HERE)


@router.get(HERE + "/{place}")
async def show_agreement(place: Place, frame: InFrame, tx: Care, actor: Signer) -> Response:
    """One document as it was signed, and what stops when it is taken back."""
    return await _agreement_page(place, frame, tx, actor, Form())


@router.post(HERE + "/{place}")
async def sign_one(place: Place, request: Request, frame: InFrame, tx: Care, actor: Signer) -> Response:
    """Sign one document, for the first time or anew, in the version in force."""
    form = await request.form()
    signature = text_of(form, "signature")
    if not signature:
        wrong = Form(typed(form), errors=_SIGN)
        return await _agreement_page(place, frame, tx, actor, wrong, HTTPStatus.UNPROCESSABLE_ENTITY)
    wording = (await _paper_at(place, tx, actor)).wording
    client = await relations.writable_chart(tx, actor.account_id, Action.CONSENT)
    await consents.sign(tx, client, wording.document, text_of(form, "version"), signature)
    return go(HERE, "saved")


@router.post(HERE + "/{place}/withdraw")
async def withdraw(place: Place, tx: Care, actor: Signer) -> Response:
    """Take one back. What stops was said on the page."""
    document = (await _paper_at(place, tx, actor)).wording.document
    client = await relations.writable_chart(tx, actor.account_id, Action.CONSENT)
    await consents.withdraw(tx, client, document)
    return go(f"{HERE}/{place}", "agreement_taken_back")


async def _paper_at(place: int, tx: Transaction, actor: Actor) -> Paper:
    papers = await consents.papers(tx, actor.account_id)
    if place > len(papers):
        raise NotFound
    return papers[place - 1]


async def _agreement_page(
    place: int, frame: Frame, tx: Transaction, actor: Actor, form: Form, status: HTTPStatus = HTTPStatus.OK
) -> Response:
    paper = await _paper_at(place, tx, actor)
    stopped = stopped_by(paper.wording.document)
    view = AgreementView(_consent(place, paper), stopped.sentences, stopped.goes_on, form)
    return frame.page("account/agreement.html", view, HERE, status)


def _consent(place: int, paper: Paper) -> Consent:
    """As signed where that is on file, else as it would be signed now."""
    version = paper.signed_version or paper.wording.version
    shown = edition(paper.wording.document, version) or paper.wording
    return Consent(
        place=place,
        document=paper.wording.document.value,
        version=paper.wording.version,
        title=shown.title,
        paragraphs=tuple(part for part in shown.words(paper.state).split("\n\n") if part),
        required=paper.required,
        signed_at=paper.signed_at,
        signed_version=paper.signed_version or "",
        withdrawn_at=paper.withdrawn_at,
        new_words=_paragraphs(paper) if paper.reworded else (),
    )


def _paragraphs(paper: Paper) -> tuple[str, ...]:
    return tuple(part for part in paper.words.split("\n\n") if part)


async def _consents_page(
    frame: Frame, tx: Transaction, actor: Actor, form: Form, status: HTTPStatus = HTTPStatus.OK
) -> Response:
    papers = await consents.papers(tx, actor.account_id)
    documents = tuple(_consent(place, paper) for place, paper in enumerate(papers, start=1))
    may_pay = any(
        paper.required and paper.signed_at is None and paper.wording.document is Document.RELEASE_OF_BENEFITS
        for paper in papers
    )
    journey = await journey_at(frame, tx, Step.CONSENTS, "Agreements")
    view = ConsentsView(journey, documents, form, may_pay_myself=may_pay)
    return frame.page("journey/consents.html", view, "/journey", status)
