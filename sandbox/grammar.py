"""Shapes of the requests the sandbox takes: 837P (005010X222A1), 270 (005010X279A1), 276 (005010X212).

Loops, order, repeats and codes are those of the ASC X12 implementation guides of those numbers, for the
parts that outpatient behavioural claims use; segments that never travel in them (ambulance, spinal,
dialysis) are named, not checked inside.
"""

from __future__ import annotations

from sandbox.elements import CLAIMS_ELEMENTS, QUESTION_ELEMENTS
from sandbox.shape import ElementRule, Loop, loop

_CLAIM_REF = "REF S1:4N S1:F5 S1:EW S1:9F S1:G1 S1:F8 S1:X4 S1:9A S1:9C S1:LX S1:D9 S1:EA S1:P4 S1:1J"
_LINE_REF = "REF S1:9B S1:9D S5:G1 S1:6R S1:EW S1:X4 S1:F4 S1:BT S5:9F"
_CLAIM_DATES = "431/454/304/453/439/484/455/471/314/360/361/297/296/435/096/090/091/444/050"
_LINE_DATES = "471/607/463/461/304/738/739/011/455/454"

_PERSON = "NM1 R1:{code};N3 {use}1;N4 {use}1"


def _people(prefix: str, *codes: tuple[str, str, str]) -> tuple[Loop, ...]:
    """Provider loops at claim or line level: (letter, NM101 codes, how often)."""
    rest = "PRV S1;N3 S1;N4 S1;REF S20;PER S1"
    return tuple(loop(prefix + letter, f"S{most}", f"NM1 R1:{code};{rest}") for letter, code, most in codes)


def _line() -> Loop:
    return loop(
        "2400",
        "R50",
        "LX R1;SV1 R1;SV5 S1;PWK S11;CR1 S1;CR3 S1;CRC S9;"
        f"DTP R1:472 S20:{_LINE_DATES};QTY S2;MEA S5;CN1 S1;{_LINE_REF};AMT S2;K3 S10;NTE S2;PS1 S1;HCP S1",
        loop("2410", "S1", "LIN R1;CTP R1;REF S1"),
        *_people(
            "2420",
            ("A", "82", "1"),
            ("B", "QB", "1"),
            ("C", "77", "1"),
            ("D", "DQ", "1"),
            ("E", "DK", "1"),
            ("F", "DN/P3", "2"),
            ("G", "PW", "1"),
            ("H", "45", "1"),
        ),
        loop("2430", "S15", "SVD R1;CAS S5;DTP R1:573;AMT S1:EAF"),
        loop("2440", "S0", "LQ R1;FRM R99"),
    )


def _other_insurance() -> Loop:
    return loop(
        "2320",
        "S10",
        "SBR R1;CAS S5;AMT S1:D S1:A8 S1:EAF;OI R1;MOA S1",
        loop("2330A", "R1", "NM1 R1:IL;N3 S1;N4 S1;REF S1"),
        loop("2330B", "R1", "NM1 R1:PR;N3 S1;N4 S1;DTP S1:573;REF S7"),
        *_people(
            "2330",
            ("C", "DN/P3", "2"),
            ("D", "82", "1"),
            ("E", "77", "1"),
            ("F", "DQ", "1"),
            ("G", "85", "1"),
        ),
    )


def _claim() -> Loop:
    return loop(
        "2300",
        "S100",
        f"CLM R1;DTP S20:{_CLAIM_DATES};PWK S10;CN1 S1;AMT S1:F5;{_CLAIM_REF};K3 S10;NTE S1;"
        "CR1 S1;CR2 S1;CRC S8;HI R1:BK/ABK S1:BP S2:BG;HCP S1",
        *_people(
            "2310",
            ("A", "DN/P3", "2"),
            ("B", "82", "1"),
            ("C", "77", "1"),
            ("D", "DQ", "1"),
            ("E", "PW", "1"),
            ("F", "45", "1"),
        ),
        _other_insurance(),
        _line(),
    )


def _patient() -> Loop:
    return loop(
        "2000C",
        "S0",
        "HL R1:23;PAT R1",
        loop("2010CA", "R1", _PERSON.format(code="QC", use="R") + ";DMG R1;REF S1:Y4 S1:SY S1:1W;PER S1"),
        _claim(),
    )


def _subscriber() -> Loop:
    return loop(
        "2000B",
        "R0",
        "HL R1:22;SBR R1;PAT S1",
        loop("2010BA", "R1", _PERSON.format(code="IL", use="S") + ";DMG S1;REF S1:SY S1:Y4;PER S1"),
        loop("2010BB", "R1", _PERSON.format(code="PR", use="S") + ";REF S3:2U/EI/FY/NF S2:G2/LU"),
        _claim(),
        _patient(),
    )


CLAIMS_837P: tuple[Loop, ...] = (
    loop("", "R1", "ST R1;BHT R1"),
    loop("1000A", "R1", "NM1 R1:41;PER R2"),
    loop("1000B", "R1", "NM1 R1:40"),
    loop(
        "2000A",
        "R0",
        "HL R1:20;PRV S1:BI;CUR S1",
        loop("2010AA", "R1", _PERSON.format(code="85", use="R") + ";REF R1:EI/SY S4:0B/1G;PER S2"),
        loop("2010AB", "S1", _PERSON.format(code="87", use="R")),
        loop("2010AC", "S1", _PERSON.format(code="PE", use="R") + ";REF S1:2U/FY/NF R1:EI"),
        _subscriber(),
    ),
    loop("", "S1", "SE R1"),
)

_ASKED_PERSON = "REF S9;N3 S1;N4 S1;PRV S1;DMG S1;INS S1;HI S1;DTP S2"
_QUESTION = "EQ R1;AMT S2;III S10;REF S1;DTP S1"

ELIGIBILITY_270: tuple[Loop, ...] = (
    loop("", "R1", "ST R1;BHT R1"),
    loop(
        "2000A",
        "R1",
        "HL R1:20",
        loop("2100A", "R1", "NM1 R1:2B/36/GP/P5/PR"),
        loop(
            "2000B",
            "R1",
            "HL R1:21",
            loop("2100B", "R1", "NM1 R1:1P/2B/36/80/FA/GP/P5/PR;REF S9;N3 S1;N4 S1;PRV S1"),
            loop(
                "2000C",
                "R1",
                "HL R1:22;TRN S2",
                loop("2100C", "R1", f"NM1 R1:IL;{_ASKED_PERSON}"),
                loop("2110C", "S99", _QUESTION),
                loop(
                    "2000D",
                    "S1",
                    "HL R1:23;TRN S2",
                    loop("2100D", "R1", f"NM1 R1:03;{_ASKED_PERSON}"),
                    loop("2110D", "R99", _QUESTION),
                ),
            ),
        ),
    ),
    loop("", "S1", "SE R1"),
)

_ASKED_CLAIM = "TRN R1;REF S9;AMT S1;DTP S2"

STATUS_276: tuple[Loop, ...] = (
    loop("", "R1", "ST R1;BHT R1"),
    loop(
        "2000A",
        "R1",
        "HL R1:20",
        loop("2100A", "R1", "NM1 R1:PR"),
        loop(
            "2000B",
            "R1",
            "HL R1:21",
            loop("2100B", "R1", "NM1 R1:41"),
            loop(
                "2000C",
                "R1",
                "HL R1:19",
                loop("2100C", "R2", "NM1 R1:1P"),
                loop(
                    "2000D",
                    "R1",
                    "HL R1:22;DMG S1",
                    loop("2100D", "R1", "NM1 R1:IL"),
                    loop("2200D", "S0", _ASKED_CLAIM),
                    loop(
                        "2000E",
                        "S1",
                        "HL R1:23;DMG R1",
                        loop("2100E", "R1", "NM1 R1:QC"),
                        loop("2200E", "R0", _ASKED_CLAIM),
                    ),
                ),
            ),
        ),
    ),
    loop("", "S1", "SE R1"),
)

GRAMMARS: dict[str, tuple[tuple[Loop, ...], dict[str, tuple[ElementRule, ...]]]] = {
    "837": (CLAIMS_837P, CLAIMS_ELEMENTS),
    "270": (ELIGIBILITY_270, QUESTION_ELEMENTS),
    "276": (STATUS_276, QUESTION_ELEMENTS),
}
VERSIONS = {"837": "005010X222A1", "270": "005010X279A1", "276": "005010X212"}
FUNCTIONS = {"837": "HC", "270": "HS", "276": "HR"}
