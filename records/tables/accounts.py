"""People who sign in, their devices (sessions) and the duties granted to staff."""

from uuid import UUID

from sqlalchemy import BigInteger, Index, text
from sqlmodel import Field, SQLModel

from records.tables.columns import Instant, Sealed, Word, one_of


class Account(SQLModel, table=True):
    """One person. The same id names the client, the therapist or the member of staff everywhere else."""

    __tablename__ = "accounts"
    __table_args__ = (
        one_of("role", "client", "therapist", "supervisor", "billing", "administrator"),
        Index("ix_accounts_therapists", "display_name", "id", postgresql_where=text("role = 'therapist'")),
    )

    id: UUID = Field(primary_key=True)
    role: Word
    username_index: bytes = Field(unique=True)  # blind index of the e-mail address or staff user name
    email_sealed: Sealed | None = None  # scope clinic
    display_name: Word  # staff: as shown to clients; clients: their code, never their name
    password_hash: Word
    totp_sealed: Sealed | None = None
    totp_last_step: int | None = Field(default=None, sa_type=BigInteger)
    passcode_hash: Word | None = None
    time_zone: Word
    created_at: Instant
    confirmed_at: Instant | None = None
    disabled_at: Instant | None = None


class Session(SQLModel, table=True):
    """A signed-in device. Only the SHA-256 of its token is stored."""

    __tablename__ = "sessions"

    id: UUID = Field(primary_key=True)
    account_id: UUID = Field(foreign_key="accounts.id", index=True)
    token_hash: bytes = Field(unique=True)
    name_sealed: Sealed | None = None  # scope clinic: people name devices after themselves
    created_at: Instant
    last_seen_at: Instant
    expires_at: Instant
    revoked_at: Instant | None = None
    locked_at: Instant | None = None
    passcode_tries: int = 0


class Duty(SQLModel, table=True):
    """A duty granted to a member of staff: on_call, clinical_director, matcher, co_signer, record_keeper."""

    __tablename__ = "duties"
    __table_args__ = (
        one_of("duty", "on_call", "clinical_director", "matcher", "co_signer", "record_keeper"),
    )

    account_id: UUID = Field(foreign_key="accounts.id", primary_key=True)
    duty: Word = Field(primary_key=True)
    granted_at: Instant


class IdempotencyKey(SQLModel, table=True):
    """The first answer to a creating request, kept for a day so that a repeat gets the same one."""

    __tablename__ = "idempotency_keys"

    principal_id: UUID = Field(primary_key=True)
    route: Word = Field(primary_key=True)
    key: Word = Field(primary_key=True)
    fingerprint: bytes  # HMAC of the body: the body itself is not kept
    status: int | None = None
    answer_sealed: Sealed | None = None  # scope clinic
    created_at: Instant


class Throttle(SQLModel, table=True):
    """Tries in the present window of one bucket (a keyed hash of who tries what from where)."""

    __tablename__ = "throttles"

    bucket: bytes = Field(primary_key=True)
    tries: int
    window_ends_at: Instant
