"""People are paged by the wall clock until a named clinician closes the flag."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from stage import keep_history, replay, stored, worker
from temporalio import activity
from temporalio.client import WorkflowHandle
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment

from activities.shapes.risk import Paged, PageDue
from domain.risk import LADDER, FlagState, Rung, Urgency, next_page, safe_now_due
from workflows.risk import RiskChanged, RiskResponse, RiskResponseInput


class Row:
    """The flag as the activity meets it, on the rules of the domain."""

    def __init__(self, environment: WorkflowEnvironment, opened_at: datetime) -> None:
        self._environment = environment
        self.version = 1
        self.paging_since: datetime | None = opened_at
        self.answer_due_at: datetime | None = None
        self.read = self.closed = False
        self.paged: dict[Rung, datetime] = {}
        self.mail_is_down = 0
        self.asked = 0

    @activity.defn
    async def page_due(self, _: PageDue) -> Paged:
        self.asked += 1
        now = await self._environment.get_current_time()
        if self.closed:
            return Paged(self.version, closed=True)
        if self.answer_due_at is not None and self.answer_due_at <= now:
            self.paging_since, self.answer_due_at = self.answer_due_at, None
        if self.paging_since is None:
            return Paged(self.version, self.answer_due_at)
        while (due := next_page(self.paging_since, self.paged, read=self.read)) and due.at <= now:
            self.paged[due.page.rung] = now
        if self.mail_is_down:
            self.mail_is_down -= 1
            raise ApplicationError("notice_not_handed_over", type="NotHandedOver")
        return Paged(self.version, due.at if due else None)


async def start(environment: WorkflowEnvironment) -> WorkflowHandle[RiskResponse, None]:
    flag_id = uuid4()
    return await environment.client.start_workflow(
        RiskResponse.run,
        RiskResponseInput(flag_id),
        id=f"risk-{flag_id}",
        task_queue="care",
        start_signal="risk_changed",
        start_signal_args=[RiskChanged(1, FlagState.OPEN, Urgency.PAGE_NOW)],
    )


async def tell(row: Row, handle: WorkflowHandle[RiskResponse, None], state: FlagState) -> None:
    row.version += 1
    await handle.signal(RiskResponse.risk_changed, RiskChanged(row.version, state, Urgency.PAGE_NOW))


async def test_pages_at_once_and_after_five_fifteen_and_thirty_minutes(skipping: WorkflowEnvironment) -> None:
    opened_at = await skipping.get_current_time()
    row = Row(skipping, opened_at)
    async with worker(skipping.client, RiskResponse, [row.page_due]):
        handle = await start(skipping)
        await skipping.sleep(timedelta(hours=1))
        late = [row.paged[page.rung] - opened_at - page.after for page in LADDER]
        assert all(timedelta() <= by < timedelta(seconds=5) for by in late)
        row.closed = True
        await tell(row, handle, FlagState.CLOSED)
        await handle.result()
        await keep_history(handle, "risk-nobody-reads")


async def test_reading_the_flag_ends_paging_and_closing_it_ends_the_response(
    skipping: WorkflowEnvironment,
) -> None:
    row = Row(skipping, await skipping.get_current_time())
    async with worker(skipping.client, RiskResponse, [row.page_due]):
        handle = await start(skipping)
        await skipping.sleep(timedelta(minutes=6))
        row.read = True
        await tell(row, handle, FlagState.ACKNOWLEDGED)
        await skipping.sleep(timedelta(days=3))
        assert list(row.paged) == [Rung.FIRST_PAGE, Rung.SECOND_PAGE]
        row.closed = True
        await tell(row, handle, FlagState.CLOSED)
        await handle.result()
        await keep_history(handle, "risk-read-in-time")


async def test_silence_for_five_minutes_pages(skipping: WorkflowEnvironment) -> None:
    asked_at = await skipping.get_current_time()
    row = Row(skipping, asked_at)
    row.paging_since, row.answer_due_at = None, safe_now_due(asked_at)
    async with worker(skipping.client, RiskResponse, [row.page_due]):
        handle = await start(skipping)
        await skipping.sleep(timedelta(minutes=4))
        assert row.paged == {}
        await skipping.sleep(timedelta(minutes=2))
        assert list(row.paged) == [Rung.FIRST_PAGE]
        row.closed = True
        await tell(row, handle, FlagState.CLOSED)
        await handle.result()
        await keep_history(handle, "risk-silence")


async def test_repeated_and_reordered_news_pages_nobody_twice(skipping: WorkflowEnvironment) -> None:
    row = Row(skipping, await skipping.get_current_time())
    row.version, row.read = 7, True
    async with worker(skipping.client, RiskResponse, [row.page_due]):
        handle = await start(skipping)
        await skipping.sleep(timedelta(minutes=1))
        for version in (7, 2, 7, 1):
            await handle.signal(RiskResponse.risk_changed, RiskChanged(version, FlagState.OPEN))
        await skipping.sleep(timedelta(hours=1))
        assert row.asked == 1
        row.closed = True
        await tell(row, handle, FlagState.CLOSED)
        await handle.result()


async def test_a_mail_server_that_is_down_delays_no_rung(skipping: WorkflowEnvironment) -> None:
    opened_at = await skipping.get_current_time()
    row = Row(skipping, opened_at)
    row.mail_is_down = 100
    async with worker(skipping.client, RiskResponse, [row.page_due]):
        handle = await start(skipping)
        await skipping.sleep(timedelta(minutes=40))
        late = [row.paged[page.rung] - opened_at - page.after for page in LADDER]
        assert all(timedelta() <= by <= timedelta(seconds=35) for by in late)
        row.mail_is_down, row.closed = 0, True
        await skipping.sleep(timedelta(minutes=1))
        await handle.result()


async def test_a_lost_closing_is_found_at_the_next_rung(skipping: WorkflowEnvironment) -> None:
    row = Row(skipping, await skipping.get_current_time())
    async with worker(skipping.client, RiskResponse, [row.page_due]):
        handle = await start(skipping)
        await skipping.sleep(timedelta(minutes=1))
        row.closed = True
        await handle.result()
        assert list(row.paged) == [Rung.FIRST_PAGE]


@pytest.mark.parametrize("name", stored("risk"))
async def test_responses_that_run_today_survive_this_version(name: str) -> None:
    await replay(RiskResponse, name)
