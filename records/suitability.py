"""Suitability: what the rules say after every answer that matters, and what a clinician decides about it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from domain import suitability as rules
from domain.access import ReadableClientId, WritableClientId
from domain.errors import Conflict, FieldError, Invalid
from domain.guardians import NOT_SERVED
from domain.ids import new_id
from domain.risk import Source, Urgency
from domain.suitability import Judgement, Suitability
from encryption.rooms import open_field, seal_field
from records import journeys
from records.clinic import CLINIC_ID, clinic_key
from records.database import Row, Transaction
from records.notices import notify
from records.relations import signed_in_actor
from records.risk import raise_flag

_TABLE = "suitability_decisions"
_MOST = 4_000


async def settle(tx: Transaction, client_id: UUID, answers: dict[str, Any]) -> Judgement:
    """Judge by the answers (dotted, with `c_ssrs`) and keep it where it is new. Who needs higher care is looked at by
    a clinician the same day. What a clinician decided stands until a rule speaks that they had not weighed.

    The caller holds the client and moves the journey on.
    """
    found = rules.judge(answers, tx.now.date())
    last = await _last(tx, client_id)
    if last is not None and last["decided_by"] is not None and rules.covers(last["rules"], found.rules):
        return Judgement(Suitability(last["suitability"]), tuple(last["rules"]))
    if last is not None and tuple(last["rules"]) == found.rules and last["suitability"] == found.suitability:
        return found
    await _keep(tx, client_id, found.suitability, found.rules)
    if _urgent(found):
        await raise_flag(tx, source=Source.INTAKE, urgency=Urgency.SAME_DAY, client_id=client_id)
    return found


def _urgent(found: Judgement) -> bool:
    """Whether a rule of the intake asks for higher care; a screener raises its own flag."""
    own = (rules.BY_CODE[code] for code in found.rules if code != "c_ssrs_high")
    return any(rule.says is Suitability.HIGHER_CARE for rule in own)


async def decide(
    tx: Transaction, client: WritableClientId, suitability: Suitability, rationale: str, letter: str = ""
) -> None:
    """A clinician decides, with reasons. `messaging` lets the way in go on. Anything else is a referral: it ends the
    way in, and `letter` tells the client where to turn.

    Raises Conflict (`nothing_to_decide`, `minors_not_served`, `in_care`), Invalid naming `rationale` or `letter`.
    """
    await journeys.hold(tx, client.id)
    last = await _last(tx, client.id)
    unserved = await tx.one(
        "SELECT 1 FROM clients WHERE id = %s AND guardian_pathway = 'not_served'", (client.id,)
    )
    refers = suitability is not Suitability.MESSAGING
    if last is None or (not unserved and last["suitability"] == Suitability.MESSAGING):
        raise Conflict("nothing_to_decide")
    if unserved and not refers:
        raise Conflict(NOT_SERVED)
    in_care = await tx.one("SELECT 1 FROM rooms WHERE client_id = %s AND state = 'open'", (client.id,))
    if refers and in_care:
        raise Conflict("in_care")  # who is in care is referred by their therapist, in the room
    _check("rationale", rationale)
    if refers:
        _check("letter", letter)
    decision = await _keep(tx, client.id, suitability, last["rules"], rationale=rationale, letter=letter)
    await notify(tx, client.id, "care_decided", decision)
    if refers:
        await journeys.close(tx, client.id)
    else:
        await journeys.advance(tx, client.id)


def _check(name: str, text: str) -> None:
    if not text.strip():
        raise Invalid(FieldError(name, "missing"))
    if len(text) > _MOST:
        raise Invalid(FieldError(name, "too_long"))


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds for a client now. `letter`: what the clinician who decided wrote to them."""

    suitability: Suitability
    rules: tuple[str, ...]
    at: datetime
    decided: bool
    letter: str = field(default="", repr=False)


async def standing(tx: Transaction, client_id: UUID) -> Standing | None:
    """What was judged or decided last; None before the intake was handed in."""
    last = await _last(tx, client_id)
    if last is None:
        return None
    return Standing(
        Suitability(last["suitability"]),
        tuple(last["rules"]),
        last["at"],
        last["decided_by"] is not None,
        await _open(tx, last, "letter_sealed"),
    )


@dataclass(frozen=True, slots=True)
class Judged:
    """A judgement by the rules, or with `by` a clinician's decision and its reasons. `rules`: codes that spoke."""

    suitability: Suitability
    rules: tuple[str, ...]
    at: datetime
    by: str
    rationale: str = field(repr=False)
    letter: str = field(repr=False)


async def judged(tx: Transaction, client: ReadableClientId) -> list[Judged]:
    """All that was judged and decided about a client's care, the last one first. The caller audits."""
    rows = await tx.all(
        "SELECT d.*, coalesce(a.display_name, '') AS by FROM suitability_decisions d"
        " LEFT JOIN accounts a ON a.id = d.decided_by WHERE d.client_id = %s ORDER BY d.at DESC, d.id DESC",
        (client.id,),
    )
    return [
        Judged(
            Suitability(row["suitability"]),
            tuple(row["rules"]),
            row["at"],
            row["by"],
            await _open(tx, row, "rationale_sealed"),
            await _open(tx, row, "letter_sealed"),
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Undecided:
    """Somebody for whom a clinician has the word."""

    client_id: UUID
    code: str
    state: str | None
    suitability: Suitability | None  # None: no pathway serves them
    rules: tuple[str, ...]
    since: datetime
    due_at: datetime | None
    earlier: tuple["Earlier", ...]


@dataclass(frozen=True, slots=True)
class Earlier:
    """What a clinician decided before, and why."""

    suitability: Suitability
    at: datetime
    by: str
    rationale: str = field(repr=False)


async def undecided(tx: Transaction) -> list[Undecided]:
    """Who waits for a decision, the longest first. The read is audited."""
    rows = await tx.all(
        "SELECT id, code, state, suitability, suitability_rules, wait_since, due_at FROM clients"
        " WHERE wait = 'suitability' AND paused_at IS NULL AND sealed_at IS NULL ORDER BY wait_since, id LIMIT 200"
    )
    await tx.audit("read_suitability", count=len(rows))
    earlier = await _earlier(tx, [row["id"] for row in rows])
    return [
        Undecided(
            row["id"],
            row["code"],
            row["state"],
            Suitability(row["suitability"]) if row["suitability"] not in (None, "messaging") else None,
            tuple(row["suitability_rules"] or ()),
            row["wait_since"],
            row["due_at"],
            tuple(earlier.get(row["id"], ())),
        )
        for row in rows
    ]


async def _earlier(tx: Transaction, clients: list[UUID]) -> dict[UUID, list[Earlier]]:
    """Decisions with their reasons, by client, the oldest first."""
    rows = await tx.all(
        "SELECT d.*, a.display_name FROM suitability_decisions d JOIN accounts a ON a.id = d.decided_by"
        " WHERE d.client_id = ANY (%s) ORDER BY d.at, d.id",
        (clients,),
    )
    found: dict[UUID, list[Earlier]] = {}
    for row in rows:
        told = Earlier(
            Suitability(row["suitability"]),
            row["at"],
            row["display_name"],
            await _open(tx, row, "rationale_sealed"),
        )
        found.setdefault(row["client_id"], []).append(told)
    return found


async def _last(tx: Transaction, client_id: UUID) -> Row | None:
    return await tx.one(
        "SELECT * FROM suitability_decisions WHERE client_id = %s ORDER BY at DESC, id DESC LIMIT 1",
        (client_id,),
    )


async def _keep(
    tx: Transaction,
    client_id: UUID,
    suitability: Suitability,
    codes: tuple[str, ...] | list[str],
    *,
    rationale: str = "",
    letter: str = "",
) -> UUID:
    decision = new_id()
    key = await clinic_key(tx)

    def sealed(column: str, text: str) -> bytes | None:
        return seal_field(key, CLINIC_ID, _TABLE, column, decision, text.strip()) if text.strip() else None

    await tx.insert(
        _TABLE,
        id=decision,
        client_id=client_id,
        suitability=suitability,
        rules=list(codes),
        decided_by=signed_in_actor(tx).account_id if rationale else None,
        rationale_sealed=sealed("rationale_sealed", rationale),
        letter_sealed=sealed("letter_sealed", letter),
        at=tx.now,
    )
    await tx.run(
        "UPDATE clients SET suitability = %s, suitability_rules = %s, suitability_at = %s WHERE id = %s",
        (suitability, list(codes), tx.now, client_id),
    )
    action = "decide_suitability" if rationale else "judge_suitability"
    await tx.audit(action, subject_id=decision, client=client_id)
    return decision


async def _open(tx: Transaction, row: Row, column: str) -> str:
    if row[column] is None:
        return ""
    return str(open_field(await clinic_key(tx), CLINIC_ID, _TABLE, column, row["id"], row[column]))
