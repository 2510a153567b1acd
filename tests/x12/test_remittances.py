"""The 835: what was paid and why not more, to the cent; oxedi is the second witness."""

from collections.abc import Callable
from dataclasses import fields
from datetime import date
from decimal import Decimal

import oxedi
import pytest
from hypothesis import given
from hypothesis import strategies as st

from x12.balance import balance_findings
from x12.check import check
from x12.errors import X12Error
from x12.ts835 import Adjustment, read_835

Sample = Callable[[str], bytes]


def test_the_payment_is_read_with_its_identity(sample: Sample) -> None:
    (payment,) = read_835(sample("835_mh"))
    assert (payment.amount, payment.method, payment.paid_on) == (Decimal(170), "ACH", date(2026, 11, 25))
    assert payment.identity == ("1999999999", "EFT00012345", date(2026, 11, 25), Decimal(170))
    assert payment.payer.party is not None
    assert payment.payee.party is not None
    assert (payment.payer.party.identifier, payment.payee.party.identifier) == ("62308", "1345678902")
    (recouped,) = payment.provider_adjustments
    assert (recouped.reason, recouped.reference, recouped.amount) == ("WO", "2026091100001", 10)


def test_claims_and_lines_carry_their_adjustments(sample: Sample) -> None:
    paid, denied = read_835(sample("835_mh"))[0].claims
    assert (paid.number, paid.status, paid.charge, paid.paid) == ("TWCLM000001", "1", 315, 180)
    assert (paid.patient_responsibility, paid.payer_claim_number) == (55, "2026111500099")
    assert (paid.remarks, [party.entity for party in paid.parties]) == (("MA01",), ["QC", "82"])
    first, second = paid.lines
    assert (first.reference, first.procedure, first.paid) == ("TWLN000001", ("HC", "90837", "95"), 100)
    assert second.adjustments == (
        Adjustment("CO", "45", Decimal(30)),
        Adjustment("PR", "3", Decimal(25)),
        Adjustment("PR", "2", Decimal(5)),
    )
    assert denied.status == "4"
    assert denied.lines[0].remarks == ("N130",)


def test_oxedi_reads_the_same_sums(sample: Sample) -> None:
    result = oxedi.parse(sample("835_mh"))
    (payment,) = read_835(sample("835_mh"))
    assert result.sum_payments() == payment.amount
    assert result.count_claims() == len(payment.claims)
    assert result.payer is not None
    assert payment.payer.party is not None
    assert result.payer.get("name") == payment.payer.party.name


_CENT_CASES = [
    (b"BPR*I*170*", b"BPR*I*170.01*", "BPR02"),
    (b"BPR*I*170*", b"BPR*I*169.99*", "BPR02"),
    (b"WO:2026091100001*10~", b"WO:2026091100001*10.01~", "BPR02"),
    (b"*175*100**1", b"*175*100.01**1", "SVC03"),
    (b"CAS*CO*45*50~", b"CAS*CO*45*49.99~", "SVC03"),
    (b"*1*315*180*55", b"*1*315.01*180*55", "CLP04"),
]


@pytest.mark.parametrize(("old", "new", "element"), _CENT_CASES)
def test_one_cent_is_noticed_by_us_and_by_oxedi(sample: Sample, old: bytes, new: bytes, element: str) -> None:
    data = sample("835_mh").replace(old, new, 1)
    assert data != sample("835_mh")
    assert element in [finding.element for finding in balance_findings(read_835(data)[0])]
    assert "BalanceMismatch" in [diagnostic.kind for diagnostic in oxedi.parse(data).diagnostics]


def test_the_sample_balances(sample: Sample) -> None:
    assert balance_findings(read_835(sample("835_mh"))[0]) == ()
    assert oxedi.parse(sample("835_mh")).diagnostics == []


_CENTS = st.integers(-500_000, 500_000).map(lambda cents: Decimal(cents) / 100)


def _remittance(
    head: bytes, claims: list[list[list[Decimal]]], moved: list[Decimal], extra: Decimal
) -> bytes:
    """A file of claims, each a list of lines, each a list of adjustments to a charge of 1000; `extra`
    unbalances it."""
    body: list[str] = []
    total = Decimal(0)
    for number, lines in enumerate(claims, start=1):
        taken = sum((sum(line, Decimal(0)) for line in lines), Decimal(0))
        charge = Decimal(1000) * len(lines)
        total += charge - taken
        body += [f"CLP*C{number}*1*{charge}*{charge - taken}", "NM1*QC*1*DOE"]
        for line in lines:
            body.append(f"SVC*HC:90837*1000*{Decimal(1000) - sum(line, Decimal(0))}")
            body += [f"CAS*CO*45*{amount}" for amount in line]
    body += [f"PLB*1345678902*20261231*WO:1*{amount}" for amount in moved]
    amount = total - sum(moved, Decimal(0)) + extra
    top = ["ST*835*0001", f"BPR*I*{amount}*C*CHK", "TRN*1*1*1999999999", "N1*PR*P", "N1*PE*Q", "LX*1"]
    end = [f"SE*{len(top) + len(body) + 1}*0001", "GE*1*1", "IEA*1*000000001", ""]
    return head + "~".join(top + body + end).encode()


@given(
    st.lists(st.lists(st.lists(_CENTS, max_size=3), min_size=1, max_size=3), max_size=4),
    st.lists(_CENTS, max_size=3),
    st.sampled_from([Decimal(0), Decimal("0.01"), Decimal("-0.01"), Decimal(5)]),
)
def test_a_payment_balances_exactly_when_its_sums_do(
    claims: list[list[list[Decimal]]], moved: list[Decimal], extra: Decimal
) -> None:
    head = (
        b"ISA*00*          *00*          *ZZ*A              *ZZ*B              *261122*1030*^*00501*000000001*0*T*:~"
        b"GS*HP*AA*BB*20261122*1030*1*X*005010X221A1~"
    )
    data = _remittance(head, claims, moved, extra)
    (payment,) = read_835(data)
    assert [finding.element for finding in balance_findings(payment)] == (["BPR02"] if extra else [])
    witness = oxedi.parse(data)
    assert ("BalanceMismatch" in [each.kind for each in witness.diagnostics]) == bool(extra)
    assert (witness.sum_payments(), witness.count_claims()) == (payment.amount, len(payment.claims))


def test_claims_are_read_also_where_a_payer_leaves_lx_out(sample: Sample) -> None:
    data = sample("835_mh").replace(b"LX*1~\n", b"").replace(b"SE*39", b"SE*38")
    assert len(read_835(data)[0].claims) == 2
    assert check(data) == []


def test_a_segment_nobody_knows_stays_with_its_claim_or_line(sample: Sample) -> None:
    data = sample("835_mh").replace(b"MOA***MA01~\n", b"MOA***MA01~\nZZ1*CLAIM~\n")
    data = data.replace(b"AMT*B6*125~\n", b"AMT*B6*125~\nZZ2*LINE~\n").replace(b"SE*39", b"SE*41")
    claim = read_835(data)[0].claims[0]
    assert ("ZZ1", "CLAIM") in claim.other
    assert claim.lines[0].other == (("ZZ2", "LINE"),)
    assert [finding.code for finding in check(data)] == ["unexpected_segment"] * 2


TOTALS = (
    b"TS3*1345678902*11*20261231*2*455********300**1**2*3**4*5*6*7*8~\n"
    b"TS2*1*2*3*4*5*6*7*8*9*10*11*12*13*14*15*16*17*18*19~\n"
)


def test_a_providers_totals_are_typed(sample: Sample) -> None:
    data = sample("835_mh").replace(b"LX*1~\n", b"LX*1~\n" + TOTALS).replace(b"SE*39", b"SE*41")
    assert check(data) == []
    (payment,) = read_835(data)
    (group,) = payment.groups
    assert (group.number, group.other) == ("1", ())
    assert group.position < payment.claims[0].position
    provider = group.provider
    assert provider is not None
    assert (provider.provider, provider.facility_type) == ("1345678902", "11")
    assert (provider.fiscal_year_end, provider.claims, provider.charge) == (date(2026, 12, 31), 2, 455)
    assert [getattr(provider, each.name) for each in fields(provider)[5:]] == [300, 1, *range(2, 9)]
    assert group.inpatient is not None
    assert [getattr(group.inpatient, each.name) for each in fields(group.inpatient)] == list(range(1, 20))


@pytest.mark.parametrize(
    ("old", "new", "kept"),
    [
        (b"*455**", b"*455*9*", "TS3"),
        (b"*20261231*2", b"*20261331*2", "TS3"),
        (b"*18*19", b"*18*19*20", "TS2"),
        (TOTALS, TOTALS + b"ZZ1*GROUP~\n", "ZZ1"),
    ],
)
def test_what_a_group_says_beyond_its_totals_is_kept(
    sample: Sample, old: bytes, new: bytes, kept: str
) -> None:
    totals = TOTALS.replace(old, new)
    data = sample("835_mh").replace(b"LX*1~\n", b"LX*1~\n" + totals)
    data = data.replace(b"SE*39", b"SE*%d" % (39 + totals.count(b"~")))
    (group,) = read_835(data)[0].groups
    assert [values[0] for values in group.other] == [kept]


def test_a_total_that_is_no_number_is_refused_by_name(sample: Sample) -> None:
    data = sample("835_mh").replace(b"LX*1~\n", b"LX*1~\n" + TOTALS.replace(b"*300*", b"*3O0*"))
    data = data.replace(b"SE*39", b"SE*41")
    with pytest.raises(X12Error) as refused:
        read_835(data)
    assert refused.value.finding.element == "TS313"
    assert [finding.element for finding in check(data)] == ["TS313"]


def test_how_advice_is_delivered_stays_with_the_payee(sample: Sample) -> None:
    data = sample("835_mh").replace(b"REF*TJ*123456789~\n", b"REF*TJ*123456789~\nRDM*EM**A@B.EXAMPLE~\n")
    (payment,) = read_835(data.replace(b"SE*39", b"SE*40"))
    assert payment.payee.other == (("RDM", "EM", "", "A@B.EXAMPLE"),)


def test_a_payment_without_its_trace_is_refused(sample: Sample) -> None:
    data = sample("835_mh").replace(b"TRN*1*EFT00012345*1999999999~\n", b"").replace(b"SE*39", b"SE*38")
    with pytest.raises(X12Error) as refused:
        read_835(data)
    assert (refused.value.finding.code, refused.value.finding.segment) == ("segment_missing", "TRN")


def test_an_amount_that_is_no_number_is_refused_by_name(sample: Sample) -> None:
    with pytest.raises(X12Error) as refused:
        read_835(sample("835_mh").replace(b"*1*315*180*", b"*1*315*NaN*"))
    assert refused.value.finding.element == "CLP04"
