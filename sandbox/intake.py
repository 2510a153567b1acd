"""Takes claim files: checks them in the order of the rules and owes the sender TA1, 999, 277CA and 835 at
their times.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from sandbox import claims
from sandbox.acknowledgement import Verdict, rows_277ca
from sandbox.clothes import Clothes, instant
from sandbox.envelopes import GroupResult, check_group, interchange_fault, rows_999, ta1_rows
from sandbox.faults import Fault, Faults
from sandbox.ledger import Ledger
from sandbox.mailbox import Mailbox
from sandbox.payments import Payments
from sandbox.rules import Rules
from sandbox.store import Store
from sandbox.x12 import Interchange, Row, Segment, read, write, write_bare

_LATE_S = 45 * 86400


@dataclass(frozen=True)
class Receipt:
    """What the sender gets at once. `received_at` in seconds since the epoch, UTC."""

    receipt_id: str
    received_at: float


@dataclass(frozen=True)
class _Submission:
    id: int
    isa: Segment
    at: float


class Intake:
    """The clearing house's claim door."""

    def __init__(self, rules: Rules, store: Store, faults: Faults, after_s: Mapping[str, float]) -> None:
        self._store, self._faults, self._after_s = store, faults, after_s
        self._rules = rules
        self._clothes = Clothes(store, faults)
        self._mailbox = Mailbox(store)
        self._ledger = Ledger(rules, store, faults)
        self._payments = Payments(rules, store, faults)

    def receive(self, text: str) -> Receipt:
        """Take one file: all its answers are stored with it, or nothing is. Raises x12.Unreadable
        without an ISA.
        """
        tree = read(text)
        with self._store.write() as db:
            at, receipt_id = self._store.now(), str(uuid.uuid4())
            made = db.execute(
                "INSERT INTO submissions (receipt_id, received_at, content) VALUES (?, ?, ?)",
                (receipt_id, at, text),
            )
            self._answer(_Submission(made.lastrowid or 0, tree.isa, at), tree)
        return Receipt(receipt_id, at)

    def _answer(self, sent: _Submission, tree: Interchange) -> None:
        fault = interchange_fault(tree)
        if fault:
            self._ta1(sent, fault)
            return
        results = [check_group(group, "837") for group in tree.groups]
        accepted = [entry for result in results for entry in result.accepted]
        if accepted and self._seen(tree.isa):
            self._ta1(sent, "025")
            return
        self._remember(tree.isa)
        if tree.isa[14] == "1":
            self._ta1(sent, "000")
        self._store.note("837", "", "999 " + "/".join(result.status for result in results))
        times = self._times(sent.at)
        self._acknowledge(sent, results, times["999"])
        batches = [claims.read(entry) for entry in accepted]
        verdicts = [self._ledger.enter(batch, sent.id, sent.at, times["835"]) for batch in batches]
        for batch, found in zip(batches, verdicts, strict=True):
            self._accept(sent, batch, found, times["277CA"])
        self._pay(sent, times["835"])

    def _times(self, at: float) -> dict[str, float]:
        times = {kind: at + seconds for kind, seconds in self._after_s.items()}
        if self._faults.take(Fault.OUT_OF_ORDER):
            times["999"], times["277CA"] = times["277CA"], times["999"]
            times["999"] = max(times["999"], times["277CA"] + 0.001)
        if self._faults.take(Fault.LATE_835):
            times["835"] = at + _LATE_S
        return times

    def _seen(self, isa: Segment) -> bool:
        query = "SELECT 1 FROM interchanges WHERE sender = ? AND control = ?"
        return bool(self._store.rows(query, isa[6].strip(), isa[13]))

    def _remember(self, isa: Segment) -> None:
        with self._store.write() as db:
            db.execute("INSERT OR IGNORE INTO interchanges VALUES (?, ?)", (isa[6].strip(), isa[13]))

    def _ta1(self, sent: _Submission, code: str) -> None:
        envelope = self._clothes.envelope(sent.isa, sent.at)
        self._mailbox.post(sent.id, "TA1", sent.at, write_bare(envelope, ta1_rows(sent.isa, code)))
        self._store.note("837", "", f"TA1 {code}")

    def _acknowledge(self, sent: _Submission, results: list[GroupResult], due: float) -> None:
        if self._faults.take(Fault.DROP_999):
            return
        sets = [rows_999(result, number) for number, result in enumerate(results, start=1)]
        self._post(sent, "999", due, ("FA", "005010X231A1"), sets)

    def _accept(self, sent: _Submission, batch: claims.Batch, verdicts: list[Verdict], due: float) -> None:
        by_payer: dict[str, list[Verdict]] = {}
        for verdict in verdicts:
            by_payer.setdefault(verdict.claim.payer.id, []).append(verdict)
        for own in by_payer.values():
            reference = f"CA{self._store.count('277CA'):08d}"
            rows = rows_277ca(batch, own, reference, 1, instant(sent.at), instant(due))
            self._post(sent, "277CA", due, ("HN", "005010X214"), [rows])

    def _pay(self, sent: _Submission, due: float) -> None:
        for sets in self._payments.of(sent.id, sent.at, due):
            copies = 2 if self._faults.take(Fault.DUPLICATE_835) else 1
            for _ in range(copies):
                self._post(sent, "835", due, ("HP", "005010X221A1"), sets)

    def _post(
        self, sent: _Submission, kind: str, due: float, group: tuple[str, str], sets: list[list[Row]]
    ) -> None:
        function, version = group
        envelope = self._clothes.envelope(sent.isa, due)
        self._mailbox.post(sent.id, kind, due, write(envelope, function, version, sets))
