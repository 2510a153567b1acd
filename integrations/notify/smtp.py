"""Notices by e-mail, through a relay that speaks SMTP with STARTTLS."""

import asyncio
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import ClassVar

from integrations.notify.port import AddressRefused, NotHandedOver, Notice
from integrations.notify.texts import Letterhead, compose

PERMANENT = 500  # RFC 5321: 5yz is for ever, 4yz for now


@dataclass(frozen=True, slots=True)
class Relay:
    """Where mail is handed over. Without TLS only on the same machine. The password stays out of `repr`."""

    host: str
    port: int = 587
    user_name: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: bool = True
    timeout_s: float = 20.0


class SmtpNotifier:
    """Opens a connection for each notice, in a thread: notices are few, and a dead connection is no state to keep."""

    refuses_production: ClassVar[bool] = False

    def __init__(
        self, relay: Relay, letterhead: Letterhead, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._relay = relay
        self._letterhead = letterhead
        self._now = now

    async def send(self, notice: Notice) -> None:
        message = compose(notice, self._letterhead, self._now())
        await asyncio.to_thread(self._hand_over, message)

    def _hand_over(self, message: EmailMessage) -> None:
        relay = self._relay
        try:
            with smtplib.SMTP(relay.host, relay.port, timeout=relay.timeout_s) as connection:
                if relay.tls:
                    connection.starttls(context=ssl.create_default_context())
                if relay.user_name is not None:
                    connection.login(relay.user_name, relay.password or "")
                connection.send_message(message)
        except smtplib.SMTPRecipientsRefused as refusal:
            codes = [code for code, _ in refusal.recipients.values()]
            raise (AddressRefused if min(codes) >= PERMANENT else NotHandedOver) from None
        except (smtplib.SMTPException, OSError):
            # The server's words may quote the address: they end here.
            raise NotHandedOver from None
