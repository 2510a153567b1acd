"""Browsers that may be woken: one for each signed-in device, gone with its session."""

import hmac
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID, uuid4

from domain.access import Actor
from encryption.rooms import open_field, seal_field
from records.clinic import CLINIC_ID, clinic_key
from records.database import Transaction

_KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Browser:
    """Where to wake a browser. The endpoint is opened, so it is kept out of repr."""

    id: UUID
    account_id: UUID
    endpoint: str = field(repr=False)


async def subscribe(tx: Transaction, actor: Actor, endpoint: str, *, renew: bool = False) -> None:
    """Wake this device from now on. A browser that was somebody else's before is this session's now.

    `renew`: only if it was this person's before, in a session that ran out; nobody inherits another one's wish.
    """
    key = await clinic_key(tx)
    index = hmac.digest(key.derive("blind index push endpoint"), endpoint.encode(), "sha256")
    if renew and not await _was_mine(tx, actor, index):
        return
    await tx.run(
        "DELETE FROM push_subscriptions WHERE session_id = %s OR endpoint_index = %s",
        (actor.session_id, index),
    )
    subscription_id = uuid4()
    await tx.insert(
        "push_subscriptions",
        id=subscription_id,
        account_id=actor.account_id,
        session_id=actor.session_id,
        endpoint_index=index,
        endpoint_sealed=seal_field(
            key, CLINIC_ID, "push_subscriptions", "endpoint_sealed", subscription_id, endpoint
        ),
        created_at=tx.now,
    )
    await tx.audit("subscribe_push", subject_id=actor.session_id)


async def _was_mine(tx: Transaction, actor: Actor, index: bytes) -> bool:
    row = await tx.one(
        "SELECT 1 AS ok FROM push_subscriptions WHERE endpoint_index = %s AND account_id = %s",
        (index, actor.account_id),
    )
    return row is not None


async def unsubscribe(tx: Transaction, actor: Actor) -> None:
    """Wake this device no more; again: nothing changes."""
    gone = await tx.run("DELETE FROM push_subscriptions WHERE session_id = %s", (actor.session_id,))
    if gone:
        await tx.audit("unsubscribe_push", subject_id=actor.session_id)


async def subscribed(tx: Transaction, actor: Actor) -> bool:
    """Whether this device is woken."""
    row = await tx.one("SELECT 1 AS ok FROM push_subscriptions WHERE session_id = %s", (actor.session_id,))
    return row is not None


async def browsers_of(tx: Transaction, account_ids: list[UUID]) -> list[Browser]:
    """The browsers to wake for these people: of sessions that live, unless the person wants none."""
    rows = await tx.all(
        "SELECT p.id, p.account_id, p.endpoint_sealed FROM push_subscriptions p"
        " JOIN sessions s ON s.id = p.session_id AND s.revoked_at IS NULL AND s.expires_at > %s"
        " LEFT JOIN notice_settings n ON n.account_id = p.account_id"
        " WHERE p.account_id = ANY (%s) AND coalesce(n.push, true)",
        (tx.now, account_ids),
    )
    key = await clinic_key(tx)
    return [
        Browser(
            row["id"],
            row["account_id"],
            open_field(
                key, CLINIC_ID, "push_subscriptions", "endpoint_sealed", row["id"], row["endpoint_sealed"]
            ),
        )
        for row in rows
    ]


async def forget(tx: Transaction, browser: Browser) -> None:
    """Its push service says that nobody listens there any more."""
    await tx.run("DELETE FROM push_subscriptions WHERE id = %s", (browser.id,))


async def forget_ended(tx: Transaction) -> int:
    """Subscriptions of sessions that ran out long ago and were not renewed; how many."""
    return await tx.run(
        "DELETE FROM push_subscriptions p USING sessions s WHERE s.id = p.session_id AND s.expires_at <= %s",
        (tx.now - _KEPT,),
    )
