"""Bring a database to the newest schema. Safe to run twice and by several processes at once."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine, text
from sqlmodel import SQLModel

import records.tables  # noqa: F401  registers the tables

FOLDER = Path(__file__).parent / "migrations"
LOGINS = ("kindroom_care", "kindroom_billing", "kindroom_worker")
_LOCK = 7_465_001  # advisory lock: one migration at a time


class LoginsMissing(Exception):
    """The database logins must exist before the first migration; `docs/operations.md` shows how."""


def migrate(owner_dsn: str) -> None:
    """Apply every migration that is missing, as the owner of the schema.

    Raises LoginsMissing when a login that grants name does not exist yet.
    """
    engine = create_engine(sqlalchemy_url(owner_dsn))
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
        _require_logins(connection)
        connection.commit()
        command.upgrade(_config(connection), "head")
    engine.dispose()


def drift(owner_dsn: str) -> list[object]:
    """Differences between the migrated database and the tables in code; empty when they agree."""
    engine = create_engine(sqlalchemy_url(owner_dsn))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_schemas": True, "compare_type": True})
        found: list[object] = list(compare_metadata(context, SQLModel.metadata))
    engine.dispose()
    return found


def sqlalchemy_url(dsn: str) -> str:
    """A `postgresql://` address in the form SQLAlchemy wants for psycopg."""
    return dsn.replace("postgresql://", "postgresql+psycopg://", 1)


def read_sql(name: str) -> str:
    """The text of `migrations/sql/<name>.sql`, for use in a migration."""
    return (FOLDER / "sql" / f"{name}.sql").read_text()


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    return config


def _require_logins(connection: Connection) -> None:
    found = set(
        connection.execute(
            text("SELECT rolname FROM pg_roles WHERE rolname = ANY(:names)"), {"names": list(LOGINS)}
        )
        .scalars()
        .all()
    )
    missing = [name for name in LOGINS if name not in found]
    if missing:
        raise LoginsMissing(", ".join(missing))
