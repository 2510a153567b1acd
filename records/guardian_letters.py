"""Letters to guardians, each with a link of its own: asked by the client's intake, and a few times again.

The link's token is kept as a hash, and sealed only until the letter is out. No letter names anybody.
"""

import hmac
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from domain.guardians import Answer
from domain.ids import new_id
from encryption.rooms import open_field, seal_field
from records import throttles
from records.clinic import CLINIC_ID, clinic_key
from records.database import Row, Transaction
from records.sessions import token_hash

ANSWER_WITHIN: Final = timedelta(days=30)
LETTERS_A_DAY: Final = 5
_TABLE: Final = "guardian_consents"


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter to a guardian as the client sees it."""

    id: UUID
    email: str = field(repr=False)
    asked_at: datetime
    expires_at: datetime
    mailed_at: datetime | None
    answer: Answer | None
    answered_at: datetime | None


async def ask(
    tx: Transaction, client_id: UUID, email: str, born: date, state: str, *, again: bool = False
) -> None:
    """Write to the guardian, unless a letter to the same address is out; `again` sends a new link in its place.

    Raises TooMany beyond five letters a day.
    """
    open_letter = await letter(tx, client_id)
    if (
        open_letter is not None
        and not again
        and open_letter.email == email
        and open_letter.expires_at > tx.now
    ):
        return
    await throttles.take(
        tx, throttles.bucket("guardian_letter", client_id.bytes), LETTERS_A_DAY, timedelta(days=1)
    )
    await write(tx, client_id, email, born, state)


async def write(
    tx: Transaction, client_id: UUID, email: str, born: date, state: str, *, reminders: int = 0
) -> None:
    """A letter with a link of its own; the link of an earlier one ends. `reminders`: how many, with this one."""
    await tx.run(
        "UPDATE guardian_consents SET superseded_at = %s WHERE client_id = %s AND superseded_at IS NULL",
        (tx.now, client_id),
    )
    letter_id, token = new_id(), uuid4()
    key = await clinic_key(tx)
    await tx.insert(
        _TABLE,
        id=letter_id,
        client_id=client_id,
        contact_sealed=seal_field(key, CLINIC_ID, _TABLE, "contact_sealed", letter_id, email),
        token_sealed=seal_field(key, CLINIC_ID, _TABLE, "token_sealed", letter_id, str(token)),
        token_hash=token_hash(str(token)),
        born_hash=await born_hash(tx, letter_id, born),
        state=state,
        asked_at=tx.now,
        expires_at=tx.now + ANSWER_WITHIN,
        reminders=reminders,
    )
    await tx.audit("ask_guardian", subject_id=letter_id)


async def letter(tx: Transaction, client_id: UUID) -> Letter | None:
    """The letter that counts now, opened or not."""
    row = await tx.one(
        "SELECT * FROM guardian_consents WHERE client_id = %s AND superseded_at IS NULL", (client_id,)
    )
    if row is None:
        return None
    key = await clinic_key(tx)
    email = open_field(key, CLINIC_ID, _TABLE, "contact_sealed", row["id"], row["contact_sealed"])
    return Letter(
        row["id"],
        str(email),
        row["asked_at"],
        row["expires_at"],
        row["mailed_at"],
        Answer(row["answer"]) if row["answer"] else None,
        row["answered_at"],
    )


async def born_hash(tx: Transaction, letter_id: UUID, born: date) -> bytes:
    """What is kept of the date of birth a guardian must know: keyed, and different for every letter; dates are few."""
    key = (await clinic_key(tx)).derive("guardian date of birth")
    return hmac.digest(key, letter_id.bytes + born.isoformat().encode(), "sha256")


async def end_question(tx: Transaction, client_id: UUID) -> None:
    """The client needs nobody's consent any more: the link of a letter without an answer ends."""
    await tx.run(
        "UPDATE guardian_consents SET superseded_at = %s"
        " WHERE client_id = %s AND superseded_at IS NULL AND answer IS NULL",
        (tx.now, client_id),
    )


@dataclass(frozen=True, slots=True)
class ToMail:
    """A letter that is not out yet."""

    id: UUID
    client_id: UUID
    address: str = field(repr=False)
    token: UUID = field(repr=False)


async def to_mail(tx: Transaction, limit: int = 50) -> list[ToMail]:
    """Letters to send, held by a row lock until the commit."""
    rows = await tx.all(
        "SELECT id, client_id, contact_sealed, token_sealed FROM guardian_consents WHERE mailed_at IS NULL"
        " AND superseded_at IS NULL AND token_sealed <> '' ORDER BY asked_at LIMIT %s FOR UPDATE SKIP LOCKED",
        (limit,),
    )
    key = await clinic_key(tx)

    def opened(row: Row, column: str) -> str:
        return str(open_field(key, CLINIC_ID, _TABLE, column, row["id"], row[column]))

    return [
        ToMail(row["id"], row["client_id"], opened(row, "contact_sealed"), UUID(opened(row, "token_sealed")))
        for row in rows
    ]


async def mark_mailed(tx: Transaction, letter_id: UUID) -> None:
    """The letter is out, or can never be delivered; the token is known to its reader alone."""
    await tx.run(
        "UPDATE guardian_consents SET mailed_at = %s, token_sealed = '' WHERE id = %s", (tx.now, letter_id)
    )
