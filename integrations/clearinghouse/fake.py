"""A clearing house in memory, for tests of the layers above. It answers what it was told to answer."""

from collections import deque
from datetime import datetime
from typing import ClassVar

from integrations.clearinghouse.port import ClearingHouseError, Receipt, ReportItem, ReportKind, ReportPage


class FakeClearingHouse:
    """Passes the same contract test as the HTTP adapters, and refuses production."""

    refuses_production: ClassVar[bool] = True

    def __init__(self, eligibility: bytes, claim_status: bytes) -> None:
        """The two arguments are the 271 and the 277 that every question is answered with."""
        self.eligibility = eligibility
        self.claim_status = claim_status
        self.asked: list[bytes] = []
        self.submitted: list[bytes] = []
        self._failures: deque[ClearingHouseError] = deque()
        self._reports: list[ReportItem] = []

    def fail_next(self, *errors: ClearingHouseError) -> None:
        """The next calls raise these, one each, in this order."""
        self._failures.extend(errors)

    def put_report(self, kind: ReportKind, content: bytes, created_at: datetime) -> str:
        """A report begins to wait; returns its id."""
        report_id = str(len(self._reports) + 1)
        self._reports.append(ReportItem(report_id, kind, created_at, content))
        return report_id

    async def check(self, x12_270: bytes) -> bytes:
        self._fail()
        self.asked.append(x12_270)
        return self.eligibility

    async def status(self, x12_276: bytes) -> bytes:
        self._fail()
        self.asked.append(x12_276)
        return self.claim_status

    async def submit(self, x12_837: bytes) -> Receipt:
        self._fail()
        self.submitted.append(x12_837)
        return Receipt(submission_id=f"fake-{len(self.submitted)}")

    async def poll_reports(self, after: str | None = None, limit: int = 100) -> ReportPage:
        self._fail()
        start = int(after) if after is not None else 0
        items = tuple(self._reports[start : start + limit])
        return ReportPage(items, items[-1].report_id if items else after)

    def _fail(self) -> None:
        if self._failures:
            raise self._failures.popleft()
