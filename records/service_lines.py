"""Service lines: one for each attested messaging session, priced by contract or held with its reasons."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from domain.clinicians import clinician_kind
from domain.consents import Document
from domain.contracts import Modality
from domain.ids import ServiceLineId, new_id
from domain.service_lines import (
    Hold,
    LineDecision,
    LineState,
    MessagingSessionFacts,
    assess,
    assess_unclaimed,
)
from domain.zones import zone
from records import places
from records.coverage_spans import CONFIRMED_ON, TO_CONFIRM, of_week
from records.database import Row, Transaction
from records.payers import MESSAGING, contract_rows, self_pay_price
from records.recheck_policies import recheck_policy
from records.sponsors import use_credit

_NO_LIMIT = 36_500  # days; without a payer there is none to miss

_SESSION = """
SELECT s.*, r.therapist_id, t.associate, t.taxonomy, a.time_zone,
       s.attested_by = r.therapist_id AS own
FROM messaging_sessions s JOIN rooms r ON r.id = s.room_id JOIN therapists t ON t.id = s.attested_by
JOIN accounts a ON a.id = s.attested_by
WHERE s.id = %s
"""

_UNCLAIMED = {
    "sponsor": LineState.SPONSORED,
    "self_pay": LineState.SELF_PAID,
    "fsa_hsa": LineState.SELF_PAID,
}


async def make_line(tx: Transaction, session_id: UUID) -> Row:
    """The service line of an attested session, in the attestation's transaction. One per session."""
    session = await _session(tx, session_id)
    first, last = service_days(session)
    coverage = await _coverage(tx, session)
    decision = await _decide(tx, session, coverage)
    line_id = ServiceLineId(new_id())
    await tx.insert(
        "service_lines",
        id=line_id,
        messaging_session_id=session_id,
        client_id=session["client_id"],
        room_id=session["room_id"],
        coverage_id=coverage["id"] if coverage else None,
        payer_id=coverage["payer_id"] if coverage else None,
        therapist_id=session["attested_by"],
        service_date=first,
        service_to=last,
        modality=Modality.ASYNC.value,
        minutes=session["clinical_minutes"],
        diagnosis_ids=session["diagnosis_ids"],
        created_at=tx.now,
        **_columns(decision),
    )
    await _pay(tx, line_id, coverage, decision, first)
    row = await tx.one("SELECT * FROM service_lines WHERE id = %s", (line_id,))
    assert row is not None  # noqa: S101  inserted above
    return row


_TO_LOOK_AT = f"""
SELECT l.id, l.messaging_session_id, l.state FROM service_lines l
WHERE (l.state = 'held' OR l.state = 'unbilled' AND {TO_CONFIRM})
  AND (%(payer)s::uuid IS NULL OR l.payer_id = %(payer)s OR l.payer_id IS NULL)
  AND (%(client)s::uuid IS NULL OR l.client_id = %(client)s)
ORDER BY l.service_date, l.id FOR UPDATE
"""  # noqa: S608  texts of ours


async def look_again(tx: Transaction, payer_id: UUID | None = None, *, client_id: UUID | None = None) -> int:
    """Look at held lines again: what held them may have been put right. And at unbilled ones whose cover is in doubt or
    was not confirmed lately: they are held. Of one payer, of one client, or all. How many were released.
    """
    given = {"payer": payer_id, "client": client_id, "good_for": (await recheck_policy(tx)).good_for}
    rows = await tx.all(_TO_LOOK_AT, given)
    released = 0
    for row in rows:
        session = await _session(tx, row["messaging_session_id"])
        coverage = await _coverage(tx, session)
        decision = await _decide(tx, session, coverage, line_id=row["id"])
        columns = _columns(decision)
        if coverage is not None:
            columns |= {"coverage_id": coverage["id"], "payer_id": coverage["payer_id"]}
        marks = ", ".join(f"{name} = %s" for name in columns)
        await tx.run(
            f"UPDATE service_lines SET {marks} WHERE id = %s",  # noqa: S608  names are ours
            [*columns.values(), row["id"]],
        )
        await _pay(tx, row["id"], coverage, decision, service_days(session)[0])
        released += row["state"] == LineState.HELD and decision.state is LineState.UNBILLED
    return released


async def _pay(
    tx: Transaction, line_id: UUID, coverage: Row | None, decision: LineDecision, day: date
) -> None:
    """Take a sponsor's session for the line, or put our own price on it; held where there is neither."""
    missing = None
    if coverage is not None and decision.state is LineState.SPONSORED:
        if not await use_credit(tx, coverage["id"], line_id):
            missing = Hold.CREDITS_USED_UP
    elif decision.state is LineState.SELF_PAID:
        price = await self_pay_price(tx, day, MESSAGING)
        await tx.run("UPDATE service_lines SET charge = %s WHERE id = %s", (price, line_id))
        missing = Hold.NO_OWN_PRICE if price is None else None
    if missing is not None:
        await tx.run(
            "UPDATE service_lines SET state = 'held', hold = %s, holds = %s WHERE id = %s",
            (missing.value, [missing.value], line_id),
        )


async def listing(
    tx: Transaction, *, state: str | None, payer_id: UUID | None, limit: int, offset: int
) -> list[Row]:
    """Service lines for the office: client by code, payer by name, why it is held. Oldest first."""
    return await tx.all(
        f"SELECT l.*, {CONFIRMED_ON} AS confirmed_on,"  # noqa: S608  a text of ours
        " c.code AS client_code, p.name AS payer_name, p.code AS payer_code,"
        " a.display_name AS therapist_name"
        " FROM service_lines l JOIN clients c ON c.id = l.client_id JOIN accounts a ON a.id = l.therapist_id"
        " LEFT JOIN payers p ON p.id = l.payer_id"
        " WHERE (%(state)s::text IS NULL OR l.state = %(state)s)"
        " AND (%(payer)s::uuid IS NULL OR l.payer_id = %(payer)s)"
        " ORDER BY l.service_date, l.id LIMIT %(limit)s OFFSET %(offset)s",
        {"state": state, "payer": payer_id, "limit": limit, "offset": offset},
    )


def service_days(session: Row) -> tuple[date, date]:
    """First and last day of a window, both included, on the clinician's calendar: seven days are seven dates."""
    tz = zone(session["time_zone"])
    first: date = session["opened_at"].astimezone(tz).date()
    last = session["window_ends_at"].astimezone(tz).date() - timedelta(days=1)
    return first, max(first, last)


async def _decide(
    tx: Transaction, session: Row, coverage: Row | None, line_id: UUID | None = None
) -> LineDecision:
    first, last = service_days(session)
    payer_id = coverage["payer_id"] if coverage else None
    facts = MessagingSessionFacts(
        service_from=first,
        service_to=last,
        payer=coverage["payer_code"] or "" if coverage else "",
        plan=coverage["plan"] if coverage else None,
        clinician=clinician_kind(session["taxonomy"]),
        clinical_minutes=session["clinical_minutes"],
        attested=session["state"] == "attested",
        note_signed=session["note_id"] is not None,  # an attestation takes a signed note only
        cosign_pending=session["associate"],
        has_diagnosis=await _has_diagnosis(tx, session),
        licensed=await places.licensed(tx, session["attested_by"], session["client_id"], first, last),
        credentialed=await _credentialed(tx, session["attested_by"], payer_id, first, last),
        consented=await has_release(tx, session["client_id"], session["attested_at"]),
        coverage_active=coverage is not None and coverage["covered"],
        cover_confirmed=coverage is not None and coverage["confirmed"],
        started_by_client=True,  # a window is opened by a client's message, by nothing else
        established=await _established(tx, session["client_id"], first),
        filing_limit_days=coverage["filing_limit_days"] or _NO_LIMIT if coverage else _NO_LIMIT,
        billed_windows=await _billed_windows(tx, session["client_id"], line_id),
    )
    today = tx.now.astimezone(zone(session["time_zone"])).date()
    if coverage is not None and coverage["kind"] in _UNCLAIMED:
        return assess_unclaimed(facts, _UNCLAIMED[coverage["kind"]], today)
    contract = await contract_rows(tx, payer_id) if payer_id else ()
    return assess(facts, contract, today)


def _columns(decision: LineDecision) -> dict[str, Any]:
    row = decision.row
    return {
        "state": decision.state.value,
        "hold": decision.holds[0].value if decision.holds else None,
        "holds": [hold.value for hold in decision.holds],
        "code": row.procedure_code if row else None,
        "charge": row.charge if row else None,
        "place_of_service": row.place_of_service if row else None,
        "modifier": row.modifiers[0] if row and row.modifiers else None,
    }


async def _session(tx: Transaction, session_id: UUID) -> Row:
    row = await tx.one(_SESSION, (session_id,))
    assert row is not None  # noqa: S101  the caller has attested it
    return row


async def _coverage(tx: Transaction, session: Row) -> Row | None:
    first, last = service_days(session)
    return await of_week(tx, session["client_id"], first, last, zone(session["time_zone"]))


async def _has_diagnosis(tx: Transaction, session: Row) -> bool:
    """Every diagnosis attested was entered by the rendering clinician; there is no default."""
    row = await tx.one(
        "SELECT count(*) AS n FROM diagnoses WHERE id = ANY(%s) AND author_id = %s",
        (session["diagnosis_ids"], session["attested_by"]),
    )
    return bool(session["diagnosis_ids"]) and row == {"n": len(set(session["diagnosis_ids"]))}


async def _credentialed(
    tx: Transaction, therapist_id: UUID, payer_id: UUID | None, first: date, last: date
) -> bool:
    row = await tx.one(
        "SELECT 1 AS there FROM payer_credentials WHERE therapist_id = %s AND payer_id = %s"
        " AND active_from <= %s AND (active_to IS NULL OR active_to >= %s)",
        (therapist_id, payer_id, first, last),
    )
    return row is not None


async def has_release(tx: Transaction, client_id: UUID, at: datetime) -> bool:
    """Whether release of information and assignment of benefits were agreed to and in force then."""
    row = await tx.one(
        "SELECT 1 AS there FROM consents WHERE client_id = %s AND document = %s AND signed_at <= %s"
        " AND (withdrawn_at IS NULL OR withdrawn_at > %s)",
        (client_id, Document.RELEASE_OF_BENEFITS.value, at, at),
    )
    return row is not None


async def _established(tx: Transaction, client_id: UUID, before: date) -> bool:
    """An earlier service of ours. What came before Kindroom is not on file."""
    row = await tx.one(
        "SELECT 1 AS there FROM service_lines WHERE client_id = %s AND service_date < %s LIMIT 1",
        (client_id, before),
    )
    return row is not None


async def _billed_windows(
    tx: Transaction, client_id: UUID, line_id: UUID | None
) -> tuple[tuple[date, date], ...]:
    rows = await tx.all(
        "SELECT service_date, service_to FROM service_lines WHERE client_id = %s"
        " AND state NOT IN ('held', 'sponsored', 'self_paid')"
        " AND (%s::uuid IS NULL OR id <> %s)",
        (client_id, line_id, line_id),
    )
    return tuple((row["service_date"], row["service_to"]) for row in rows)
