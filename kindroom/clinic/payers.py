"""Six payers of the demo clinic, their contracts, our own prices, and one employer. All figures are invented.

Payer numbers, filing limits and habits follow the payer sandbox; a real clinic enters its own contracts.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

from domain.clinicians import ClinicianKind, may_report
from domain.contracts import ContractRow, Modality
from domain.practice import Practice
from records.payers import NewPayer
from records.sponsor_terms import NewSponsor

PRACTICE: Final = Practice(
    name="KINDROOM DEMO CLINIC PC",
    npi="1999999984",
    taxonomy="251S00000X",
    tax_id="999999998",
    street="1 HARBOR WAY",
    city="SEATTLE",
    state="WA",
    postal_code="981010001",
    contact="BILLING OFFICE",
    phone="2065550100",
    submitter_id="KINDROOM",
    receiver_name="PAYER SANDBOX",
    receiver_id="SANDBOX",
)

_MINUTES: Final = {
    "98970": (5, 10),
    "98971": (11, 20),
    "98972": (21, None),
    "99421": (5, 10),
    "99422": (11, 20),
    "99423": (21, None),
}
"""Online digital services by minutes in seven days (CPT): 98970-98972 by therapists, 99421-99423 by prescribers."""


@dataclass(frozen=True, slots=True)
class PayerRow:
    """A payer as this clinic knows it. `charges` and `allowed` are dollars by procedure; `established` wants
    an earlier service of ours."""

    code: str
    name: str
    number: str
    filing_limit_days: int
    usual_cost: str
    claim_filing: str = "CI"
    hint: str | None = None
    group: str = ""
    f_code: bool = False
    established: bool = False
    plan_year_from: str = "01-01"
    allowed: dict[str, str] = field(
        default_factory=lambda: {
            "98970": "15.00",
            "98971": "30.00",
            "98972": "45.00",
            "99421": "20.00",
            "99422": "40.00",
            "99423": "60.00",
        }
    )
    charges: dict[str, str] = field(
        default_factory=lambda: {
            "98970": "25.00",
            "98971": "50.00",
            "98972": "75.00",
            "99421": "30.00",
            "99422": "60.00",
            "99423": "90.00",
        }
    )

    @property
    def new(self) -> NewPayer:
        """The payer as it is entered."""
        settings: dict[str, Any] = {
            "group_required": bool(self.group),
            "requires_f_code_primary": self.f_code,
            "hint": self.hint,
            "plan_year_from": self.plan_year_from,
        }
        return NewPayer(
            self.code,
            self.name,
            self.number,
            self.claim_filing,
            self.filing_limit_days,
            settings,
            {"usual_cost": self.usual_cost},
        )

    def contracts(self, since: date) -> tuple[ContractRow, ...]:
        """Messaging by clinician and minutes, place of service 11 as no telehealth code belongs on an e-visit."""
        return tuple(
            ContractRow(
                payer=self.code,
                modality=Modality.ASYNC,
                procedure_code=code,
                charge=Decimal(self.charges[code]),
                allowed=Decimal(self.allowed[code]),
                place_of_service="11",
                effective_from=since,
                minutes_from=least,
                minutes_to=most,
                requires_established=self.established,
                clinician_kind=kind,
            )
            for code, (least, most) in _MINUTES.items()
            for kind in ClinicianKind
            if may_report(kind, code)
        )


PAYERS: Final = (
    PayerRow("premera", "Premera Blue Cross", "00430", 365, "10.00", "BL", "Begins with a letter."),
    PayerRow("cigna", "Cigna", "62308", 90, "25.00"),
    PayerRow("optum", "Optum Behavioral Health", "87726", 90, "20.00", f_code=True),
    PayerRow(
        "gatorcare",
        "Florida Blue (GatorCare)",
        "00590",
        180,
        "15.00",
        "BL",
        "Your group number is on the front of the card.",
        group="78358",
        plan_year_from="08-16",
    ),
    PayerRow("aetna", "Aetna", "60054", 120, "30.00"),
    PayerRow("bcbs", "Blue Cross Blue Shield", "BCSNC", 180, "20.00", "BL", "Begins with three letters."),
)
BY_CODE: Final = {payer.code: payer for payer in PAYERS}

SELF_PAY_MESSAGING: Final = Decimal("65.00")

SPONSOR_CODE: Final = "HARBOR-2025"


def sponsor(since: date) -> NewSponsor:
    """One employer that pays for its people."""
    return NewSponsor("Harbor Ferry Company", "employer", SPONSOR_CODE, 8, since)
