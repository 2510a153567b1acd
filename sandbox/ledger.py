"""The payers' books: every accepted claim gets a control number (ICN) and a decision, kept for what
follows it.
"""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

from sandbox.acceptance import rejection
from sandbox.acknowledgement import Verdict
from sandbox.adjudication import Adjudication
from sandbox.claims import Batch, Claim, Line
from sandbox.clothes import instant
from sandbox.decisions import Decision
from sandbox.faults import Fault, Faults
from sandbox.rules import Rules
from sandbox.store import Store


class Ledger:
    """Enters claims, one by one, in the order of their file."""

    def __init__(self, rules: Rules, store: Store, faults: Faults) -> None:
        self._rules, self._store, self._faults = rules, store, faults
        self._desk = Adjudication(rules)

    def enter(self, batch: Batch, submission_id: int, received: float, pay_at: float) -> list[Verdict]:
        """Accept or refuse each claim of a batch, and decide the accepted ones."""
        verdicts: list[Verdict] = []
        for claim in batch.claims:
            verdicts += self._enter(claim, submission_id, received, pay_at)
        return verdicts

    def _enter(self, claim: Claim, submission_id: int, received: float, pay_at: float) -> list[Verdict]:
        refused = rejection(claim, self._rules, self._knows)
        self._note(claim, f"277CA {refused.category}:{refused.code}" if refused else "277CA A2")
        if refused:
            return [Verdict(claim, claim.charge, rejected=refused)]
        decision = self._desk.decide(claim, instant(received).date(), lambda line: self._seen(claim, line))
        if claim.frequency == "8":
            decision = replace(decision, lines=())
        verdicts = []
        parts = self._parts(claim, decision)
        for part in parts:
            icn = self._icn(received)
            self._keep(icn, claim, part, submission_id, received, pay_at)
            charge = part.charge if len(parts) > 1 else claim.charge
            verdicts.append(Verdict(claim, charge, icn, split=len(parts) > 1))
        return verdicts

    def _parts(self, claim: Claim, decision: Decision) -> list[Decision]:
        """The decision, or two when the payer splits a claim of several lines."""
        if len(claim.lines) < 2 or not self._faults.take(Fault.SPLIT_CLAIM):
            return [decision]
        return [_part(decision, slice(0, 1)), _part(decision, slice(1, None))]

    def _icn(self, at: float) -> str:
        return f"{instant(at):%Y%m%d}{self._store.count('icn'):05d}"

    def _knows(self, payer: str, icn: str, member: str) -> bool:
        query = "SELECT 1 FROM claims WHERE icn = ? AND payer = ? AND member = ? AND replaced = 0"
        return bool(self._store.rows(query, icn, payer, member))

    def _seen(self, claim: Claim, line: Line) -> bool:
        query = (
            "SELECT 1 FROM lines"
            " WHERE payer = ? AND member = ? AND dates = ? AND procedure = ? AND rendering = ?"
        )
        payer = self._rules.payers[claim.payer.id].key
        return bool(
            self._store.rows(query, payer, claim.member_id, line.dates, line.procedure, line.rendering)
        )

    def _keep(
        self, icn: str, claim: Claim, decision: Decision, submission_id: int, received: float, pay_at: float
    ) -> None:
        payer = self._rules.payers[claim.payer.id].key
        book = {
            "decision": decision.as_json(),
            "payer_id": claim.payer.id,
            "payee": [claim.billing.name.last, claim.billing.name.first, claim.billing.name.id],
            "payee_kind": claim.billing.name.kind,
            "payee_tax_id": claim.billing.tax_id,
            "replaces": claim.payer_control if claim.frequency in {"7", "8"} else "",
        }
        with self._store.write() as db:
            db.execute(
                "INSERT INTO claims (icn, submission_id, payer, member, claim_number, charge, paid, status,"
                " received_at, paid_at, decision) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    icn,
                    submission_id,
                    payer,
                    claim.member_id,
                    claim.number,
                    str(claim.charge),
                    str(decision.paid),
                    decision.status,
                    received,
                    pay_at,
                    json.dumps(book, default=str),
                ),
            )
            if claim.frequency in {"7", "8"}:
                db.execute("UPDATE claims SET replaced = 1 WHERE icn = ?", (claim.payer_control,))
                db.execute("DELETE FROM lines WHERE icn = ?", (claim.payer_control,))
            if claim.frequency != "8":
                db.executemany(
                    "INSERT INTO lines VALUES (?, ?, ?, ?, ?, ?)",
                    [(icn, payer, claim.member_id, x.dates, x.procedure, x.rendering) for x in claim.lines],
                )
        self._note(claim, f"835 {_word(decision)}")

    def _note(self, claim: Claim, answer: str) -> None:
        self._store.note("claim", claim.member_id[-2:], answer)


def _part(decision: Decision, lines: slice) -> Decision:
    kept = decision.lines[lines]
    denied = all(line.allowed == 0 for line in kept)
    return replace(decision, lines=kept, status="4" if denied else "1")


def _word(decision: Decision) -> str:
    if decision.frequency == "8":
        return "reversed"
    if decision.status == "4":
        reasons = {part.reason for line in decision.lines for part in line.adjustments}
        return "denied CO " + ",".join(sorted(reasons))
    return "paid" if decision.paid > Decimal(0) else "paid nothing, patient share"
