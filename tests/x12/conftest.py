"""Samples, and a claim and an inquiry to vary."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from x12.codes import ClaimFiling
from x12.parties import Address
from x12.ts270 import EligibilityInquiry, Member, Trace
from x12.ts837p import (
    BillingProvider,
    Claim,
    ClaimFile,
    Payer,
    Receiver,
    RenderingProvider,
    ServiceLine,
    Submitter,
    Subscriber,
)
from x12.writing import Envelope

SAMPLES = Path(__file__).parent.parent / "samples" / "x12"


@pytest.fixture(scope="session")
def sample() -> Callable[[str], bytes]:
    """The bytes of a sample by its name without ".x12"."""
    return lambda name: (SAMPLES / f"{name}.x12").read_bytes()


@pytest.fixture(scope="session")
def envelope() -> Envelope:
    return Envelope("TALKWELL", "SANDBOXPAYER", 1, datetime(2026, 11, 22, 10, 30, tzinfo=UTC))


@pytest.fixture(scope="session")
def claim() -> Claim:
    home = Address(("1 ELM ST",), "SEATTLE", "WA", "98101")
    office = Address(("622 3RD AVE FL 10",), "NEW YORK", "NY", "100176701")
    both = (1, 2)
    return Claim(
        number="TWCLM000001",
        billing=BillingProvider("TALKWELL THERAPY PC", "1345678902", "251S00000X", "123456789", office),
        subscriber=Subscriber(
            *("RIVERA", "ANA", "U1234567801", ClaimFiling.COMMERCIAL),
            birth_date=date(1990, 1, 15),
            sex="F",
            address=home,
            group_number="3340001",
        ),
        payer=Payer("CIGNA", "62308"),
        lines=(
            ServiceLine(
                "TWLN000001", "90837", Decimal(175), date(2026, 11, 10), None, ("95",), pointers=both
            ),
            ServiceLine(
                "TWLN000002", "90834", Decimal(140), date(2026, 11, 17), None, ("95",), pointers=both
            ),
        ),
        diagnoses=("F41.1", "F43.23"),
        place_of_service="10",
        rendering=RenderingProvider("OKAFOR", "NGOZI", "1987654328", "101YM0800X"),
        authorization="AUTH778899",
    )


@pytest.fixture(scope="session")
def claim_file(claim: Claim) -> ClaimFile:
    sender = Submitter("TALKWELL THERAPY PC", "TALKWELL", "BILLING DESK", "2125550100", "billing@example.com")
    return ClaimFile("TWB0001", sender, Receiver("SANDBOX CLEARINGHOUSE", "SANDBOXPAYER"), (claim,))


@pytest.fixture(scope="session")
def inquiry() -> EligibilityInquiry:
    return EligibilityInquiry(
        reference="TW20261122A1",
        trace=Trace("TW-ELG-000001", "9TALKWELL1"),
        payer_name="CIGNA",
        payer_id="62308",
        provider_name="TALKWELL THERAPY PC",
        provider_npi="1345678902",
        subscriber=Member("RIVERA", "ANA", "U1234567801", date(1990, 1, 15), "F"),
        service_types=("MH", "98"),
        service_date=date(2026, 11, 22),
    )
