"""The CORE adapter: real-time questions in the MIME envelope of the CAQH CORE Connectivity Rule 2.2.0.

Claims and reports go the plain way: the rule's batch mode is a drop-box of its own that few offer beside real
time.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import Message
from email.parser import BytesParser
from typing import ClassVar
from uuid import uuid4

import httpx

from integrations.clearinghouse.http import Exchange, whole_interchange
from integrations.clearinghouse.port import ConfigurationRefused, Malformed, PayerDown, Receipt, ReportPage
from integrations.clearinghouse.raw import RawClearingHouse

RULE_VERSION = "2.2.0"
CHECK = ("X12_270_Request_005010X279A1", "X12_271_Response_005010X279A1")
STATUS = ("X12_276_Request_005010X212", "X12_277_Response_005010X212")
SUCCESS = "Success"
RECEIVER_FAULT = "Receiver"  # the rule's code for "our side broke"; every other code blames the envelope


@dataclass(frozen=True, slots=True)
class CoreAccount:
    """Who we are to the clearing house. The password stays out of `repr`."""

    user_name: str
    password: str = field(repr=False)
    sender_id: str
    receiver_id: str


class CoreClearingHouse:
    """`POST /core/realtime` as multipart/form-data; the rest as `RawClearingHouse`."""

    refuses_production: ClassVar[bool] = False

    def __init__(
        self,
        exchange: Exchange,
        account: CoreAccount,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        payload_id: Callable[[], str] = lambda: str(uuid4()),
    ) -> None:
        self._exchange = exchange
        self._plain = RawClearingHouse(exchange)
        self._account = account
        self._now = now
        self._payload_id = payload_id

    async def check(self, x12_270: bytes) -> bytes:
        return await self._realtime(x12_270, *CHECK)

    async def status(self, x12_276: bytes) -> bytes:
        return await self._realtime(x12_276, *STATUS)

    async def submit(self, x12_837: bytes) -> Receipt:
        return await self._plain.submit(x12_837)

    async def poll_reports(self, after: str | None = None, limit: int = 100) -> ReportPage:
        return await self._plain.poll_reports(after, limit)

    async def _realtime(self, question: bytes, asked: str, answered: str) -> bytes:
        response = await self._exchange.post("/core/realtime", files=self._envelope(question, asked))
        fields = _read_envelope(response)
        error = fields.get("ErrorCode", b"").decode("ascii", "replace").strip()
        if error == RECEIVER_FAULT:
            raise PayerDown(response.status_code)
        if error != SUCCESS:
            raise ConfigurationRefused(response.status_code)
        # A refused question comes back as a TA1 or 999: another payload type, and still a whole interchange.
        if not fields.get("PayloadType", answered.encode()).startswith(b"X12_"):
            raise Malformed
        return whole_interchange(fields.get("Payload", b""))

    def _envelope(self, question: bytes, payload_type: str) -> dict[str, tuple[None, bytes]]:
        parts = {
            "PayloadType": payload_type,
            "ProcessingMode": "RealTime",
            "PayloadID": self._payload_id(),
            "TimeStamp": self._now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "UserName": self._account.user_name,
            "Password": self._account.password,
            "SenderID": self._account.sender_id,
            "ReceiverID": self._account.receiver_id,
            "CORERuleVersion": RULE_VERSION,
        }
        envelope: dict[str, tuple[None, bytes]] = {
            name: (None, text.encode()) for name, text in parts.items()
        }
        envelope["Payload"] = (None, question)
        return envelope


def _read_envelope(response: httpx.Response) -> dict[str, bytes]:
    """The parts of a multipart answer by name. Raises `Malformed` when it is none or was cut off."""
    head = f"Content-Type: {response.headers.get('content-type', '')}\r\n\r\n".encode("latin-1", "replace")
    message = BytesParser().parsebytes(head + response.content)  # the other policies take ten times as long
    parts = message.get_payload()
    if message.get_content_maintype() != "multipart" or message.defects or not isinstance(parts, list):
        raise Malformed
    return {name: _content(part) for part in parts if isinstance(part, Message) and (name := _name(part))}


def _name(part: Message) -> str | None:
    name = part.get_param("name", header="content-disposition")
    return name if isinstance(name, str) else None


def _content(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""
