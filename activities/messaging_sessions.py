"""What a messaging session's workflow asks for: the window's end, reminders, the lapse."""

from collections.abc import Callable
from typing import Any

from temporalio import activity

from activities.shapes.messaging_sessions import RemindClinician, SessionRef, SessionStanding
from domain.messaging_sessions import SessionState
from records import messaging_sessions
from records.database import Database, Row


class MessagingSessionActivities:
    """The billable window. Each step is a conditional change of the row: a repeat finds it done."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Callable[..., Any]]:
        """The activities to register."""
        return [self.read_session, self.end_window, self.remind_clinician, self.lapse_session]

    @activity.defn
    async def read_session(self, ask: SessionRef) -> SessionStanding:
        """Where it stands now."""
        async with self._database.transaction() as tx:
            return _standing(await messaging_sessions.find(tx, ask.room_id, ask.n))

    @activity.defn
    async def end_window(self, ask: SessionRef) -> SessionStanding:
        """Close the window when its time is over, and ask for the attestation."""
        async with self._database.transaction() as tx:
            return _standing(await messaging_sessions.end_window(tx, ask.room_id, ask.n))

    @activity.defn
    async def remind_clinician(self, ask: RemindClinician) -> SessionStanding:
        """Remind once of an attestation that is still owed."""
        async with self._database.transaction() as tx:
            return _standing(await messaging_sessions.remind(tx, ask.room_id, ask.n, ask.which))

    @activity.defn
    async def lapse_session(self, ask: SessionRef) -> SessionStanding:
        """The time to attest is over."""
        async with self._database.transaction() as tx:
            return _standing(await messaging_sessions.lapse(tx, ask.room_id, ask.n))


def _standing(row: Row) -> SessionStanding:
    return SessionStanding(
        row["version"],
        SessionState(row["state"]),
        row["opened_at"],
        row["window_ends_at"],
        row["lapses_at"],
    )
