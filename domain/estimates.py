"""What the client will probably pay, with the rows it was read from and how sure it is.

Source: benefit rows of the 271 (005010X279A1). An estimate of low confidence is to be shown as "up to". The
raw answer and the inputs are kept beside the number; `RULE` names the algorithm that made it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from domain.benefit_rows import Choice, choose, remaining_visits
from domain.clinicians import ClinicianKind
from domain.eligibility import OFFICE_VISIT, WHOLE_PLAN, Benefit, EligibilityAnswer, Kind, Network, Period
from domain.money import ZERO, cents, share, total

RULE = "estimate-2"
"""2: `deductible waived` and `no deductible applies` are read from the payer's words."""

CREDITS_RULE = "credits-1"


class Confidence(StrEnum):
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class BasisRow:
    """One benefit row that the estimate rests on. `value` is dollars, a fraction, or visits."""

    what: str  # copay, coinsurance, deductible_remaining, out_of_pocket_remaining, visits_remaining, credits
    value: Decimal
    service_type: str
    network: str
    level: str
    period: str
    telehealth: bool


@dataclass(frozen=True, slots=True)
class Inputs:
    """What an estimate was reckoned with beside the rows: the price allowed (dollars), our side of the network, how
    many sessions a month has, and the kind of clinician whose services the price is for; None: everybody's.
    """

    allowed: Decimal
    in_network: bool
    sessions_per_month: int
    clinician_kind: ClinicianKind | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    """Dollars. `per_month` lets the deductible and the yearly limit run down from session to session."""

    per_session: Decimal
    per_month: Decimal
    confidence: Confidence
    basis: tuple[BasisRow, ...]
    as_of: date
    self_pay: Decimal
    inputs: Inputs
    rule: str = RULE

    @property
    def self_pay_per_month(self) -> Decimal:
        """What a month costs without any cover."""
        return self.self_pay * self.inputs.sessions_per_month

    @property
    def up_to(self) -> bool:
        """Whether to show the number as the most it can be."""
        return self.confidence is Confidence.LOW


@dataclass(frozen=True, slots=True)
class _Terms:
    """What one plan asks of a session, before any session."""

    copay: Decimal | None
    deductible_first: bool
    coinsurance: Decimal | None
    deductible: Decimal
    out_of_pocket: Decimal | None
    visits: int | None

    @property
    def uses_deductible(self) -> bool:
        return self.deductible_first or (self.copay is None and self.coinsurance is not None)


def estimate(
    answer: EligibilityAnswer,
    *,
    allowed: Decimal,
    in_network: bool,
    sessions_per_month: int,
    self_pay: Decimal,
    as_of: date,
    clinician_kind: ClinicianKind | None = None,
) -> Estimate | None:
    """The estimate for telehealth mental-health care; None when the plan is not active.

    `allowed` is the contract's price of one session, `self_pay` ours without insurance (dollars). `as_of` is
    the day of the payer's answer, `clinician_kind` whom the contract's price is for (None: everybody).
    """
    if not answer.active:
        return None
    inside = in_network and not _priced_outside_only(answer)
    copay, coinsurance = _narrower(_visit_copay(answer, inside), _coinsurance(answer, inside))
    deductible, deductible_known = _deductible(answer, inside)
    if coinsurance is not None and _WAIVED.search(_words(coinsurance.row)):
        deductible, deductible_known = None, True
    out_of_pocket = _remaining(answer, Kind.OUT_OF_POCKET, inside)
    visits = remaining_visits(answer, inside)
    terms = _Terms(
        copay=copay.row.amount if copay else None,
        deductible_first=copay is not None and _deductible_applies(copay.row),
        coinsurance=coinsurance.row.fraction if coinsurance else None,
        deductible=_amount(deductible),
        out_of_pocket=_amount(out_of_pocket) if out_of_pocket else None,
        visits=int(visits.row.quantity) if visits and visits.row.quantity is not None else None,
    )
    payments = _payments(terms, allowed, self_pay, max(sessions_per_month, 1))
    certain = inside == in_network and (deductible_known or not terms.uses_deductible)
    used = (copay, coinsurance, deductible, out_of_pocket, visits)
    return Estimate(
        per_session=payments[0],
        per_month=total(payments[:sessions_per_month]),
        confidence=_confidence(copay or coinsurance, terms, certain),
        basis=tuple(_basis(choice) for choice in used if choice),
        as_of=as_of,
        self_pay=cents(self_pay),
        inputs=Inputs(cents(allowed), in_network, sessions_per_month, clinician_kind),
    )


def by_credits(left: int, *, sessions_per_month: int, self_pay: Decimal, as_of: date) -> Estimate:
    """What a sponsor's member pays: nothing while sessions are `left`, our own price for each one after them."""
    price = cents(self_pay)
    paid = max(sessions_per_month - left, 0)
    basis = BasisRow("credits", Decimal(left), "", "", "", "", telehealth=False)
    return Estimate(
        per_session=ZERO if left > 0 else price,
        per_month=price * paid,
        confidence=Confidence.HIGH,
        basis=(basis,),
        as_of=as_of,
        self_pay=price,
        inputs=Inputs(price, in_network=True, sessions_per_month=sessions_per_month),
        rule=CREDITS_RULE,
    )


def by_oneself(rule: str, *, sessions_per_month: int, self_pay: Decimal, as_of: date) -> Estimate:
    """What is paid without a payer: our own price. `rule` says how (`self_pay`, `fsa_hsa`)."""
    price = cents(self_pay)
    inputs = Inputs(price, in_network=False, sessions_per_month=sessions_per_month)
    return Estimate(price, price * sessions_per_month, Confidence.HIGH, (), as_of, price, inputs, rule)


def _payments(terms: _Terms, allowed: Decimal, self_pay: Decimal, sessions: int) -> list[Decimal]:
    """What each of so many sessions costs, in turn."""
    deductible, limit, payments = terms.deductible, terms.out_of_pocket, []
    for number in range(sessions):
        if terms.visits is not None and number >= terms.visits:
            payments.append(cents(self_pay))  # the plan pays for no more visits
            continue
        from_deductible, payment = _one_session(terms, allowed, deductible)
        if limit is not None:
            payment = min(payment, limit)
            limit -= payment
        deductible -= min(from_deductible, payment)
        payments.append(cents(payment))
    return payments


def _one_session(terms: _Terms, allowed: Decimal, deductible: Decimal) -> tuple[Decimal, Decimal]:
    """(what counts against the deductible, what the client pays), before the yearly limit."""
    if terms.copay is not None:
        first = min(allowed, deductible) if terms.deductible_first else ZERO
        return first, first + min(terms.copay, allowed - first)
    if terms.coinsurance is not None:
        first = min(allowed, deductible)
        return first, first + share(allowed - first, terms.coinsurance)
    return ZERO, allowed  # nothing said about the cost: the most it can be


def _visit_copay(answer: EligibilityAnswer, in_network: bool) -> Choice | None:
    """A copay for each visit if there is one, else one without a period. Other periods do not price a session."""
    rows = [row for row in answer.rows(Kind.COPAY) if row.amount is not None]
    per_visit = [row for row in rows if row.period == Period.VISIT]
    return choose(per_visit, in_network) or choose([row for row in rows if not row.period], in_network)


def _coinsurance(answer: EligibilityAnswer, in_network: bool) -> Choice | None:
    return choose((row for row in answer.rows(Kind.COINSURANCE) if row.fraction is not None), in_network)


def _narrower(copay: Choice | None, coinsurance: Choice | None) -> tuple[Choice | None, Choice | None]:
    """Of a copay and a coinsurance the one that speaks of the narrower service; the copay alone when both do."""
    if copay and coinsurance:
        return (None, coinsurance) if coinsurance.breadth < copay.breadth else (copay, None)
    return copay, coinsurance


def _priced_outside_only(answer: EligibilityAnswer) -> bool:
    """The payer prices our care only out of network: for this plan we are outside, whatever our contract says."""
    inside = _visit_copay(answer, in_network=True) or _coinsurance(answer, in_network=True)
    outside = _visit_copay(answer, in_network=False) or _coinsurance(answer, in_network=False)
    return inside is None and outside is not None


def _deductible(answer: EligibilityAnswer, in_network: bool) -> tuple[Choice | None, bool]:
    """The remaining deductible and whether it is known. A whole one of which nobody said what is used up counts as
    unused: the client is never told too little.
    """
    remaining = _remaining(answer, Kind.DEDUCTIBLE, in_network)
    if remaining:
        return remaining, True
    whole = choose(_with_amount(answer, Kind.DEDUCTIBLE), in_network)
    return whole, whole is None or whole.row.amount == 0


def _remaining(answer: EligibilityAnswer, kind: Kind, in_network: bool) -> Choice | None:
    return choose((row for row in _with_amount(answer, kind) if row.period == Period.REMAINING), in_network)


def _with_amount(answer: EligibilityAnswer, kind: Kind) -> Iterable[Benefit]:
    return (row for row in answer.rows(kind) if row.amount is not None)


def _amount(choice: Choice | None) -> Decimal:
    return choice.row.amount if choice and choice.row.amount is not None else ZERO


def _deductible_applies(row: Benefit) -> bool:
    """A copay usually stands alone; only the payer's own words put the deductible before it."""
    text = _words(row)
    return _APPLIES.search(text) is not None and _WAIVED.search(text) is None


_APPLIES = re.compile(r"AFTER (THE |PLAN )?DEDUCTIBLE|DEDUCTIBLE APPLIES|SUBJECT TO (THE )?DEDUCTIBLE")
_WAIVED = re.compile(
    r"DEDUCTIBLE (IS |HAS BEEN )?(WAIVED|DOES NOT APPLY|NOT APPLICABLE)"
    r"|NO DEDUCTIBLE|NOT (SUBJECT TO|AFTER) (THE )?DEDUCTIBLE|WITHOUT (THE )?DEDUCTIBLE"
)


def _words(row: Benefit) -> str:
    return " ".join(" ".join(row.messages).upper().split())


def _confidence(leading: Choice | None, terms: _Terms, certain: bool) -> Confidence:
    """High for a mental-health row, medium for an office visit, low for the whole plan or nothing."""
    if terms.visits == 0:
        return Confidence.HIGH  # the plan said that it pays no more
    if leading is None or not certain or leading.service_type == WHOLE_PLAN:
        return Confidence.LOW
    if leading.service_type == OFFICE_VISIT and not leading.row.telehealth:
        return Confidence.MEDIUM
    return Confidence.HIGH


_NAMES = {
    Kind.COPAY.value: "copay",
    Kind.COINSURANCE.value: "coinsurance",
    Kind.DEDUCTIBLE.value: "deductible",
    Kind.OUT_OF_POCKET.value: "out_of_pocket",
    Kind.LIMITATION.value: "visits",
}


def _basis(choice: Choice) -> BasisRow:
    row = choice.row
    values = (row.amount, row.fraction, row.quantity)
    remains = "_remaining" if row.period == Period.REMAINING else ""
    return BasisRow(
        what=_NAMES[row.kind] + remains,
        value=next((value for value in values if value is not None), ZERO),
        service_type=choice.service_type,
        network=Network(row.network).name.lower(),
        level=row.level,
        period=row.period,
        telehealth=row.telehealth,
    )
