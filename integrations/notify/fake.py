"""A notifier in memory, for tests of the layers above."""

from collections import deque
from typing import ClassVar

from integrations.notify.port import AddressRefused, NotHandedOver, Notice
from integrations.notify.texts import checked_address


class FakeNotifier:
    """Passes the same contract test as the others, and refuses production."""

    refuses_production: ClassVar[bool] = True

    def __init__(self) -> None:
        self.sent: list[Notice] = []
        self._failures: deque[AddressRefused | NotHandedOver] = deque()

    def fail_next(self, *errors: AddressRefused | NotHandedOver) -> None:
        """The next notices raise these, one each, in this order."""
        self._failures.extend(errors)

    async def send(self, notice: Notice) -> None:
        checked_address(notice.address)
        if self._failures:
            raise self._failures.popleft()
        if all(earlier.notice_id != notice.notice_id for earlier in self.sent):
            self.sent.append(notice)
