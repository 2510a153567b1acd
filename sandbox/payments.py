"""Makes the payments of one submission: one for each payer and payee, with reversals, interest and money
to be taken back.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sandbox.claims import Name
from sandbox.clothes import instant
from sandbox.decisions import Decision, from_json, reversed_line
from sandbox.faults import Fault, Faults
from sandbox.remittance import (
    ClaimPayment,
    Payee,
    ProviderAdjustment,
    Remittance,
    another_payee,
    rows_835,
)
from sandbox.rules import Payer, Rules
from sandbox.store import Store
from sandbox.x12 import Row

_CENT = Decimal("0.01")
_DAY_S = 86400


@dataclass(frozen=True)
class _Booked:
    """A claim out of the books."""

    icn: str
    payer_id: str
    payee: Payee
    replaces: str
    decision: Decision


def _booked(icn: str, text: str) -> _Booked:
    book: dict[str, Any] = json.loads(text)
    last, first, number = book["payee"]
    payee = Payee(Name(book["payee_kind"], last, first, "XX", number), book["payee_tax_id"])
    return _Booked(icn, book["payer_id"], payee, book["replaces"], from_json(book["decision"]))


class Payments:
    """The payers' treasury."""

    def __init__(self, rules: Rules, store: Store, faults: Faults) -> None:
        self._rules, self._store, self._faults = rules, store, faults

    def of(self, submission_id: int, received: float, due: float) -> Iterator[list[list[Row]]]:
        """The 835 files for what one submission brought; each is a list of transaction sets."""
        query = "SELECT icn, decision FROM claims WHERE submission_id = ? ORDER BY rowid"
        booked = [_booked(row["icn"], row["decision"]) for row in self._store.rows(query, submission_id)]
        groups: dict[tuple[str, str], list[_Booked]] = {}
        for claim in booked:
            groups.setdefault((claim.payer_id, claim.payee.name.id), []).append(claim)
        for own in groups.values():
            made = self._remittance(own, received, due)
            sets = [made]
            if self._faults.take(Fault.TWO_PAYEES_835):
                sets.append(another_payee(made, self._trace()))
            yield rows_835(sets)

    def _trace(self) -> str:
        return f"EFT{self._store.count('eft'):08d}"

    def _remittance(self, own: list[_Booked], received: float, due: float) -> Remittance:
        payer = self._rules.payers[own[0].payer_id]
        payments = tuple(payment for claim in own for payment in self._payments(claim))
        total = sum((payment.decision.paid for payment in payments), Decimal(0))
        adjustments = [
            *self._recoup(payer, own[0], payments, total),
            *self._interest(own[0].icn, total, due - received),
        ]
        made = Remittance(
            payer.name,
            own[0].payer_id,
            payer.tax_id,
            own[0].payee,
            self._trace(),
            instant(due),
            payments,
            tuple(adjustments),
        )
        if self._faults.take(Fault.UNBALANCED_835):
            made = replace(made, wrong_by=_CENT)
        with self._store.write() as db:
            db.executemany(
                "UPDATE claims SET trace = ? WHERE icn = ?", [(made.trace, claim.icn) for claim in own]
            )
        return made

    def _payments(self, claim: _Booked) -> Iterator[ClaimPayment]:
        if claim.replaces:
            row = self._store.rows("SELECT icn, decision FROM claims WHERE icn = ?", claim.replaces)[0]
            before = _booked(row["icn"], row["decision"]).decision
            lines = tuple(reversed_line(line) for line in before.lines)
            yield ClaimPayment(replace(before, lines=lines, status="22"), claim.replaces)
        if claim.decision.frequency != "8":
            yield ClaimPayment(claim.decision, claim.icn, claim.replaces)

    def _recoup(
        self, payer: Payer, first: _Booked, payments: tuple[ClaimPayment, ...], total: Decimal
    ) -> list[ProviderAdjustment]:
        """A payment is never negative: what a reversal leaves open is added back (WO, negative)
        and kept, and taken from the next payments to the same payee (WO, positive), oldest first.
        """
        payee = first.payee.name.id
        if total < 0:
            icn = next(entry.icn for entry in payments if entry.decision.status == "22")
            with self._store.write() as db:
                db.execute(
                    "INSERT INTO balances (payer, payee, icn, amount) VALUES (?, ?, ?, ?)",
                    (payer.key, payee, icn, str(-total)),
                )
            return [ProviderAdjustment("WO", icn, total)]
        taken: list[ProviderAdjustment] = []
        for row in self._store.rows(
            "SELECT id, icn, amount FROM balances WHERE payer = ? AND payee = ? ORDER BY id", payer.key, payee
        ):
            part = min(Decimal(row["amount"]), total)
            if part > 0:
                total -= part
                self._settle(row["id"], Decimal(row["amount"]) - part)
                taken.append(ProviderAdjustment("WO", row["icn"], part))
        return taken

    def _settle(self, balance_id: int, rest: Decimal) -> None:
        with self._store.write() as db:
            db.execute("UPDATE balances SET amount = ? WHERE id = ?", (str(rest), balance_id))
            db.execute("DELETE FROM balances WHERE id = ? AND CAST(amount AS REAL) = 0", (balance_id,))

    def _interest(self, icn: str, total: Decimal, waited_s: float) -> list[ProviderAdjustment]:
        """L6: simple interest for each day of payment later than the rules' days after receipt."""
        days = int(waited_s // _DAY_S) - self._rules.interest_after_days
        if days <= 0 or total <= 0:
            return []
        owed = (total * self._rules.interest_rate * days / 365).quantize(_CENT, ROUND_HALF_UP)
        return [ProviderAdjustment("L6", icn, -owed)] if owed else []
