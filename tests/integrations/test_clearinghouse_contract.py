"""One contract for every clearing house: the fake, and the adapters on the live sandbox process."""

import itertools
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from integrations.clearinghouse.core import CoreAccount, CoreClearingHouse
from integrations.clearinghouse.fake import FakeClearingHouse
from integrations.clearinghouse.http import Exchange
from integrations.clearinghouse.port import (
    ClearingHouse,
    ConfigurationRefused,
    PayerDown,
    Receipt,
    ReportItem,
    ReportKind,
    TimedOut,
)
from integrations.clearinghouse.raw import RawClearingHouse

SAMPLES = Path(__file__).parents[1] / "samples" / "x12"
QUESTION = (SAMPLES / "270_mh_subscriber.x12").read_bytes()
CLAIM = (SAMPLES / "837p_subscriber_teletherapy.x12").read_bytes()
INQUIRY = (SAMPLES / "276_status.x12").read_bytes()
ACCOUNT = CoreAccount("kindroom", "secret", "KINDROOM", "SANDBOX")
_control_numbers = itertools.count(5001)


def numbered(sample: bytes) -> bytes:
    """The sample under an interchange control number of its own: the same number twice is a duplicate."""
    return sample.replace(b"000000001", b"%09d" % next(_control_numbers))


class FakeThatReports(FakeClearingHouse):
    """The fake with the one thing that a clearing house does by itself: it answers a file with a 999."""

    async def submit(self, x12_837: bytes) -> Receipt:
        receipt = await super().submit(x12_837)
        acknowledged = (SAMPLES / "999_accept.x12").read_bytes()
        self.put_report(ReportKind.ACK_999, acknowledged, datetime.now(UTC))
        return receipt


@pytest.fixture(params=["fake", "raw", "core"])
async def house(request: pytest.FixtureRequest) -> AsyncIterator[ClearingHouse]:
    if request.param == "fake":
        answer, status = (SAMPLES / name for name in ("271_active_mh.x12", "277_status.x12"))
        yield FakeThatReports(answer.read_bytes(), status.read_bytes())
        return
    async with httpx.AsyncClient() as client:
        exchange = Exchange(client, request.getfixturevalue("sandbox_url"))
        yield RawClearingHouse(exchange) if request.param == "raw" else CoreClearingHouse(exchange, ACCOUNT)


async def everything(house: ClearingHouse, after: str | None = None) -> list[ReportItem]:
    """All reports behind the cursor, two at a time."""
    found: list[ReportItem] = []
    while (page := await house.poll_reports(after, limit=2)).items:
        found.extend(page.items)
        after = page.next
    return found


async def test_a_question_is_answered_by_a_271(house: ClearingHouse) -> None:
    answer = await house.check(numbered(QUESTION))
    assert answer.lstrip().startswith(b"ISA")
    assert b"ST*271*" in answer


async def test_a_status_question_is_answered_by_a_277(house: ClearingHouse) -> None:
    assert b"ST*277*" in await house.status(numbered(INQUIRY))


async def test_a_file_handed_in_is_acknowledged_by_a_report_that_stays_readable(house: ClearingHouse) -> None:
    before = await everything(house)
    cursor = None
    for _ in before:
        cursor = (await house.poll_reports(cursor, limit=1)).next
    receipt = await house.submit(numbered(CLAIM))
    assert receipt.submission_id
    new = await everything(house, cursor)
    assert ReportKind.ACK_999 in {report.kind for report in new}
    assert all(report.content.lstrip(b"\xef\xbb\xbf").startswith(b"ISA") for report in new)
    assert all(report.created_at.tzinfo is not None for report in new)
    again = await everything(house)
    assert [report.report_id for report in again] == [report.report_id for report in (*before, *new)]


async def test_a_poll_with_nothing_new_gives_back_a_cursor_that_misses_nothing(house: ClearingHouse) -> None:
    await house.submit(numbered(CLAIM))
    seen = await everything(house)
    cursor = None
    while (page := await house.poll_reports(cursor)).items:
        cursor = page.next
    empty = await house.poll_reports(cursor)
    assert empty.items == ()
    await house.submit(numbered(CLAIM))
    later = await everything(house, empty.next)
    assert later
    assert not {report.report_id for report in later} & {report.report_id for report in seen}


def test_only_the_fake_refuses_production() -> None:
    assert FakeClearingHouse.refuses_production
    assert not RawClearingHouse.refuses_production
    assert not CoreClearingHouse.refuses_production


@pytest.mark.parametrize("kind", ["raw", "core"])
async def test_a_slow_payer_times_out_and_a_wrong_address_is_a_configuration_error(
    sandbox_url: str, kind: str
) -> None:
    async with httpx.AsyncClient() as client:
        exchange = Exchange(client, sandbox_url, deadline_s=0.5)
        house = RawClearingHouse(exchange) if kind == "raw" else CoreClearingHouse(exchange, ACCOUNT)
        with pytest.raises(TimedOut):
            await house.check(numbered(QUESTION).replace(b"U1234567801", b"U1234567811"))
        with pytest.raises(PayerDown):
            await house.check(numbered(QUESTION).replace(b"U1234567801", b"U1234567812"))
        with pytest.raises(ConfigurationRefused):
            await house.check(b"not x12 at all")


async def test_the_fake_fails_as_it_is_told_and_then_answers() -> None:
    fake = FakeClearingHouse(b"271", b"277")
    fake.fail_next(TimedOut(), PayerDown(503))
    with pytest.raises(TimedOut):
        await fake.check(b"270")
    with pytest.raises(PayerDown):
        await fake.submit(b"837")
    assert await fake.check(b"270") == b"271"
    assert (fake.asked, fake.submitted) == ([b"270"], [])
