"""Real-time questions: one X12 text in, one X12 text out. A bad envelope is answered by TA1, a bad
structure by 999.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sandbox import inquiry, status
from sandbox.clothes import Clothes
from sandbox.eligibility import Eligibility
from sandbox.envelopes import GroupResult, check_group, interchange_fault, rows_999, ta1_rows
from sandbox.faults import Faults
from sandbox.rules import Rules
from sandbox.store import Store
from sandbox.x12 import Interchange, Row, TransactionSet, read, write, write_bare

_KINDS = {"HS": "270", "HR": "276"}
_HEADINGS: Mapping[str, tuple[str, str]] = {
    "271": ("HB", "005010X279A1"),
    "277": ("HN", "005010X212"),
    "999": ("FA", "005010X231A1"),
}


@dataclass(frozen=True)
class Answer:
    """A real-time answer. `kind` is 271, 277, 999, TA1, or empty when there is none (`http` says why)."""

    content: str
    kind: str
    http: int = 200
    latency_ms: int | None = None


class RealTime:
    """The clearing house's question desk."""

    def __init__(self, rules: Rules, store: Store, faults: Faults) -> None:
        self._store = store
        self._clothes = Clothes(store, faults)
        self._eligibility = Eligibility(rules, store)
        self._status = status.ClaimStatus(rules, store)

    def answer(self, text: str) -> Answer:
        """Answer one interchange with one question. Raises x12.Unreadable when there is no ISA."""
        tree = read(text)
        with self._store.write():
            fault = interchange_fault(tree)
            if fault:
                envelope = self._clothes.envelope(tree.isa, self._store.now())
                self._store.note("question", "", f"TA1 {fault}")
                return Answer(write_bare(envelope, ta1_rows(tree.isa, fault)), "TA1")
            group = tree.groups[0]
            result = check_group(group, _KINDS.get(group.gs[1], "270"))
            if len(result.accepted) != 1 or len(tree.groups) != 1 or len(group.sets) != 1:
                return self._refused(tree, result)
            if group.gs[1] == "HR":
                return self._about_claim(tree, result.accepted[0])
            return self._about_cover(tree, result.accepted[0])

    def _refused(self, tree: Interchange, result: GroupResult) -> Answer:
        self._store.note("question", "", "999 R")
        refused = GroupResult(
            result.group, result.codes or (() if result.status == "R" else ("5",)), result.sets
        )
        return Answer(self._written(tree, "999", rows_999(refused, 1)), "999")

    def _written(self, tree: Interchange, kind: str, rows: list[Row]) -> str:
        function, version = _HEADINGS[kind]
        return write(self._clothes.envelope(tree.isa, self._store.now()), function, version, [rows])

    def _about_claim(self, tree: Interchange, question: TransactionSet) -> Answer:
        rows = self._status.answer(question)
        self._store.note("276", "", "277")
        return Answer(self._written(tree, "277", rows), "277")

    def _about_cover(self, tree: Interchange, question: TransactionSet) -> Answer:
        asked = inquiry.read(question)
        member = self._eligibility.member(asked)
        suffix = member.suffix if member else ""
        latency = member.latency_ms if member else None
        if member and (member.http or member.truncated_isa):
            self._store.note("270", suffix, f"HTTP {member.http}" if member.http else "truncated ISA")
            if member.http:
                return Answer("", "", member.http)
            whole = write_bare(self._clothes.envelope(tree.isa, self._store.now()), [])
            return Answer(whole[:40], "271")
        reply = self._eligibility.answer(asked, question.st[2])
        self._store.note("270", suffix, reply.outcome)
        return Answer(self._written(tree, "271", reply.rows), "271", reply.http, latency)
