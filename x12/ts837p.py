"""The professional claim, 837P (005010X222A1), as values: what a teletherapy or messaging claim needs."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from x12.codes import ClaimFiling
from x12.parties import Address

VERSION = "005010X222A1"
MAX_LINES = 50
MAX_DIAGNOSES = 12


@dataclass(frozen=True, slots=True)
class Submitter:
    """Who sends the file (1000A) and whom to ask about it."""

    name: str
    identifier: str
    contact_name: str
    phone: str
    email: str = ""


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who gets the file (1000B): the clearing house or payer."""

    name: str
    identifier: str


@dataclass(frozen=True, slots=True)
class BillingProvider:
    """The organisation, or with `first_name` the person, that bills (2010AA). The ZIP code has nine digits.

    `tax_id_kind` is EI for an employer's number, SY for a social security number.
    """

    name: str
    npi: str
    taxonomy: str
    tax_id: str
    address: Address
    first_name: str = ""
    tax_id_kind: str = "EI"


@dataclass(frozen=True, slots=True)
class RenderingProvider:
    """The clinician who gave the service (2310B)."""

    last_name: str
    first_name: str
    npi: str
    taxonomy: str


@dataclass(frozen=True, slots=True)
class Payer:
    """Who is to pay (2010BB)."""

    name: str
    identifier: str


@dataclass(frozen=True, slots=True)
class Subscriber:
    """The person insured (SBR, 2010BA). `responsibility` is P, S or T; `sex` F, M or U as the payer has it.

    Birth date, sex and address must be given when the subscriber is the patient.
    """

    last_name: str = field(repr=False)
    first_name: str = field(repr=False)
    member_id: str = field(repr=False)
    claim_filing: ClaimFiling
    birth_date: date | None = field(default=None, repr=False)
    sex: str = field(default="", repr=False)
    address: Address | None = field(default=None, repr=False)
    group_number: str = field(default="", repr=False)
    group_name: str = field(default="", repr=False)
    responsibility: str = "P"


@dataclass(frozen=True, slots=True)
class Patient:
    """The patient, when not the subscriber (2000C, 2010CA).

    `relationship` is PAT01: 01 spouse, 19 child, G8 other. A patient with a member id of their own is sent
    as the subscriber instead.
    """

    last_name: str = field(repr=False)
    first_name: str = field(repr=False)
    birth_date: date = field(repr=False)
    sex: str = field(repr=False)
    relationship: str
    address: Address = field(repr=False)


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """One service (2400). `reference` is REF*6R, which payers echo; `pointers` count diagnoses from 1."""

    reference: str
    procedure: str
    charge: Decimal
    first_day: date
    last_day: date | None = None
    modifiers: tuple[str, ...] = ()
    units: Decimal = Decimal(1)
    pointers: tuple[int, ...] = (1,)
    place_of_service: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim (2300) with everyone it concerns.

    `number` is CLM01, at most 20 characters because payers echo no more. `frequency` is 1 original, 7
    replacement, 8 void; 7 and 8 need `payer_claim_number` (REF*F8). The total charge is always the sum of
    the lines.
    """

    number: str
    billing: BillingProvider
    subscriber: Subscriber
    payer: Payer
    lines: tuple[ServiceLine, ...]
    diagnoses: tuple[str, ...] = field(repr=False)
    place_of_service: str
    patient: Patient | None = None
    rendering: RenderingProvider | None = None
    frequency: str = "1"
    payer_claim_number: str = ""
    authorization: str = ""
    provider_signature: bool = True
    accepts_assignment: str = "A"
    benefits_assigned: str = "Y"
    release: str = "Y"

    @property
    def charge(self) -> Decimal:
        """CLM02, the sum of the lines' charges."""
        return sum((line.charge for line in self.lines), Decimal(0))


@dataclass(frozen=True, slots=True)
class ClaimFile:
    """A batch of claims. `reference` is BHT03, under which acknowledgments speak of it."""

    reference: str
    submitter: Submitter
    receiver: Receiver
    claims: tuple[Claim, ...]
