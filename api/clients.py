"""Asking for an account, the journey's state, its pause, and the timeline for supervisors."""

from datetime import date, datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from api.deps import Address, Care, InServices, own
from api.instants import Instant
from api.schemas import Input, ShortText, Text
from domain.access import Action, Actor
from domain.journeys import Journey, Step, StepState
from domain.stages import Party, Stage, Wait
from records import clients, journeys, pauses, relations, throttles, timelines
from records.clients import Registration

router = APIRouter(prefix="/v1", tags=["clients"])

_REGISTRATIONS_AN_HOUR = 30


class RegistrationIn(Input):
    """A new client. `time_zone` is an IANA name."""

    email: ShortText
    password: Text
    legal_name: ShortText
    date_of_birth: date
    time_zone: ShortText


class AcceptedOut(BaseModel):
    """The same answer whether or not the address is known here."""

    status: str = "accepted"


class ConfirmationIn(Input):
    """The token from the mail, and the password chosen at registration."""

    token: UUID
    password: Text


class StepOut(BaseModel):
    """One step of the way; `at`: when it was done or began to wait."""

    name: Step
    state: StepState
    at: datetime | None


class JourneyOut(BaseModel):
    """Where the journey stands, who acts next and by when."""

    stage: Stage
    wait: Wait
    waiting_on: Party
    owner: str
    due_at: datetime | None
    next_step: str
    paused: bool
    steps: list[StepOut]


class TimelineEntry(BaseModel):
    """One thing that happened."""

    at: datetime
    kind: str
    code: str | None
    subject_id: UUID


class TimelineOut(BaseModel):
    """A client's history as it stood at `as_of`."""

    client_id: UUID
    client_code: str
    as_of: datetime
    stage: str
    entries: list[TimelineEntry]


def journey_out(found: Journey) -> JourneyOut:
    """The journey on the wire."""
    return JourneyOut(
        stage=found.stage,
        wait=found.wait,
        waiting_on=found.waiting_on,
        owner=found.owner,
        due_at=found.due_at,
        next_step=found.next_step,
        paused=found.paused,
        steps=[StepOut(name=line.name, state=line.state, at=line.at) for line in found.steps],
    )


@router.post("/clients", status_code=202)
async def register_client(body: RegistrationIn, services: InServices, address: Address) -> AcceptedOut:
    """Ask for an account. A mail to the address confirms it."""
    async with services.care.transaction() as tx:
        await throttles.take(
            tx,
            throttles.bucket("register", address.encode()),
            services.limits.get("register", _REGISTRATIONS_AN_HOUR),
            timedelta(hours=1),
        )
    new = Registration(body.email, body.password, body.legal_name, body.date_of_birth, body.time_zone)
    await clients.register(
        services.care, services.index, services.passwords, new, confirm_at_once=services.confirm_at_once
    )
    return AcceptedOut()


@router.post("/clients/confirm", status_code=204)
async def confirm_client(body: ConfirmationIn, services: InServices) -> None:
    """Confirm the address; the journey starts."""
    await clients.confirm(services.care, services.passwords, body.token, body.password)


@router.get("/journey")
async def read_journey(tx: Care, actor: Annotated[Actor, Depends(own(Action.READ_JOURNEY))]) -> JourneyOut:
    """The client's own journey."""
    return journey_out(await journeys.view(tx, actor.account_id))


@router.post("/journey/pause")
async def pause_journey(tx: Care, actor: Annotated[Actor, Depends(own(Action.PAUSE_JOURNEY))]) -> JourneyOut:
    """Silence reminders until the client goes on. Help and risk never pause."""
    await pauses.pause(tx, actor.account_id)
    return journey_out(await journeys.view(tx, actor.account_id))


@router.post("/journey/resume")
async def resume_journey(tx: Care, actor: Annotated[Actor, Depends(own(Action.PAUSE_JOURNEY))]) -> JourneyOut:
    """Go on."""
    await pauses.resume(tx, actor.account_id)
    return journey_out(await journeys.view(tx, actor.account_id))


@router.get("/clients/{client_id}/timeline")
async def read_timeline(client_id: UUID, tx: Care, as_of: Instant | None = None) -> TimelineOut:
    """What happened to a client up to an instant, for supervisors: ids, codes and instants only."""
    client = await relations.readable_chart(tx, client_id, Action.READ_TIMELINE)
    at = as_of or tx.now
    found = await timelines.timeline(tx, client, at)
    return TimelineOut(
        client_id=client_id,
        client_code=found.code,
        as_of=at,
        stage=found.stage,
        entries=[TimelineEntry(**entry) for entry in found.entries],
    )
