"""Sponsors as they are kept: their codes, their days, and what they grant from which day on."""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from domain.errors import Conflict, FieldError, Invalid, NotFound
from domain.ids import new_id
from domain.sponsors import Terms
from domain.zones import date_everywhere
from encryption.blind_index import BlindIndex, IndexedField
from records.database import Row, Transaction


@dataclass(frozen=True, slots=True)
class NewSponsor:
    """An employer, school or member organisation. Dates inclusive; None is open. The rest are its first terms."""

    name: str
    kind: str
    code: str = field(repr=False)
    sessions_each: int
    active_from: date
    active_to: date | None = None
    valid_days: int = 365
    covers_dependants: bool = False
    needs_roster: bool = False
    needs_authorisation: bool = False

    @property
    def terms(self) -> Terms:
        """From the first day on. Raises Invalid."""
        return Terms(
            self.sessions_each,
            self.active_from,
            self.valid_days,
            self.covers_dependants,
            self.needs_roster,
            self.needs_authorisation,
        )


async def add_sponsor(tx: Transaction, index: BlindIndex, new: NewSponsor) -> UUID:
    """A sponsor whose members type its code. Raises Conflict (`sponsor_code_taken`), Invalid."""
    terms = new.terms
    if new.active_to is not None and new.active_to < new.active_from:
        raise Invalid(FieldError("active_to", "range_empty"))
    sponsor_id = new_id()
    added = await tx.run(
        "INSERT INTO sponsors (id, name, kind, code_index, active_from, active_to, added_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (code_index) DO NOTHING",
        (
            sponsor_id,
            new.name,
            new.kind,
            index.of(IndexedField.SPONSOR_CODE, new.code),
            new.active_from,
            new.active_to,
            tx.now,
        ),
    )
    if not added:
        raise Conflict("sponsor_code_taken")
    await _say(tx, sponsor_id, terms)
    await tx.audit("add_sponsor", subject_id=sponsor_id)
    return sponsor_id


async def set_terms(tx: Transaction, sponsor_id: UUID, terms: Terms) -> None:
    """What is granted from a day on; who was granted sessions keeps them. Raises NotFound, Invalid (`in_the_past`)."""
    await find(tx, sponsor_id, lock=True)
    if terms.effective_from < date_everywhere(tx.now):
        raise Invalid(FieldError("effective_from", "in_the_past"))
    await tx.run(
        "UPDATE sponsor_terms SET superseded_at = %s"
        " WHERE sponsor_id = %s AND effective_from = %s AND superseded_at IS NULL",
        (tx.now, sponsor_id, terms.effective_from),
    )
    await _say(tx, sponsor_id, terms)
    await tx.audit("set_sponsor_terms", subject_id=sponsor_id)


async def end_sponsor(tx: Transaction, sponsor_id: UUID, last_day: date) -> None:
    """Nobody new comes by this sponsor after a day. Raises NotFound, Invalid (`in_the_past`)."""
    await find(tx, sponsor_id, lock=True)
    if last_day < date_everywhere(tx.now):
        raise Invalid(FieldError("last_day", "in_the_past"))
    await tx.run("UPDATE sponsors SET active_to = %s WHERE id = %s", (last_day, sponsor_id))
    await tx.audit("end_sponsor", subject_id=sponsor_id)


async def _say(tx: Transaction, sponsor_id: UUID, terms: Terms) -> None:
    await tx.insert(
        "sponsor_terms",
        id=new_id(),
        sponsor_id=sponsor_id,
        effective_from=terms.effective_from,
        sessions_each=terms.sessions_each,
        valid_days=terms.valid_days,
        covers_dependants=terms.covers_dependants,
        needs_roster=terms.needs_roster,
        needs_authorisation=terms.needs_authorisation,
        entered_at=tx.now,
        entered_by=tx.actor.account_id if tx.actor else None,
    )


async def find(tx: Transaction, sponsor_id: UUID, *, lock: bool = False) -> Row:
    """One sponsor. Raises NotFound (`unknown_sponsor`)."""
    row = await tx.one(_LOCKED if lock else _FOUND, (sponsor_id,))
    if row is None:
        raise NotFound("unknown_sponsor")
    return row


_FOUND = "SELECT * FROM sponsors WHERE id = %s"
_LOCKED = _FOUND + " FOR UPDATE"


async def listing(tx: Transaction) -> list[Row]:
    """Every sponsor by name, with its terms of today (null before the first day)."""
    return await tx.all(
        "SELECT s.*, t.sessions_each, t.valid_days, t.covers_dependants, t.needs_roster, t.needs_authorisation"
        " FROM sponsors s LEFT JOIN LATERAL (SELECT * FROM sponsor_terms WHERE sponsor_id = s.id"
        " AND superseded_at IS NULL AND effective_from <= %s ORDER BY effective_from DESC LIMIT 1) t ON true"
        " ORDER BY s.name, s.id",
        (date_everywhere(tx.now),),
    )


async def terms_history(tx: Transaction, sponsor_id: UUID) -> list[Row]:
    """What was, is and will be granted, the newest day first; also what was taken back."""
    return await tx.all(
        "SELECT t.*, a.display_name AS entered_by_name FROM sponsor_terms t"
        " LEFT JOIN accounts a ON a.id = t.entered_by WHERE t.sponsor_id = %s"
        " ORDER BY t.effective_from DESC, t.entered_at DESC, t.superseded_at DESC",
        (sponsor_id,),
    )


async def terms_on(tx: Transaction, sponsor_id: UUID, on: date) -> Terms | None:
    """What is granted on a day; None before the first terms."""
    row = await tx.one(
        "SELECT * FROM sponsor_terms WHERE sponsor_id = %s AND superseded_at IS NULL AND effective_from <= %s"
        " ORDER BY effective_from DESC LIMIT 1",
        (sponsor_id, on),
    )
    if row is None:
        return None
    names = ("sessions_each", "effective_from", "valid_days", "covers_dependants", "needs_roster")
    return Terms(**{name: row[name] for name in names}, needs_authorisation=row["needs_authorisation"])
