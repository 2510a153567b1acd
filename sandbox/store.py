"""What the sandbox remembers, in one SQLite file (WAL): every answer it owes is a row with a due time, so
a kill loses nothing.

Instants are seconds since the epoch, UTC.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sandbox import trail

_SCHEMA = """
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value REAL NOT NULL);
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS inquiries (
    payer TEXT, member TEXT, calls INTEGER NOT NULL, first_at REAL NOT NULL, PRIMARY KEY (payer, member));
CREATE TABLE IF NOT EXISTS interchanges (sender TEXT, control TEXT, PRIMARY KEY (sender, control));
CREATE TABLE IF NOT EXISTS submissions (
    id INTEGER PRIMARY KEY, receipt_id TEXT UNIQUE NOT NULL, received_at REAL NOT NULL,
    content TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS claims (
    icn TEXT PRIMARY KEY, submission_id INTEGER NOT NULL, payer TEXT NOT NULL, member TEXT NOT NULL,
    claim_number TEXT NOT NULL, charge TEXT NOT NULL, paid TEXT NOT NULL, status TEXT NOT NULL,
    received_at REAL NOT NULL, paid_at REAL NOT NULL, trace TEXT NOT NULL DEFAULT '',
    replaced INTEGER NOT NULL DEFAULT 0, decision TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS claims_by_number ON claims (payer, claim_number);
CREATE TABLE IF NOT EXISTS lines (
    icn TEXT NOT NULL, payer TEXT NOT NULL, member TEXT NOT NULL, dates TEXT NOT NULL,
    procedure TEXT NOT NULL, rendering TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS lines_by_service ON lines (payer, member, dates, procedure, rendering);
CREATE TABLE IF NOT EXISTS reports (
    id TEXT PRIMARY KEY, submission_id INTEGER NOT NULL, kind TEXT NOT NULL, due_at REAL NOT NULL,
    content TEXT NOT NULL, place INTEGER UNIQUE);
CREATE INDEX IF NOT EXISTS reports_unpublished ON reports (due_at) WHERE place IS NULL;
CREATE TABLE IF NOT EXISTS balances (
    id INTEGER PRIMARY KEY, payer TEXT NOT NULL, payee TEXT NOT NULL, icn TEXT NOT NULL,
    amount TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS faults (
    name TEXT PRIMARY KEY, count INTEGER, until REAL, delay_ms INTEGER, set_at REAL NOT NULL,
    taken INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS tallies (
    what TEXT, suffix TEXT, answer TEXT, n INTEGER NOT NULL, PRIMARY KEY (what, suffix, answer));
"""


class Store:
    """One connection, one writer at a time; every public method of the sandbox's nouns runs inside
    `write()`.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._db = sqlite3.connect(folder / "sandbox.sqlite3", check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        with self._lock:
            self._db.close()

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it is kept, or nothing."""
        with self._lock:
            if self._db.in_transaction:
                yield self._db
                return
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def rows(self, query: str, *values: Any) -> list[sqlite3.Row]:
        with self._lock:
            return self._db.execute(query, values).fetchall()

    def now(self) -> float:
        """The sandbox's own time: the machine's, moved on by `advance`."""
        return time.time() + (self.setting("ahead_s") or 0.0)

    def setting(self, name: str) -> float | None:
        """A number set on the run, None when it never was."""
        found = self.rows("SELECT value FROM settings WHERE name = ?", name)
        return float(found[0]["value"]) if found else None

    def set(self, name: str, value: float) -> None:
        """Set a number, to last over a restart."""
        with self.write() as db:
            db.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (name, value))

    def advance(self, seconds: float) -> float:
        """Move the sandbox's time on; answers the new time. Time never goes back."""
        with self.write() as db:
            db.execute(
                "INSERT INTO settings VALUES ('ahead_s', ?)"
                " ON CONFLICT (name) DO UPDATE SET value = value + excluded.value",
                (seconds,),
            )
        return self.now()

    def count(self, name: str) -> int:
        """The next number of a counter, from 1; a number given out is never given again."""
        with self.write() as db:
            row = db.execute(
                "INSERT INTO counters VALUES (?, 1)"
                " ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value",
                (name,),
            ).fetchone()
        return int(row["value"])

    def inquire(self, payer: str, member: str) -> tuple[int, float]:
        """Note one eligibility inquiry; answers how many came before it and when the first one came."""
        with self.write() as db:
            row = db.execute(
                "INSERT INTO inquiries VALUES (?, ?, 1, ?)"
                " ON CONFLICT (payer, member) DO UPDATE SET calls = calls + 1"
                " RETURNING calls, first_at",
                (payer, member, self.now()),
            ).fetchone()
        return int(row["calls"]) - 1, float(row["first_at"])

    def note(self, what: str, suffix: str, answer: str) -> None:
        """Count one answer, for the page and for the exchange it belongs to: no name, no content."""
        trail.answered(suffix, answer)
        with self.write() as db:
            db.execute(
                "INSERT INTO tallies VALUES (?, ?, ?, 1)"
                " ON CONFLICT (what, suffix, answer) DO UPDATE SET n = n + 1",
                (what, suffix, answer),
            )
