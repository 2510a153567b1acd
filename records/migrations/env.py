"""Alembic environment: runs on a connection given by `records.migrate`, as the owner of the schema."""

from alembic import context
from sqlmodel import SQLModel

import records.tables  # noqa: F401  registers the tables

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    include_schemas=True,
    compare_type=True,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
