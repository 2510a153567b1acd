from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from x12.check import check
from x12.envelopes import open_interchanges
from x12.errors import X12Error
from x12.tokenizer import tokenize

SAMPLES = sorted((Path(__file__).parent.parent / "samples" / "x12").rglob("*.x12"))
Sample = Callable[[str], bytes]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_every_sample_is_written_back_byte_for_byte(path: Path) -> None:
    assert tokenize(path.read_bytes()).write() == path.read_bytes()


def _dressed(data: bytes) -> list[bytes]:
    lines = data.decode().split("\n")
    return [
        b"\xef\xbb\xbf" + data,
        data.replace(b"\n", b"\r\n"),
        data.replace(b"\n", b""),
        "\n".join("    " + line for line in lines).encode(),
        b"\r\n \t" + data + b"\r\n  \n",
        data.replace(b"~\n", b"\n"),
        data.replace(b"~\n", b"\r\n"),
        data.replace(b"*", b"|").replace(b":", b">"),
    ]


@pytest.mark.parametrize("dress", range(8))
def test_marks_line_ends_indentation_and_other_separators_change_nothing_but_the_bytes(
    sample: Sample, dress: int
) -> None:
    plain = sample("271_active_mh")
    dressed = _dressed(plain)[dress]
    document = tokenize(dressed)
    assert document.write() == dressed
    assert check(dressed) == []
    assert [s.id for s in document.segments] == [s.id for s in tokenize(plain).segments]


def test_latin_1_is_read_where_utf_8_is_not_and_kept(sample: Sample) -> None:
    data = sample("271_active_mh").replace(b"RIVERA", "PEÑA".encode("latin-1"))
    document = tokenize(data)
    assert document.write() == data
    assert any(segment.at(3) == "PEÑA" for segment in document.segments)


def test_every_truncation_is_refused(sample: Sample) -> None:
    data = sample("835_mh").strip()
    for end in range(len(data)):
        with pytest.raises(X12Error) as refused:
            open_interchanges(data[:end])
        assert refused.value.finding.code in ("truncated", "empty_file", "not_x12")


@pytest.mark.parametrize(
    ("old", "new", "code", "element"),
    [
        (b"SE*39*0001", b"SE*38*0001", "bad_count", "SE01"),
        (b"SE*39*0001", b"SE*39*0002", "control_number_mismatch", "SE02"),
        (b"GE*1*1", b"GE*2*1", "bad_count", "GE01"),
        (b"GE*1*1", b"GE*1*7", "control_number_mismatch", "GE02"),
        (b"IEA*1*000000001", b"IEA*3*000000001", "bad_count", "IEA01"),
        (b"IEA*1*000000001", b"IEA*1*000000002", "control_number_mismatch", "IEA02"),
        (b"SE*39*0001~\n", b"", "trailer_missing", ""),
        (b"GE*1*1~\n", b"", "trailer_missing", ""),
    ],
)
def test_wrong_counts_and_control_numbers_are_refused_by_name(
    sample: Sample, old: bytes, new: bytes, code: str, element: str
) -> None:
    data = sample("835_mh").replace(old, new)
    with pytest.raises(X12Error) as refused:
        open_interchanges(data)
    assert (refused.value.finding.code, refused.value.finding.element) == (code, element)


def test_a_file_of_two_interchanges_with_different_separators_is_read(sample: Sample) -> None:
    first = sample("999_accept")
    second = sample("999_reject").replace(b"*", b"|").replace(b":", b">")
    assert check(first + second) == []
    assert len(open_interchanges(first + second)) == 2
    assert tokenize(first + second).write() == first + second


@pytest.mark.parametrize("data", [b"", b"   \n", b"hello", b"GS*HB*A*B~", b"\x00\x01", b"ISA", b"ISA*"])
def test_what_is_no_x12_is_refused(data: bytes) -> None:
    with pytest.raises(X12Error):
        tokenize(data)


def test_many_small_interchanges_do_not_take_long(sample: Sample) -> None:
    data = sample("999_accept") * 2_000
    assert len(open_interchanges(data)) == 2_000


@given(st.binary(max_size=400))
def test_any_bytes_are_tokenized_and_written_back_or_refused(data: bytes) -> None:
    try:
        document = tokenize(data)
    except X12Error:
        return
    assert document.write() == data
