"""The dispatcher: turns outbox notes into signal-with-start. Every start of a workflow goes through it.

A signal carries state and version, so a note that is sent twice, late or out of order changes nothing.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from temporalio.client import Client
from temporalio.converter import value_to_type
from temporalio.service import RPCError, RPCStatusCode

from domain.errors import Unavailable
from records import outbox
from records.database import Database
from records.outbox import Note
from workflows.claims import BatchChanged, ClaimBatch, ClaimBatchInput
from workflows.coverages import CoverageAsked, CoverageVerification, CoverageVerificationInput
from workflows.erasures import Erasure, ErasureChanged, ErasureInput
from workflows.journeys import ClientJourney, ClientJourneyInput, JourneyChanged
from workflows.leaves import LeaveChanged, TherapistLeave, TherapistLeaveInput
from workflows.matches import MatchChanged, TherapistMatch, TherapistMatchInput
from workflows.media import MediaProcessing, MediaProcessingInput, MediumUploaded
from workflows.messaging_sessions import MessagingSession, MessagingSessionChanged, MessagingSessionInput
from workflows.plans import CarePlan, CarePlanInput, PlanChanged
from workflows.policies import CARE_QUEUE, MEDIA_QUEUE, OFFICE_QUEUE
from workflows.reprojections import Reprojection, ReprojectionAsked, ReprojectionInput
from workflows.risk import RiskChanged, RiskResponse, RiskResponseInput
from workflows.rooms import CareRoom, CareRoomInput, ClockChanged
from workflows.rosters import RosterIntake, RosterIntakeInput, RosterSent
from workflows.waiting_lists import WaitingListAsked, WaitingListInput, WaitingListRun

log = logging.getLogger(__name__)

POLL_SECONDS = 0.2
WORKFLOW_TASK_TIMEOUT = timedelta(seconds=2)
"""Short, so that the tasks of a killed worker are handed on in seconds."""


@dataclass(frozen=True)
class Route:
    """Where notes of one kind go: which workflow, under which id, started with what, told by which message."""

    workflow: Callable[..., Any]
    queue: str
    workflow_id: Callable[[Note], str]
    start: Callable[[Note], object]
    message: type


ROUTES: dict[str, Route] = {
    "journey_changed": Route(
        ClientJourney.run,
        CARE_QUEUE,
        lambda note: f"journey-{note.subject_id}",
        lambda note: ClientJourneyInput(client_id=note.subject_id),
        JourneyChanged,
    ),
    "coverage_asked": Route(
        CoverageVerification.run,
        OFFICE_QUEUE,
        lambda note: f"coverage-{note.subject_id}-{note.payload['n']}",
        lambda note: CoverageVerificationInput(coverage_id=note.subject_id, n=note.payload["n"]),
        CoverageAsked,
    ),
    "match_changed": Route(
        TherapistMatch.run,
        CARE_QUEUE,
        lambda note: f"match-{note.payload['client_id']}-{note.payload['n']}",
        lambda note: TherapistMatchInput(match_id=note.subject_id),
        MatchChanged,
    ),
    "clock_changed": Route(
        CareRoom.run,
        CARE_QUEUE,
        lambda note: f"room-{note.subject_id}",
        lambda note: CareRoomInput(room_id=note.subject_id),
        ClockChanged,
    ),
    "plan_changed": Route(
        CarePlan.run,
        CARE_QUEUE,
        lambda note: f"plan-{note.subject_id}",
        lambda note: CarePlanInput(room_id=note.subject_id),
        PlanChanged,
    ),
    "messaging_session_changed": Route(
        MessagingSession.run,
        OFFICE_QUEUE,
        lambda note: f"messaging-{note.subject_id}-{note.payload['n']}",
        lambda note: MessagingSessionInput(
            note.subject_id,
            note.payload["n"],
            *(_instant(note, name) for name in ("opened_at", "window_ends_at", "lapses_at")),
        ),
        MessagingSessionChanged,
    ),
    "batch_changed": Route(
        ClaimBatch.run,
        OFFICE_QUEUE,
        lambda note: f"claims-{note.subject_id}",
        lambda note: ClaimBatchInput(batch_id=note.subject_id),
        BatchChanged,
    ),
    "medium_uploaded": Route(
        MediaProcessing.run,
        MEDIA_QUEUE,
        lambda note: f"media-{note.subject_id}",
        lambda note: MediaProcessingInput(medium_id=note.subject_id),
        MediumUploaded,
    ),
    "leave_changed": Route(
        TherapistLeave.run,
        CARE_QUEUE,
        lambda note: f"leave-{note.subject_id}",
        lambda note: TherapistLeaveInput(leave_id=note.subject_id),
        LeaveChanged,
    ),
    "erasure_changed": Route(
        Erasure.run,
        OFFICE_QUEUE,
        lambda note: f"erasure-{note.subject_id}",
        lambda note: ErasureInput(client_id=note.subject_id),
        ErasureChanged,
    ),
    "risk_changed": Route(
        RiskResponse.run,
        CARE_QUEUE,
        lambda note: f"risk-{note.subject_id}",
        lambda note: RiskResponseInput(flag_id=note.subject_id),
        RiskChanged,
    ),
    "waiting_list_asked": Route(
        WaitingListRun.run,
        OFFICE_QUEUE,
        lambda note: f"waiting-{note.subject_id}",
        lambda note: WaitingListInput(run_id=note.subject_id),
        WaitingListAsked,
    ),
    "roster_sent": Route(
        RosterIntake.run,
        OFFICE_QUEUE,
        lambda note: f"roster-{note.subject_id}",
        lambda note: RosterIntakeInput(roster_id=note.subject_id),
        RosterSent,
    ),
    "reprojection_asked": Route(
        Reprojection.run,
        CARE_QUEUE,
        lambda note: f"reprojection-{note.subject_id}",
        lambda note: ReprojectionInput(reprojection_id=note.subject_id),
        ReprojectionAsked,
    ),
}


def _instant(note: Note, name: str) -> datetime | None:
    """An instant of the payload; None in notes that were written before it was told."""
    text = note.payload.get(name)
    return datetime.fromisoformat(text) if text else None


def message_of(note: Note) -> object:
    """The signal's argument: the note's version and payload as the message's dataclass."""
    return value_to_type(ROUTES[note.kind].message, {"version": note.version, **note.payload})


class Dispatcher:
    """One per worker process; any number may run at once."""

    def __init__(self, database: Database, client: Client) -> None:
        self._database = database
        self._client = client

    async def run(self) -> None:
        """Send notes until cancelled. An engine that is down is waited for; nothing is lost meanwhile."""
        while True:
            try:
                sent = await self.send_batch()
            except Unavailable:
                sent = 0
            if not sent:
                await asyncio.sleep(POLL_SECONDS)

    async def send_batch(self) -> int:
        """Lease, send, mark; how many were leased."""
        async with self._database.transaction() as tx:
            notes = await outbox.lease(tx)
        if not notes:
            return 0
        failures = await asyncio.gather(*(self._send(note) for note in notes))
        async with self._database.transaction() as tx:
            await outbox.mark_sent(
                tx, [note.id for note, failure in zip(notes, failures, strict=True) if failure is None]
            )
            for note, failure in zip(notes, failures, strict=True):
                if failure is not None:
                    await outbox.release(tx, note, failure.code, poison=failure.poison)
        return len(notes)

    async def _send(self, note: Note) -> "_Failure | None":
        route = ROUTES.get(note.kind)
        if route is None:
            return _Failure("unknown_kind", poison=True)
        try:
            await self._client.start_workflow(
                route.workflow,
                route.start(note),
                id=route.workflow_id(note),
                task_queue=route.queue,
                task_timeout=WORKFLOW_TASK_TIMEOUT,
                start_signal=note.kind,
                start_signal_args=[message_of(note)],
            )
        except RPCError as error:
            log.warning("outbox note %d: Temporal answered %s", note.id, error.status.name)
            return _Failure(error.status.name.lower(), error.status is RPCStatusCode.INVALID_ARGUMENT)
        except (KeyError, TypeError, ValueError):
            log.error("outbox note %d does not fit its route", note.id)
            return _Failure("malformed", poison=True)
        return None


@dataclass(frozen=True)
class _Failure:
    code: str
    poison: bool = False
