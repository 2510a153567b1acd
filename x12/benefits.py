"""What a payer says about cover, one EB segment with all that belongs to it (271, loops 2110 and 2120).

Code sets are enumerations for the codes met in practice; a code outside them passes through as plain text,
so a payer's answer is never lost to a list that is too short. The members are strings, equal to their
codes.
"""

from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from x12.codes import FollowUp
from x12.parties import Address, Contact, Party, Period, Reference, Rest, Specialty, concealed


class Information(StrEnum):
    """EB01: what kind of statement this is."""

    ACTIVE = "1"
    ACTIVE_FULL_RISK = "2"
    ACTIVE_SERVICES_CAPITATED = "3"
    ACTIVE_SERVICES_CAPITATED_TO_PRIMARY_CARE = "4"
    ACTIVE_PENDING_INVESTIGATION = "5"
    INACTIVE = "6"
    INACTIVE_PENDING_ELIGIBILITY = "7"
    INACTIVE_PENDING_INVESTIGATION = "8"
    COINSURANCE = "A"
    COPAYMENT = "B"
    DEDUCTIBLE = "C"
    COVERAGE_BASIS = "CB"
    BENEFIT_DESCRIPTION = "D"
    EXCLUSIONS = "E"
    LIMITATIONS = "F"
    OUT_OF_POCKET = "G"
    UNLIMITED = "H"
    NOT_COVERED = "I"
    COST_CONTAINMENT = "J"
    RESERVE = "K"
    PRIMARY_CARE_PROVIDER = "L"
    PRE_EXISTING_CONDITION = "M"
    MANAGED_CARE_COORDINATOR = "MC"
    SERVICES_RESTRICTED = "N"
    NOT_DEEMED_NECESSARY = "O"
    BENEFIT_DISCLAIMER = "P"
    SECOND_OPINION = "Q"
    OTHER_PAYER = "R"
    PRIOR_YEAR_HISTORY = "S"
    CARDS_REPORTED_LOST = "T"
    CONTACT_OTHER_ENTITY = "U"
    CANNOT_PROCESS = "V"
    OTHER_SOURCE = "W"
    HEALTH_CARE_FACILITY = "X"
    SPEND_DOWN = "Y"


ACTIVE = frozenset("12345")
INACTIVE = frozenset("678")


class CoverageLevel(StrEnum):
    """EB02: whom the statement covers."""

    CHILDREN = "CHD"
    DEPENDENTS = "DEP"
    EMPLOYEE_AND_CHILDREN = "ECH"
    EMPLOYEE = "EMP"
    EMPLOYEE_AND_SPOUSE = "ESP"
    FAMILY = "FAM"
    INDIVIDUAL = "IND"
    SPOUSE_AND_CHILDREN = "SPC"
    SPOUSE = "SPO"


class TimePeriod(StrEnum):
    """EB06: the time an amount or quantity counts for."""

    HOUR = "6"
    DAY = "7"
    TWENTY_FOUR_HOURS = "13"
    YEARS = "21"
    SERVICE_YEAR = "22"
    CALENDAR_YEAR = "23"
    YEAR_TO_DATE = "24"
    CONTRACT = "25"
    EPISODE = "26"
    VISIT = "27"
    OUTLIER = "28"
    REMAINING = "29"
    EXCEEDED = "30"
    NOT_EXCEEDED = "31"
    LIFETIME = "32"
    LIFETIME_REMAINING = "33"
    MONTH = "34"
    WEEK = "35"
    ADMISSION = "36"


class QuantityKind(StrEnum):
    """EB09 and HSD01: what a quantity counts."""

    MINIMUM = "8H"
    QUANTITY_USED = "99"
    COVERED_ACTUAL = "CA"
    COVERED_ESTIMATED = "CE"
    DAYS = "DY"
    DEDUCTIBLE_BLOOD = "DB"
    HOURS = "HS"
    LIFETIME_RESERVE_ACTUAL = "LA"
    LIFETIME_RESERVE_ESTIMATED = "LE"
    MAXIMUM = "M2"
    MONTHS = "MN"
    APPROVED = "P6"
    QUANTITY_APPROVED = "QA"
    AGE_HIGH = "S7"
    AGE_LOW = "S8"
    VISITS = "VS"
    YEARS = "YY"


class Answer(StrEnum):
    """EB11 (authorisation or certification needed) and EB12 (in the plan's network)."""

    YES = "Y"
    NO = "N"
    NOT_APPLICABLE = "W"
    UNKNOWN = "U"


class Rejection(NamedTuple):
    """One AAA segment: why a question was not answered.

    `loop` tells whom it blames: 2000A or 2100A payer, 2100B provider, 2100C and 2110C subscriber, 2100D and
    2110D dependent. `code` is AAA03, `follow_up` AAA04. `request_valid` is AAA01: the question was well
    formed.
    """

    loop: str
    code: str
    follow_up: FollowUp | str
    request_valid: bool


class Delivery(NamedTuple):
    """How a service may be used (HSD): `quantity` of `kind` per `sample` of `frequency`, over `periods` of
    `period`."""

    kind: QuantityKind | str
    quantity: Decimal | None
    frequency: str
    sample: str
    period: TimePeriod | str
    periods: str
    pattern: str
    time: str


class Place(NamedTuple):
    """A condition a benefit is tied to (III).

    With `kind` "ZZ" the code is a place of service: 02 and 10 telehealth.
    """

    kind: str
    code: str
    text: str = ""


class RelatedEntity(NamedTuple):
    """Someone named by a benefit (2120): a carve-out payer, other insurance, a care coordinator."""

    party: Party
    address: Address | None
    contacts: tuple[Contact, ...]
    specialty: Specialty | None = None
    other: Rest = ()

    def __repr__(self) -> str:
        """Without what identifies or is unknown."""
        return concealed(self, "other")


class Benefit(NamedTuple):
    """One statement about cover.

    `amount` is in dollars, `percent` a fraction (0.2 is 20 %, the patient's share). `procedure` holds the
    components of EB13. `messages` are verbatim. `other` are segments that say more than the fields hold,
    element by element. A named tuple, because answers come by the thousand.
    """

    information: Information | str
    level: CoverageLevel | str
    service_types: tuple[str, ...]
    insurance_type: str
    plan: str
    period: TimePeriod | str
    amount: Decimal | None
    percent: Decimal | None
    quantity_kind: QuantityKind | str
    quantity: Decimal | None
    authorization: Answer | str
    network: Answer | str
    procedure: tuple[str, ...] = ()
    diagnosis_pointers: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    references: tuple[Reference, ...] = ()
    dates: tuple[Period, ...] = ()
    places: tuple[Place, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    entities: tuple[RelatedEntity, ...] = ()
    other: Rest = ()

    def __repr__(self) -> str:
        """Without what is unknown."""
        return concealed(self, "other")
