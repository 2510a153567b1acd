"""A pusher in memory, for tests of the layers above."""

from collections import deque
from typing import ClassVar

from integrations.push.port import EndpointGone, NotWoken


class FakePusher:
    """Passes the same contract test as the other, and refuses production."""

    refuses_production: ClassVar[bool] = True

    def __init__(self) -> None:
        self.woken: list[str] = []
        self._failures: deque[EndpointGone | NotWoken] = deque()

    def fail_next(self, *errors: EndpointGone | NotWoken) -> None:
        """The next pushes raise these, one each, in this order."""
        self._failures.extend(errors)

    async def wake(self, endpoint: str) -> None:
        if self._failures:
            raise self._failures.popleft()
        self.woken.append(endpoint)
