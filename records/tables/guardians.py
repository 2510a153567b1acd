"""Parents and guardians who were asked for their consent. They have no account: a link of their own opens one page."""

from uuid import UUID

from sqlmodel import Field, SQLModel

from records.tables.columns import Instant, Sealed, Word, one_of


class GuardianConsent(SQLModel, table=True):
    """One letter to one guardian, and what they said. `superseded_at`: another letter took its place."""

    __tablename__ = "guardian_consents"
    __table_args__ = (one_of("answer", "consented", "declined", "withdrawn"),)

    id: UUID = Field(primary_key=True)
    client_id: UUID = Field(foreign_key="clients.id", index=True)
    contact_sealed: Sealed  # scope clinic: e-mail address
    token_sealed: Sealed  # scope clinic, until the letter is out
    token_hash: bytes = Field(unique=True)
    born_hash: bytes  # keyed: the date of birth the guardian has to know
    state: Word  # whose law asks for it
    asked_at: Instant
    expires_at: Instant
    mailed_at: Instant | None = None
    answer: Word | None = None
    answered_at: Instant | None = None
    consented_at: Instant | None = None
    form_version: Word | None = None
    signature_sealed: Sealed | None = None  # scope clinic
    reminders: int = 0  # how many times they were written to again, with this letter
    superseded_at: Instant | None = None
