"""How a cover stands: asked about, answered, in doubt; who must act now, and by when."""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from domain.coverage import CoverageStatus, Owner
from domain.stages import Wait
from encryption.keys import KeyScope
from encryption.rooms import seal_field
from records import journeys, service_lines
from records.database import Row, Transaction, dumps
from records.events import Event, EventKind

WAIT_OF: Final = {
    CoverageStatus.VERIFYING: Wait.PAYER_ANSWER,
    CoverageStatus.NEEDS_INFORMATION: Wait.COVERAGE_DETAILS,
    CoverageStatus.INACTIVE: Wait.OTHER_COVERAGE,
    CoverageStatus.MANUAL_REVIEW: Wait.COVERAGE_REVIEW,
}


async def ask(tx: Transaction, coverage: Row, n: int) -> None:
    """Have the payer asked: verification `n`, told to its workflow. A cover in force stays so until the answer."""
    if coverage["status"] != CoverageStatus.ACTIVE:
        await set_status(tx, coverage, CoverageStatus.VERIFYING, "asked")
    row = await tx.one(
        "UPDATE coverages SET asking = true, verification = %s, ask_again_at = NULL, version = version + 1"
        " WHERE id = %s RETURNING version",
        (n, coverage["id"]),
    )
    assert row is not None  # noqa: S101  locked by the caller
    await tx.tell("coverage_asked", coverage["id"], row["version"], n=n)
    await journeys.advance(tx, coverage["client_id"])


async def settle(
    tx: Transaction,
    coverage: Row,
    status: CoverageStatus,
    reason: str,
    told: dict[str, Any],
    *,
    task: str | None = None,
    owner: Owner | None = None,
    payer_id: UUID | None = None,
    ask_again_at: datetime | None = None,
    active_from: date | None = None,
) -> None:
    """Keep the answer and move the journey, in one transaction. The row is locked by the caller.

    An active cover ends the one before it, and releases the lines that waited for it. `owner`: who must act, where it
    is not whom the status names. `active_from`: the first covered day, where the payer named one; a day that it called
    covered before stays covered.
    """
    client_id = coverage["client_id"]
    key = await tx.key(KeyScope.BILLING, client_id)
    sealed = seal_field(key, client_id, "coverages", "answer_sealed", coverage["id"], dumps(told))
    await tx.run(
        "UPDATE coverages SET answer_sealed = %s, answered_at = %s, payer_id = coalesce(%s, payer_id),"
        " asking = false, ask_again_at = %s, active_from = least(active_from, %s), active_to = NULL WHERE id = %s",
        (sealed, tx.now, payer_id, ask_again_at, active_from, coverage["id"]),
    )
    await set_status(tx, coverage, status, reason, task=task, owner=owner or _OWNER_OF.get(status))
    if status is CoverageStatus.ACTIVE:
        await end_others(tx, client_id, but=coverage["id"], active=True)
        if coverage["kind"] == "insurance":
            await service_lines.look_again(tx, client_id=client_id)
    await tx.audit("settle_coverage", subject_id=coverage["id"], status=status)
    await journeys.advance(tx, client_id)


async def doubt(
    tx: Transaction,
    coverage: Row,
    reason: str,
    owner: Owner,
    *,
    task: str | None = None,
    ask_again_at: datetime | None = None,
) -> None:
    """A cover in force about which the last answer says nothing good: it stays in force, and somebody must act."""
    await tx.run(
        "UPDATE coverages SET asking = false, ask_again_at = %s WHERE id = %s", (ask_again_at, coverage["id"])
    )
    await set_status(tx, coverage, CoverageStatus.ACTIVE, reason, task=task, owner=owner)
    await tx.audit("doubt_coverage", subject_id=coverage["id"])


async def set_status(
    tx: Transaction,
    coverage: Row,
    status: CoverageStatus,
    reason: str,
    *,
    task: str | None = None,
    owner: Owner | None = None,
) -> None:
    """The new status, who must act now, and by when."""
    owner = owner or _OWNER_OF.get(status)
    await tx.run(
        "UPDATE coverages SET status = %(status)s::text, reasons = %(reasons)s, task = %(task)s, owner = %(owner)s,"
        " due_at = %(due)s, version = version + 1,"
        " status_at = CASE WHEN status = %(status)s::text THEN status_at ELSE %(now)s END WHERE id = %(id)s",
        {
            "status": status,
            "reasons": [reason],
            "task": task,
            "owner": owner,
            "due": await _due(tx, status, owner),
            "now": tx.now,
            "id": coverage["id"],
        },
    )
    tx.announce(Event(EventKind.JOURNEY, account_id=coverage["client_id"]))


_OWNER_OF = {
    CoverageStatus.VERIFYING: Owner.PAYER,
    CoverageStatus.NEEDS_INFORMATION: Owner.CLIENT,
    CoverageStatus.INACTIVE: Owner.CLIENT,
    CoverageStatus.MANUAL_REVIEW: Owner.BILLING,
}


async def _due(tx: Transaction, status: CoverageStatus, owner: Owner | None) -> datetime | None:
    wait = WAIT_OF.get(status) or (_WAIT_IN_DOUBT.get(owner) if owner else None)
    if wait is None:
        return None
    policy = (await journeys.stage_policies(tx))[wait]
    return tx.now + policy.due if policy.due else None


_WAIT_IN_DOUBT = {
    Owner.CLIENT: Wait.COVERAGE_DETAILS,
    Owner.BILLING: Wait.COVERAGE_REVIEW,
    Owner.ADMINISTRATOR: Wait.COVERAGE_REVIEW,
}


async def end_others(tx: Transaction, client_id: UUID, *, but: UUID, active: bool) -> None:
    """End the client's other covers: those in force (`active`), or those that never came to be."""
    await tx.run(
        "UPDATE coverages SET ended_at = %s, asking = false, version = version + 1"
        " WHERE client_id = %s AND id <> %s AND ended_at IS NULL AND (%s OR status <> 'active')",
        (tx.now, client_id, but, active),
    )
