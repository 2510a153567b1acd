"""Sponsors: their terms by date, who may come, the sessions they were granted, and what is left of them."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from domain.errors import Conflict, FieldError, Invalid, NotFound
from domain.ids import new_id
from domain.insured import Relationship
from domain.rosters import known_by
from domain.sponsors import RUNS_OUT_WITHIN, Account, Member, Terms, admits, grant_of, to_use
from domain.zones import zone
from encryption.blind_index import BlindIndex, IndexedField
from records import clients
from records.database import Row, Transaction
from records.notices import notify, notify_role


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
    if terms.effective_from < tx.now.date():
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
    if last_day < tx.now.date():
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
        (tx.now.date(),),
    )


async def terms_history(tx: Transaction, sponsor_id: UUID) -> list[Row]:
    """What was, is and will be granted, the newest day first; also what was taken back."""
    return await tx.all(
        "SELECT t.*, a.display_name AS entered_by_name FROM sponsor_terms t"
        " LEFT JOIN accounts a ON a.id = t.entered_by WHERE t.sponsor_id = %s"
        " ORDER BY t.effective_from DESC, t.entered_at DESC",
        (sponsor_id,),
    )


async def _terms(tx: Transaction, sponsor_id: UUID, on: date) -> Terms | None:
    row = await tx.one(
        "SELECT * FROM sponsor_terms WHERE sponsor_id = %s AND superseded_at IS NULL AND effective_from <= %s"
        " ORDER BY effective_from DESC LIMIT 1",
        (sponsor_id, on),
    )
    if row is None:
        return None
    names = ("sessions_each", "effective_from", "valid_days", "covers_dependants", "needs_roster")
    return Terms(**{name: row[name] for name in names}, needs_authorisation=row["needs_authorisation"])


# Coming by a sponsor --------------------------------------------------------------------------------------


async def cover_of(tx: Transaction, index: BlindIndex, client_id: UUID, code: str) -> Row:
    """The sponsor of a code by which this client may come today, by their calendar; the roster's place is theirs now.

    Raises Invalid: `unknown_code` whatever is wrong with the code or the roster, so that nobody learns who is on it;
    `credits_used_up` where this client's own sessions are.
    """
    today = await _today(tx, client_id)
    sponsor = await tx.one(
        "SELECT * FROM sponsors WHERE code_index = %s AND active_from <= %s"
        " AND (active_to IS NULL OR active_to >= %s)",
        (index.of(IndexedField.SPONSOR_CODE, code), today, today),
    )
    terms = await _terms(tx, sponsor["id"], today) if sponsor else None
    if sponsor is None or terms is None:
        raise _unknown()
    row = await _on_roster(tx, index, sponsor["id"], client_id)
    if not admits(terms, _member(row), today):
        raise _unknown()
    if row is not None and not await _claim(tx, row["id"], client_id):
        raise _unknown()
    held = [each for each in await _accounts(tx, sponsor["id"], client_id) if each["valid_to"] >= today]
    if held and to_use([_account(each) for each in held], today) is None and not _renewed(row, held):
        raise Invalid(FieldError("sponsor_code", "credits_used_up"))
    return sponsor


def _unknown() -> Invalid:
    return Invalid(FieldError("sponsor_code", "unknown_code"))


def _renewed(member: Row | None, held: list[Row]) -> bool:
    """Whether the sponsor has authorised more than what was granted already."""
    number = member["authorisation"] if member else None
    return number is not None and number not in {each["number"] for each in held}


async def _today(tx: Transaction, client_id: UUID) -> date:
    row = await tx.one("SELECT time_zone FROM accounts WHERE id = %s", (client_id,))
    if row is None:
        raise NotFound
    return tx.now.astimezone(zone(row["time_zone"])).date()


def member_index(index: BlindIndex, sponsor_id: UUID, known: str) -> bytes:
    """What a person of a sponsor's roster is found by."""
    return index.of(IndexedField.ROSTER_MEMBER, f"{sponsor_id}|{known}")


async def _on_roster(tx: Transaction, index: BlindIndex, sponsor_id: UUID, client_id: UUID) -> Row | None:
    who = await clients.profile(tx, client_id)
    return await tx.one(
        "SELECT * FROM sponsor_members WHERE sponsor_id = %s AND member_index = %s",
        (sponsor_id, member_index(index, sponsor_id, known_by(who.legal_name, who.date_of_birth))),
    )


async def _claim(tx: Transaction, member_id: UUID, client_id: UUID) -> bool:
    """Whether the place is this client's now: one place, one account."""
    return bool(
        await tx.run(
            "UPDATE sponsor_members SET claimed_by = %s"
            " WHERE id = %s AND (claimed_by IS NULL OR claimed_by = %s)",
            (client_id, member_id, client_id),
        )
    )


async def grant(tx: Transaction, coverage: Row) -> None:
    """The sessions of a new cover that `cover_of` let in. What is left of an earlier grant is used first, so that
    giving the same cover twice grants nothing twice. The journey's row is held by the caller.
    """
    sponsor, client_id = await find(tx, coverage["sponsor_id"]), coverage["client_id"]
    today = await _today(tx, client_id)
    held = await _accounts(tx, sponsor["id"], client_id)
    if to_use([_account(each) for each in held], today) is not None:
        return
    terms = await _terms(tx, sponsor["id"], today)
    if terms is None:
        raise _unknown()
    row = await tx.one(
        "SELECT * FROM sponsor_members WHERE sponsor_id = %s AND claimed_by = %s", (sponsor["id"], client_id)
    )
    given = grant_of(terms, _member(row), today, sponsor["active_to"])
    own = row["authorisation"] if row and terms.needs_authorisation else None
    authorisation_id = new_id()
    await tx.insert(
        "sponsor_authorisations",
        id=authorisation_id,
        sponsor_id=sponsor["id"],
        client_id=client_id,
        member_id=row["id"] if row else None,
        number=own or f"S{authorisation_id.hex[:11].upper()}",
        sessions=given.sessions,
        valid_from=given.valid_from,
        valid_to=given.valid_to,
        granted_at=tx.now,
    )
    await _enter(tx, authorisation_id, coverage["id"], None, given.sessions, "granted", today)
    await tx.audit("grant_sponsor_credits", subject_id=authorisation_id)


def _member(row: Row | None) -> Member | None:
    if row is None:
        return None
    return Member(
        Relationship(row["relationship"]),
        row["active_from"],
        row["active_to"],
        row["authorised_sessions"] or 0,
        row["authorised_until"],
    )


# The ledger -----------------------------------------------------------------------------------------------

_ACCOUNTS = """
SELECT a.*, (SELECT coalesce(sum(c.sessions), 0) FROM sponsor_credits c WHERE c.authorisation_id = a.id) AS left_over
FROM sponsor_authorisations a WHERE a.sponsor_id = %s AND a.client_id = %s ORDER BY a.valid_to, a.id
"""


async def _accounts(tx: Transaction, sponsor_id: UUID, client_id: UUID) -> list[Row]:
    return await tx.all(_ACCOUNTS, (sponsor_id, client_id))


def _account(row: Row) -> Account:
    return Account(row["valid_from"], row["valid_to"], int(row["left_over"]))


async def _enter(
    tx: Transaction,
    authorisation_id: UUID,
    coverage_id: UUID,
    line_id: UUID | None,
    sessions: int,
    reason: str,
    day: date,
) -> None:
    await tx.insert(
        "sponsor_credits",
        id=new_id(),
        authorisation_id=authorisation_id,
        coverage_id=coverage_id,
        service_line_id=line_id,
        sessions=sessions,
        reason=reason,
        on_day=day,
        at=tx.now,
    )


async def credits_left(tx: Transaction, coverage_id: UUID, on: date | None = None) -> int:
    """Sessions a sponsor's cover still pays on a day (today by the client's calendar); 0 for every other cover."""
    coverage = await tx.one("SELECT sponsor_id, client_id FROM coverages WHERE id = %s", (coverage_id,))
    if coverage is None or coverage["sponsor_id"] is None:
        return 0
    day = on or await _today(tx, coverage["client_id"])
    found = [_account(row) for row in await _accounts(tx, coverage["sponsor_id"], coverage["client_id"])]
    return sum(each.left for each in found if each.usable(day))


async def authorisations(tx: Transaction, coverage: Row) -> list[dict[str, Any]]:
    """What a sponsor's cover was granted: number, sessions, left_over, valid_from, valid_to; what ends first first."""
    return await _accounts(tx, coverage["sponsor_id"], coverage["client_id"])


async def use_credit(tx: Transaction, coverage_id: UUID, service_line_id: UUID) -> bool:
    """Whether a session of the sponsor pays this service: one is used, of the authorisation that runs out first.

    A repeat for the same service uses nothing more and says what the first said. When the last one is used the client
    and the billing office are told.
    """
    line = await tx.one("SELECT service_date, client_id FROM service_lines WHERE id = %s", (service_line_id,))
    coverage = await tx.one("SELECT sponsor_id FROM coverages WHERE id = %s", (coverage_id,))
    if line is None or coverage is None:
        raise NotFound
    sponsor_id, client_id = coverage["sponsor_id"], line["client_id"]
    await tx.all(
        "SELECT id FROM sponsor_authorisations WHERE sponsor_id = %s AND client_id = %s ORDER BY id FOR UPDATE",
        (sponsor_id, client_id),
    )
    used = await tx.one(
        "SELECT 1 AS there FROM sponsor_credits WHERE service_line_id = %s AND reason = 'used'",
        (service_line_id,),
    )
    if used is not None:
        return True
    rows = await _accounts(tx, sponsor_id, client_id)
    chosen = to_use([_account(row) for row in rows], line["service_date"])
    if chosen is None:
        return False
    row = next(each for each in rows if _account(each) == chosen)
    await _enter(tx, row["id"], coverage_id, service_line_id, -1, "used", line["service_date"])
    if sum(_account(each).left for each in rows if each["valid_to"] >= tx.now.date()) <= 1:
        await notify(tx, client_id, "credits_used_up", row["id"])
        await notify_role(tx, "billing", "credits_used_up", row["id"])
    return True


async def tell_running_out(tx: Transaction) -> int:
    """Tell the holders of authorisations that soon run out with sessions left, once each. How many were told."""
    today = tx.now.date()
    rows = await tx.all(
        "SELECT a.id, a.client_id FROM sponsor_authorisations a"
        " JOIN coverages c ON c.client_id = a.client_id AND c.sponsor_id = a.sponsor_id AND c.ended_at IS NULL"
        " WHERE a.told_at IS NULL AND a.valid_to BETWEEN %s AND %s"
        " AND (SELECT sum(k.sessions) FROM sponsor_credits k WHERE k.authorisation_id = a.id) > 0"
        " ORDER BY a.id FOR UPDATE OF a",
        (today, today + RUNS_OUT_WITHIN),
    )
    for row in rows:
        await tx.run("UPDATE sponsor_authorisations SET told_at = %s WHERE id = %s", (tx.now, row["id"]))
        await notify(tx, row["client_id"], "credits_run_out", row["id"])
    return len(rows)
