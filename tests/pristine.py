"""Databases for tests: each test gets one as fresh as the template, most of them emptied rather than made anew.

Making and dropping a database costs a hundred times what emptying one does. What a test left of another shape
(a table, a trigger switched off) is seen by the catalogue's row versions, and such a database is dropped.
"""

import asyncio
from uuid import uuid4

import psycopg

from kindroom.embedded.postgres import SUPERUSER, EmbeddedPostgres

_KEPT = "alembic_version"  # the one table that a migration fills

_SHAPE = """
WITH ours AS (SELECT oid FROM pg_namespace WHERE nspname IN ('public', 'keys')),
versions AS (SELECT xmin FROM pg_class WHERE relnamespace IN (SELECT oid FROM ours)
             UNION ALL SELECT xmin FROM pg_proc WHERE pronamespace IN (SELECT oid FROM ours)
             UNION ALL SELECT xmin FROM pg_trigger UNION ALL SELECT xmin FROM pg_policy
             UNION ALL SELECT xmin FROM pg_namespace)
SELECT count(*), sum(xmin::text::bigint) FROM versions
"""
_TABLES = (
    "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname IN ('public', 'keys')"
)
_SEQUENCES = "SELECT format('%I.%I', schemaname, sequencename) FROM pg_sequences"


class Pristine:
    """Databases like the template, lent one at a time to a test."""

    def __init__(self, postgres: EmbeddedPostgres, template: str) -> None:
        self._postgres, self._template = postgres, template
        self._free: list[str] = []
        with self._superuser(template) as connection:
            tables = [name for (name,) in connection.execute(_TABLES) if not name.endswith(_KEPT)]
            sequences = [name for (name,) in connection.execute(_SEQUENCES)]
            self._shape = connection.execute(_SHAPE).fetchone()
        self._empty = ";".join(
            [f"DELETE FROM {name}" for name in tables]
            + [f"SELECT setval('{name}', 1, false)" for name in sequences]
        )

    async def take(self) -> str:
        """The name of a database with nothing in it."""
        if self._free:
            return self._free.pop()
        name = f"test_{uuid4().hex}"
        await self._postgres.create_database(name, template=self._template)
        return name

    async def give_back(self, name: str) -> None:
        """Empty it for the next test; or drop it, when it is not of the template's shape any more."""
        if await asyncio.to_thread(self._emptied, name):
            self._free.append(name)
        else:
            await self._postgres.drop_database(name)

    def _emptied(self, name: str) -> bool:
        with self._superuser(name) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = %s AND pid <> pg_backend_pid()",
                (name,),
            )
            if connection.execute(_SHAPE).fetchone() != self._shape:
                return False
            with connection.transaction():
                connection.execute(
                    "SET LOCAL session_replication_role = replica"
                )  # no trigger keeps history here
                connection.execute(self._empty)
            return True

    def _superuser(self, name: str) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(self._postgres.dsn(SUPERUSER, name), autocommit=True)
