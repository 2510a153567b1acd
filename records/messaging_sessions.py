"""Messaging sessions: the billable window that a client's first message opens, and its end."""

from typing import Any
from uuid import UUID

from domain.errors import NotFound
from domain.ids import MessagingSessionId, new_id
from domain.messaging_sessions import SEVEN_DAYS, SessionState, WindowPolicy, window, window_policy_from_json
from records.database import Row, Transaction
from records.policies import in_force

KIND = "messaging_session"


async def ensure_open(tx: Transaction, room_id: UUID) -> None:
    """Open a window at a client's first message, unless one is open. One whose time is over ends first.

    The caller holds the room's lock (posting a message takes it).
    """
    room = await tx.one("SELECT client_id, policy FROM rooms WHERE id = %s", (room_id,))
    if room is None:
        raise NotFound
    await end_windows(tx, room_id)
    if await tx.one(
        "SELECT 1 AS there FROM messaging_sessions WHERE room_id = %s AND state = 'open'", (room_id,)
    ):
        return
    span = window(tx.now, await window_policy(tx, room["policy"]))
    last = await tx.one(
        "SELECT coalesce(max(n), 0) AS n FROM messaging_sessions WHERE room_id = %s", (room_id,)
    )
    session_id = MessagingSessionId(new_id())
    await tx.insert(
        "messaging_sessions",
        id=session_id,
        room_id=room_id,
        client_id=room["client_id"],
        n=(last["n"] if last else 0) + 1,
        version=1,
        state=SessionState.OPEN.value,
        opened_at=span.opens_at,
        window_ends_at=span.ends_at,
        lapses_at=span.lapses_at,
        client_words=0,
        clinician_words=0,
        diagnosis_ids=[],
    )
    await tell_session(tx, await session_row(tx, session_id))


async def end_windows(tx: Transaction, room_id: UUID) -> None:
    """A window whose time is over stops collecting and waits for its attestation."""
    ended = await tx.all(
        "UPDATE messaging_sessions SET state = 'awaiting_attestation', version = version + 1"
        " WHERE room_id = %s AND state = 'open' AND window_ends_at <= %s RETURNING *",
        (room_id, tx.now),
    )
    for row in ended:
        await tell_session(tx, row)


async def window_policy(tx: Transaction, name: str | None = None) -> WindowPolicy:
    """How long a window is: a policy of the room's own name if there is one, the clinic's, or seven days."""
    for wanted in (name, "default"):
        if wanted is not None:
            try:
                return window_policy_from_json(await in_force(tx, KIND, wanted))
            except NotFound:
                continue
    return SEVEN_DAYS


async def session_row(tx: Transaction, session_id: UUID) -> Row:
    """The session as stored. Raises NotFound."""
    row: dict[str, Any] | None = await tx.one("SELECT * FROM messaging_sessions WHERE id = %s", (session_id,))
    if row is None:
        raise NotFound
    return row


async def tell_session(tx: Transaction, row: Row) -> None:
    """Leave a note for the session's workflow: its state and instants in this version."""
    await tx.tell(
        "messaging_session_changed",
        row["room_id"],
        row["version"],
        n=row["n"],
        state=SessionState(row["state"]),
        window_ends_at=row["window_ends_at"],
        lapses_at=row["lapses_at"],
    )


async def retell(tx: Transaction) -> int:
    """Tell every session that is not yet attested or lapsed again. How many."""
    rows = await tx.all(
        "SELECT * FROM messaging_sessions WHERE state IN ('open', 'awaiting_attestation') ORDER BY id"
    )
    for row in rows:
        await tell_session(tx, row)
    return len(rows)
