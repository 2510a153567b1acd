"""Workflows and activities that carry a marked id through every channel. Run under both converters."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid5

from temporalio import activity, workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError

SOON = timedelta(seconds=20)


class Step(StrEnum):
    ASKED = "asked"
    REFUSED = "refused"


def mark(seed: UUID, channel: str) -> UUID:
    """An id that appears nowhere but in its channel: each is made where it is sent."""
    return uuid5(seed, channel)


@dataclass(frozen=True)
class Asked:
    at: datetime
    by: UUID
    step: Step | None = None
    until: datetime | None = None


@activity.defn
async def carry(given: UUID) -> UUID:
    """Fails once after a heartbeat, whose details the next attempt must find."""
    heartbeat = mark(given, "heartbeat")
    if activity.info().attempt == 1:
        activity.heartbeat(heartbeat)
        raise ApplicationError("again")
    if str(activity.info().heartbeat_details[0]) != str(heartbeat):
        raise ApplicationError("heartbeat_lost", non_retryable=True)
    return mark(given, "activity_result")


@activity.defn
async def stumble(given: UUID) -> None:
    """Fails with text, as a database driver does."""
    text = mark(given, "activity_error")
    try:
        raise LookupError(f"row of {mark(given, 'activity_error_cause')}")
    except LookupError as error:
        raise ValueError(f"cannot store {text}") from error


@workflow.defn
class Errand:
    def __init__(self) -> None:
        self.asked: Asked | None = None

    @workflow.signal
    def was_asked(self, asked: Asked) -> None:
        self.asked = asked

    @workflow.query
    def get_asked(self) -> Asked | None:
        return self.asked

    @workflow.run
    async def run(self, seed: UUID, child: UUID, again: bool) -> UUID:
        if not again:
            await self._use_every_channel(seed, child)
            workflow.continue_as_new(args=[mark(seed, "continued"), child, True])
        return mark(seed, "result")

    async def _use_every_channel(self, seed: UUID, child: UUID) -> None:
        await workflow.wait_condition(lambda: self.asked is not None)
        await workflow.execute_activity(
            carry,
            mark(seed, "activity_argument"),
            start_to_close_timeout=SOON,
            retry_policy=RetryPolicy(initial_interval=timedelta(milliseconds=700)),
        )
        await self._stumble(mark(seed, "activity_argument"))
        await workflow.execute_child_workflow(Chore.run, mark(seed, "child_argument"), id=f"room-{child}")

    async def _stumble(self, given: UUID) -> None:
        try:
            await workflow.execute_activity(
                stumble, given, start_to_close_timeout=SOON, retry_policy=RetryPolicy(maximum_attempts=1)
            )
        except ActivityError as error:
            if not isinstance(error.cause, ApplicationError) or error.cause.type != "ValueError":
                raise


@workflow.defn
class Chore:
    @workflow.run
    async def run(self, given: UUID) -> UUID:
        if not isinstance(given, UUID):
            raise ApplicationError("not_an_id")
        return mark(given, "child_result")


@workflow.defn
class Failing:
    @workflow.run
    async def run(self, seed: UUID) -> None:
        text, details = mark(seed, "workflow_error"), mark(seed, "error_details")
        raise ApplicationError(f"no room for {text}", details, type="NoRoom")


@workflow.defn
class Audit:
    """Run by a Schedule: no argument, and it reads what the run before it left."""

    @workflow.run
    async def run(self) -> int:
        return int(workflow.get_last_completion_result(int) or 0) + 1


@workflow.defn
class Careless:
    """Tries to name a child after a person."""

    @workflow.run
    async def run(self) -> Step:
        try:
            await workflow.execute_child_workflow(Chore.run, workflow.uuid4(), id="ana-lopez")
        except Exception as error:
            if type(error).__name__ == "NotForTemporal":
                return Step.REFUSED
            raise
        return Step.ASKED
