"""Licences and payers' listings of therapists as the office keeps them: dated, nothing overwritten without a trace.

What changes is put into force at once: rooms close or open again in the same transaction.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from domain.errors import Conflict, FieldError, Invalid, NotFound
from domain.ids import new_id
from domain.licences import LicenceKind
from domain.service_lines import Hold
from domain.states import state as find_state
from records import places
from records.database import Row, Transaction
from records.licences import recheck_therapist

KINDS: Final = {LicenceKind.STATE_LICENCE: "licence", LicenceKind.COMPACT_PRIVILEGE: "privilege"}


class Ended(StrEnum):
    """Why a licence ends before its date."""

    SUSPENDED = "suspended"
    REVOKED = "revoked"
    SURRENDERED = "surrendered"


@dataclass(frozen=True, slots=True)
class NewLicence:
    """A licence, or a compact privilege issued to this person; `expires_on` is the first day it does not hold."""

    state: str
    kind: LicenceKind
    number: str
    active_from: date
    expires_on: date


_LICENCES: Final = """
SELECT l.*, a.display_name AS name, t.credential,
       (SELECT max(days) FROM licence_warnings w WHERE w.licence_id = l.id AND w.expires_on = l.expires_on) AS warned,
       EXISTS (SELECT 1 FROM licences n WHERE n.therapist_id = l.therapist_id AND n.state = l.state AND n.id <> l.id
               AND n.active_from <= l.expires_on AND n.expires_on > l.expires_on) AS continued,
       (SELECT count(*) FROM rooms r JOIN clients k ON k.id = r.client_id AND k.state = l.state
        WHERE r.therapist_id = l.therapist_id AND r.state = 'open') AS rooms
FROM licences l JOIN therapists t ON t.id = l.therapist_id JOIN accounts a ON a.id = t.id AND a.disabled_at IS NULL
WHERE %(therapist)s::uuid IS NULL OR l.therapist_id = %(therapist)s
"""


async def listing(tx: Transaction, therapist_id: UUID | None = None) -> list[Row]:
    """Every licence (or one therapist's), the next to end first, those that are over last."""
    return await tx.all(
        _LICENCES + "ORDER BY l.expires_on <= %(today)s::date, l.expires_on, name, l.id",
        {"therapist": therapist_id, "today": tx.now.date()},
    )


async def therapist(tx: Transaction, therapist_id: UUID) -> Row:
    """Whose licences they are. Raises NotFound."""
    row = await tx.one(
        "SELECT t.id, t.credential, t.npi, a.display_name AS name FROM therapists t JOIN accounts a ON a.id = t.id"
        " WHERE t.id = %s",
        (therapist_id,),
    )
    if row is None:
        raise NotFound
    return row


async def everybody(tx: Transaction) -> list[Row]:
    """Therapists by name, for who has no licence yet as well."""
    return await tx.all(
        "SELECT t.id, a.display_name AS name FROM therapists t JOIN accounts a ON a.id = t.id"
        " AND a.disabled_at IS NULL ORDER BY a.display_name, t.id"
    )


async def history(tx: Transaction, therapist_id: UUID) -> list[Row]:
    """What was said of their licences, the last thing first."""
    return await tx.all(
        "SELECT c.*, l.state, l.kind, a.display_name AS by_name FROM licence_changes c"
        " JOIN licences l ON l.id = c.licence_id LEFT JOIN accounts a ON a.id = c.by_id"
        " WHERE l.therapist_id = %s ORDER BY c.at DESC, c.id",
        (therapist_id,),
    )


async def add(tx: Transaction, therapist_id: UUID, new: NewLicence) -> UUID:
    """A licence that was issued. Raises NotFound, Invalid (`unknown_state`, `range_empty`)."""
    await _hold(tx, therapist_id)
    find_state(new.state)
    if new.expires_on <= new.active_from:
        raise Invalid(FieldError("expires_on", "range_empty"))
    licence_id = new_id()
    await tx.insert(
        "licences",
        id=licence_id,
        therapist_id=therapist_id,
        state=new.state,
        kind=KINDS[new.kind],
        number=new.number,
        active_from=new.active_from,
        expires_on=new.expires_on,
    )
    await _changed(tx, licence_id, "added")
    await recheck_therapist(tx, therapist_id)
    return licence_id


async def renew(tx: Transaction, licence_id: UUID, expires_on: date) -> None:
    """It holds longer than was written: what it had closed opens again. Raises NotFound, Invalid (`range_empty`)."""
    licence = await _find(tx, licence_id)
    if expires_on <= licence["expires_on"]:
        raise Invalid(FieldError("expires_on", "range_empty"))
    await _set_end(tx, licence, expires_on, "renewed")


async def end(tx: Transaction, licence_id: UUID, on: date, why: Ended) -> None:
    """It ends before its date, from this day on, which may be over already: services since then are held.

    Raises NotFound, Invalid (`range_empty`) when it ends no later anyway.
    """
    licence = await _find(tx, licence_id)
    if not licence["active_from"] <= on < licence["expires_on"]:
        raise Invalid(FieldError("expires_on", "range_empty"))
    await _set_end(tx, licence, on, why.value)
    await _hold_lines(tx, licence["therapist_id"], on)


async def _hold_lines(tx: Transaction, therapist_id: UUID, since: date) -> None:
    """What is not billed yet of days from `since` on waits where no licence reaches any more: where the client was
    on that day.
    """
    lines = await tx.all(
        "SELECT id, client_id, service_date, service_to FROM service_lines WHERE therapist_id = %s"
        " AND service_to >= %s AND state IN ('unbilled', 'held') AND NOT %s = ANY (holds) ORDER BY id FOR UPDATE",
        (therapist_id, since, Hold.LICENCE_MISSING.value),
    )
    for line in lines:
        days = line["service_date"], line["service_to"]
        if not await places.licensed(tx, therapist_id, line["client_id"], *days):
            await tx.run(
                "UPDATE service_lines SET state = 'held', hold = coalesce(hold, %(hold)s),"
                " holds = holds || %(hold)s::text WHERE id = %(line)s",
                {"hold": Hold.LICENCE_MISSING.value, "line": line["id"]},
            )


async def credentials(tx: Transaction, therapist_id: UUID) -> list[Row]:
    """Which payers list them and when, the newest first."""
    return await tx.all(
        "SELECT c.*, p.name AS payer, p.code FROM payer_credentials c JOIN payers p ON p.id = c.payer_id"
        " WHERE c.therapist_id = %s ORDER BY c.active_to IS NOT NULL, p.name, c.active_from DESC",
        (therapist_id,),
    )


async def credential_history(tx: Transaction, therapist_id: UUID) -> list[Row]:
    """What was said of payers' listings, the last thing first."""
    return await tx.all(
        "SELECT c.*, p.name AS payer, a.display_name AS by_name FROM credential_changes c"
        " JOIN payers p ON p.id = c.payer_id LEFT JOIN accounts a ON a.id = c.by_id"
        " WHERE c.therapist_id = %s ORDER BY c.at DESC, c.id",
        (therapist_id,),
    )


async def add_credential(
    tx: Transaction, therapist_id: UUID, payer: str, active_from: date, active_to: date | None
) -> None:
    """A payer lists the therapist from this day on. `active_to` is the last day.

    Raises NotFound, Invalid (`unknown_payer`, `range_empty`), Conflict (`credential_overlaps`).
    """
    await _hold(tx, therapist_id)
    found = await tx.one("SELECT id FROM payers WHERE code = %s", (payer,))
    if found is None:
        raise Invalid(FieldError("payer", "unknown_payer"))
    if active_to is not None and active_to < active_from:
        raise Invalid(FieldError("active_to", "range_empty"))
    overlaps = await tx.one(
        "SELECT 1 AS yes FROM payer_credentials WHERE therapist_id = %s AND payer_id = %s"
        " AND daterange(active_from, active_to, '[]') && daterange(%s, %s, '[]')",
        (therapist_id, found["id"], active_from, active_to),
    )
    if overlaps is not None:
        raise Conflict("credential_overlaps")
    await tx.insert(
        "payer_credentials",
        therapist_id=therapist_id,
        payer_id=found["id"],
        active_from=active_from,
        active_to=active_to,
    )
    await _credential_changed(tx, therapist_id, found["id"], "added", active_from, active_to)


async def end_credential(
    tx: Transaction, therapist_id: UUID, payer: str, active_from: date, last_day: date
) -> None:
    """The payer lists them to this day and no longer. Raises NotFound, Invalid (`range_empty`)."""
    await _hold(tx, therapist_id)
    row = await tx.one(
        "SELECT c.* FROM payer_credentials c JOIN payers p ON p.id = c.payer_id"
        " WHERE c.therapist_id = %s AND p.code = %s AND c.active_from = %s",
        (therapist_id, payer, active_from),
    )
    if row is None:
        raise NotFound
    if last_day < active_from or (row["active_to"] is not None and last_day >= row["active_to"]):
        raise Invalid(FieldError("active_to", "range_empty"))
    await tx.run(
        "UPDATE payer_credentials SET active_to = %s WHERE therapist_id = %s AND payer_id = %s AND active_from = %s",
        (last_day, therapist_id, row["payer_id"], active_from),
    )
    await _credential_changed(tx, therapist_id, row["payer_id"], "ended", active_from, last_day)


async def _set_end(tx: Transaction, licence: Row, on: date, action: str) -> None:
    await tx.run("UPDATE licences SET expires_on = %s WHERE id = %s", (on, licence["id"]))
    await _changed(tx, licence["id"], action)
    await recheck_therapist(tx, licence["therapist_id"])


async def _changed(tx: Transaction, licence_id: UUID, action: str) -> None:
    await tx.run(
        "INSERT INTO licence_changes (id, licence_id, action, number, active_from, expires_on, at, by_id)"
        " SELECT gen_random_uuid(), id, %s, number, active_from, expires_on, %s, %s FROM licences WHERE id = %s",
        (action, tx.now, tx.actor.account_id if tx.actor else None, licence_id),
    )
    await tx.audit("change_licence", subject_id=licence_id)


async def _credential_changed(
    tx: Transaction,
    therapist_id: UUID,
    payer_id: UUID,
    action: str,
    active_from: date,
    active_to: date | None,
) -> None:
    await tx.insert(
        "credential_changes",
        id=new_id(),
        therapist_id=therapist_id,
        payer_id=payer_id,
        action=action,
        active_from=active_from,
        active_to=active_to,
        at=tx.now,
        by_id=tx.actor.account_id if tx.actor else None,
    )
    await tx.audit("change_credential", subject_id=therapist_id, payer=payer_id)


async def _hold(tx: Transaction, therapist_id: UUID) -> None:
    if await tx.one("SELECT id FROM therapists WHERE id = %s FOR NO KEY UPDATE", (therapist_id,)) is None:
        raise NotFound


async def _find(tx: Transaction, licence_id: UUID) -> Row:
    row = await tx.one("SELECT * FROM licences WHERE id = %s FOR NO KEY UPDATE", (licence_id,))
    if row is None:
        raise NotFound
    return row
