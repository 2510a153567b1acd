"""Guardians: whose consent a client needs, the letter with a link of its own, and what the guardian says.

A guardian has no account. The link's token is kept as a hash, and sealed only until the letter is out. Whoever opens
the link learns nobody's name, and must know the date of birth of whom they speak for.
"""

import hmac
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID, uuid4

from domain import guardians as rules
from domain import zones
from domain.errors import Conflict, FieldError, Invalid, NotFound
from domain.guardians import GUARDIAN_FORM, Pathway
from domain.ids import new_id
from encryption.rooms import open_field, seal_field
from records import journeys, policies, throttles
from records.clinic import CLINIC_ID, clinic_key
from records.database import Database, Row, Transaction
from records.notices import notify, notify_duty, notify_lead
from records.sessions import token_hash

ANSWER_WITHIN: Final = timedelta(days=30)
LETTERS_A_DAY: Final = 5
TRIES: Final = 5
"""Wrong dates of birth before a link rests for a day."""

_TABLE: Final = "guardian_consents"


class Answer(StrEnum):
    """What a guardian said last."""

    CONSENTED = "consented"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


async def settle(tx: Transaction, client_id: UUID, born: date, state: str | None) -> Pathway | None:
    """Keep whose consent the client needs, by age today where they live and the state they are in. In a room that is
    open already, a new need is told to the supervisors: care is not cut, people act.
    """
    row = await tx.one(
        "SELECT c.guardian_pathway, c.guardian_consented_at, a.time_zone,"
        " (SELECT r.id FROM rooms r WHERE r.client_id = c.id AND r.state = 'open' LIMIT 1) AS room_id"
        " FROM clients c JOIN accounts a ON a.id = c.id WHERE c.id = %s",
        (client_id,),
    )
    assert row is not None  # noqa: S101  the caller holds the client
    today = tx.now.astimezone(zones.zone(row["time_zone"])).date()
    found = rules.pathway(age_on(born, today), state, today, await _closed(tx))
    if found == row["guardian_pathway"]:
        return found
    await tx.run("UPDATE clients SET guardian_pathway = %s WHERE id = %s", (found, client_id))
    needed = found is Pathway.NOT_SERVED or (
        found is Pathway.GUARDIAN and row["guardian_consented_at"] is None
    )
    if needed and row["room_id"]:
        await notify_lead(tx, "guardian_needed", uuid4(), row["room_id"])
    return found


def age_on(born: date, day: date) -> int:
    """Completed years."""
    return day.year - born.year - ((born.month, born.day) > (day.month, day.day))


async def _closed(tx: Transaction) -> frozenset[str]:
    """States in which this site serves no minors, by its policy."""
    try:
        return frozenset((await policies.in_force(tx, "minors")).get("closed", ()))
    except NotFound:
        return frozenset()


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
        born_hash=await _born_hash(tx, letter_id, born),
        state=state,
        asked_at=tx.now,
        expires_at=tx.now + ANSWER_WITHIN,
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


@dataclass(frozen=True, slots=True)
class Asked:
    """What a link opens: no name, no health fact. `over`: it can be used no more."""

    id: UUID
    state: str
    answer: Answer | None
    answered_at: datetime | None
    over: bool


async def asked(tx: Transaction, token: UUID) -> Asked:
    """What the guardian is asked. Raises NotFound."""
    return _asked(tx, await _row(tx, token))


def _asked(tx: Transaction, row: Row) -> Asked:
    answer = Answer(row["answer"]) if row["answer"] else None
    # A consent can be taken back as long as it counts; an open question ends with its date.
    over = row["superseded_at"] is not None or (answer is None and row["expires_at"] <= tx.now)
    return Asked(row["id"], row["state"], answer, row["answered_at"], over)


async def _row(tx: Transaction, token: UUID) -> Row:
    row = await tx.one("SELECT * FROM guardian_consents WHERE token_hash = %s", (token_hash(str(token)),))
    if row is None:
        raise NotFound
    return row


@dataclass(frozen=True, slots=True)
class Reply:
    """What a guardian sends. `born`: the date of birth of whom they speak for; `signature`: their full name."""

    answer: Answer
    born: date = field(repr=False)
    signature: str = field(repr=False)
    version: str = GUARDIAN_FORM.version


async def reply(database: Database, token: UUID, said: Reply) -> Asked:
    """Keep what the guardian says, and let the journey go on or wait.

    Raises NotFound, Conflict (`link_is_over`, `version_superseded`, `nothing_to_withdraw`), Invalid
    (`born_does_not_match`, `missing`), TooMany after five wrong dates.
    """
    if not said.signature.strip():
        raise Invalid(FieldError("signature", "missing"))
    tries = throttles.bucket("guardian_reply", token.bytes)
    async with database.transaction() as tx:
        await _row(tx, token)
        await throttles.take(tx, tries, TRIES, timedelta(days=1))
    async with database.transaction() as tx:
        # Whoever changes a letter holds its client: what is read after is what counts.
        await journeys.hold(tx, (await _row(tx, token))["client_id"])
        row = await _row(tx, token)
        await _check(tx, row, said)
        await _keep(tx, row, said)
        await throttles.forget(tx, tries)
        return _asked(tx, await _row(tx, token))


async def _check(tx: Transaction, row: Row, said: Reply) -> None:
    if _asked(tx, row).over:
        raise Conflict("link_is_over")
    if said.version != GUARDIAN_FORM.version:
        raise Conflict("version_superseded")
    if said.answer is Answer.WITHDRAWN and row["answer"] != Answer.CONSENTED:
        raise Conflict("nothing_to_withdraw")
    if not hmac.compare_digest(row["born_hash"], await _born_hash(tx, row["id"], said.born)):
        raise Invalid(FieldError("date_of_birth", "born_does_not_match"))


async def _keep(tx: Transaction, row: Row, said: Reply) -> None:
    if row["answer"] == said.answer:
        return
    consented_at = tx.now if said.answer is Answer.CONSENTED else None
    key = await clinic_key(tx)
    await tx.run(
        "UPDATE guardian_consents SET answer = %s, answered_at = %s, consented_at = coalesce(%s, consented_at),"
        " form_version = %s, signature_sealed = %s WHERE id = %s",
        (
            said.answer,
            tx.now,
            consented_at,
            said.version,
            seal_field(key, CLINIC_ID, _TABLE, "signature_sealed", row["id"], said.signature.strip()),
            row["id"],
        ),
    )
    client_id = row["client_id"]
    await tx.run("UPDATE clients SET guardian_consented_at = %s WHERE id = %s", (consented_at, client_id))
    await tx.audit(f"guardian_{said.answer}", subject_id=row["id"], client=client_id)
    news = uuid4()
    await notify(tx, client_id, "guardian_answered", news)
    if said.answer is not Answer.CONSENTED:
        await _tell_staff(tx, client_id, news)
    await journeys.advance(tx, client_id)


async def _tell_staff(tx: Transaction, client_id: UUID, news: UUID) -> None:
    """A no before care goes to whoever places people; one that ends a consent in care goes to the supervisors."""
    room = await tx.one("SELECT id FROM rooms WHERE client_id = %s AND state = 'open'", (client_id,))
    if room is not None:
        await notify_lead(tx, "guardian_needed", news, room["id"])
    elif not await notify_duty(tx, "matcher", "guardian_said_no", news):
        await notify_lead(tx, "guardian_said_no", news)


async def _born_hash(tx: Transaction, letter_id: UUID, born: date) -> bytes:
    """Keyed, and different for every letter: dates are few."""
    key = (await clinic_key(tx)).derive("guardian date of birth")
    return hmac.digest(key, letter_id.bytes + born.isoformat().encode(), "sha256")


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
