"""Messaging sessions: the billable window a client's first message opens, its end, its attestation."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from domain.access import ReadableRoomId, WritableRoomId
from domain.errors import Conflict, NotFound
from domain.ids import MessagingSessionId, new_id
from domain.messaging_sessions import (
    SEVEN_DAYS,
    STATEMENT_VERSION,
    Attestation,
    Reminder,
    SessionFacts,
    SessionState,
    Window,
    WindowPolicy,
    Workload,
    check_attestation,
    window,
    window_policy_from_json,
)
from records.database import Row, Transaction
from records.events import Event, EventKind
from records.notices import notify, notify_role
from records.policies import in_force, room_term
from records.service_lines import make_line
from records.workloads import words_between

KIND = "messaging_session"


async def ensure_open(tx: Transaction, room_id: UUID) -> None:
    """Open a window at a client's first message, unless one is open. One whose time is over ends first.

    The caller holds the room's lock (posting a message takes it).
    """
    room = await tx.one(
        "SELECT r.client_id, EXISTS (SELECT 1 FROM messaging_sessions s WHERE s.room_id = r.id"
        " AND s.state = 'open' AND s.window_ends_at > %s) AS open FROM rooms r WHERE r.id = %s",
        (tx.now, room_id),
    )
    if room is None:
        raise NotFound
    if room["open"]:
        return
    await end_windows(tx, room_id)
    span = window(tx.now, await window_policy(tx, await room_term(tx, room_id)))
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
    # The statement that posts a message sees here, without a look at another table, that a window is open.
    await tx.run("UPDATE rooms SET window_ends_at = %s WHERE id = %s", (span.ends_at, room_id))
    await tell_session(tx, await session_row(tx, session_id))


async def end_windows(tx: Transaction, room_id: UUID) -> None:
    """A window whose time is over stops collecting and waits for its attestation.

    Its workflow is not told: it knows since the start when the window ends, and asks the row then.
    """
    await tx.run(
        "UPDATE messaging_sessions SET state = 'awaiting_attestation', version = version + 1"
        " WHERE room_id = %s AND state = 'open' AND window_ends_at <= %s",
        (room_id, tx.now),
    )


async def window_policy(tx: Transaction, name: str | None = None) -> WindowPolicy:
    """How long a window is: one by the name of the room's response policy if there is, the clinic's, or seven days."""
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


async def latest(tx: Transaction, room: ReadableRoomId) -> Row | None:
    """The room's session that waits for its attestation, or is open; else its last one."""
    return await tx.one(
        "SELECT * FROM messaging_sessions WHERE room_id = %s"
        " ORDER BY state IN ('open', 'awaiting_attestation') DESC, n DESC LIMIT 1",
        (room.id,),
    )


async def tell_session(tx: Transaction, row: Row) -> None:
    """Leave a note for the session's workflow: its state and instants in this version."""
    await tx.tell(
        "messaging_session_changed",
        row["room_id"],
        row["version"],
        n=row["n"],
        state=SessionState(row["state"]),
        opened_at=row["opened_at"],
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


@dataclass(frozen=True, slots=True)
class SessionView:
    """A session with its two figures, which never mix: `workload` for people, `clinical_minutes` attested."""

    row: Row
    workload: Workload
    line: Row | None


async def listing(tx: Transaction, room: ReadableRoomId, limit: int = 50) -> list[SessionView]:
    """Newest first. Words are counted while a session is open, and stand still once it is attested."""
    await tx.audit("read_messaging_sessions", room_id=room.id)
    rows = await tx.all(
        "SELECT * FROM messaging_sessions WHERE room_id = %s ORDER BY n DESC LIMIT %s", (room.id, limit)
    )
    return [await _view(tx, row) for row in rows]


async def attest(tx: Transaction, room: WritableRoomId, session_id: UUID, given: Attestation) -> SessionView:
    """The clinician attests a session whose window is over; its service line is made in the same transaction.

    Raises NotFound, Conflict, Invalid as `domain.messaging_sessions.check_attestation`; Conflict `note_used`.
    """
    row = await tx.one(
        "SELECT * FROM messaging_sessions WHERE id = %s AND room_id = %s FOR UPDATE", (session_id, room.id)
    )
    if row is None:
        raise NotFound
    check_attestation(given, await _facts(tx, room, row), tx.now)
    if await tx.one("SELECT 1 AS there FROM messaging_sessions WHERE note_id = %s", (given.note_id,)):
        raise Conflict("note_used")
    load = await words_between(tx, room.id, row["opened_at"], row["window_ends_at"])
    await tx.run(
        "UPDATE messaging_sessions SET state = 'attested', version = version + 1, attested_by = %s,"
        " attested_at = %s, clinical_minutes = %s, note_id = %s, diagnosis_ids = %s, statement = %s,"
        " client_words = %s, clinician_words = %s WHERE id = %s",
        (
            room.actor.account_id,
            tx.now,
            given.clinical_minutes,
            given.note_id,
            list(given.diagnosis_ids),
            STATEMENT_VERSION,
            load.client_words,
            load.clinician_words,
            session_id,
        ),
    )
    line = await make_line(tx, session_id)
    await tx.audit("attest_session", room_id=room.id, subject_id=session_id, minutes=given.clinical_minutes)
    row = await session_row(tx, session_id)
    await tell_session(tx, row)
    tx.announce(Event(EventKind.SESSION, room_id=room.id))
    return SessionView(row, load, line)


async def find(tx: Transaction, room_id: UUID, n: int) -> Row:
    """The room's n-th session with its therapist. Raises NotFound."""
    row = await tx.one(
        "SELECT s.*, r.therapist_id FROM messaging_sessions s JOIN rooms r ON r.id = s.room_id"
        " WHERE s.room_id = %s AND s.n = %s",
        (room_id, n),
    )
    if row is None:
        raise NotFound
    return row


async def end_window(tx: Transaction, room_id: UUID, n: int) -> Row:
    """Close the window if its time is over, and ask the clinician to attest. Safe to repeat."""
    await end_windows(tx, room_id)
    row = await find(tx, room_id, n)
    if row["state"] == SessionState.AWAITING_ATTESTATION:
        await notify(tx, row["therapist_id"], "attestation_due", row["id"], room_id)
    return row


async def remind(tx: Transaction, room_id: UUID, n: int, which: Reminder) -> Row:
    """Remind the clinician of an attestation that is still owed; each reminder once."""
    row = await find(tx, room_id, n)
    if row["state"] == SessionState.AWAITING_ATTESTATION:
        await notify(tx, row["therapist_id"], _REMINDERS[which], row["id"], room_id)
    return row


async def lapse(tx: Transaction, room_id: UUID, n: int) -> Row:
    """Nobody attested in time: the session is never billed, and the supervisors are told. Safe to repeat."""
    lapsed = await tx.all(
        "UPDATE messaging_sessions SET state = 'lapsed', version = version + 1"
        " WHERE room_id = %s AND n = %s AND state = 'awaiting_attestation' AND lapses_at <= %s RETURNING *",
        (room_id, n, tx.now),
    )
    for row in lapsed:
        await notify_role(tx, "supervisor", "attestation_lapsed", row["id"], room_id)
    return await find(tx, room_id, n)


_REMINDERS = {Reminder.SECOND_DAY: "attestation_reminder", Reminder.LAST_DAY: "attestation_last_day"}


async def _facts(tx: Transaction, room: WritableRoomId, row: Row) -> SessionFacts:
    notes = await tx.all(
        "SELECT id FROM notes WHERE room_id = %s AND author_id = %s AND signed_at IS NOT NULL",
        (room.id, room.actor.account_id),
    )
    diagnoses = await tx.all("SELECT id FROM diagnoses WHERE room_id = %s AND ended_at IS NULL", (room.id,))
    return SessionFacts(
        SessionState(row["state"]),
        Window(row["opened_at"], row["window_ends_at"], row["lapses_at"]),
        {note["id"] for note in notes},
        {each["id"] for each in diagnoses},
    )


async def _view(tx: Transaction, row: Row) -> SessionView:
    load = Workload(row["client_words"], row["clinician_words"])
    if row["state"] != SessionState.ATTESTED:
        load = await words_between(tx, row["room_id"], row["opened_at"], row["window_ends_at"])
    line = await tx.one("SELECT * FROM service_lines WHERE messaging_session_id = %s", (row["id"],))
    return SessionView(row, load, line)
