"""What a payer said about a member, in the terms of X12 271 but free of its syntax.

The codes keep their X12 meaning (ASC X12N 005010X279A1): EB01 kind, EB02 level, EB03 service types, EB06
period, EB07 money, EB08 fraction, EB09 and EB10 quantity, EB11 authorisation, EB12 network.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

ACTIVE_KINDS = frozenset({"1", "2", "3", "4", "5"})
INACTIVE_KINDS = frozenset({"6", "7", "8"})
TELEHEALTH_PLACES = frozenset({"02", "10"})
TELEHEALTH_WORDS = ("TELEHEALTH", "TELEMEDICINE", "VIRTUAL")

MENTAL_HEALTH_TYPES = ("A6", "MH")  # psychotherapy is the narrower; A4, A7, A8 speak of other care
OFFICE_VISIT = "98"
WHOLE_PLAN = "30"

VISITS = "VS"  # EB09


class Kind(StrEnum):
    """EB01, as far as anything here decides on it; 1-5 and 6-8 are `ACTIVE_KINDS` and `INACTIVE_KINDS`."""

    COINSURANCE = "A"
    COPAY = "B"
    DEDUCTIBLE = "C"
    LIMITATION = "F"
    OUT_OF_POCKET = "G"
    NOT_COVERED = "I"
    OTHER_PAYER = "R"
    CONTACT_ENTITY = "U"
    CANNOT_PROCESS = "V"


class Period(StrEnum):
    """EB06, as far as anything here decides on it."""

    SERVICE_YEAR = "22"
    CALENDAR_YEAR = "23"
    EPISODE = "26"
    VISIT = "27"
    REMAINING = "29"


class Network(StrEnum):
    """EB12. UNSAID is the empty element."""

    IN = "Y"
    OUT = "N"
    NOT_APPLICABLE = "W"
    UNKNOWN = "U"
    UNSAID = ""


@dataclass(frozen=True, slots=True)
class RejectedQuestion:
    """One AAA: the loop it stands in ("2100C"), the reason (AAA03), what to do next (AAA04)."""

    loop: str
    code: str
    follow_up: str | None = None


@dataclass(frozen=True, slots=True)
class Benefit:
    """One EB with what hangs below it. Amounts in US dollars, `fraction` 0.2 for 20 %."""

    kind: str
    level: str = ""  # IND, FAM, CHD...; empty when not said
    service_types: tuple[str, ...] = ()
    period: str = ""
    amount: Decimal | None = None
    fraction: Decimal | None = None
    quantity_kind: str = ""  # EB09; VS is visits
    quantity: Decimal | None = None
    authorisation: str = ""  # EB11: Y, N, U
    network: Network = Network.UNSAID
    places: tuple[str, ...] = ()  # 2115C III*ZZ
    messages: tuple[str, ...] = field(default=(), repr=False)  # MSG, verbatim
    entity_id: str | None = None  # payer id of the 2120C entity, for U and R

    @property
    def telehealth(self) -> bool:
        """Speaks of telehealth. It has no service type of its own: the place or the message tells."""
        text = " ".join(self.messages).upper()
        return bool(TELEHEALTH_PLACES & set(self.places)) or any(word in text for word in TELEHEALTH_WORDS)

    @property
    def is_active(self) -> bool:
        return self.kind in ACTIVE_KINDS

    @property
    def says_status(self) -> bool:
        return self.kind in ACTIVE_KINDS | INACTIVE_KINDS

    def about(self, service_type: str | None) -> bool:
        """Names this service type; None asks for a row that names none at all."""
        return service_type in self.service_types if service_type else not self.service_types


@dataclass(frozen=True, slots=True)
class EligibilityAnswer:
    """One 271 about one member. Rejections and benefits may both be there; rejections decide then.

    `covered_from` is the member's own first day; `plan_begin` may be the plan's, or its year's.
    """

    rejections: tuple[RejectedQuestion, ...] = ()
    benefits: tuple[Benefit, ...] = ()
    plan_begin: date | None = None
    plan_end: date | None = None
    covered_from: date | None = None

    @property
    def active(self) -> bool | None:
        """Whether mental health is in force, by the narrowest row that says so; None when none does."""
        for service_type in (*MENTAL_HEALTH_TYPES, OFFICE_VISIT, WHOLE_PLAN, None):
            rows = [row for row in self.benefits if row.says_status and row.about(service_type)]
            if rows:
                return any(row.is_active for row in rows)
        return None

    def rows(self, kind: str) -> tuple[Benefit, ...]:
        return tuple(row for row in self.benefits if row.kind == kind)
