"""Numbers that check themselves, and codes with a shape."""

import re

_NPI_PREFIX = "80840"
# Letter, digit, digit or A/B (C in chapter F), then up to four more. Only these chapters define a seventh
# place.
_ICD_SHAPE = re.compile(r"[A-Z][0-9][0-9A-Z][0-9A-Z]{0,4}")
_ICD_SEVENTH = frozenset("EHMORSTVWXY")
_ICD_MENTAL = re.compile(r"F[0-9]{2}[0-9A-C]?[0-9]{0,2}")
_TAXONOMY = re.compile(r"[0-9A-Z]{9}X")


def luhn_holds(digits: str) -> bool:
    """The Luhn check over a string of digits (ISO/IEC 7812-1)."""
    total = 0
    for place, mark in enumerate(reversed(digits)):
        doubled = int(mark) * (2 if place % 2 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def npi_holds(npi: str) -> bool:
    """Whether a National Provider Identifier is ten digits whose check digit holds, with the prefix 80840."""
    return len(npi) == 10 and npi.isascii() and npi.isdigit() and luhn_holds(_NPI_PREFIX + npi)


def icd10_is_possible(code: str) -> bool:
    """Whether a code, without its dot, has the shape of ICD-10-CM.

    Says nothing of it being in this year's set.
    """
    if not _ICD_SHAPE.fullmatch(code):
        return False
    if code[0] == "F":
        return _ICD_MENTAL.fullmatch(code) is not None
    return len(code) < 7 or code[0] in _ICD_SEVENTH


def taxonomy_is_possible(code: str) -> bool:
    """Whether a provider taxonomy code has its shape: nine letters or digits and an X."""
    return _TAXONOMY.fullmatch(code) is not None
