"""Answers a 276 by a 277 (005010X212) from the payer's books.

Claim status category codes: F0/F1/F2 finalised (paid F1, denied F2), P1 in process, A4 not found; status
codes 65 paid, 585 denied, 20 accepted for processing, 35 claim not found.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from decimal import Decimal

from sandbox.acknowledgement import money
from sandbox.clothes import instant
from sandbox.rules import Rules
from sandbox.store import Store
from sandbox.x12 import Row, Segment, TransactionSet


@dataclass
class _Asked:
    """One claim asked for: by the payer's control number, or by the patient control number (EJ)."""

    trace: str
    icn: str = ""
    number: str = ""
    charge: str = ""
    dates: Segment | None = None


def _asked(segments: list[Segment]) -> list[_Asked]:
    asked: list[_Asked] = []
    for segment in segments:
        match (segment.id, segment[1]):
            case ("TRN", _):
                asked.append(_Asked(segment[2]))
            case ("REF", "1K") if asked:
                asked[-1].icn = segment[2]
            case ("REF", "EJ") if asked:
                asked[-1].number = segment[2]
            case ("AMT", "T3") if asked:
                asked[-1].charge = segment[2]
            case ("DTP", "472") if asked:
                asked[-1].dates = segment
    return asked


def _as_sent(segment: Segment, first: str = "") -> Row:
    return (segment.id, first or segment[1], *segment.elements[2:])


class ClaimStatus:
    """The payers' claim status desk."""

    def __init__(self, rules: Rules, store: Store) -> None:
        self._rules, self._store = rules, store

    def answer(self, question: TransactionSet) -> list[Row]:
        """The 277 for one 276: the levels asked, each claim with its status."""
        now = instant(self._store.now())
        segments = question.segments
        reference = next(segment[3] for segment in segments if segment.id == "BHT")
        rows: list[Row] = [
            ("ST", "277", question.st[2], "005010X212"),
            ("BHT", "0010", "08", reference, f"{now:%Y%m%d}", f"{now:%H%M}", "DG"),
        ]
        rows += [_as_sent(segment) for segment in segments if segment.id in {"HL", "NM1"}]
        payer_id = next(segment[9] for segment in segments if segment.id == "NM1" and segment[1] == "PR")
        member = next(segment[9] for segment in segments if segment.id == "NM1" and segment[1] == "IL")
        for asked in _asked(segments):
            rows += self._claim(asked, payer_id, member)
        return rows

    def _find(self, asked: _Asked, payer_id: str, member: str) -> sqlite3.Row | None:
        payer = self._rules.payers.get(payer_id)
        query = (
            "SELECT * FROM claims WHERE payer = ? AND member = ? AND (icn = ? OR claim_number = ?)"
            " ORDER BY rowid DESC LIMIT 1"
        )
        found = self._store.rows(query, payer.key if payer else "", member, asked.icn, asked.number)
        return found[0] if found else None

    def _claim(self, asked: _Asked, payer_id: str, member: str) -> list[Row]:
        today = f"{instant(self._store.now()):%Y%m%d}"
        found = self._find(asked, payer_id, member)
        rows: list[Row] = [("TRN", "2", asked.trace)]
        if found is None:
            rows.append(("STC", ("A4", "35"), today, "", asked.charge, "0"))
        else:
            rows += [self._status(found, today), ("REF", "1K", found["icn"])]
        return [*rows, _as_sent(asked.dates)] if asked.dates else rows

    def _status(self, claim: sqlite3.Row, today: str) -> Row:
        charge, paid = Decimal(claim["charge"]), Decimal(claim["paid"])
        if claim["paid_at"] > self._store.now():
            return ("STC", ("P1", "20"), today, "", money(charge), "0")
        day = f"{instant(claim['paid_at']):%Y%m%d}"
        denied = json.loads(claim["decision"])["decision"]["status"] == "4"
        code = ("F2", "585") if denied else ("F1", "65")
        return ("STC", code, day, "", money(charge), money(paid), day, "", claim["trace"])
