"""Transactions: who acts, what they may see, the facts they commit and the notes to Temporal with them.

Every query of a noun takes a `Transaction`. It carries the actor to the row policies of PostgreSQL, the
opened data keys, and one instant `now` for everything that happens in it.
"""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from enum import Enum
from typing import Any
from uuid import UUID

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from domain.access import Actor
from domain.errors import Conflict, Invalid, Unavailable
from encryption.errors import KeyMissing
from encryption.keys import DataKey, KeyRing, KeyScope
from records.events import Announcer, Event
from records.gathering import LANES, Answer, Asked, Gathering

Row = dict[str, Any]
Params = Sequence[Any] | Mapping[str, Any]
Fact = UUID | datetime | Enum | int | None
"""What may travel to Temporal or into an audit entry: ids, instants, enums, numbers. Never text."""


class Transaction:
    """One unit of work. `actor` is None when the service itself acts (a worker, a seed)."""

    def __init__(
        self, conn: AsyncConnection[DictRow], actor: Actor | None, now: datetime, ring: KeyRing
    ) -> None:
        self.conn = conn
        self.actor = actor
        self.now = now
        self.ring = ring
        self.events: list[Event] = []

    async def one(self, sql: str, params: Params = ()) -> Row | None:
        """The first row, or None."""
        cursor = await self.conn.execute(sql, params)
        return await cursor.fetchone()

    async def all(self, sql: str, params: Params = ()) -> list[Row]:
        """All rows."""
        cursor = await self.conn.execute(sql, params)
        return await cursor.fetchall()

    async def run(self, sql: str, params: Params = ()) -> int:
        """Execute; the number of rows it touched."""
        cursor = await self.conn.execute(sql, params)
        return cursor.rowcount

    async def insert(self, table: str, **values: Any) -> None:
        """Insert one row. Dicts become jsonb."""
        names = ", ".join(values)
        marks = ", ".join(["%s"] * len(values))
        plain = [Jsonb(v) if isinstance(v, dict) else v for v in values.values()]
        await self.run(f"INSERT INTO {table} ({names}) VALUES ({marks})", plain)  # noqa: S608  names are ours

    async def key(self, scope: KeyScope, owner_id: UUID, version: int | None = None) -> DataKey:
        """An opened data key (the newest unless a version is named).

        Raises KeyMissing when it was shredded, or when the row policies hide it from this actor; Unreadable when
        it is damaged, Unavailable while a key service is away.
        """
        row = await self.one(
            "SELECT version, wrapped FROM keys.data_keys WHERE scope = %s AND owner_id = %s"
            " AND (%s::int IS NULL OR version = %s) ORDER BY version DESC LIMIT 1",
            (scope, owner_id, version, version),
        )
        if row is None:
            raise KeyMissing
        return await self.ring.opened(scope, owner_id, row["version"], row["wrapped"])

    async def new_key(self, scope: KeyScope, owner_id: UUID) -> DataKey:
        """A fresh data key, its wrap stored in this transaction."""
        key, wrapped = await self.ring.created(scope, owner_id)
        await self.insert(
            "keys.data_keys",
            scope=scope,
            owner_id=owner_id,
            version=key.version,
            wrapped=wrapped,
            created_at=self.now,
        )
        return key

    async def tell(self, kind: str, subject_id: UUID, version: int, **facts: Fact) -> None:
        """Leave a note for a workflow in the outbox: sent after this transaction commits, and only then."""
        await self.insert(
            "outbox",
            kind=kind,
            subject_id=subject_id,
            version=version,
            payload={name: _plain(value) for name, value in facts.items()},
            created_at=self.now,
            attempts=0,
        )

    async def audit(
        self,
        action: str,
        *,
        outcome: str = "done",
        room_id: UUID | None = None,
        subject_id: UUID | None = None,
        purpose: str | None = None,
        **detail: Fact,
    ) -> None:
        """Record who did what, together with the fact or before bytes leave: no entry, no access."""
        actor = self.actor
        await self.insert(
            "audit_events",
            at=self.now,
            actor_id=actor.account_id if actor else None,
            role=actor.role if actor else "system",
            action=action,
            outcome=outcome,
            room_id=room_id,
            subject_id=subject_id,
            purpose=purpose,
            session_id=actor.session_id if actor else None,
            detail={name: _plain(value) for name, value in detail.items()},
        )

    def announce(self, event: Event) -> None:
        """Tell connected devices after the commit. A lost announcement is healed by their catch-up."""
        self.events.append(event)


class Database:
    """One pool for one database login."""

    def __init__(
        self,
        dsn: str,
        ring: KeyRing,
        *,
        announcer: Announcer | None = None,
        size: int = 10,
        ready: int = 2,
        name: str = "kindroom",
    ) -> None:
        """At most `size` connections for what is asked alone, of which `ready` are held open."""
        self._ring = ring
        self._announcer = announcer
        self._pool = _pool(dsn, name, smallest=min(ready, size), largest=size, patience=5)
        # Few connections that are always busy cost the server far less than many that take turns. Who does not get
        # one soon asks alone.
        self._lanes = _pool(dsn, name, smallest=0, largest=2 * LANES, patience=1)
        self._gatherings: dict[str, Gathering] = {}

    @property
    def ring(self) -> KeyRing:
        """The opened data keys of this process."""
        return self._ring

    async def open(self, *, wait: bool = True) -> None:
        """Connect. With `wait`, raises Unavailable when the database cannot be reached in ten seconds."""
        await self._pool.open()
        await self._lanes.open()
        if wait:
            with _Translated():
                await self._pool.wait(timeout=10)

    async def close(self) -> None:
        """Give the connections back."""
        await self._lanes.close()
        await self._pool.close()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection[DictRow]]:
        """A bare connection, for the statements of hot paths that are a whole transaction in themselves."""
        with _Translated():
            async with self._pool.connection() as conn:
                yield conn

    async def together(self, sql: str, asked: Asked) -> Row:
        """The row of a statement for what is asked, carried out with what others ask of it in the same moment.

        The statement is a transaction in itself that may be repeated. It takes a JSON array `asked`, whose
        members have a place `n`, and answers a row with it for each; none where it would have to wait for a lock,
        unless it is `alone`.
        """
        gathering = self._gatherings.get(sql)
        if gathering is None:
            gathering = self._gatherings[sql] = Gathering(
                lambda batch: self._carry(sql, batch), lambda one: self.alone(sql, one)
            )
        answer = await gathering.ask(asked)
        assert answer is not None  # noqa: S101  alone, each is answered
        return answer

    async def alone(self, sql: str, asked: Asked) -> Row:
        """The same for nobody else, waiting for what others hold."""
        async with self.connection() as conn:
            cursor = await conn.execute(sql, alone(asked))
            row = await cursor.fetchone()
        assert row is not None  # noqa: S101  alone, each is answered
        return row

    async def _carry(self, sql: str, batch: Sequence[Asked]) -> list[Answer]:
        answers: list[Answer] = [None] * len(batch)
        async with self._lanes.connection() as conn:
            cursor = await conn.execute(sql, {"asked": _numbered(batch), "alone": False})
            for row in await cursor.fetchall():
                answers[row["n"] - 1] = row
        return answers

    def announce(self, events: list[Event]) -> None:
        """Tell connected devices of what is committed."""
        if self._announcer is not None:
            self._announcer.announce(events)

    @asynccontextmanager
    async def transaction(
        self, actor: Actor | None = None, at: datetime | None = None
    ) -> AsyncIterator[Transaction]:
        """Commit at the end, roll back on any exception; announce after the commit.

        `at` replaces the database's clock as `now` (seeds and simulations only).
        Raises Unavailable when PostgreSQL is out of reach, Conflict when a constraint refuses.
        """
        with _Translated():
            async with self._pool.connection() as conn, conn.transaction():
                cursor = await conn.execute(
                    "SELECT set_config('kindroom.actor', %s, true), set_config('kindroom.role', %s, true),"
                    " now()",
                    (str(actor.account_id) if actor else "", actor.role.value if actor else "system"),
                )
                row = await cursor.fetchone()
                assert row is not None  # noqa: S101  a SELECT without FROM has one row
                tx = Transaction(conn, actor, at or row["now"].astimezone(UTC), self._ring)
                yield tx
        self.announce(tx.events)


def _pool(
    dsn: str, name: str, *, smallest: int, largest: int, patience: float
) -> AsyncConnectionPool[AsyncConnection[DictRow]]:
    return AsyncConnectionPool(
        dsn,
        min_size=smallest,
        max_size=largest,
        open=False,
        timeout=patience,
        reconnect_timeout=86_400,
        max_waiting=2_000,
        check=None,
        # Statements of hot paths are a transaction each; the others open one explicitly.
        kwargs={
            "autocommit": True,
            "row_factory": dict_row,
            "application_name": name,
            "connect_timeout": 5,
        },
    )


class _Translated:
    """PostgreSQL's errors as ours. Its texts can carry values, so nothing of them is kept."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        match error:
            case psycopg.errors.IntegrityError():
                raise Conflict from None
            case psycopg.errors.DataError():
                raise Invalid from None
            case psycopg.OperationalError() | psycopg.InterfaceError() | PoolTimeout():
                raise Unavailable from None
            case _:
                return


def _plain(value: Fact) -> object:
    match value:
        case Enum():
            return value.value
        case UUID():
            return str(value)
        case datetime():
            return value.astimezone(UTC).isoformat()
        case bool() | int() | None:
            return value
    raise TypeError("only ids, instants, enums and numbers may be told")


def dumps(value: object) -> str:
    """Canonical JSON: sorted keys, no spaces. For sealing and hashing."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def alone(asked: Asked) -> dict[str, Any]:
    """The parameters of a statement that could be shared (`Database.together`), asked by itself."""
    return {"asked": _numbered([asked]), "alone": True}


def _numbered(batch: Sequence[Asked]) -> str:
    """A batch as a JSON array, each with its place `n`; ids and instants as text."""
    return json.dumps([{"n": n, **asked} for n, asked in enumerate(batch, 1)], default=str)
