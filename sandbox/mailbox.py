"""The payer's mailbox: reports fall due, get their place in one order, and stay readable for ever."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sandbox.store import Store


@dataclass(frozen=True)
class Report:
    """One document in the mailbox. `created_at` in seconds since the epoch, UTC."""

    id: str
    kind: str
    created_at: float
    content: str
    place: int


class Mailbox:
    """Reports by cursor. A report gets its place only once it is due, under the write lock, so a
    reader who goes on from its last cursor misses none, whatever the order in which they were
    written.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def post(self, submission_id: int, kind: str, due_at: float, content: str) -> None:
        """Owe a report from `due_at` on."""
        with self._store.write() as db:
            db.execute(
                "INSERT INTO reports (id, submission_id, kind, due_at, content) VALUES (?, ?, ?, ?, ?)",
                (str(uuid.uuid4()), submission_id, kind, due_at, content),
            )

    def read(self, after: int, limit: int) -> list[Report]:
        """At most `limit` due reports that follow the place `after`, in order."""
        self._publish()
        found = self._store.rows(
            "SELECT id, kind, due_at, content, place FROM reports WHERE place > ? ORDER BY place LIMIT ?",
            after,
            limit,
        )
        return [Report(row["id"], row["kind"], row["due_at"], row["content"], row["place"]) for row in found]

    def _publish(self) -> None:
        now, query = self._store.now(), "SELECT id FROM reports WHERE place IS NULL AND due_at <= ?"
        if not self._store.rows(query, now):
            return
        with self._store.write() as db:
            for row in self._store.rows(f"{query} ORDER BY due_at, rowid", now):
                db.execute(
                    "UPDATE reports SET place = ? WHERE id = ?", (self._store.count("mailbox"), row["id"])
                )
