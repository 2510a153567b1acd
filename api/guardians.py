"""What a guardian says by the link of their letter: they have no account."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from api.deps import InServices
from api.schemas import Input, ShortText
from domain.guardians import Answer
from records import guardians
from records.guardians import Reply

router = APIRouter(prefix="/v1", tags=["guardians"])


class GuardianReplyIn(Input):
    """The token of the link, the date of birth of whom they speak for, their full name, the edition they read."""

    token: UUID
    answer: Literal["consented", "declined", "withdrawn"]
    date_of_birth: date
    signature: ShortText
    version: ShortText


class GuardianReplyOut(BaseModel):
    """What is on file now."""

    answer: Answer | None
    answered_at: datetime | None


@router.post("/guardian-replies")
async def reply(body: GuardianReplyIn, services: InServices) -> GuardianReplyOut:
    """Consent, decline, or take a consent back. 422 when the date of birth is another; 429 after five such tries."""
    said = Reply(Answer(body.answer), body.date_of_birth, body.signature, body.version)
    found = await guardians.reply(services.care, body.token, said)
    return GuardianReplyOut(answer=found.answer, answered_at=found.answered_at)
