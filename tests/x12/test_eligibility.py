"""270 and 271: the question as guides want it, the answer with nothing dropped."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from x12.benefits import Answer, CoverageLevel, Information, QuantityKind, TimePeriod
from x12.check import check
from x12.codes import FollowUp
from x12.errors import X12Error
from x12.read import plain
from x12.tokenizer import tokenize
from x12.ts270 import EligibilityInquiry, Member, Trace, read_270, write_270
from x12.ts271 import Coverage, EligibilityResponse, read_271
from x12.writing import Envelope

Sample = Callable[[str], bytes]
FOLDER = Path(__file__).parent.parent / "samples" / "x12"
OURS = Trace("TW-ELG-000001", "9TALKWELL1")


def _file(sample: Sample, *body: str) -> bytes:
    """A 271 with the envelope of the sample around other segments."""
    head = sample("271_inactive").decode().split("~\n")[:3]
    end = [f"SE*{len(body) + 2}*0001", "GE*1*1", "IEA*1*000000001", ""]
    return "~\n".join([*head, *body, *end]).encode()


def _sample(name: str) -> bytes:
    return (FOLDER / f"{name}.x12").read_bytes()


def _one(data: bytes) -> EligibilityResponse:
    (response,) = read_271(data)
    return response


def test_the_sample_inquiry_is_written_byte_for_byte(
    inquiry: EligibilityInquiry, envelope: Envelope, sample: Sample
) -> None:
    assert write_270(inquiry, envelope) == sample("270_mh_subscriber")


def test_an_inquiry_with_fewer_fields_leaves_them_out(
    inquiry: EligibilityInquiry, envelope: Envelope
) -> None:
    fewer = replace(inquiry, subscriber=Member(member_id="U1234567801", birth_date=date(1990, 1, 15)))
    data = write_270(replace(fewer, service_types=("30",), service_date=None), envelope)
    assert check(data) == []
    assert b"NM1*IL*1******MI*U1234567801~" in data
    assert b"DMG*D8*19900115~" in data
    assert b"DTP*" not in data


def test_an_inquiry_about_a_dependent_asks_at_the_dependent(
    inquiry: EligibilityInquiry, envelope: Envelope
) -> None:
    data = write_270(replace(inquiry, dependent=Member("RIVERA", "LUZ", "", date(2012, 3, 4), "F")), envelope)
    assert check(data) == []
    (received,) = read_270(data)
    assert received.dependent is not None
    assert received.dependent.first_name == "LUZ"
    assert received.traces == (OURS,)
    assert received.service_types == ("MH", "98")


def test_an_inquiry_that_cannot_be_answered_is_not_written(
    inquiry: EligibilityInquiry, envelope: Envelope
) -> None:
    for broken in (
        replace(inquiry, provider_npi="1345678903"),
        replace(inquiry, service_types=()),
        replace(inquiry, subscriber=Member(first_name="ANA")),
        replace(inquiry, trace=Trace("T", "short")),
    ):
        with pytest.raises(X12Error):
            write_270(broken, envelope)


def test_an_active_answer_keeps_every_benefit_with_its_meaning(sample: Sample) -> None:
    answer = _one(sample("271_active_mh"))
    assert answer.coverage is Coverage.ACTIVE
    assert answer.echoes(OURS)
    assert not answer.echoes(Trace("TW-ELG-000001", "9SOMEBODY1"))
    assert len(answer.benefits) == 15
    copay = answer.benefits[2]
    assert (copay.information, copay.level) == (Information.COPAYMENT, CoverageLevel.INDIVIDUAL)
    assert (copay.service_types, copay.period) == (("MH",), TimePeriod.VISIT)
    assert (copay.amount, copay.network) == (Decimal("25.00"), Answer.YES)
    assert copay.messages == ("TELEHEALTH VIRTUAL VISIT COPAY",)
    coinsurance = [(b.percent, b.network) for b in answer.benefits if b.information == "A"]
    assert coinsurance == [(Decimal("0.2"), Answer.YES), (Decimal("0.4"), Answer.NO)]
    visits = [(b.quantity_kind, b.quantity, b.period) for b in answer.benefits if b.information == "F"]
    assert visits == [
        (QuantityKind.VISITS, 30, TimePeriod.CALENDAR_YEAR),
        (QuantityKind.VISITS, 22, TimePeriod.REMAINING),
    ]
    assert answer.benefits[13].authorization is Answer.YES
    (carve_out,) = answer.benefits[14].entities
    assert (carve_out.party.identifier, carve_out.contacts[0].numbers) == ("87726", (("TE", "8008888888"),))
    assert answer.subscriber is not None
    assert [(d.kind, d.first) for d in answer.subscriber.dates] == [
        ("346", date(2026, 1, 1)),
        ("347", date(2026, 12, 31)),
    ]


def test_what_is_known_of_one_payer_is_not_said_of_another(
    sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = sample("271_active_mh")
    theirs = ours.replace(b"*CIGNA*", b"*AETNA*").replace(
        b"EB*B*IND*MH***27*25.00*", b"EB*B*IND*MH***27*26.00*"
    )
    told = [read_271(ours), read_271(theirs)]
    monkeypatch.setattr("x12.known.AT_ONCE", 3)
    assert [read_271(data) for data in (ours, theirs) * 2] == told * 2
    names = [answer.payer.party.name for (answer,) in told if answer.payer.party]
    assert (names, [answer.benefits[2].amount for (answer,) in told]) == (["CIGNA", "AETNA"], [25, 26])


def test_an_inactive_answer_says_since_when(sample: Sample) -> None:
    answer = _one(sample("271_inactive"))
    assert answer.coverage is Coverage.INACTIVE
    assert answer.subscriber is not None
    assert answer.subscriber.dates[0].first == date(2026, 6, 30)


def test_a_rejection_keeps_loop_code_and_follow_up(sample: Sample) -> None:
    answer = _one(sample("271_aaa75"))
    (rejection,) = answer.rejections
    assert (rejection.loop, rejection.code) == ("2100C", "75")
    assert rejection.follow_up is FollowUp.CORRECT_AND_RESUBMIT
    assert answer.coverage is Coverage.UNKNOWN


@pytest.mark.parametrize(
    ("loop", "body"),
    [
        ("2000A", ["BHT*0022*11*R", "HL*1**20*0", "AAA*Y**42*R", "NM1*PR*2*CIGNA*****PI*62308"]),
        ("2100A", ["BHT*0022*11*R", "HL*1**20*0", "NM1*PR*2*CIGNA*****PI*62308", "AAA*Y**42*R"]),
        ("2100B", ["BHT*0022*11*R", "HL*1**20*1", "NM1*PR*2*C", "HL*2*1*21*0", "NM1*1P*2*T", "AAA*N**42*R"]),
    ],
)
def test_a_rejection_above_the_member_is_an_answer_about_nobody(
    sample: Sample, loop: str, body: list[str]
) -> None:
    data = _file(sample, *body)
    assert check(data) == []
    answer = _one(data)
    assert [(r.loop, r.code) for r in answer.rejections] == [(loop, "42")]
    assert answer.subscriber is None


MEMBERS = [
    *("BHT*0022*11*R", "HL*1**20*1", "NM1*PR*2*CIGNA*****PI*62308", "HL*2*1*21*1", "NM1*1P*2*T"),
    *("HL*3*2*22*0", "TRN*2*T1*9123456789", "NM1*IL*1*ONE", "EB*1**30"),
    *("HL*4*2*22*1", "NM1*IL*1*TWO", "HL*5*4*23*0", "TRN*2*T2*9123456789", "NM1*03*1*CHILD", "EB*6**30"),
]


def test_answers_about_several_people_are_kept_apart_and_found_by_trace(sample: Sample) -> None:
    data = _file(sample, *MEMBERS)
    assert check(data) == []
    first, second = read_271(data)
    assert first.subscriber is not None
    assert first.subscriber.party is not None
    assert (first.subscriber.party.name, first.coverage) == ("ONE", Coverage.ACTIVE)
    assert first.dependent is None
    assert second.subscriber is not None
    assert second.dependent is not None
    assert second.dependent.party is not None
    assert (second.dependent.party.name, second.coverage) == ("CHILD", Coverage.INACTIVE)
    assert [r.echoes(Trace("T2", "9123456789")) for r in (first, second)] == [False, True]


RICH = [
    *(
        "BHT*0022*11*REF1",
        "HL*1**20*1",
        "NM1*PR*2*PAYERNAME*****PI*62308",
        "PER*IC*DESK*TE*111*UR*www.x.example",
    ),
    *("HL*2*1*21*1", "NM1*1P*1*DOCTOR*DEE*M**JR*XX*1345678902", "PRV*BI*PXC*101YM0800X"),
    *(
        "HL*3*2*22*0",
        "TRN*2*TRACE1*9123456789*EXTRA",
        "NM1*IL*1*RIVERA*ANA*Q**SR*MI*MEMBER9",
        "REF*18*PLAN7*GOLD",
    ),
    *("N3*LINE1*LINE2", "N4*SEATTLE*WA*98101*CA*CY*LOC", "AAA*Y**72*C", "PRV*PC*PXC*207Q00000X"),
    *(
        "DMG*D8*19900115*F",
        "INS*Y*18*001*25*****FIELD9",
        "HI*ABK:F411",
        "DTP*291*RD8*20260101-20261231",
        "MPI*C*B*NAVY",
    ),
    "EB*F*IND*MH^A6*HM*PLANNAME*23*12.50*.25*VS*30*U*W*HC:90837:95*1:2",
    *("HSD*VS*12*DA*3*27*4*1*A", "REF*9F*REFERRAL*TEXT", "DTP*348*D8*20260301", "AAA*Y**15*C"),
    *("MSG*first line, verbatim", "MSG*  second: [line] ", "III*ZZ*02", "III*ZZ**44*free words"),
    *("LS*2120", "NM1*PR*2*OTHERPAYER*****PI*87726", "N3*PO BOX 9", "N4*TOWN*FL*32003", "PER*IC**TE*222"),
    *("PRV*HH*PXC*332B00000X", "NM1*P3*1*SECOND*ENTITY", "LE*2120"),
    *("EB*Q7*ZZZ*XX****1", "MSG*tail"),
]
_SAID_BY_POSITION = {"20", "21", "22", "1", "2", "3", "0", "0022", "11", "2120", "IC", "Y", "D8", "RD8"}


def test_nothing_a_payer_says_is_dropped(sample: Sample) -> None:
    data = _file(sample, *RICH)
    shown = str(plain(_one(data)))
    for segment in tokenize(data).segments[3:-3]:
        for value in segment.values[1:]:
            for part in value.strip().replace("^", ":").split(":"):
                # Numbers and dates are shown in Python's way.
                ways = {part, f"0{part}", f"{part[:4]}-{part[4:6]}-{part[6:]}"}
                assert part in _SAID_BY_POSITION or any(way in shown for way in ways), (segment.id, part)


# What the guides fix, a number, or where a level stands: not words that a payer could say something with.
_FIXED = {"EB07", "EB08", "EB10", "HSD02", "AAA01", "DMG01", "DTP02", "NM102", "PER01", "INS01"}
_PLACES = [
    (n, e)
    for n, segment in enumerate(RICH)
    for e in range(1, 21)
    if segment[:2] not in ("BH", "HL", "LS", "LE")
]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(_PLACES), max_size=8, unique=True), st.lists(st.integers(11, 40), max_size=3))
def test_a_word_put_anywhere_into_a_271_is_among_what_is_read(
    places: list[tuple[int, int]], unknown: list[int]
) -> None:
    segments = [segment.split("*") for segment in RICH]
    words = []
    for segment, element in places:
        if f"{segments[segment][0]}{element:02d}" not in _FIXED:
            words.append(f"WORD{segment}X{element}")
            segments[segment] += [""] * (element + 1 - len(segments[segment]))
            segments[segment][element] = words[-1]
    for number, place in enumerate(sorted(unknown, reverse=True)):
        words.append(f"STRAY{number}X")
        segments.insert(place, ["ZZZ", "", words[-1]])
    data = _file(_sample, *("*".join(segment) for segment in segments))
    shown = str(plain(_one(data)))
    assert [word for word in words if word not in shown] == []


def test_a_rich_benefit_is_typed(sample: Sample) -> None:
    first, second = _one(_file(sample, *RICH)).benefits
    assert first.service_types == ("MH", "A6")
    assert first.procedure == ("HC", "90837", "95")
    assert first.deliveries[0].quantity == 12
    assert [(p.kind, p.code) for p in first.places] == [("ZZ", "02"), ("ZZ", "")]
    assert first.rejections[0].loop == "2110C"
    assert [e.party.name for e in first.entities] == ["OTHERPAYER", "SECOND"]
    assert (second.information, second.level) == ("Q7", "ZZZ")
    assert second.messages == ("tail",)


def test_a_271_with_an_amount_that_is_no_number_is_refused(sample: Sample) -> None:
    with pytest.raises(X12Error) as refused:
        read_271(sample("271_active_mh").replace(b"*1500.00*", b"*1e9*"))
    assert refused.value.finding.element == "EB07"


def test_another_transaction_set_is_refused(sample: Sample) -> None:
    with pytest.raises(X12Error) as refused:
        read_271(sample("835_mh"))
    assert refused.value.finding.code == "wrong_transaction_set"


def test_what_identifies_a_person_is_not_shown_by_repr(sample: Sample) -> None:
    shown = repr(read_271(sample("271_active_mh")))
    assert all(secret not in shown for secret in ("RIVERA", "ANA", "U1234567801", "1990", "ELM"))
