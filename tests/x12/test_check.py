"""What `check` promises: valid files pass, each seeded fault is found where it is, nothing crashes."""

from collections.abc import Callable
from pathlib import Path

import pytest

from x12.check import check
from x12.read import read

FOLDER = Path(__file__).parent.parent / "samples" / "x12"
POSITIVE = sorted(FOLDER.glob("*.x12"))
Sample = Callable[[str], bytes]

TA1 = (
    b"ISA*00*          *00*          *ZZ*SANDBOXPAYER   *ZZ*TALKWELL       *261122*1030*^*00501*000000009*0*T*:~"
    b"TA1*000000001*261122*1030*R*025~IEA*0*000000009~"
)


@pytest.mark.parametrize("path", POSITIVE, ids=lambda path: path.stem)
def test_valid_files_have_no_findings_and_can_be_read(path: Path) -> None:
    assert check(path.read_bytes()) == []
    assert all(t.content for i in read(path.read_bytes()) for t in i.transactions)


def test_a_ta1_that_rejects_is_a_valid_file() -> None:
    assert check(TA1) == []
    assert read(TA1)[0].acknowledgments[0].status == "R"


@pytest.mark.parametrize(
    ("name", "segment", "element", "position"),
    [
        ("271_bad_aaa", "AAA", "AAA03", 13),
        ("835_bad_carc", "CAS", "CAS02", 37),
        ("837p_bad_claim_filing", "SBR", "SBR09", 15),
        ("837p_bad_icd", "HI", "HI01-2", 23),
        ("837p_bad_se_count", "SE", "SE01", 34),
        ("837p_bad_total", "CLM", "CLM02", 21),
    ],
)
def test_each_seeded_error_is_the_only_finding(
    sample: Sample, name: str, segment: str, element: str, position: int
) -> None:
    (finding,) = check(sample(f"negative/{name}"))
    assert (finding.segment, finding.element, finding.position) == (segment, element, position)


_CASES = [
    ("837p_subscriber_teletherapy", b"1345678902", b"1345678903", "bad_npi", "NM109"),
    ("837p_subscriber_teletherapy", b"100176701", b"10017", "bad_postal_code", "N403"),
    ("837p_subscriber_teletherapy", b"10:B:1", b"10:B:7", "segment_missing", "REF02"),
    ("837p_subscriber_teletherapy", b"10:B:1", b"10:B:3", "bad_code", "CLM05-3"),
    (
        "837p_subscriber_teletherapy",
        b"1:2~\nDTP*472*D8*20261110",
        b"1:3~\nDTP*472*D8*20261110",
        *("bad_pointer", "SV107"),
    ),
    ("837p_subscriber_teletherapy", b"D8*20261110", b"D8*20261131", "bad_date", "DTP03"),
    ("837p_subscriber_teletherapy", b"LX*2", b"LX*3", "bad_count", "LX01"),
    ("837p_subscriber_teletherapy", b"HL*2*1*22", b"HL*3*1*22", "bad_level", "HL01"),
    ("837p_subscriber_teletherapy", b"HL*2*1*22", b"HL*2*9*22", "bad_level", "HL02"),
    ("837p_subscriber_teletherapy", b"HL*1**20*1", b"HL*1**20*0", "bad_level", "HL04"),
    (
        "837p_subscriber_teletherapy",
        b"*TWCLM000001*",
        b"*TWCLM0000010000000001*",
        "element_too_long",
        "CLM01",
    ),
    ("837p_subscriber_teletherapy", b"*315*", b"*31O*", "bad_number", "CLM02"),
    ("837p_subscriber_teletherapy", b"ABK:F411", b"ABF:F411", "bad_code", "HI01-1"),
    ("837p_subscriber_teletherapy", b"GS*HC", b"GS*HP", "wrong_group", "GS01"),
    ("837p_subscriber_teletherapy", b"ISA*00*          *", b"ISA*00*         *", "bad_width", "ISA02"),
    ("837p_subscriber_teletherapy", b"*MI*U1234567801", b"*MI", "element_missing", "NM109"),
    ("837p_subscriber_teletherapy", b"*MI*U1234567801", b"**U1234567801", "element_missing", "NM108"),
    ("835_mh", b"CLP*TWCLM000002*4", b"CLP*TWCLM000002*9", "bad_code", "CLP02"),
    ("835_mh", b"CAS*CO*96", b"CAS*XX*96", "bad_code", "CAS01"),
    ("835_mh", b"**2*5~", b"**Q2*5~", "bad_code", "CAS05"),
    ("835_mh", b"HE*N130", b"HE*X130", "bad_code", "LQ02"),
    ("835_mh", b"BPR*I*170*", b"BPR*I*170.01*", "out_of_balance", "BPR02"),
    ("835_mh", b"*175*100**1", b"*175*99.99**1", "out_of_balance", "SVC03"),
    ("271_aaa75", b"75*C", b"75*Q", "bad_code", "AAA04"),
    ("271_active_mh", b"EB*CB*", b"EB*ZZ*", "bad_code", "EB01"),
    ("271_active_mh", b"25.00", b"25.0O", "bad_number", "EB07"),
    ("277ca_mixed", b"A3:164", b"3A:164", "bad_code", "STC01-1"),
    ("999_reject", b"IK5*R*5", b"IK5*Q*5", "bad_code", "IK501"),
    ("999_reject", b"AK9*R*1*1*0", b"AK9*R*1*1*2", "bad_count", "AK904"),
    ("999_accept", b"AK9*A", b"AK9*Z", "bad_code", "AK901"),
    # Found by `make fuzz`.
    ("999_accept", b"AK9*A*1*1*1", "AK9*A*1*1*\u00b2".encode(), "bad_number", "AK904"),
    ("999_reject", b"TWCLM000001~", b"TWCLM000001*CLM*A~", "bad_number", "CTX03"),
]


@pytest.mark.parametrize(("name", "old", "new", "code", "element"), _CASES, ids=lambda value: str(value)[:30])
def test_one_fault_gives_one_finding(
    sample: Sample, name: str, old: bytes, new: bytes, code: str, element: str
) -> None:
    data = sample(name)
    assert old in data
    (finding,) = check(data.replace(old, new, 1))
    assert (finding.code, finding.element) == (code, element)


def _without(data: bytes, line: bytes) -> bytes:
    """The sample less the first segment that begins so, its SE count put right."""
    segments = data.split(b"~\n")
    gone = next(i for i, segment in enumerate(segments) if segment.startswith(line))
    del segments[gone]
    count = next(s for s in segments if s.startswith(b"SE*")).split(b"*")[1]
    return b"~\n".join(segments).replace(b"SE*" + count, b"SE*%d" % (int(count) - 1))


@pytest.mark.parametrize(
    ("name", "line", "missing"),
    [
        ("270_mh_subscriber", b"NM1*IL", "NM1"),
        ("271_inactive", b"BHT", "BHT"),
        ("276_status", b"NM1*1P", "NM1"),
        ("277_status", b"STC", "STC"),
        ("277ca_mixed", b"TRN*2*TWB", "TRN"),
        ("835_mh", b"TRN", "TRN"),
        ("835_mh", b"N1*PE", "N1"),
        ("837p_subscriber_teletherapy", b"SBR", "SBR"),
        ("837p_subscriber_teletherapy", b"HI", "HI"),
        ("837p_subscriber_teletherapy", b"DTP", "DTP"),
        ("999_accept", b"AK9", "AK9"),
    ],
)
def test_a_required_segment_that_is_missing_is_named(
    sample: Sample, name: str, line: bytes, missing: str
) -> None:
    findings = check(_without(sample(name), line))
    assert ("segment_missing", missing) in [(f.code, f.segment) for f in findings]


def test_a_segment_out_of_place_is_named(sample: Sample) -> None:
    data = sample("271_inactive").replace(b"EB*6**30~\n", b"EB*6**30~\nSVC*HC:90837*1*1~\n")
    (finding,) = check(data.replace(b"SE*15", b"SE*16"))
    assert (finding.code, finding.segment) == ("unexpected_segment", "SVC")


def test_sets_and_versions_not_read_here_are_named(sample: Sample) -> None:
    unknown = check(sample("271_inactive").replace(b"ST*271", b"ST*278"))
    assert [f.code for f in unknown] == ["unknown_transaction_set"]
    old = check(sample("271_inactive").replace(b"005010X279A1", b"004010X092A1"))
    assert [f.code for f in old] == ["unknown_version"]


def test_findings_never_repeat_what_stands_in_the_file(sample: Sample) -> None:
    secret = b"SECRETNAME"
    for name in ("837p_subscriber_teletherapy", "835_mh", "271_active_mh", "277ca_mixed"):
        data = sample(name)
        for element in {part for line in data.split(b"~\n")[2:-4] for part in line.split(b"*")[1:] if part}:
            for finding in check(data.replace(b"*" + element, b"*" + secret)):
                assert secret.decode() not in str(finding) + finding.code
