"""Column types of all tables. Tables are storage: they never validate input and never leave `records`."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Numeric, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

Instant = datetime
"""A moment with its zone; stored as timestamptz, read back in UTC."""

Word = str
"""Short text that is not a health fact: an enum value, a code, a name of ours."""

Sealed = Annotated[bytes, Field()]
"""An envelope of `encryption.rooms`: unreadable without the owner's data key."""

MONEY = Numeric(12, 2)

Money = Annotated[Decimal, Field(sa_type=MONEY)]
"""US dollars, exact to the cent."""

Number = Annotated[int, Field(sa_type=BigInteger)]

Json = Annotated[dict[str, Any], Field(sa_type=JSONB)]

Words = Annotated[list[str], Field(sa_type=ARRAY(Text))]

Ids = Annotated[list[UUID], Field(sa_type=ARRAY(Uuid()))]


def one_of(column: str, *values: str) -> CheckConstraint:
    """The column holds one of these words, in the database's own judgement too."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_is_known")
