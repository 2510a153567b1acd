"""Notices as files: one RFC 5322 message each, for the embedded stack and for anyone who wants to see them."""

import asyncio
import os
from collections.abc import Callable
from datetime import UTC, datetime
from email.policy import SMTP
from pathlib import Path
from typing import ClassVar

from integrations.notify.port import NotHandedOver, Notice
from integrations.notify.texts import Letterhead, compose


class SpoolNotifier:
    """Writes `<notice id>.eml` into a directory, whole or not at all; only the owner can read it."""

    refuses_production: ClassVar[bool] = True

    def __init__(
        self, directory: Path, letterhead: Letterhead, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._directory = directory
        self._letterhead = letterhead
        self._now = now

    async def send(self, notice: Notice) -> None:
        content = compose(notice, self._letterhead, self._now()).as_bytes(policy=SMTP)
        try:
            await asyncio.to_thread(self._write, str(notice.notice_id), content)
        except OSError:
            raise NotHandedOver from None

    def _write(self, name: str, content: bytes) -> None:
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        # A name of its own for each writer: two that send the same notice at once do not share a half-written file.
        partial = self._directory / f".{name}.{os.getpid()}.{id(content)}"
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(self._directory / f"{name}.eml")
