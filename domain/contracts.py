"""Which contract row prices a service: payer, plan, modality, clinician, clinical minutes and date decide.

Payer policy is data with effective dates. A count of words never decides. Without a row a line is held for
billing review; nothing is guessed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from domain.clinicians import ClinicianKind, may_report
from domain.errors import FieldError, Invalid


class Modality(StrEnum):
    """How the service was given. ASYNC is messaging."""

    ASYNC = "async"
    AUDIO = "audio"
    VIDEO = "video"


# Psychotherapy by time with the patient present (CPT), and the evaluation: never earned by text.
LIVE_ONLY_CODES = frozenset(
    {
        "90785",
        "90791",
        "90792",
        "90832",
        "90833",
        "90834",
        "90836",
        "90837",
        "90838",
        "90839",
        "90840",
        "90846",
        "90847",
    }
)


class RateHold(StrEnum):
    """Why no row prices the service."""

    NO_CONTRACT_ROW = "no_contract_row"
    BELOW_MINIMUM_MINUTES = "below_minimum_minutes"
    NOT_ESTABLISHED = "not_established"
    CONTRACT_AMBIGUOUS = "contract_ambiguous"


@dataclass(frozen=True, slots=True)
class ContractRow:
    """One priced service. Minutes and dates are inclusive at both ends; None is open. Dollars to the cent.

    `plan` None prices every plan of the payer that has no row of its own, `clinician_kind` None every clinician's
    service. Raises `Invalid` when it cannot be right.
    """

    payer: str
    modality: Modality
    procedure_code: str
    charge: Decimal
    allowed: Decimal
    place_of_service: str
    effective_from: date
    effective_to: date | None = None
    plan: str | None = None
    minutes_from: int = 0
    minutes_to: int | None = None
    modifiers: tuple[str, ...] = ()
    requires_established: bool = False
    clinician_kind: ClinicianKind | None = None

    def __post_init__(self) -> None:
        errors = []
        if self.modality is Modality.ASYNC and self.procedure_code in LIVE_ONLY_CODES:
            errors.append(FieldError("procedure_code", "live_only_code"))
        if self.clinician_kind is not None and not may_report(self.clinician_kind, self.procedure_code):
            errors.append(FieldError("procedure_code", "not_of_this_kind"))
        if self.minutes_from < 0 or (self.minutes_to is not None and self.minutes_to < self.minutes_from):
            errors.append(FieldError("minutes_to", "range_empty"))
        if self.effective_to is not None and self.effective_to < self.effective_from:
            errors.append(FieldError("effective_to", "range_empty"))
        if self.charge <= 0:
            errors.append(FieldError("charge", "not_positive"))
        if not 0 <= self.allowed <= self.charge:
            errors.append(FieldError("allowed", "not_within_charge"))
        if errors:
            raise Invalid(*errors)

    def in_force(self, on: date) -> bool:
        return self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)

    def fits(self, clinician: ClinicianKind) -> bool:
        return self.clinician_kind in (None, clinician)

    def spans(self, minutes: int) -> bool:
        return self.minutes_from <= minutes and (self.minutes_to is None or minutes <= self.minutes_to)


def choose_rate(
    rows: Iterable[ContractRow],
    *,
    payer: str,
    plan: str | None,
    modality: Modality,
    clinician: ClinicianKind,
    clinical_minutes: int,
    on: date,
    established: bool,
) -> ContractRow | RateHold:
    """The row for a service on `on` (first day of service, clinic's calendar), or why there is none.

    `clinician` is the kind of the rendering clinician, `clinical_minutes` are those they attested. A plan's own rows
    replace the payer's general ones, for either kind.
    """
    in_force = [row for row in rows if row.payer == payer and row.modality is modality and row.in_force(on)]
    own = [row for row in in_force if row.plan is not None and row.plan == plan]
    general = [row for row in in_force if row.plan is None]
    candidates = [row for row in own or general if row.fits(clinician)]
    if not candidates:
        return RateHold.NO_CONTRACT_ROW
    spanning = [row for row in candidates if row.spans(clinical_minutes)]
    if not spanning:
        too_short = clinical_minutes < min(row.minutes_from for row in candidates)
        return RateHold.BELOW_MINIMUM_MINUTES if too_short else RateHold.NO_CONTRACT_ROW
    allowed_now = [row for row in spanning if established or not row.requires_established]
    if not allowed_now:
        return RateHold.NOT_ESTABLISHED
    return allowed_now[0] if len(allowed_now) == 1 else RateHold.CONTRACT_AMBIGUOUS
