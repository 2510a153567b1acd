"""Storage shapes, one file per noun. Importing this package registers every table on `SQLModel.metadata`."""

from sqlmodel import SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

from records.tables import (  # noqa: E402  the naming convention must be set before any table is declared
    accounts,
    audit,
    calendars,
    claims,
    clients,
    clocks,
    consults,
    coverages,
    erasures,
    keys,
    matches,
    media,
    messaging_sessions,
    notes,
    notices,
    outbox,
    payers,
    plans,
    policies,
    risk,
    rooms,
    supervision,
    therapists,
)

__all__ = [
    "accounts",
    "audit",
    "calendars",
    "claims",
    "clients",
    "clocks",
    "consults",
    "coverages",
    "erasures",
    "keys",
    "matches",
    "media",
    "messaging_sessions",
    "notes",
    "notices",
    "outbox",
    "payers",
    "plans",
    "policies",
    "risk",
    "rooms",
    "supervision",
    "therapists",
]
