"""Decides what each line of a claim is paid, in the order of the rules: first reason to deny, else price
and patient share.

CARC and RARC as X12 lists them: CO 4 modifier, 5 place, 18 duplicate, 22 other payer first, 26/27 cover,
29 late, 45 above the contract, 96 not covered (N130), 109 wrong payer, 119 maximum reached, 197 no
authorisation, 204 not in plan; PR 1/2/3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from sandbox.claims import Claim, Line
from sandbox.decisions import Adjustment, Decision, PaidLine
from sandbox.eligibility import covered_since
from sandbox.rules import Member, Payer, Rules

_CENT = Decimal("0.01")
_TELEHEALTH_PLACES = {"02", "10"}
_TELEHEALTH_MODIFIERS = {"93", "95", "GT"}
SeenBefore = Callable[[Line], bool]


@dataclass(frozen=True)
class Reason:
    """Why a line is denied."""

    group: str
    carc: str
    rarc: str = ""


@dataclass(frozen=True)
class _Case:
    claim: Claim
    payer: Payer
    member: Member
    received: date


class Adjudication:
    """The payers' claim desk. Yearly amounts start afresh with each claim, so that a member's answer
    never depends on what other callers of the sandbox did before.
    """

    def __init__(self, rules: Rules) -> None:
        self._rules = rules

    def decide(self, claim: Claim, received: date, seen: SeenBefore) -> Decision:
        """Decide an accepted claim. `seen`: whether a line was adjudicated before."""
        payer = self._rules.payers[claim.payer.id]
        member = self._rules.members[claim.member_id[-2:]].at(payer)
        case = _Case(claim, payer, member, received)
        shares = _Shares(member, self._rules)
        known: set[tuple[str, str, str]] = set()
        lines = []
        for line in claim.lines:
            key = (line.dates, line.procedure, line.rendering)
            again = claim.frequency == "1" and (seen(line) or key in known)
            known.add(key)
            reason = Reason("CO", "18") if again else self._reason(case, line)
            lines.append(_denied(line, reason) if reason else self._paid(line, shares))
        denied = all(line.paid == 0 and line.allowed == 0 for line in lines)
        patient, rendering = claim.patient, claim.rendering
        return Decision(
            claim.number,
            claim.place,
            claim.frequency,
            (patient.last, patient.first, patient.id or claim.member_id),
            (rendering.last, rendering.first, rendering.id),
            tuple(lines),
            "4" if denied else "1",
            f"{claim.first:%Y%m%d}",
            f"{received:%Y%m%d}",
            claim.member_id,
        )

    def _reason(self, case: _Case, line: Line) -> Reason | None:
        if (case.received - line.last).days > case.payer.timely_filing_days:
            return Reason("CO", "29")
        return (
            _coverage(case, line)
            or _permission(case)
            or self._place_and_modifier(line)
            or self._asynchronous(case, line)
            or (Reason("CO", "204") if line.procedure not in self._rules.allowed else None)
        )

    def _is_asynchronous(self, line: Line) -> bool:
        return line.procedure in self._rules.asynchronous or "GQ" in line.modifiers

    def _place_and_modifier(self, line: Line) -> Reason | None:
        used = _TELEHEALTH_MODIFIERS.intersection(line.modifiers)
        if self._is_asynchronous(line):
            return Reason("CO", "4") if used or "GQ" in line.modifiers else None
        if len(used) > 1:
            return Reason("CO", "4")
        remote = line.place in _TELEHEALTH_PLACES
        if used and not remote:
            return Reason("CO", "5")
        if remote and not used and line.procedure in self._rules.live:
            return Reason("CO", "4")
        return None

    def _asynchronous(self, case: _Case, line: Line) -> Reason | None:
        covered = case.payer.async_text in {"covered", "contract"}
        return None if covered or not self._is_asynchronous(line) else Reason("CO", "96", "N130")

    def _paid(self, line: Line, shares: _Shares) -> PaidLine:
        allowed = min(line.charge, (self._rules.allowed[line.procedure] * line.units).quantize(_CENT))
        patient = shares.of(line, allowed)
        parts = [Adjustment("CO", "45", line.charge - allowed), *patient]
        kept = tuple(part for part in parts if part.amount)
        paid = line.charge - sum((part.amount for part in kept), Decimal(0))
        return PaidLine(
            line.procedure,
            line.modifiers,
            line.charge,
            paid,
            line.units,
            line.dates,
            line.control,
            kept,
            allowed,
        )


def _denied(line: Line, reason: Reason) -> PaidLine:
    parts = (Adjustment(reason.group, reason.carc, line.charge),)
    return PaidLine(
        line.procedure,
        line.modifiers,
        line.charge,
        Decimal(0),
        line.units,
        line.dates,
        line.control,
        parts,
        rarc=reason.rarc,
    )


def _coverage(case: _Case, line: Line) -> Reason | None:
    member = case.member
    if member.carve_out:
        return Reason("CO", "109")
    if line.first < covered_since(case.payer, member, case.received):
        return Reason("CO", "26")
    ended = member.terminated_on is not None and line.last > member.terminated_on
    if ended or member.ends_in_retrospect_after_days is not None:
        return Reason("CO", "27")
    if member.primary_elsewhere and case.claim.payer_rank == "P":
        return Reason("CO", "22")
    return None


def _permission(case: _Case) -> Reason | None:
    member = case.member
    if member.authorisation_after_visit is not None and not case.claim.authorisation:
        return Reason("CO", "197")
    if member.visits and member.visits[1] >= member.visits[0]:
        return Reason("CO", "119")
    return None


class _Shares:
    """What the patient owes, line after line of one claim: a copay once a day, the deductible until
    it is met.
    """

    def __init__(self, member: Member, rules: Rules) -> None:
        self._member = member
        plan = rules.plan
        self._deductible = member.deductible.remaining if member.deductible else Decimal(0)
        self._limit = (member.oop or plan.oop).remaining if member.network == "Y" else None
        self._visited: set[str] = set()

    def of(self, line: Line, allowed: Decimal) -> Iterable[Adjustment]:
        """PR 1, 2 and 3 for a line with this allowed amount, within what is left of the
        out-of-pocket limit.
        """
        if self._member.covered_in_full:
            return ()
        deductible = self._within(min(allowed, self._deductible))
        self._deductible -= deductible
        rest = allowed - deductible
        rate = self._member.coinsurance or Decimal(0)
        coinsurance = self._within((rest * rate).quantize(_CENT, ROUND_HALF_UP))
        copay = self._within(min(rest - coinsurance, self._copay(line)))
        return (
            Adjustment("PR", "1", deductible),
            Adjustment("PR", "2", coinsurance),
            Adjustment("PR", "3", copay),
        )

    def _copay(self, line: Line) -> Decimal:
        member = self._member
        if member.copay is None or line.dates in self._visited:
            return Decimal(0)
        self._visited.add(line.dates)
        remote = line.place in _TELEHEALTH_PLACES and member.telehealth_copay is not None
        return member.telehealth_copay or Decimal(0) if remote else member.copay

    def _within(self, amount: Decimal) -> Decimal:
        if self._limit is None:
            return amount
        taken = min(amount, self._limit)
        self._limit -= taken
        return taken
