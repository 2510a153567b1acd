"""Code sets, codes only: their descriptions are licensed and come from the customer."""

from enum import StrEnum


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


class ClaimFiling(StrEnum):
    """SBR09, the kind of payer (X12 element 1032, as the 837P allows)."""

    OTHER_NON_FEDERAL = "11"
    PREFERRED_PROVIDER = "12"
    POINT_OF_SERVICE = "13"
    EXCLUSIVE_PROVIDER = "14"
    INDEMNITY = "15"
    MEDICARE_HMO = "16"
    DENTAL_HMO = "17"
    AUTOMOBILE = "AM"
    BLUE_CROSS_BLUE_SHIELD = "BL"
    CHAMPUS = "CH"
    COMMERCIAL = "CI"
    DISABILITY = "DS"
    FEDERAL_EMPLOYEES = "FI"
    HMO = "HM"
    LIABILITY = "LM"
    MEDICARE_A = "MA"
    MEDICARE_B = "MB"
    MEDICAID = "MC"
    OTHER_FEDERAL = "OF"
    TITLE_V = "TV"
    VETERANS = "VA"
    WORKERS_COMPENSATION = "WC"
    MUTUALLY_DEFINED = "ZZ"


class FollowUp(StrEnum):
    """AAA04, what a payer asks for after a rejection (X12 element 889)."""

    CORRECT_AND_RESUBMIT = "C"
    NO_RESUBMISSION = "N"
    RESUBMISSION_ALLOWED = "R"
    DO_NOT_RESUBMIT = "S"
    RESEND_ORIGINAL = "P"
    WAIT_30_DAYS = "W"
    WAIT_10_DAYS = "X"
    ANSWER_COMES_LATER = "Y"


# AAA03 (X12 element 901), as the 271 allows in any of its loops.
REJECT_REASONS = _codes(
    "04 15 33 35 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 67 68 69 70 71 72"
    " 73 74 75 76 77 78 79 80 97 98 T4"
)

# EB01 (X12 element 1390).
BENEFIT_INFORMATION = _codes("1 2 3 4 5 6 7 8 A B C CB D E F G H I J K L M MC N O P Q R S T U V W X Y")

# TA1 and 999: what became of an interchange, a group, a transaction set.
TA1_STATUSES = frozenset("AER")
GROUP_STATUSES = frozenset("AEPRMWX")
TRANSACTION_STATUSES = frozenset("AERMWX")

# CLM05-3: original, replacement, void (National Uniform Billing Committee).
CLAIM_FREQUENCIES = frozenset("178")

ADJUSTMENT_GROUPS = frozenset(("CO", "CR", "OA", "PI", "PR"))
CLAIM_PAYMENT_STATUSES = _codes("1 2 3 4 19 20 21 22 23 25")


def _series(prefix: str, last: int, first: int = 1) -> set[str]:
    return {f"{prefix}{number}" for number in range(first, last + 1)}


# CAS reason codes (code source 139), codes ended long ago included: old remittances still carry them.
ADJUSTMENT_REASONS = frozenset(
    _series("", 312)
    | _series("A", 8, first=0)
    | _series("B", 23)
    | _series("D", 23)
    | _series("P", 32)
    | _series("W", 9)
    | _series("Y", 3)
)

# Remark codes (code source 411) are too many and change too often to list; this is their shape.
REMARK_SHAPE = r"M\d{1,3}|MA\d{1,3}|N\d{1,4}"
