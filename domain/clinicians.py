"""What kind of clinician somebody is to a payer: it decides which codes a week of messages may be billed by."""

from enum import StrEnum
from typing import Final


class ClinicianKind(StrEnum):
    """PRESCRIBER may report evaluation and management (psychiatrist, PMHNP), NON_PRESCRIBER may not (LCSW, LMFT,
    LPC/LMHC, psychologist).
    """

    PRESCRIBER = "prescriber"
    NON_PRESCRIBER = "non_prescriber"


# NUCC Health Care Provider Taxonomy: physicians (20...), physician assistants (363A), nurse practitioners (363L) and
# clinical nurse specialists (364S).
_PRESCRIBERS: Final = ("20", "363A", "363L", "364S")

_CODES: Final = {
    ClinicianKind.NON_PRESCRIBER: frozenset({"98970", "98971", "98972"}),
    ClinicianKind.PRESCRIBER: frozenset({"99421", "99422", "99423"}),
}


def clinician_kind(taxonomy: str) -> ClinicianKind:
    """The kind of who has this NUCC taxonomy code, the one that stands on their claims (2310B PRV03).

    Source: CPT, online digital services: 99421-99423 are reported by physicians and other professionals who may
    report evaluation and management, 98970-98972 by those who may not.
    """
    return ClinicianKind.PRESCRIBER if taxonomy.startswith(_PRESCRIBERS) else ClinicianKind.NON_PRESCRIBER


def may_report(kind: ClinicianKind, procedure_code: str) -> bool:
    """Whether CPT lets this kind report a code: the online digital ones are for one kind each, others for both."""
    return not any(procedure_code in codes for other, codes in _CODES.items() if other is not kind)
