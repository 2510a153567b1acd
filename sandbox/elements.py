"""Rules for the elements of the requests the sandbox takes: X12 data element numbers, lengths, codes.

Codes are those of the ASC X12 implementation guides named in `grammar`; places of service those of CMS.
"""

from __future__ import annotations

from sandbox.shape import ElementRule, elements

_PLACES = (
    "01/02/03/04/05/06/07/08/09/10/11/12/13/14/15/16/17/18/19/20/21/22/23/24/25/26/27/31/32/33/34/41/42/49/50/51/52/"
    "53/54/55/56/57/58/60/61/62/65/66/71/72/81/99"
)
_RELATION = "18/01/19/20/21/39/40/53/G8"
_FILING = "11/12/13/14/15/16/17/AM/BL/CH/CI/DS/FI/HM/LM/MA/MB/MC/OF/TV/VA/WC/ZZ"
_PLACE = f"1331 R ID1-2 {_PLACES}, 1332 R ID1-2 B, 1325 R ID1-1 1/7/8"
_YES_NO = "1073 R ID1-1 Y/N"
_PERIOD = ("1250 R ID2-3 D8/RD8/DT", "1251 R AN1-35")
_DIAGNOSIS = "1270 R ID1-3 BK/ABK/BF/ABF, 1271 R AN1-30"
_PROCEDURE = (
    "235 R ID2-2 HC/ER/IV/WK, 234 R AN1-48, "
    "1339 O AN2-2, 1339 O AN2-2, 1339 O AN2-2, 1339 O AN2-2, 352 O AN1-80"
)
_POINTERS = "1328 R N1-2, 1328 O N1-2, 1328 O N1-2, 1328 O N1-2"

# Element rules by segment, or by loop and segment where the loop matters.
_CLAIMS_SEGMENTS: dict[str, tuple[ElementRule, ...]] = {
    "BHT": elements(
        "1005 R ID4-4 0019",
        "353 R ID2-2 00/18",
        "127 R AN1-50",
        "373 R DT8-8",
        "337 R TM4-8",
        "640 R ID2-2 31/CH/RP",
    ),
    "HL": elements("628 R AN1-12", "734 O AN1-12", "735 R ID1-2 20/22/23", "736 R ID1-1 0/1"),
    "PRV": elements("1221 R ID1-3 BI/PE/AS/RF", "128 R ID2-3 PXC", "127 R AN1-50"),
    "REF": elements("128 R ID2-3", "127 R AN1-50"),
    "N3": elements("166 R AN1-55", "166 O AN1-55"),
    "N4": elements("19 R AN2-30", "156 O ID2-2", "116 O ID3-15", "26 O ID2-3"),
    "DMG": elements("1250 R ID2-3 D8", "1251 R DT8-8", "1068 R ID1-1 F/M/U"),
    "PER": elements(
        "366 R ID2-2 IC",
        "93 O AN1-60",
        "365 R ID2-2 EM/FX/TE",
        "364 R AN1-256",
        "365 O ID2-2 EM/EX/FX/TE",
        "364 O AN1-256",
        "365 O ID2-2 EM/EX/FX/TE",
        "364 O AN1-256",
    ),
    "2000B/SBR": elements(
        "1138 R ID1-1 A/B/C/D/E/F/G/H/P/S/T/U",
        "1069 O ID2-2 18",
        "127 O AN1-50",
        "93 O AN1-60",
        "1336 O ID1-3 12/13/14/15/16/41/42/43/47",
        "1143 -",
        "1073 -",
        "584 -",
        f"1032 O ID1-2 {_FILING}",
    ),
    "2000C/PAT": elements(
        f"1069 R ID2-2 {_RELATION}",
        "1384 -",
        "584 -",
        "1220 -",
        "1250 O ID2-3 D8",
        "1251 O DT8-8",
        "355 O ID2-2 01",
        "81 O R1-10",
        "1073 O ID1-1 Y",
    ),
    "CLM": elements(
        "1028 R AN1-38",
        "782 R R1-18",
        "1032 -",
        "1343 -",
        f"C023 R ({_PLACE})",
        "1073 R ID1-1 Y/N",
        "1359 R ID1-1 A/B/C",
        "1073 R ID1-1 Y/N/W",
        "1363 R ID1-1 Y/I",
        "1351 O ID1-1 P",
    ),
    "HI": elements(f"C022 R ({_DIAGNOSIS})", *([f"C022 O ({_DIAGNOSIS})"] * 11)),
    "LX": elements("554 R N1-6"),
    "SV1": elements(
        f"C003 R ({_PROCEDURE})",
        "782 R R1-18",
        "355 R ID2-2 MJ/UN",
        "380 R R1-15",
        f"1331 O ID1-2 {_PLACES}",
        "1365 -",
        f"C004 R ({_POINTERS})",
        "782 -",
        "1073 O ID1-1 Y",
        "1340 -",
        "1073 O ID1-1 Y",
        "1073 O ID1-1 Y",
    ),
    "2400/DTP": elements("374 R ID3-3", *_PERIOD),
}

_ENTITY = ("1065 R ID1-1 1/2", "1035 O AN1-60", "1036 O AN1-35", "1037 O AN1-25", "1038 -", "1039 O AN1-10")
_ORGANISATION = ("1065 R ID1-1 2", "1035 R AN1-60", "1036 -", "1037 -", "1038 -", "1039 -")
_NAMED = ("1065 R ID1-1 1/2", "1035 R AN1-60", *_ENTITY[2:])
_CLAIMS_NAMES: dict[str, tuple[ElementRule, ...]] = {
    "1000A/NM1": elements("98 R ID2-3", *_NAMED, "66 R ID1-2 46", "67 R AN2-80"),
    "1000B/NM1": elements("98 R ID2-3", *_ORGANISATION, "66 R ID1-2 46", "67 R AN2-80"),
    "2010AA/NM1": elements("98 R ID2-3", *_NAMED, "66 O ID1-2 XX", "67 O AN2-80"),
    "2010BA/NM1": elements("98 R ID2-3", *_NAMED, "66 O ID1-2 MI/II", "67 O AN2-80"),
    "2010BB/NM1": elements("98 R ID2-3", *_ORGANISATION, "66 R ID1-2 PI/XV", "67 R AN2-80"),
    "2010CA/NM1": elements("98 R ID2-3", *_NAMED),
    "2310B/NM1": elements("98 R ID2-3", *_NAMED, "66 O ID1-2 XX", "67 O AN2-80"),
    "2420A/NM1": elements("98 R ID2-3", *_NAMED, "66 O ID1-2 XX", "67 O AN2-80"),
}
CLAIMS_ELEMENTS = _CLAIMS_SEGMENTS | _CLAIMS_NAMES
QUESTION_ELEMENTS: dict[str, tuple[ElementRule, ...]] = {
    "BHT": elements(
        "1005 R ID4-4 0022/0010",
        "353 R ID2-2 13/01/36",
        "127 O AN1-50",
        "373 R DT8-8",
        "337 R TM4-8",
        "640 O ID2-2",
    ),
    "HL": elements("628 R AN1-12", "734 O AN1-12", "735 R ID1-2 19/20/21/22/23", "736 R ID1-1 0/1"),
    "TRN": elements("481 R ID1-2 1", "127 R AN1-50", "509 O AN1-10", "127 O AN1-50"),
    "2100A/NM1": elements("98 R ID2-3", *_ENTITY, "66 R ID1-2 24/46/FI/NI/PI/XV/XX", "67 R AN2-80"),
    "DMG": elements("1250 O ID2-3 D8", "1251 O AN1-35", "1068 O ID1-1 F/M/U"),
    "DTP": elements("374 R ID3-3", *_PERIOD),
}
