"""Coming by a sponsor: who may, the sessions they were granted, and what is left of them."""

from datetime import date
from typing import Any
from uuid import UUID

from domain.errors import FieldError, Invalid, NotFound
from domain.ids import new_id
from domain.insured import Relationship
from domain.rosters import known_by
from domain.sponsors import RUNS_OUT_WITHIN, Account, Member, admits, grant_of, to_use
from domain.zones import date_everywhere, zone
from encryption.blind_index import BlindIndex, IndexedField
from records import clients
from records.database import Row, Transaction
from records.notices import notify, notify_role
from records.sponsor_terms import find, terms_on


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
    terms = await terms_on(tx, sponsor["id"], today) if sponsor else None
    if sponsor is None or terms is None:
        raise _unknown()
    row = await _on_roster(tx, index, sponsor["id"], client_id)
    if not admits(terms, _member(row), today):
        raise _unknown()
    if row is not None and not await _claim(tx, row["id"], client_id) and terms.needs_roster:
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
    today = await _today(tx, coverage["client_id"])
    held = await _accounts(tx, coverage["sponsor_id"], coverage["client_id"])
    if to_use([_account(each) for each in held], today) is None and not await _renew(
        tx, coverage, held, today
    ):
        raise _unknown()


async def _renew(tx: Transaction, coverage: Row, held: list[Row], day: date) -> bool:
    """Grant what the sponsor's terms still allow this client on a day: an authorisation it has sent since, or, where
    it wants none, a new grant once the days of the last one are over. Whether there was anything.
    """
    sponsor, terms = await find(tx, coverage["sponsor_id"]), await terms_on(tx, coverage["sponsor_id"], day)
    row = await tx.one(
        "SELECT * FROM sponsor_members WHERE sponsor_id = %s AND claimed_by = %s",
        (sponsor["id"], coverage["client_id"]),
    )
    over = sponsor["active_to"] is not None and sponsor["active_to"] < day
    if terms is None or over or not admits(terms, _member(row), day):
        return False
    own = row["authorisation"] if row and terms.needs_authorisation else None
    known = own in {each["number"] for each in held}
    running = any(each["valid_from"] <= day <= each["valid_to"] for each in held)
    if known or (own is None and running):
        return False
    given = grant_of(terms, _member(row), day, sponsor["active_to"])
    authorisation_id = new_id()
    await tx.insert(
        "sponsor_authorisations",
        id=authorisation_id,
        sponsor_id=sponsor["id"],
        client_id=coverage["client_id"],
        member_id=row["id"] if row else None,
        number=own or f"S{authorisation_id.hex[:11].upper()}",
        sessions=given.sessions,
        valid_from=given.valid_from,
        valid_to=given.valid_to,
        granted_at=tx.now,
    )
    await _enter(tx, authorisation_id, coverage["id"], None, given.sessions, "granted", day)
    await tx.audit("grant_sponsor_credits", subject_id=authorisation_id)
    return True


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

    Where none is left, what the sponsor's terms allow anew is granted first. A repeat for the same service uses nothing
    more and says what the first said. When the last one is used the client and the billing office are told.
    """
    line = await tx.one("SELECT service_date, client_id FROM service_lines WHERE id = %s", (service_line_id,))
    coverage = await tx.one("SELECT id, sponsor_id, client_id FROM coverages WHERE id = %s", (coverage_id,))
    if line is None or coverage is None or coverage["sponsor_id"] is None:
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
    day: date = line["service_date"]
    chosen = to_use([_account(row) for row in rows], day)
    if chosen is None and await _renew(tx, coverage, rows, day):
        rows = await _accounts(tx, sponsor_id, client_id)
        chosen = to_use([_account(row) for row in rows], day)
    if chosen is None:
        return False
    row = next(each for each in rows if _account(each) == chosen)
    await _enter(tx, row["id"], coverage_id, service_line_id, -1, "used", line["service_date"])
    if sum(_account(each).left for each in rows if each["valid_to"] >= date_everywhere(tx.now)) <= 1:
        await notify(tx, client_id, "credits_used_up", row["id"])
        await notify_role(tx, "billing", "credits_used_up", row["id"])
    return True


async def tell_running_out(tx: Transaction) -> int:
    """Tell the holders of authorisations that soon run out with sessions left, once each. How many were told."""
    today = date_everywhere(tx.now)
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
