"""The worker process: workflows and activities on three queues, the dispatcher, the audit chainer, the courier."""

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.worker import Worker

from activities.claims import ClaimActivities
from activities.clock_audits import ClockAuditActivities
from activities.coverages import CoverageActivities
from activities.erasures import ErasureActivities
from activities.journeys import JourneyActivities
from activities.leaves import LeaveActivities
from activities.licences import LicenceActivities
from activities.matches import MatchActivities
from activities.media import MediaActivities
from activities.messaging_sessions import MessagingSessionActivities
from activities.paging import page_overdue
from activities.payers import PayerActivities
from activities.plans import PlanActivities
from activities.reprojections import ReprojectionActivities
from activities.risk import RiskActivities
from activities.rooms import RoomActivities
from activities.rosters import RosterActivities
from activities.waiting_lists import WaitingListActivities
from domain.errors import Unavailable
from encryption.key_files import KeyFile
from encryption.ledgers import ShredLedger
from integrations.blobs.port import Blobs
from integrations.clearinghouse.port import ClearingHouse
from integrations.media.port import MediaProcessor
from integrations.notify.port import Notifier
from kindroom import wiring
from kindroom.alerts import Alerts
from kindroom.courier import Courier
from kindroom.damaged_signals import DamagedSignals
from kindroom.dispatcher import Dispatcher
from kindroom.restores import refuse_what_came_back
from kindroom.schedules import ensure_schedules
from kindroom.settings import Settings
from kindroom.temporal import connect
from kindroom.workflow_runner import RUNNER
from records.audit import chain
from records.clinic import ensure_clinic_key
from records.database import Database
from records.events import Announcer
from records.recovery import retell_if_new
from workflows.claims import ClaimBatch
from workflows.clocks import ClockAudit, WorkflowAudit
from workflows.coverages import CoverageRecheck, CoverageVerification
from workflows.erasures import Erasure
from workflows.journeys import ClientJourney, StuckJourneys
from workflows.leaves import TherapistLeave
from workflows.licences import LicenceWatch
from workflows.matches import OutcomeCount, TherapistMatch
from workflows.media import MediaProcessing, MediaSweep
from workflows.messaging_sessions import MessagingSession
from workflows.payers import OfficeCalendar
from workflows.plans import CarePlan
from workflows.policies import CARE_QUEUE, MEDIA_QUEUE, OFFICE_QUEUE
from workflows.reprojections import Reprojection
from workflows.risk import RiskResponse
from workflows.rooms import CareRoom
from workflows.rosters import RosterIntake
from workflows.waiting_lists import WaitingListRun

log = logging.getLogger(__name__)

CARE_WORKFLOWS = (
    ClientJourney,
    StuckJourneys,
    TherapistMatch,
    OutcomeCount,
    CareRoom,
    CarePlan,
    RiskResponse,
    TherapistLeave,
    ClockAudit,
    WorkflowAudit,
    LicenceWatch,
    Reprojection,
)
OFFICE_WORKFLOWS = (
    WaitingListRun,
    CoverageVerification,
    CoverageRecheck,
    MessagingSession,
    ClaimBatch,
    Erasure,
    OfficeCalendar,
    RosterIntake,
)
MEDIA_WORKFLOWS = (MediaProcessing, MediaSweep)
_CHAIN_SECONDS = 1.0
_DAMAGED_SECONDS = 1.0
_WATCH_SECONDS = 5.0
_PAGE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Ports:
    """What activities reach outside of PostgreSQL."""

    house: ClearingHouse
    notifier: Notifier
    blobs: Blobs
    recordings: MediaProcessor
    shreds: ShredLedger


def care_activities(database: Database, notifier: Notifier, client: Client) -> list[Callable[..., Any]]:
    """What journeys, rooms, plans and risk ask for."""
    return [
        *JourneyActivities(database).all(),
        *MatchActivities(database).all(),
        *RoomActivities(database).all(),
        *ReprojectionActivities(database).all(),
        *ClockAuditActivities(database, client).all(),
        *PlanActivities(database).all(),
        *RiskActivities(database, notifier).all(),
        *LeaveActivities(database).all(),
        *LicenceActivities(database).all(),
    ]


def office_activities(database: Database, ports: Ports) -> list[Callable[..., Any]]:
    """What payers and claims ask for: on a queue of its own, so that a slow payer delays no promise."""
    return [
        *WaitingListActivities(database, wiring.optimiser()).all(),
        *PayerActivities(database).all(),
        *RosterActivities(database).all(),
        *CoverageActivities(database, ports.house).all(),
        *MessagingSessionActivities(database).all(),
        *ClaimActivities(database, ports.house).all(),
        *ErasureActivities(database, ports.blobs, ports.shreds).all(),
    ]


def media_activities(database: Database, ports: Ports) -> list[Callable[..., Any]]:
    """What recordings ask for: minutes of computing each, so that a burst of them delays neither promise nor claim."""
    return MediaActivities(database, ports.blobs, ports.recordings).all()


def workers(client: Client, database: Database, ports: Ports) -> list[Worker]:
    """One worker per task queue."""
    return [
        queue_worker(client, CARE_QUEUE, CARE_WORKFLOWS, care_activities(database, ports.notifier, client)),
        queue_worker(client, OFFICE_QUEUE, OFFICE_WORKFLOWS, office_activities(database, ports)),
        queue_worker(client, MEDIA_QUEUE, MEDIA_WORKFLOWS, media_activities(database, ports), at_once=2),
    ]


def queue_worker(
    client: Client,
    queue: str,
    workflows: tuple[type, ...],
    activities: list[Callable[..., Any]],
    *,
    at_once: int = 40,
) -> Worker:
    """A worker of one queue, with the settings that were measured. `at_once`: activities that run together."""
    return Worker(
        client,
        task_queue=queue,
        workflows=workflows,
        activities=activities,
        workflow_runner=RUNNER,
        max_cached_workflows=5_000,
        max_concurrent_workflow_tasks=20,
        max_concurrent_activities=at_once,
        # A killed worker's cached workflows are handed on after a second instead of ten.
        sticky_queue_schedule_to_start_timeout=timedelta(seconds=1),
        graceful_shutdown_timeout=timedelta(seconds=5),
    )


async def run_worker(settings: Settings, stop: asyncio.Event) -> None:
    """Work until `stop` is set, then finish what is in hand."""
    announcer = Announcer(settings.database("listen"))
    database = wiring.worker_database(settings, announcer=announcer)
    await _until_up(database.open)
    await _until_up(lambda: ensure_clinic_key(database))
    shreds = wiring.shred_ledger(settings)
    await _until_up(lambda: refuse_what_came_back(database, shreds))
    announcer.start()
    damaged = DamagedSignals()
    client = await _connect(settings, damaged)
    await ensure_schedules(client)
    notifier = wiring.notifier(settings)
    outside = httpx.AsyncClient()
    alerts = Alerts(
        database, notifier, wiring.pusher(settings, outside), mail_after=settings.message_mail_after
    )
    tasks = [
        asyncio.create_task(work, name=name)
        for name, work in (
            ("dispatcher", _repeat(1.0, Dispatcher(database, client).run)),
            ("chainer", _repeat(_CHAIN_SECONDS, lambda: _chain(database))),
            ("courier", _repeat(1.0, Courier(database, notifier).run)),
            ("alerts", _repeat(1.0, alerts.run)),
            ("damaged", _repeat(_DAMAGED_SECONDS, lambda: damaged.note(database))),
            ("paging", _repeat(_PAGE_SECONDS, lambda: _page_overdue(database, notifier))),
            ("watch", _repeat(_WATCH_SECONDS, lambda: _retell_if_new(database, client))),
        )
    ]
    ports = Ports(
        wiring.clearing_house(settings), notifier, wiring.blobs(settings), wiring.recordings(), shreds
    )
    running = workers(client, database, ports)
    try:
        await asyncio.gather(*(_serve(worker, stop) for worker in running))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await outside.aclose()
        await announcer.stop()
        await database.close()


async def _serve(worker: Worker, stop: asyncio.Event) -> None:
    async with worker:
        await stop.wait()


async def _connect(settings: Settings, damaged: DamagedSignals) -> Client:
    keys = KeyFile(settings.need_file("codec_key_file"))
    while True:
        try:
            return await connect(
                settings.temporal_address,
                settings.temporal_namespace,
                keys,
                role="worker",
                tell_damaged=damaged.tell,
            )
        except (RuntimeError, RPCError):
            log.warning("Temporal does not answer yet")
            await asyncio.sleep(1)


async def _page_overdue(database: Database, notifier: Notifier) -> None:
    """Pages that are due go out even while Temporal is down."""
    await page_overdue(database, notifier)


async def _chain(database: Database) -> None:
    async with database.transaction() as tx:
        await chain(tx)


async def _retell_if_new(database: Database, client: Client) -> None:
    """The namespace's id is made with the store: a new one means that the old store is gone."""
    found = await client.workflow_service.describe_namespace(
        DescribeNamespaceRequest(namespace=client.namespace)
    )
    async with database.transaction() as tx:
        told = await retell_if_new(tx, UUID(found.namespace_info.id))
    if told is not None:
        log.warning("a new Temporal store: %d promises told again", told)
        await ensure_schedules(client)


async def _repeat(seconds: float, work: Callable[[], Awaitable[None]]) -> None:
    """Do it again and again; an engine that is away is waited for, and no mistake ends it without a word."""
    while True:
        try:
            await work()
        except (Unavailable, RPCError) as error:
            log.warning("%s: waiting for an engine", type(error).__name__)
        except Exception as error:  # its text may carry values: only the class and the place are told
            log.error("%s in %s: tried again", type(error).__name__, _place(error))
        await asyncio.sleep(seconds)


def _place(error: BaseException) -> str:
    """File and line where it was raised."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{Path(frame.filename).name}:{frame.lineno}"


async def _until_up(work: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            return await work()
        except Unavailable:
            log.warning("PostgreSQL does not answer yet")
            await asyncio.sleep(1)
