"""Paging: who is called about a flag, once per rung, by the wall clock.

The pages are rows, written with the fact. Sending them is apart (`activities.paging`) and may be repeated.
"""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from domain import risk as rules
from domain.errors import NotFound
from domain.risk import Called, FlagState, Page, Rung, Urgency
from records.accounts import email_of
from records.database import Row, Transaction
from records.events import Event, EventKind
from records.notices import notify


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a flag stands, and when its workflow must look again (None: nothing more will be due)."""

    version: int
    next_at: datetime | None
    closed: bool


async def page_due(tx: Transaction, flag_id: UUID) -> Standing:
    """Write every page that is due now, each rung once and in order; silence and lateness become pages.

    Raises NotFound.
    """
    flag = await tx.one("SELECT * FROM risk_flags WHERE id = %s FOR UPDATE", (flag_id,))
    if flag is None:
        raise NotFound
    if flag["state"] == FlagState.CLOSED:
        return Standing(flag["version"], None, closed=True)
    flag = await _escalated(tx, flag)
    return Standing(flag["version"], await _climb(tx, flag), closed=False)


async def _escalated(tx: Transaction, flag: Row) -> Row:
    """No answer to "are you safe right now?", or a same-day task that nobody read that day: people are paged."""
    waits_until = _waits_until(flag)
    if waits_until is None or waits_until > tx.now:
        return flag
    row = await tx.one(
        "UPDATE risk_flags SET state = 'open', urgency = 'page_now', paging_since = %s,"
        " version = version + 1 WHERE id = %s RETURNING *",
        (waits_until, flag["id"]),
    )
    assert row is not None  # noqa: S101  locked by the caller
    await tx.audit("escalate_risk", subject_id=flag["id"])
    return row


def _waits_until(flag: Row) -> datetime | None:
    waits_until: datetime | None = None
    if flag["state"] == FlagState.ASKING:
        waits_until = flag["answer_due_at"]
    elif flag["urgency"] == Urgency.SAME_DAY and flag["acknowledged_at"] is None:
        waits_until = flag["due_at"]
    return waits_until


async def _climb(tx: Transaction, flag: Row) -> datetime | None:
    """Page the rungs whose time has come; the instant of the next one."""
    if flag["urgency"] != Urgency.PAGE_NOW:
        return _waits_until(flag)
    read = flag["acknowledged_at"] is not None
    fired = {Rung(row["rung"]) for row in await _rungs(tx, flag["id"])}
    while (due := rules.next_page(flag["paging_since"], fired, read=read)) is not None:
        if due.at > tx.now:
            return due.at
        await _page(tx, flag, due.page)
        fired.add(due.page.rung)
    return None


async def _rungs(tx: Transaction, flag_id: UUID) -> list[Row]:
    return await tx.all("SELECT DISTINCT rung FROM risk_pages WHERE flag_id = %s", (flag_id,))


async def _page(tx: Transaction, flag: Row, page: Page) -> None:
    for account_id in await _called(tx, flag, page):
        written = await tx.run(
            "INSERT INTO risk_pages (flag_id, rung, account_id, sent_at) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT DO NOTHING",
            (flag["id"], page.rung, account_id, tx.now),
        )
        if written:
            await notify(tx, account_id, _template(page.rung), flag["id"])
    tx.announce(Event(EventKind.BOARD))


def _template(rung: Rung) -> str:
    return f"page_{rung.value}"


async def _called(tx: Transaction, flag: Row, page: Page) -> list[UUID]:
    """Who is paged. A rung never falls on nobody: without a holder of the duty the supervisors are called,
    and without supervisors every administrator."""
    called: set[UUID] = set()
    for whom in page.whom:
        called |= await _holders(tx, flag, whom)
    if not called:
        called = await _role(tx, "supervisor") or await _role(tx, "administrator")
    return sorted(called)


async def _holders(tx: Transaction, flag: Row, whom: Called) -> set[UUID]:
    if whom is Called.SUPERVISOR:
        return await _role(tx, "supervisor")
    if whom is Called.PRIMARY:
        rows = await tx.all(
            "SELECT therapist_id AS id FROM rooms WHERE client_id = %s AND state = 'open'",
            (flag["client_id"],),
        )
    else:
        rows = await tx.all(
            "SELECT d.account_id AS id FROM duties d JOIN accounts a ON a.id = d.account_id"
            " WHERE d.duty = %s AND a.disabled_at IS NULL",
            (whom,),
        )
    return {row["id"] for row in rows}


async def _role(tx: Transaction, role: str) -> set[UUID]:
    rows = await tx.all("SELECT id FROM accounts WHERE role = %s AND disabled_at IS NULL", (role,))
    return {row["id"] for row in rows}


@dataclass(frozen=True, slots=True)
class UnsentPage:
    """A page whose mail was not handed over yet. `address` is kept out of `repr`."""

    notice_id: UUID
    account_id: UUID
    address: str = field(repr=False)


async def unsent_pages(tx: Transaction, flag_id: UUID) -> list[UnsentPage]:
    """Pages of this flag that still have to be mailed. People without an address find it in the app."""
    rows = await tx.all(_UNSENT, (flag_id,))
    found = [(row, await email_of(tx, row["account_id"])) for row in rows]
    return [UnsentPage(row["id"], row["account_id"], address) for row, address in found if address]


_UNSENT = """
SELECT n.id, n.account_id FROM risk_pages p
JOIN notices n ON n.account_id = p.account_id AND n.subject_id = p.flag_id AND n.template = 'page_' || p.rung
WHERE p.flag_id = %s AND n.emailed_at IS NULL ORDER BY p.sent_at, n.id
"""


async def mark_sent(tx: Transaction, notice_ids: list[UUID]) -> None:
    """These pages were handed over. Saying it twice is harmless."""
    await tx.run("UPDATE notices SET emailed_at = %s WHERE id = ANY(%s)", (tx.now, notice_ids))


async def unread_flags(tx: Transaction) -> list[UUID]:
    """Flags that no human has read yet, the longest waiting first."""
    rows = await tx.all(
        "SELECT id FROM risk_flags WHERE state <> 'closed' AND acknowledged_at IS NULL ORDER BY opened_at"
    )
    return [row["id"] for row in rows]
