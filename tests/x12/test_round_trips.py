"""What was read and not changed is written as it stood, byte for byte."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from x12.benefits import Answer
from x12.check import check
from x12.errors import X12Error
from x12.tokenizer import Separators, tokenize
from x12.ts270 import inquiry_of, read_270, write_270
from x12.ts271 import read_271
from x12.ts271_write import write_271
from x12.ts276 import read_276, request_of
from x12.ts276_write import write_276
from x12.ts277 import read_277
from x12.ts277_write import write_277
from x12.ts999 import read_999, read_ta1
from x12.ts999_write import write_999, write_ta1
from x12.writing import Envelope, written

Sample = Callable[[str], bytes]
ANSWERING = Envelope("SANDBOXPAYER", "TALKWELL", 1, datetime(2026, 11, 22, 10, 30, tzinfo=UTC))


def _again(name: str, data: bytes, envelope: Envelope = ANSWERING) -> bytes:
    if name.startswith("271"):
        return write_271(read_271(data), envelope)
    return (
        write_277(read_277(data), envelope) if name.startswith("277") else write_999(read_999(data), envelope)
    )


@pytest.mark.parametrize(
    "name", ["271_active_mh", "271_aaa75", "271_inactive", "277_status", "999_accept", "999_reject"]
)
def test_every_sample_is_written_again_from_its_values(sample: Sample, name: str) -> None:
    data = sample(name)
    assert _again(name, data) == data
    other = replace(ANSWERING, separators=Separators("|", ">", "\x1c", "!"), line_breaks=False)
    turned = _again(name, data, other)
    assert check(turned) == []
    assert _again(name, turned) == data


def test_a_ta1_is_written_again_from_its_values(sample: Sample) -> None:
    head = sample("999_accept").decode().split("\n")[0]
    data = f"{head}\nTA1*000000042*261122*1030*R*025~\nIEA*0*000000001~\n".encode()
    assert check(data) == []
    assert write_ta1(read_ta1(data), ANSWERING) == data


ASKING = replace(ANSWERING, sender_id="TALKWELL", receiver_id="SANDBOXPAYER")


def test_a_question_read_is_asked_again_as_it_stood(sample: Sample) -> None:
    for dependent in (b"", b"HL*4*3*23*0~\n"):
        data = sample("270_mh_subscriber")
        if dependent:
            asked = data[data.index(b"TRN*") : data.index(b"NM1*IL")]
            when = data[data.index(b"DTP*") : data.index(b"SE*")]
            child = dependent + asked + b"NM1*03*1*RIVERA*LUZ~\nDMG*D8*20150102*F~\n" + when
            data = data.replace(asked, b"").replace(when, b"REF*6P*G1~\n" + child).replace(b"*22*0", b"*22*1")
            data = data.replace(b"DMG*D8*19900115*F~\nREF*6P*G1~\n", b"REF*6P*G1~\nDMG*D8*19900115*F~\n")
            data = data.replace(b"SE*14", b"SE*18")
        assert check(data) == []
        (received,) = read_270(data)
        assert write_270(inquiry_of(received), ASKING) == data
    status = sample("276_status")
    (request,) = read_276(status)
    assert write_276(request_of(request), ASKING) == status


LINES = (
    "SVC*HC:90837:95*175**0900***1~\nREF*FJ*TWLN000001~\nDTP*472*D8*20261110~\n"
    "SVC*HC:90834*140~\nDTP*472*RD8*20261110-20261117~\n"
)


def test_the_lines_of_a_claim_are_asked_about_and_read_back(sample: Sample) -> None:
    whole = sample("276_status").decode()
    lined = whole.replace("SE*16", f"{LINES}SE*21")
    child = lined.replace("HL*4*3*22*0", "HL*4*3*22*1").replace("SE*21", "SE*23")
    child = child.replace("DMG*D8*19900115*F~\n", "").replace(
        "TRN*1*TW", "HL*5*4*23*0~\nDMG*D8*20150102*F~\nNM1*QC*1*RIVERA*LUZ~\nTRN*1*TW"
    )
    for data in (lined, child):
        assert check(data) == []
        (received,) = read_276(data)
        first, second = received.lines
        assert (first.procedure, first.charge, first.units) == (("HC", "90837", "95"), Decimal(175), 1)
        assert (first.reference, first.revenue_code, second.reference) == ("TWLN000001", "0900", "")
        assert (first.dates[0].first, second.dates[0].last) == (date(2026, 11, 10), date(2026, 11, 17))
        assert write_276(request_of(received), ASKING) == data.encode()


def test_what_a_276_says_beyond_its_fields_is_kept(sample: Sample) -> None:
    odd = LINES.replace("*175**0900", "*175*3*0900").replace("REF*FJ", "ZZ1*LINE~\nREF*FJ")
    data = sample("276_status").decode().replace("SE*16", f"ZZ2*CLAIM~\n{odd}SE*23")
    (received,) = read_276(data)
    assert received.other == (("ZZ2", "CLAIM"),)
    assert received.lines[0].other == (("SVC", *odd[4 : odd.index("~")].split("*")), ("ZZ1", "LINE"))
    assert received.lines[1].other == ()


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [("*140~", "~", "not_our_question"), ("D8*20261110", "D8*20261310", "not_our_question")],
)
def test_a_line_without_charge_or_days_is_not_asked_about_again(
    sample: Sample, old: str, new: str, code: str
) -> None:
    data = sample("276_status").decode().replace("SE*16", f"{LINES.replace(old, new)}SE*21")
    (received,) = read_276(data)
    with pytest.raises(X12Error) as refused:
        request_of(received)
    assert refused.value.finding.code == code


def test_a_question_that_is_not_ours_is_not_asked_again(sample: Sample) -> None:
    (received,) = read_270(sample("270_mh_subscriber").replace(b"EQ*MH~", b"EQ**HC:90837~"))
    (request,) = read_276(sample("276_status").replace(b"AMT*T3*315", b"AMT*ZZ*315"))
    for again in (lambda: inquiry_of(received), lambda: request_of(request)):
        with pytest.raises(X12Error) as refused:
            again()
        assert refused.value.finding.code == "not_our_question"


def test_one_changed_value_changes_one_segment(sample: Sample) -> None:
    data = sample("271_active_mh")
    (answer,) = read_271(data)
    network = tuple(
        b._replace(network=Answer.UNKNOWN) if b.percent == Decimal(".4") else b for b in answer.benefits
    )
    changed = write_271([answer._replace(benefits=network)], ANSWERING)
    assert changed == data.replace(b"EB*A*IND*MH***27**.4****N~", b"EB*A*IND*MH***27**.4****U~")


PERSON = [
    *("NM1*IL*1*RIVERA*ANA*Q**SR*MI*MEMBER9***JUNIOR", "REF*18*PLAN7*GOLD", "REF*6P*G1*ACME*ZZ:1"),
    *("N3*LINE1*LINE2", "N4*SEATTLE*WA*98101*CA*CY*LOC", "AAA*Y**72*C", "PRV*PC*PXC*207Q00000X"),
    *("DMG*D8*19900231*F", "INS*Y*18*001*25*****FIELD9", "HI*ABK:F411*ABF:F4323"),
    *("DTP*291*RD8*20260101-20261231", "MPI*C*B*NAVY"),
]
BENEFITS = [
    "EB*F*IND*MH^A6*HM*PLANNAME*23*12.50*.25*VS*30*U*W*HC:90837:95*1:2",
    *("HSD*VS*12*DA*3*27*4*1*A", "REF*9F*REFERRAL*TEXT", "DTP*348*D8*20260301", "AAA*Y**15*C"),
    *("MSG*first line, verbatim", "MSG*second [line]", "III*ZZ*02", "III*ZZ**44*free words"),
    *("LS*2120", "NM1*PR*2*OTHERPAYER*****PI*87726", "N3*PO BOX 9", "N4*TOWN*FL*32003", "PER*IC**TE*222"),
    *("PRV*HH*PXC*332B00000X", "NM1*P3*1*SECOND*ENTITY", "LE*2120"),
    *("EB*Q7*ZZZ*XX****1", "MSG*tail"),
]


def _file(*body: str) -> bytes:
    head = "ISA*00*          *00*          *ZZ*SANDBOXPAYER   *ZZ*TALKWELL       *261122*1030*^*00501*000000001*0*T*:"
    group = ("GS*HB*SANDBOXPAYER*TALKWELL*20261122*1030*1*X*005010X279A1", "ST*271*0001*005010X279A1")
    end = (f"SE*{len(body) + 2}*0001", "GE*1*1", "IEA*1*000000001")
    return "".join(f"{segment}~\n" for segment in (head, *group, *body, *end)).encode()


def test_a_271_with_everything_goes_through_values_without_a_byte_lost() -> None:
    above = ["BHT*0022*11*R1*20261122*1031", "HL*1**20*1", "AAA*Y**42*R", "NM1*PR*2*PAYER*****PI*62308"]
    above += ["PER*IC*DESK*TE*111*UR*www.x.example", "HL*2*1*21*1", "NM1*1P*1*DOCTOR*DEE*M**JR*XX*1345678902"]
    trace = ["TRN*2*T1*9123456789*EXTRA", "TRN*1*P1*9123456780"]
    child = ["HL*4*3*23*0", *trace, "NM1*03*1*RIVERA*LUZ", "DMG*D8*20150102*F", "INS*N*19", *BENEFITS]
    other = ["HL*5*2*22*0", "TRN*2*T2*9123456789", "NM1*IL*1*TWO", "EB*6**30"]
    for body in (
        [*above, "HL*3*2*22*0", *trace, *PERSON, *BENEFITS],
        [*above, "HL*3*2*22*1", *PERSON, *child, *other],
        [*above, "HL*3*2*22*1", *trace, *PERSON, *BENEFITS, *child],
    ):
        data = _file(*body)
        assert write_271(read_271(data), ANSWERING) == data


_WORD = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=2, max_size=8)
_MONEY = st.decimals(min_value=0, max_value=99_999, places=2).map(written)
_ROW = st.builds(
    lambda kind, level, types, period, money, rate, units, flags: "*".join(
        ["EB", kind, level, "^".join(types), "", "", period, money, rate, *units, *flags]
    ).rstrip("*"),
    st.sampled_from(["1", "6", "A", "B", "C", "CB", "F", "G", "I", "R", "U", "V", "W", "MC"]),
    st.sampled_from(["", "IND", "FAM", "ZZZ"]),
    st.lists(st.sampled_from(["MH", "98", "30", "A6", "Q9"]), min_size=1, max_size=4, unique=True),
    st.sampled_from(["", "23", "27", "29", "99"]),
    st.just("") | _MONEY,
    st.sampled_from(["", ".2", "0", "1", ".05"]),
    st.sampled_from([("", ""), ("VS", "30"), ("VS", "0"), ("X9", "1.5")]),
    st.sampled_from([("", ""), ("Y", "N"), ("", "W"), ("U", "")]),
)
_ENTITIES = st.lists(_WORD.map("NM1*PR*2*{}*****PI*87726".format), max_size=2).map(
    lambda names: ["LS*2120", *names, "LE*2120"] if names else []
)
_BENEFITS = st.lists(st.builds(lambda row, others: [row, *others], _ROW, _ENTITIES), max_size=12)


@settings(max_examples=60)
@given(_BENEFITS, st.lists(_WORD, max_size=3), _WORD, st.dates(date(1930, 1, 1), date(2026, 1, 1)))
def test_any_271_in_the_order_of_its_guide_comes_back_byte_for_byte(
    benefits: list[list[str]], messages: list[str], name: str, born: date
) -> None:
    told = [segment for benefit in benefits for segment in benefit]
    if benefits:
        told += ["EB*1**30", *(f"MSG*{message}" for message in messages)]
    data = _file(
        *("BHT*0022*11*R1*20261122*1031", "HL*1**20*1", "NM1*PR*2*PAYER*****PI*62308", "HL*2*1*21*1"),
        *("NM1*1P*2*CLINIC*****XX*1345678902", "HL*3*2*22*0", "TRN*2*T1*9123456789"),
        *(f"NM1*IL*1*{name}", f"DMG*D8*{born:%Y%m%d}*U", *told),
    )
    assert write_271(read_271(data), ANSWERING) == data


def test_what_would_open_a_new_segment_is_not_written_back(sample: Sample) -> None:
    (answer,) = read_271(sample("271_active_mh"))
    evil = answer.benefits[2]._replace(messages=("COPAY~EB*1*IND*MH",))
    kept = answer.benefits[2]._replace(other=(("ZZZ", "A~EB*1"),))
    for benefit in (evil, kept):
        with pytest.raises(X12Error) as refused:
            write_271([answer._replace(benefits=(benefit,))], ANSWERING)
        assert refused.value.finding.code == "separator_in_value"


def test_a_bad_value_sent_back_in_a_999_cannot_break_it(sample: Sample) -> None:
    (group,) = read_999(sample("999_reject"))
    verdict = group.transactions[0]
    fault = verdict.faults[0]
    element = replace(fault.elements[0], bad_value="A~IK5*A")
    changed = replace(verdict, faults=(replace(fault, elements=(element,)),))
    with pytest.raises(X12Error) as refused:
        write_999([replace(group, transactions=(changed,))], ANSWERING)
    assert (refused.value.finding.code, refused.value.finding.element) == ("separator_in_value", "IK404")


def test_a_claim_status_with_lines_contacts_and_dependents_comes_back(sample: Sample) -> None:
    line = "SVC*HC:98970*140*0****1~\nSTC*F2:585*20261123**140*0~\nREF*FJ*TWLN9~\nDTP*472*D8*20261110~\n"
    child = f"HL*5*4*23*0~\nNM1*QC*1*RIVERA*LUZ~\nTRN*2*TW-ST-2~\nSTC*P1:20*20261123~\n{line}"
    data = sample("277_status").decode().replace("HL*4*3*22*0", "HL*4*3*22*1").replace("SE*15", "SE*24")
    data = data.replace("PI*62308~\n", "PI*62308~\nPER*IC*DESK*TE*8005551212~\n").replace(
        "SE*24*", child + "SE*24*"
    )
    assert check(data) == []
    assert len(read_277(data)) == 2
    assert _again("277", data.encode()) == data.encode()
    assert len(tokenize(data).segments) == 28
