"""The clearing house of the demo clinic's past: the payer sandbox itself, on the story's clock, in a folder of its own.

Its questions and files are real X12 and answered by the sandbox's code; only the days between are skipped.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

from integrations.clearinghouse.port import PayerDown, Receipt, ReportItem, ReportKind, ReportPage
from kindroom.clinic.past import Past
from sandbox.clothes import instant
from sandbox.faults import Faults
from sandbox.intake import Intake
from sandbox.mailbox import Mailbox
from sandbox.realtime import RealTime
from sandbox.rules import load
from sandbox.store import Store

_HOUR: Final = 3600
_DAY: Final = 24 * _HOUR
_AFTER: Final = {"999": _HOUR // 2, "277CA": 4 * _HOUR, "835": 11 * _DAY}
_NEVER: Final = 3650 * _DAY


class _StoryStore(Store):
    """The sandbox's memory, at the instant the story has come to."""

    def __init__(self, folder: Path, past: Past) -> None:
        super().__init__(folder)
        self._past = past

    def now(self) -> float:
        """Seconds since the epoch."""
        return self._past.now.timestamp()


@dataclass(slots=True)
class _Desk:
    """Where files are handed in: those that are paid in time, and those whose payment stays away."""

    paid: Intake
    unpaid: Intake


class PastClearingHouse:
    """A clearing house that answers out of the story. `withhold` makes the payment of further files stay away."""

    refuses_production: ClassVar[bool] = True

    def __init__(self, folder: Path, past: Past) -> None:
        rules, self._store = load(), _StoryStore(folder, past)
        faults = Faults(self._store)
        self._desk = _Desk(
            Intake(rules, self._store, faults, _AFTER),
            Intake(rules, self._store, faults, {**_AFTER, "835": _NEVER}),
        )
        self._questions = RealTime(rules, self._store, faults)
        self._mailbox = Mailbox(self._store)
        self._read_to = 0
        self.withhold = False

    def close(self) -> None:
        """Give the folder back."""
        self._store.close()

    async def check(self, x12_270: bytes) -> bytes:
        """Ask about eligibility. Raises PayerDown where the payer answers nothing."""
        answer = self._questions.answer(x12_270.decode())
        if answer.http != 200:
            raise PayerDown(answer.http)
        return answer.content.encode()

    async def submit(self, x12_837: bytes) -> Receipt:
        """Hand in a file of claims."""
        desk = self._desk.unpaid if self.withhold else self._desk.paid
        return Receipt(desk.receive(x12_837.decode()).receipt_id)

    async def poll_reports(self, after: str | None = None, limit: int = 100) -> ReportPage:  # noqa: ARG002
        """What has come since the last reading. It has a cursor of its own, so that the real mailbox is read whole."""
        found = self._mailbox.read(self._read_to, limit)
        if found:
            self._read_to = found[-1].place
        items = tuple(
            ReportItem(
                f"past-{each.id}", ReportKind(each.kind), instant(each.created_at), each.content.encode()
            )
            for each in found
        )
        return ReportPage(items, None)

    async def status(self, x12_276: bytes) -> bytes:
        """Ask what became of claims."""
        return self._questions.answer(x12_276.decode()).content.encode()
