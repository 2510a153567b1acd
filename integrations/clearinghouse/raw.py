"""The plain adapter: X12 as the body of an HTTP request, reports as a JSON list."""

from datetime import datetime
from typing import Any, ClassVar

from integrations.clearinghouse.http import Exchange, whole_interchange
from integrations.clearinghouse.port import Malformed, Receipt, ReportItem, ReportKind, ReportPage


class RawClearingHouse:
    """`POST /x12/realtime`, `POST /x12/claims`, `GET /x12/reports?after=&limit=`."""

    refuses_production: ClassVar[bool] = False

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    async def check(self, x12_270: bytes) -> bytes:
        return await self._realtime(x12_270)

    async def status(self, x12_276: bytes) -> bytes:
        return await self._realtime(x12_276)

    async def submit(self, x12_837: bytes) -> Receipt:
        response = await self._exchange.post("/x12/claims", content=x12_837)
        try:
            return Receipt(submission_id=str(response.json()["receipt_id"]))
        except (ValueError, KeyError, TypeError):
            raise Malformed from None

    async def poll_reports(self, after: str | None = None, limit: int = 100) -> ReportPage:
        params: dict[str, str | int] = {"limit": limit}
        if after is not None:
            params["after"] = after
        response = await self._exchange.get("/x12/reports", params)
        try:
            return _page(response.json(), after)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise Malformed from None

    async def _realtime(self, question: bytes) -> bytes:
        response = await self._exchange.post("/x12/realtime", content=question)
        return whole_interchange(response.content)


def _page(body: dict[str, Any], after: str | None) -> ReportPage:
    items = tuple(_item(each) for each in body["items"])
    following = body.get("next")
    if following is None:  # nothing more for now: go on behind what was seen
        return ReportPage(items, items[-1].report_id if items else after)
    return ReportPage(items, str(following))


def _item(each: dict[str, Any]) -> ReportItem:
    return ReportItem(
        report_id=str(each["id"]),
        kind=ReportKind(each["kind"]),
        created_at=_instant(each["created_at"]),
        content=each["content"].encode(),
    )


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("instant without offset")
    return instant
