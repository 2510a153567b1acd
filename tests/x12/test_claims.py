"""The 837P: what is written passes our own check and pyx12's maps; what breaks a rule is not written."""

import io
import logging
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from x12.check import check
from x12.codes import ClaimFiling
from x12.errors import X12Error
from x12.gate import gate
from x12.parties import Address
from x12.ts837p import Claim, ClaimFile, Patient, ServiceLine
from x12.ts837p_edits import claim_findings
from x12.ts837p_read import read_837p
from x12.ts837p_write import scrub, write_837p
from x12.writing import Envelope

Sample = Callable[[str], bytes]


@pytest.fixture(scope="module")
def child() -> Patient:
    home = Address(("1 ELM ST",), "SEATTLE", "WA", "98101")
    return Patient("RIVERA", "LUZ", date(2012, 3, 4), "F", "19", home)


def _numbered(claim: Claim, count: int) -> tuple[Claim, ...]:
    return tuple(
        replace(
            claim,
            number=f"C{n}",
            lines=tuple(replace(line, reference=f"L{n}-{i}") for i, line in enumerate(claim.lines)),
        )
        for n in range(count)
    )


def test_the_sample_claim_is_written_byte_for_byte(
    claim_file: ClaimFile, envelope: Envelope, sample: Sample
) -> None:
    assert write_837p(claim_file, envelope) == sample("837p_subscriber_teletherapy")
    assert write_837p(claim_file, envelope) == write_837p(claim_file, envelope)


def test_many_claims_of_many_people_in_one_file_pass_both_gates(
    claim: Claim, claim_file: ClaimFile, envelope: Envelope, child: Patient
) -> None:
    several = _numbered(claim, 8)
    other = replace(
        claim.subscriber, first_name="BO", member_id="U2", claim_filing=ClaimFiling.BLUE_CROSS_BLUE_SHIELD
    )
    absent = replace(claim.subscriber, member_id="U3", birth_date=None, sex="", address=None)
    claims = (
        several[0],
        replace(several[1], subscriber=other),
        replace(several[2], patient=child),
        replace(several[3], patient=child, subscriber=absent),
        replace(several[4], frequency="7", payer_claim_number="ICN1"),
        replace(several[5], frequency="8", payer_claim_number="ICN2", rendering=None),
        replace(several[6], lines=(replace(claim.lines[0], last_day=date(2026, 11, 16)),)),
        replace(several[7], diagnoses=("F32.A",), lines=_fifty(claim.lines[0])),
    )
    data = write_837p(replace(claim_file, claims=claims), envelope)
    assert check(data) == []
    assert gate(data) == ()
    read = {received.number: received for received in read_837p(data)}
    assert {number: received.charge for number, received in read.items()} == {
        c.number: c.charge for c in claims
    }
    assert [line.reference for line in read["C7"].lines] == [line.reference for line in claims[7].lines]
    assert read["C3"].relationship == "19"
    assert read["C6"].lines[0].dates[0].last == date(2026, 11, 16)
    assert data.count(b"\nHL*") == 1 + 2 + 2 + 2


def _fifty(line: ServiceLine) -> tuple[ServiceLine, ...]:
    return tuple(replace(line, reference=f"R{n}", pointers=(1,), charge=Decimal("15.35")) for n in range(50))


def test_a_large_batch_is_split_into_transaction_sets(
    claim: Claim, claim_file: ClaimFile, envelope: Envelope
) -> None:
    data = write_837p(replace(claim_file, claims=_numbered(claim, 7)), envelope, max_claims=3)
    assert check(data) == []
    assert gate(data) == ()
    assert data.count(b"\nST*837*") == 3
    assert {claim.batch for claim in read_837p(data)} == {"TWB0001-1", "TWB0001-2", "TWB0001-3"}


_BROKEN: list[tuple[dict[str, Any], str]] = [
    ({"number": "X" * 21}, "CLM01"),
    ({"place_of_service": "1"}, "CLM05-1"),
    ({"frequency": "3"}, "CLM05-3"),
    ({"frequency": "7"}, "REF02"),
    ({"payer_claim_number": "ICN"}, "REF02"),
    ({"diagnoses": ()}, "HI01"),
    ({"diagnoses": ("F41.1", "F41.1")}, "HI01"),
    ({"diagnoses": ("F41.1", "F99999Z")}, "HI02-2"),
    ({"lines": ()}, "LX01"),
    ({"release": "N"}, "CLM09"),
]


@pytest.mark.parametrize(("change", "element"), _BROKEN, ids=str)
def test_a_claim_that_breaks_a_rule_is_not_written(
    claim: Claim, claim_file: ClaimFile, envelope: Envelope, change: dict[str, Any], element: str
) -> None:
    broken = replace(claim, **change)
    assert element in [finding.element for finding in claim_findings(broken)]
    with pytest.raises(X12Error):
        write_837p(replace(claim_file, claims=(broken,)), envelope)


_BROKEN_LINES: list[tuple[dict[str, Any], str]] = [
    ({"procedure": "9083"}, "SV101-2"),
    ({"modifiers": ("95", "93", "GT", "GQ", "XX")}, "SV101-3"),
    ({"charge": Decimal("1.005")}, "SV102"),
    ({"charge": Decimal(-1)}, "SV102"),
    ({"charge": Decimal("NaN")}, "SV102"),
    ({"units": Decimal(0)}, "SV104"),
    ({"pointers": ()}, "SV107"),
    ({"pointers": (3,)}, "SV107"),
    ({"pointers": (1, 2, 1, 2, 1)}, "SV107"),
    ({"last_day": date(2026, 11, 9)}, "DTP03"),
    ({"reference": ""}, "REF02"),
    ({"reference": "TWLN000002"}, "REF02"),
]


@pytest.mark.parametrize(("change", "element"), _BROKEN_LINES, ids=str)
def test_a_line_that_breaks_a_rule_is_named(claim: Claim, change: dict[str, Any], element: str) -> None:
    lines = (replace(claim.lines[0], **change), claim.lines[1])
    assert element in [finding.element for finding in claim_findings(replace(claim, lines=lines))]


def test_providers_and_people_are_checked(claim: Claim, child: Patient) -> None:
    billing, subscriber = claim.billing, claim.subscriber
    short = billing.address._replace(postal_code="10017")
    cases = {
        "NM109": replace(claim, billing=replace(billing, npi="1345678903")),
        "N403": replace(claim, billing=replace(billing, address=short)),
        "PRV03": replace(claim, billing=replace(billing, taxonomy="MENTAL")),
        "REF02": replace(claim, billing=replace(billing, tax_id="12-3456789")),
        "NM103": replace(claim, subscriber=replace(subscriber, last_name=" ")),
        "DMG02": replace(claim, subscriber=replace(subscriber, birth_date=None)),
        "N301": replace(claim, subscriber=replace(subscriber, address=None)),
        "PAT01": replace(claim, patient=replace(child, relationship="18")),
    }
    assert claim_findings(claim) == ()
    for element, broken in cases.items():
        assert [finding.element for finding in claim_findings(broken)] == [element]


def test_a_claim_that_cannot_be_written_is_told_by_its_place_in_the_batch(
    claim: Claim, claim_file: ClaimFile, envelope: Envelope
) -> None:
    first, second = _numbered(claim, 2)
    broken = replace(second, subscriber=replace(claim.subscriber, last_name="RI~VERA"))
    assert scrub(first) == ()
    assert [finding.code for finding in scrub(broken)] == ["separator_in_value"]
    with pytest.raises(X12Error) as refused:
        write_837p(replace(claim_file, claims=(first, broken)), envelope)
    assert "(claim 2)" in refused.value.finding.message


def test_the_same_claim_number_twice_is_refused(
    claim: Claim, claim_file: ClaimFile, envelope: Envelope
) -> None:
    with pytest.raises(X12Error) as refused:
        write_837p(replace(claim_file, claims=(claim, claim)), envelope)
    assert refused.value.finding.code == "duplicate_claim"


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        (b"*CI~", b"*Q7~", ("SBR", "SBR09", 15)),
        (b"SE*32", b"SE*33", ("ST", "", 34)),
        (b"DMG*D8*19900115", b"DMG*D8*19901315", ("DMG", "DMG02", 19)),
    ],
)
def test_the_gate_names_the_place_and_never_the_value(
    sample: Sample, old: bytes, new: bytes, place: tuple[str, str, int]
) -> None:
    findings = gate(sample("837p_subscriber_teletherapy").replace(old, new))
    assert [(f.segment, f.element, f.position) for f in findings] == [place]
    assert all(value not in str(findings) for value in ("Q7", "19901315", "RIVERA"))


def test_the_gate_says_nothing_to_logs_or_streams(sample: Sample, caplog: pytest.LogCaptureFixture) -> None:
    said = io.StringIO()
    data = sample("837p_subscriber_teletherapy").replace(b"*CI~", b"*Q7~").replace(b"RIVERA", b"X" * 80)
    with caplog.at_level(logging.DEBUG), redirect_stdout(said), redirect_stderr(said):
        assert gate(data)
    assert caplog.records == []
    assert said.getvalue() == ""


def test_the_gate_refuses_what_it_has_no_map_for(sample: Sample) -> None:
    (finding,) = gate(sample("271_active_mh"))
    assert finding.code == "gate_failed"
    assert "279" not in str(finding)


def test_the_gate_refuses_a_broken_envelope_segment(sample: Sample) -> None:
    assert gate(sample("837p_subscriber_teletherapy").replace(b"*0*T*:~", b"*0*Z*:~"))
