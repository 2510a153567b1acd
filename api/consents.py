"""The documents a client signs, one by one, and what stops when they take one back."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from api.deps import Care, OnceOnly, own
from api.schemas import Input, ShortText
from domain.access import Action, Actor
from domain.consents import Document
from domain.withdrawals import Stop, Stopped, stopped_by
from records import consents, relations
from records.consents import Paper

router = APIRouter(prefix="/v1/consents", tags=["consents"])

Signer = Annotated[Actor, Depends(own(Action.CONSENT))]


class ConsentIn(Input):
    """A document, the version that was shown, and the name typed as a signature."""

    document: ShortText
    version: ShortText
    signature: ShortText


class ConsentOut(BaseModel):
    """A signature on file."""

    consent_id: UUID


class StopOut(BaseModel):
    """One thing that stops, as a code and as a sentence."""

    code: Stop
    words: str


class StoppedOut(BaseModel):
    """What stops with a document, and what goes on."""

    stops: list[StopOut]
    goes_on: str


class WithdrawnOut(StoppedOut):
    """A consent that was taken back."""

    document: Document


class DocumentOut(BaseModel):
    """A document as it is put to the client. `text` holds what their `state` adds, by `citation`.

    `signed_version` differs from `version` where newer words wait to be read; the older signature counts meanwhile.
    """

    document: Document
    version: str
    title: str
    text: str
    required: bool
    state: str | None
    citation: str | None
    signed_at: datetime | None
    signed_version: str | None
    withdrawn_at: datetime | None
    withdrawal: StoppedOut


class DocumentsOut(BaseModel):
    """All documents in force."""

    items: list[DocumentOut]
    next_cursor: str | None = None


@router.get("")
async def list_documents(tx: Care, actor: Signer) -> DocumentsOut:
    """The documents in force, what was signed, and what would stop without each."""
    found = await consents.papers(tx, actor.account_id)
    return DocumentsOut(items=[_document_out(paper) for paper in found])


@router.post("", status_code=201, response_model=ConsentOut)
async def sign_consent(body: ConsentIn, tx: Care, once: OnceOnly, actor: Signer) -> JSONResponse:
    """Sign a document."""

    async def work() -> ConsentOut:
        client = await relations.writable_chart(tx, actor.account_id, Action.CONSENT)
        signed = await consents.sign(tx, client, body.document, body.version, body.signature)
        return ConsentOut(consent_id=signed)

    return await once(tx, body, work)


@router.post("/{document}/withdraw")
async def withdraw_consent(document: str, tx: Care, actor: Signer) -> WithdrawnOut:
    """Take a consent back. The answer says what has stopped. 409 `not_signed` when there is none in force."""
    client = await relations.writable_chart(tx, actor.account_id, Action.CONSENT)
    stopped = await consents.withdraw(tx, client, document)
    return WithdrawnOut(document=stopped.document, **_stopped_out(stopped).model_dump())


def _document_out(paper: Paper) -> DocumentOut:
    clause = paper.wording.clause(paper.state)
    return DocumentOut(
        document=paper.wording.document,
        version=paper.wording.version,
        title=paper.wording.title,
        text=paper.words,
        required=paper.required,
        state=paper.state if paper.wording.by_state else None,
        citation=clause and clause.citation,
        signed_at=paper.signed_at,
        signed_version=paper.signed_version,
        withdrawn_at=paper.withdrawn_at,
        withdrawal=_stopped_out(stopped_by(paper.wording.document)),
    )


def _stopped_out(stopped: Stopped) -> StoppedOut:
    said = zip(stopped.stops, stopped.sentences, strict=True)
    return StoppedOut(
        stops=[StopOut(code=code, words=words) for code, words in said], goes_on=stopped.goes_on
    )
