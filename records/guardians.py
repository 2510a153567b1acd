"""Guardians: whose consent a client needs, and what the guardian says by the link of their letter.

A guardian has no account. Whoever opens the link learns nobody's name, and must know the date of birth of whom they
speak for.
"""

import hmac
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from domain import guardians as rules
from domain import zones
from domain.errors import Conflict, FieldError, Invalid, NotFound
from domain.guardians import GUARDIAN_FORM, Answer, Pathway
from encryption.rooms import seal_field
from records import journeys, policies, throttles
from records.clinic import CLINIC_ID, clinic_key
from records.database import Database, Row, Transaction
from records.guardian_letters import born_hash
from records.notices import notify, notify_duty, notify_lead
from records.sessions import token_hash

TRIES: Final = 5
"""Wrong dates of birth before a link rests for a day."""


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
    await tx.run(
        "UPDATE clients SET guardian_pathway = %s, pathway_at = %s WHERE id = %s", (found, tx.now, client_id)
    )
    if found == row["guardian_pathway"]:
        return found
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
    if not hmac.compare_digest(row["born_hash"], await born_hash(tx, row["id"], said.born)):
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
            seal_field(
                key, CLINIC_ID, "guardian_consents", "signature_sealed", row["id"], said.signature.strip()
            ),
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
