"""Checks of single values: provider numbers, diagnosis codes."""

from __future__ import annotations

import re

_LUHN_PREFIX = "80840"
# ICD-10-CM, chapter F: categories that exist; its codes have at most six characters and end in a digit,
# but for F32.A.
_F_CATEGORIES = frozenset(
    {"01", "02", "03", "04", "05", "06", "07", "09", *(str(n) for n in range(10, 20))}
    | {"20", "21", "22", "23", "24", "25", "28", "29", *(str(n) for n in range(30, 35)), "39"}
    | {*(str(n) for n in range(40, 46)), "48", *(str(n) for n in range(50, 56)), "59"}
    | {*(str(n) for n in range(60, 71)), *(str(n) for n in range(71, 74)), "78", "79"}
    | {*(str(n) for n in range(80, 83)), "84", "88", "89", *(str(n) for n in range(90, 96)), "98", "99"}
)
_OTHER_CHAPTERS = re.compile(r"[A-EG-TV-Z]\d[\dA-Z][\dA-Z]{0,4}")
_CHAPTER_F = re.compile(r"F(\d\d)(A|\d{0,3})")


def npi_is_valid(text: str) -> bool:
    """Ten digits whose Luhn sum over 80840 + NPI is a multiple of ten (CMS, NPI check digit)."""
    if not re.fullmatch(r"[12]\d{9}", text):
        return False
    digits = [int(char) for char in reversed(_LUHN_PREFIX + text)]
    doubled = [digit * 2 - 9 if digit > 4 else digit * 2 for digit in digits[1::2]]
    return (sum(digits[0::2]) + sum(doubled)) % 10 == 0


def diagnosis_is_known(code: str) -> bool:
    """Whether a code without its dot can be an ICD-10-CM code."""
    chapter_f = _CHAPTER_F.fullmatch(code)
    if chapter_f:
        return chapter_f[1] in _F_CATEGORIES and not (chapter_f[1] == "99" and len(code) > 3)
    return _OTHER_CHAPTERS.fullmatch(code) is not None
