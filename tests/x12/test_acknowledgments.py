"""999, TA1, 277CA and 277: what became of what we sent."""

from collections.abc import Callable
from datetime import date, time
from decimal import Decimal

from x12.statuses import StatusCode
from x12.ts277 import read_277
from x12.ts277ca import read_277ca
from x12.ts999 import read_999, read_ta1

Sample = Callable[[str], bytes]


def test_an_accepting_999_names_our_group(sample: Sample) -> None:
    (group,) = read_999(sample("999_accept"))
    assert (group.functional_id, group.control_number, group.status) == ("HC", "1", "A")
    assert (group.included, group.received, group.accepted) == (1, 1, 1)
    assert group.transactions[0].accepted


def test_a_rejecting_999_leads_to_the_element_at_fault(sample: Sample) -> None:
    (group,) = read_999(sample("999_reject"))
    (verdict,) = group.transactions
    assert (verdict.status, verdict.codes, verdict.accepted) == ("R", ("5",), False)
    (fault,) = verdict.faults
    assert (fault.segment, fault.position, fault.loop, fault.code) == ("CLM", 22, "2300", "8")
    assert (fault.contexts[0].name, fault.contexts[0].value) == ("CLM01", "TWCLM000001")
    (element,) = fault.elements
    assert (element.element, element.data_element, element.code) == (2, "782", "1")


def test_a_bad_value_in_a_999_is_kept_but_not_shown(sample: Sample) -> None:
    data = sample("999_reject").replace(b"IK4*2*782*1", b"IK4*5:3:2*1325*7*SECRET")
    element = read_999(data)[0].transactions[0].faults[0].elements[0]
    assert (element.element, element.component, element.repetition) == (5, 3, 2)
    assert element.bad_value == "SECRET"
    assert "SECRET" not in repr(element)


def test_a_ta1_is_read(sample: Sample) -> None:
    head = sample("999_accept").decode().split("~\n")[0]
    (ta1,) = read_ta1(f"{head}~TA1*000000042*261122*1030*R*025~IEA*0*000000001~")
    assert (ta1.control_number, ta1.status, ta1.note) == ("000000042", "R", "025")
    assert (ta1.day, ta1.at) == (date(2026, 11, 22), time(10, 30))


def test_a_277ca_tells_the_fate_of_each_claim(sample: Sample) -> None:
    (report,) = read_277ca(sample("277ca_mixed"))
    assert report.files[0].traces == ("TWB0001",)
    assert {q.kind: q.value for q in report.files[0].quantities} == {"90": 1, "AA": 1}
    assert {a.kind: a.value for a in report.providers[0].amounts} == {"YU": 315, "YY": 140}
    accepted, rejected = report.claims
    assert (accepted.number, accepted.payer_claim_number) == ("TWCLM000001", "2026111500099")
    assert accepted.statuses[0].codes == (StatusCode("A2", "20", "PR"),)
    assert accepted.statuses[0].charge == Decimal(315)
    assert (rejected.number, rejected.payer_claim_number) == ("TWCLM000002", "")
    assert rejected.statuses[0].codes == (StatusCode("A3", "164", "IL"),)
    assert (rejected.statuses[0].action, rejected.dates[0].first) == ("U", date(2026, 11, 3))


def test_a_277ca_keeps_further_codes_text_and_lines(sample: Sample) -> None:
    data = sample("277ca_mixed").replace(
        b"STC*A3:164:IL*20261122*U*140~",
        b"STC*A3:164:IL*20261122*U*140******A7:254*A8:33:85*free text~",
    )
    data = data.replace(
        b"DTP*472*D8*20261103~",
        b"DTP*472*D8*20261103~\nSVC*HC:98970*140~\nSTC*A7:454**U~\nREF*FJ*TWLN9~",
    ).replace(b"SE*35", b"SE*38")
    claim = read_277ca(data)[0].claims[1]
    assert [code.category for code in claim.statuses[0].codes] == ["A3", "A7", "A8"]
    assert claim.statuses[0].text == "free text"
    (line,) = claim.lines
    assert (line.procedure, line.charge, line.reference) == ("98970", 140, "TWLN9")
    assert line.statuses[0].codes[0].status == "454"


def test_a_277_answers_by_trace_with_payment(sample: Sample) -> None:
    (answer,) = read_277(sample("277_status"))
    assert (answer.trace, answer.payer_claim_number) == ("TW-ST-1", "2026111500099")
    (status,) = answer.statuses
    assert status.codes == (StatusCode("F1", "65"),)
    assert (status.charge, status.paid, status.payment_number) == (315, 180, "EFT00012345")
    assert (answer.dates[0].first, answer.dates[0].last) == (date(2026, 11, 10), date(2026, 11, 17))


def test_a_277_that_cannot_find_the_claim_still_answers(sample: Sample) -> None:
    data = sample("277_status").replace(b"REF*1K*2026111500099~\n", b"").replace(b"SE*15", b"SE*14")
    data = data.replace(b"STC*F1:65*20261123**315*180*20261124**EFT00012345", b"STC*A4:35*20261123")
    (answer,) = read_277(data)
    assert answer.payer_claim_number == ""
    assert answer.statuses[0].codes[0].category == "A4"
