"""The fence around what no codec covers: ids, names, notes and reasons reach Temporal in clear.

`IdsOnly` goes to every client; the SDK applies it to the workers of that client too. It lets through only
known prefixes with UUIDs and numbers, and words of the code. Raises `NotForTemporal` before anything is sent.
Exceptions of activities are reduced to their code, since their text reaches the worker's log.
"""
# ruff: noqa: A002, ARG002 - the SDK passes `input` and `next` by these names, wanted or not

import re
from collections.abc import Awaitable, Mapping
from datetime import datetime
from inspect import isawaitable
from typing import Any, Final, NoReturn
from uuid import UUID

from temporalio import client, worker
from temporalio.common import SearchAttributes, TypedSearchAttributes
from temporalio.exceptions import ApplicationError, FailureError
from temporalio.workflow import ActivityHandle, ChildWorkflowHandle

from domain.errors import KindroomError, Unavailable
from encryption.codec import NotForTemporal

SCHEDULES: Final = frozenset(
    {
        "clock-audit",
        "workflow-audit",
        "coverage-recheck",
        "claim-run",
        "licence-watch",
        "stuck-journeys",
        "media-sweep",
        "outcome-count",
        "office-calendar",
    }
)

_UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_OF_ONE = "journey|room|plan|risk|leave|claims|erasure|session|reprojection|media|waiting|roster"
_NUMBERED = "coverage|match|messaging"
_WORKFLOW_ID: Final = re.compile(rf"(?:(?:{_OF_ONE})-{_UUID}|(?:{_NUMBERED})-{_UUID}-[0-9]{{1,9}})")
_ACTIVITY_ID: Final = re.compile(rf"{_UUID}|[0-9]{{1,9}}")
_WORD: Final = re.compile("[a-z]+(?:_[a-z]+){0,7}")
_SDK_QUERY: Final = re.compile("__[a-z_]+")
_TYPE_NAME: Final = re.compile("[A-Z][A-Za-z]{1,60}")
_ATTRIBUTE_VALUES = (bool, int, datetime, UUID)


def check_workflow_id(workflow_id: str) -> None:
    """Raise `NotForTemporal` unless it is a known prefix with a UUID, and a number where one is due."""
    if _WORKFLOW_ID.fullmatch(workflow_id) is None and workflow_id not in SCHEDULES:
        raise NotForTemporal("not_for_temporal_workflow_id")


def _check(pattern: re.Pattern[str], text: str | None, what: str) -> None:
    if text and pattern.fullmatch(text) is None:
        raise NotForTemporal(f"not_for_temporal_{what}")


def _check_extras(
    memo: Mapping[str, Any] | None,
    attributes: SearchAttributes | TypedSearchAttributes | None,
    headers: Mapping[str, Any] | None,
) -> None:
    for name in memo or ():
        _check(_WORD, name, "memo_key")
    if attributes:
        values = (
            [(pair.key.name, pair.value) for pair in attributes]
            if isinstance(attributes, TypedSearchAttributes)
            else [(name, value) for name, many in attributes.items() for value in many]
        )
        for name, value in values:
            _check(_TYPE_NAME, name, "search_attribute")
            if not isinstance(value, _ATTRIBUTE_VALUES):
                raise NotForTemporal("not_for_temporal_search_attribute")
    if headers:
        raise NotForTemporal("not_for_temporal_header")


class IdsOnly(client.Interceptor, worker.Interceptor):
    """Refuses text where Temporal keeps it in clear, in clients, workflows and activities alike."""

    def intercept_client(self, next: client.OutboundInterceptor) -> client.OutboundInterceptor:
        """See `_Client`."""
        return _Client(next)

    def intercept_activity(
        self,
        next: worker.ActivityInboundInterceptor,
    ) -> worker.ActivityInboundInterceptor:
        """See `_CodedErrors`."""
        return _CodedErrors(next)

    def workflow_interceptor_class(
        self,
        input: worker.WorkflowInterceptorClassInput,
    ) -> type[worker.WorkflowInboundInterceptor] | None:
        """See `_Outbound`."""
        return _Inbound


class _Client(client.OutboundInterceptor):
    async def start_workflow(
        self,
        input: client.StartWorkflowInput,
    ) -> client.WorkflowHandle[Any, Any]:
        check_workflow_id(input.id)
        _check(_TYPE_NAME, input.workflow, "workflow_type")
        _check(_WORD, input.start_signal, "signal")
        _check_extras(input.memo, input.search_attributes, input.headers)
        return await super().start_workflow(input)

    async def signal_workflow(self, input: client.SignalWorkflowInput) -> None:
        check_workflow_id(input.id)
        _check(_WORD, input.signal, "signal")
        _check_extras(None, None, input.headers)
        await super().signal_workflow(input)

    async def query_workflow(self, input: client.QueryWorkflowInput) -> Any:
        if _SDK_QUERY.fullmatch(input.query) is None:
            _check(_WORD, input.query, "query")
        return await super().query_workflow(input)

    async def cancel_workflow(self, input: client.CancelWorkflowInput) -> None:
        _check(_WORD, input.reason, "reason")
        await super().cancel_workflow(input)

    async def terminate_workflow(self, input: client.TerminateWorkflowInput) -> None:
        _check(_WORD, input.reason, "reason")
        await super().terminate_workflow(input)

    async def create_schedule(self, input: client.CreateScheduleInput) -> client.ScheduleHandle:
        if input.id not in SCHEDULES:
            raise NotForTemporal("not_for_temporal_schedule")
        _check_extras(input.memo, input.search_attributes, None)
        _check_schedule(input.schedule)
        return await super().create_schedule(input)

    async def update_schedule(self, input: client.UpdateScheduleInput) -> None:
        given = input.updater

        async def checked(now: client.ScheduleUpdateInput) -> client.ScheduleUpdate | None:
            answer: client.ScheduleUpdate | Awaitable[client.ScheduleUpdate | None] | None = given(now)
            update = await answer if isawaitable(answer) else answer
            if update is not None:
                _check_schedule(update.schedule)
                _check_extras(None, update.search_attributes, None)
            return update

        input.updater = checked
        await super().update_schedule(input)

    async def pause_schedule(self, input: client.PauseScheduleInput) -> None:
        _check(_WORD, input.note, "note")
        await super().pause_schedule(input)

    async def unpause_schedule(self, input: client.UnpauseScheduleInput) -> None:
        _check(_WORD, input.note, "note")
        await super().unpause_schedule(input)

    # What a person decides is a fact in PostgreSQL first, so nothing of ours uses the following.
    async def start_workflow_update(
        self,
        input: client.StartWorkflowUpdateInput,
    ) -> NoReturn:
        raise NotForTemporal("not_for_temporal_update")

    async def start_update_with_start_workflow(
        self,
        input: client.StartWorkflowUpdateWithStartInput,
    ) -> NoReturn:
        raise NotForTemporal("not_for_temporal_update")

    async def start_activity(self, input: client.StartActivityInput) -> NoReturn:
        raise NotForTemporal("not_for_temporal_activity")

    async def start_nexus_operation(
        self,
        input: client.StartNexusOperationInput,
    ) -> NoReturn:
        raise NotForTemporal("not_for_temporal_nexus")


def _check_schedule(schedule: client.Schedule) -> None:
    _check(_WORD, schedule.state.note, "note")
    action = schedule.action
    if not isinstance(action, client.ScheduleActionStartWorkflow):
        raise NotForTemporal("not_for_temporal_schedule")
    if action.id not in SCHEDULES or action.args or action.memo:
        raise NotForTemporal("not_for_temporal_schedule")
    _check(_TYPE_NAME, action.workflow, "workflow_type")
    _check_extras(None, action.typed_search_attributes, action.headers)


class _Inbound(worker.WorkflowInboundInterceptor):
    def init(self, outbound: worker.WorkflowOutboundInterceptor) -> None:
        super().init(_Outbound(outbound))


class _Outbound(worker.WorkflowOutboundInterceptor):
    async def start_child_workflow(
        self,
        input: worker.StartChildWorkflowInput,
    ) -> ChildWorkflowHandle[Any, Any]:
        check_workflow_id(input.id)
        _check_extras(input.memo, input.search_attributes, input.headers)
        return await super().start_child_workflow(input)

    def continue_as_new(self, input: worker.ContinueAsNewInput) -> NoReturn:
        _check_extras(input.memo, input.search_attributes, input.headers)
        super().continue_as_new(input)

    async def signal_child_workflow(self, input: worker.SignalChildWorkflowInput) -> None:
        _check(_WORD, input.signal, "signal")
        await super().signal_child_workflow(input)

    async def signal_external_workflow(self, input: worker.SignalExternalWorkflowInput) -> None:
        check_workflow_id(input.workflow_id)
        _check(_WORD, input.signal, "signal")
        await super().signal_external_workflow(input)

    def start_activity(self, input: worker.StartActivityInput) -> ActivityHandle[Any]:
        _check(_ACTIVITY_ID, input.activity_id, "activity_id")
        return super().start_activity(input)

    def start_local_activity(self, input: worker.StartLocalActivityInput) -> ActivityHandle[Any]:
        _check(_ACTIVITY_ID, input.activity_id, "activity_id")
        return super().start_local_activity(input)


class _CodedErrors(worker.ActivityInboundInterceptor):
    """An exception leaves an activity as `ApplicationError(code, type=<class name>)`, its frames kept for the
    log, its text and causes dropped: a database error quotes the row it refused.
    """

    async def execute_activity(self, input: worker.ExecuteActivityInput) -> Any:
        try:
            return await super().execute_activity(input)
        except FailureError:
            raise
        except Exception as error:
            raise _coded(error).with_traceback(error.__traceback__) from None


def _coded(error: Exception) -> ApplicationError:
    code = error.code if isinstance(error, KindroomError) else "unexpected"
    delay = error.retry_after if isinstance(error, Unavailable) else None
    return ApplicationError(code, type=type(error).__name__, next_retry_delay=delay)
