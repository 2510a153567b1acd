"""What is written can be read back, and nothing that is not ours to write gets in."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from x12.check import check
from x12.errors import X12Error
from x12.tokenizer import Separators
from x12.ts270 import EligibilityInquiry, Member, read_270, write_270
from x12.ts276 import StatusRequest, read_276
from x12.ts276_write import write_276
from x12.ts837p import Claim, ClaimFile
from x12.ts837p_write import write_837p
from x12.writing import Composer, Envelope, format_decimal, plain_text

SEPARATORS = ["*", ":", "~", "^"]


@pytest.mark.parametrize("mark", SEPARATORS)
def test_a_separator_in_a_name_is_refused_and_not_repeated(
    mark: str, claim: Claim, claim_file: ClaimFile, envelope: Envelope
) -> None:
    evil = replace(claim.subscriber, first_name=f"ANA{mark}NM1{mark}IL")
    with pytest.raises(X12Error) as refused:
        write_837p(replace(claim_file, claims=(replace(claim, subscriber=evil),)), envelope)
    assert refused.value.finding.code == "separator_in_value"
    assert refused.value.finding.element == "NM104"
    assert "ANA" not in str(refused.value)


@pytest.mark.parametrize("mark", SEPARATORS)
def test_a_separator_in_a_member_id_or_trace_is_refused(
    mark: str, inquiry: EligibilityInquiry, envelope: Envelope
) -> None:
    for evil in (
        replace(inquiry, subscriber=replace(inquiry.subscriber, member_id=f"U1{mark}2")),
        replace(inquiry, reference=f"A{mark}B"),
        replace(inquiry, service_types=(f"M{mark}",)),
    ):
        with pytest.raises(X12Error):
            write_270(evil, envelope)


@pytest.mark.parametrize("name", ["A\nB", "A\x00B", "A\x1eB", "李", "A`B", "😀"])
def test_what_x12_cannot_carry_is_refused(name: str, inquiry: EligibilityInquiry, envelope: Envelope) -> None:
    with pytest.raises(X12Error) as refused:
        write_270(replace(inquiry, subscriber=replace(inquiry.subscriber, last_name=name)), envelope)
    assert refused.value.finding.code == "bad_character"


def test_a_fullwidth_separator_does_not_become_one(inquiry: EligibilityInquiry, envelope: Envelope) -> None:
    with pytest.raises(X12Error) as refused:
        write_270(replace(inquiry, subscriber=replace(inquiry.subscriber, last_name="A~B")), envelope)
    assert refused.value.finding.code == "separator_in_value"


def test_accents_and_typographic_marks_become_plain_letters() -> None:
    assert plain_text("  José Núñez-O’Hara Møller Łukasz Weiß ") == "Jose Nunez-O'Hara Moller Lukasz Weiss"


@pytest.mark.parametrize(
    ("values", "code"),
    [
        (("IL", "1", "X" * 61), "element_too_long"),
        (("I", "1", "X"), "element_too_short"),
        (("IL",), "element_missing"),
        (("IL", None, "X"), "element_missing"),
        (("IL", "1", "X", None, None, None, None, "MI"), "element_missing"),
    ],
)
def test_the_dictionary_binds_the_writer(values: tuple[str | None, ...], code: str) -> None:
    with pytest.raises(X12Error) as refused:
        Composer().add("NM1", *values)
    assert refused.value.finding.code == code


def test_envelope_ids_are_checked(inquiry: EligibilityInquiry, envelope: Envelope) -> None:
    for broken in (
        replace(envelope, sender_id="X" * 16),
        replace(envelope, receiver_id=""),
        replace(envelope, sender_id="A*B"),
        replace(envelope, control_number=0),
        replace(envelope, control_number=1_000_000_000),
    ):
        with pytest.raises(X12Error):
            write_270(inquiry, broken)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**12), max_value=10**12))
def test_decimals_keep_their_value_and_have_no_exponent(value: Decimal) -> None:
    text = format_decimal(value)
    assert Decimal(text) == value
    assert not text.endswith(".")
    assert "E" not in text


_NAMES = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabc '-.,", min_size=1, max_size=30).filter(
    lambda name: name.strip()
)


@given(_NAMES, _NAMES, st.dates(date(1900, 1, 1), date(2026, 1, 1)), st.sampled_from(["", "M", "F"]))
def test_an_inquiry_is_read_back_as_it_was_asked(last: str, first: str, born: date, sex: str) -> None:
    from datetime import UTC, datetime

    from x12.ts270 import Trace

    envelope = Envelope("US", "THEM", 7, datetime(2026, 1, 1, tzinfo=UTC))
    member = Member(last.strip(), first.strip(), "M123", born, sex)
    asked = EligibilityInquiry(
        *("R1", Trace("T1", "9123456789"), "PAYER", "12345", "CLINIC", "1345678902"), member, ("MH",)
    )
    data = write_270(asked, envelope)
    assert check(data) == []
    (received,) = read_270(data)
    assert received.subscriber is not None
    assert received.demographics is not None
    assert (received.subscriber.name, received.subscriber.first_name) == (member.last_name, member.first_name)
    assert (received.demographics.birth_date, received.demographics.sex) == (born, sex)
    assert received.traces == (asked.trace,)
    assert received.service_types == ("MH",)


def test_other_separators_free_the_usual_ones_for_values(
    inquiry: EligibilityInquiry, envelope: Envelope
) -> None:
    marks = Separators("|", ">", "\x1c", "!")
    asked = replace(inquiry, subscriber=replace(inquiry.subscriber, last_name="A*B:C"))
    data = write_270(asked, replace(envelope, separators=marks))
    assert check(data) == []
    (received,) = read_270(data)
    assert received.subscriber is not None
    assert received.subscriber.name == "A*B:C"


def test_a_status_request_is_written_as_the_sample_and_read_back(
    inquiry: EligibilityInquiry, envelope: Envelope, sample: object
) -> None:
    assert callable(sample)
    request = StatusRequest(
        reference="TWST1",
        trace="TW-ST-1",
        payer_name="CIGNA",
        payer_id="62308",
        receiver_name="TALKWELL THERAPY PC",
        receiver_id="TALKWELL",
        provider_name="TALKWELL THERAPY PC",
        provider_npi="1345678902",
        subscriber=inquiry.subscriber,
        charge=Decimal("315.00"),
        first_day=date(2026, 11, 10),
        last_day=date(2026, 11, 17),
        payer_claim_number="2026111500099",
    )
    data = write_276(request, envelope)
    assert data == sample("276_status")
    (received,) = read_276(data)
    assert received.trace == "TW-ST-1"
    assert received.amounts[0].value == 315
    assert (received.dates[0].first, received.dates[0].last) == (request.first_day, request.last_day)
    child = write_276(
        replace(request, dependent=Member("RIVERA", "LUZ", "", date(2015, 1, 2), "F")), envelope
    )
    assert check(child) == []
    assert read_276(child)[0].dependent is not None
