"""An erasure: waits while the law or a court keeps the record, then destroys it, step by step, to the end."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.shapes.erasures import ErasureStanding, MoveErasure
    from domain.erasures import ErasureStep
    from workflows.alarms import CLOCKS_DIFFER_BY, long_history
    from workflows.policies import PROMISE

LOOK_AGAIN: Final = timedelta(days=30)
"""Without news the row is read once a month: news that was lost costs a month at most, of years."""
KEPT_BACK: Final = timedelta(days=1)
"""One that is due and kept back by a hold or an open risk flag is looked at each day."""
ALL_OF_IT: Final[dict[str, Any]] = {**PROMISE, "start_to_close_timeout": timedelta(minutes=10)}
"""A step goes through everything that a client ever wrote."""


@dataclass(frozen=True, slots=True)
class ErasureInput:
    """Whose; and, carried over, the version last told."""

    client_id: UUID
    version: int = 0


@dataclass(frozen=True, slots=True)
class ErasureChanged:
    """It was asked for, withdrawn, held, freed, or a rule changed; how it stands is in its row."""

    version: int


@workflow.defn
class Erasure:
    """One per client who asked to be forgotten. It knows ids and instants only, so nothing of it needs erasing."""

    @workflow.init
    def __init__(self, erasure: ErasureInput) -> None:
        self._client_id = erasure.client_id
        self._version = erasure.version
        self._standing: ErasureStanding | None = None

    @workflow.run
    async def run(self, erasure: ErasureInput) -> None:
        """Wait, begin, destroy; or end because the client took it back."""
        now = await self._ask("read_erasure")
        while now.step is not ErasureStep.OVER:
            if long_history():
                workflow.continue_as_new(ErasureInput(erasure.client_id, self._version))
            match now.step:
                case ErasureStep.BEGIN:
                    now = await self._ask("begin_erasure")
                case ErasureStep.SHRED:
                    now = await self._shred()
                case _:
                    await self._news_or(now.at)
                    now = await self._ask("read_erasure")

    @workflow.signal
    def erasure_changed(self, news: ErasureChanged) -> None:
        """News of it. What is not newer than what is known changes nothing."""
        self._version = max(self._version, news.version)

    @workflow.query
    def get_state(self) -> ErasureStanding | None:
        """The erasure as the workflow knows it."""
        return self._standing

    async def _shred(self) -> ErasureStanding:
        """Keys first: from then on the rest is noise, and only tidied up."""
        ask = MoveErasure(self._client_id)
        for step in ("destroy_keys", "destroy_blobs"):
            await workflow.execute_activity(step, ask, **ALL_OF_IT)
        return await self._ask("forget_client")

    async def _ask(self, name: str) -> ErasureStanding:
        """One step. News that came while the row was read, and is newer than it, stays to be looked at."""
        heard = self._version
        standing: ErasureStanding = await workflow.execute_activity(
            name, MoveErasure(self._client_id), result_type=ErasureStanding, **ALL_OF_IT
        )
        self._standing = standing
        if self._version == heard or self._version < standing.version:
            self._version = standing.version
        return standing

    async def _news_or(self, at: datetime | None) -> None:
        """Until somebody decides something, or it is due. The database's clock may be a little behind."""
        known = self._standing.version if self._standing else 0
        limit = KEPT_BACK if at is None else min(LOOK_AGAIN, at - workflow.now())
        try:
            await workflow.wait_condition(lambda: self._version > known, timeout=max(limit, CLOCKS_DIFFER_BY))
        except TimeoutError:
            return
