"""Clinical notes: their kinds and sections. Signed is locked; what comes later is an addendum."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from domain.claims import MOST_DIAGNOSES, icd_is_valid
from domain.errors import FieldError, Invalid

LONGEST_SECTION: Final = 10_000


class NoteKind(StrEnum):
    """The formats in use: subjective-objective-assessment-plan and its shorter kin."""

    SOAP = "SOAP"
    DAP = "DAP"
    BIRP = "BIRP"


SECTIONS: Final[dict[NoteKind, tuple[str, ...]]] = {
    NoteKind.SOAP: ("subjective", "objective", "assessment", "plan"),
    NoteKind.DAP: ("data", "assessment", "plan"),
    NoteKind.BIRP: ("behavior", "intervention", "response", "plan"),
}


def check_sections(kind: NoteKind, sections: Mapping[str, str]) -> None:
    """A draft may lack sections, but has only those of its kind, and one at least with words. Raises Invalid."""
    errors = [FieldError("sections", "unknown_section") for name in sections if name not in SECTIONS[kind]]
    errors += [
        FieldError(f"sections.{name}", "too_long")
        for name in SECTIONS[kind]
        if len(sections.get(name, "")) > LONGEST_SECTION
    ]
    if not any(text.strip() for text in sections.values()):
        errors.append(FieldError("sections", "required"))
    if errors:
        raise Invalid(*errors)


def check_codes(codes: list[str]) -> list[str]:
    """The diagnoses of a client as ICD-10-CM codes, the primary one first, in capitals. Raises Invalid.

    At most twelve (837P HI); each once; no Z code alone in first place, which payers refuse as primary.
    """
    cleaned = [code.strip().upper() for code in codes]
    errors = [
        FieldError(f"codes.{place}", "not_icd_10_cm")
        for place, code in enumerate(cleaned)
        if not icd_is_valid(code)
    ]
    if not 0 < len(cleaned) <= MOST_DIAGNOSES:
        errors.append(FieldError("codes", "one_to_twelve"))
    if len({code.replace(".", "") for code in cleaned}) < len(cleaned):
        errors.append(FieldError("codes", "repeated"))
    if cleaned and cleaned[0].startswith("Z"):
        errors.append(FieldError("codes.0", "primary_is_z_code"))
    if errors:
        raise Invalid(*errors)
    return cleaned
