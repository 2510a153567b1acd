"""What real payers send beside the guides, and what is made of it: the list in x12/README.md."""

from collections.abc import Callable

import pytest

from x12.check import check
from x12.errors import X12Error
from x12.ts271 import EligibilityResponse, read_271
from x12.ts835 import read_835
from x12.ts999 import read_999

Sample = Callable[[str], bytes]


def _less(data: bytes, *lines: bytes) -> bytes:
    """A file without some of its segments, its SE count put right."""
    kept = [line for line in data.split(b"~\n") if line not in lines]
    return _counted(b"~\n".join(kept))


def _counted(data: bytes) -> bytes:
    segments = data.split(b"~\n")
    st = next(i for i, segment in enumerate(segments) if segment.startswith(b"ST*"))
    se = next(i for i, segment in enumerate(segments) if segment.startswith(b"SE*"))
    segments[se] = b"*".join([b"SE", b"%d" % (se - st + 1), *segments[se].split(b"*")[2:]])
    return b"~\n".join(segments)


def _with(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    return lambda data: _counted(data.replace(old, new))


_DRESS: dict[str, Callable[[bytes], bytes]] = {
    "byte order mark": lambda data: b"\xef\xbb\xbf" + data,
    "CRLF": lambda data: data.replace(b"~\n", b"~\r\n"),
    "one line": lambda data: data.replace(b"~\n", b"~"),
    "indentation and blank lines": lambda data: data.replace(b"~\n", b"~\n\n \t"),
    "line ends as segment ends": lambda data: data.replace(b"~\n", b"\n"),
    "other separators": lambda data: data.replace(b"*", b"|").replace(b":", b">").replace(b"^", b"{"),
    "blanks at the end": lambda data: data + b" \r\n",
    "leading zeros in counts": lambda data: data.replace(b"GE*1*1", b"GE*001*0001"),
}
_SAID: dict[str, Callable[[bytes], bytes]] = {
    "blanks around values": _with(b"EB*B*IND*MH*", b"EB* B *IND *MH *"),
    "empty elements at the end": _with(
        b"EB*1**30**OPEN ACCESS PLUS~", b"EB*1**30**OPEN ACCESS PLUS*********~"
    ),
    "levels not numbered from 1": _with(b"HL*3*2*22*0", b"HL*7*2*22*0"),
    "no word on whether levels follow": _with(b"HL*1**20*1", b"HL*1**20"),
    "no version in ST": _with(b"ST*271*0001*005010X279A1", b"ST*271*0001"),
    "version without its errata": lambda data: data.replace(b"X279A1", b"X279"),
    "no LS and LE": lambda data: _less(data, b"LS*2120", b"LE*2120"),
    "segments out of order": _with(
        b"REF*6P*3340001*ACME EMPLOYEE PLAN~\nN3*1 ELM ST", b"N3*1 ELM ST~\nREF*6P*3340001*ACME"
    ),
    "a range of days in D8": _with(b"DTP*346*D8*20260101", b"DTP*346*D8*20260101-20261231"),
    "a date that is none": _with(b"DMG*D8*19900115*F", b"DMG*D8*19900231*F"),
    "a segment nobody knows": _with(b"N3*1 ELM ST~\n", b"N3*1 ELM ST~\nZZZ*SOMETHING~\n"),
    "another contact": _with(
        b"PER*IC**TE*8005551212~\n", b"PER*IC**TE*8005551212~\nPER*IC**UR*WWW.X.EXAMPLE~\n"
    ),
    "a code outside the set": _with(b"DTP*347*D8", b"DTP*999*D8"),
}


def _meant(answer: EligibilityResponse) -> tuple[object, ...]:
    told = [
        (b.information, b.service_types, b.amount, b.percent, b.network, b.messages) for b in answer.benefits
    ]
    return answer.coverage, told, answer.traces, [e.party for b in answer.benefits for e in b.entities]


@pytest.mark.parametrize("name", [*_DRESS, *_SAID])
def test_a_271_means_the_same_in_the_clothes_that_payers_give_it(sample: Sample, name: str) -> None:
    plain = sample("271_active_mh")
    dressed = (_DRESS | _SAID)[name](plain)
    assert dressed != plain
    assert [_meant(answer) for answer in read_271(dressed)] == [_meant(answer) for answer in read_271(plain)]
    if name in _DRESS:
        assert check(dressed) == []


def test_an_835_without_lx_and_a_999_without_its_sets_are_read(sample: Sample) -> None:
    assert len(read_835(_less(sample("835_mh"), b"LX*1"))[0].claims) == 2
    bare = _less(sample("999_accept"), b"AK2*837*0001*005010X222A1", b"IK5*A")
    assert read_999(bare)[0].status == "A"


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (lambda data: data[:900], "truncated"),
        (lambda data: data[: data.index(b"IEA*")], "truncated"),
        (lambda data: data[:60], "truncated"),
        (lambda data: data.replace(b"SE*39", b"SE*38"), "bad_count"),
        (lambda data: data.replace(b"IEA*1*000000001", b"IEA*1*000000002"), "control_number_mismatch"),
        (lambda data: data.replace(b"*:~\n", b"*:*\n", 1), "bad_separators"),
        (lambda data: data.replace(b"EB*1**30", b"eb*1**30"), "bad_segment_id"),
        (lambda _: b"<html>503</html>", "not_x12"),
        (lambda data: data + b"garbage", "not_x12"),
        (lambda _: b"", "empty_file"),
    ],
)
def test_what_cannot_be_trusted_is_refused(
    sample: Sample, damage: Callable[[bytes], bytes], code: str
) -> None:
    with pytest.raises(X12Error) as refused:
        read_271(damage(sample("271_active_mh")))
    assert refused.value.finding.code == code
