"""What a claim needs of the client's consents when it leaves, whatever was agreed when the care was given.

Part 2 protects records of treatment for substance use; tobacco and caffeine are not meant (42 CFR 2.11). ICD-10-CM
gives them the block F10-F19, of which F17 is nicotine. A request for confidential communications (45 CFR 164.522(b))
is between the client and the plan: until the plan agreed, a claim would write to the subscriber.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType

from domain.consents import Document

_PROTECTED = re.compile(r"F1[0-68-9]", re.ASCII)


class ConsentFinding(StrEnum):
    """Why a claim may not leave now."""

    RELEASE_MISSING = "release_missing"
    FINANCIAL_CONSENT_WITHDRAWN = "financial_consent_withdrawn"
    PART_2_CONSENT_MISSING = "part_2_consent_missing"
    CONFIDENTIAL_LETTERS_PENDING = "confidential_letters_pending"


FINDING_WORDS: Mapping[ConsentFinding, str] = MappingProxyType(
    {
        ConsentFinding.RELEASE_MISSING: "The client has not released this to a payer, or took it back",
        ConsentFinding.FINANCIAL_CONSENT_WITHDRAWN: "The client took back financial responsibility",
        ConsentFinding.PART_2_CONSENT_MISSING: "A diagnosis of Part 2 without the client's consent to it",
        ConsentFinding.CONFIDENTIAL_LETTERS_PENDING: "The client asks the plan to write to them alone",
    }
)
"""For the billing office. Only the client can put these right."""


def protected(diagnosis: str) -> bool:
    """Whether an ICD-10-CM code shows care for alcohol or drugs."""
    return _PROTECTED.match(diagnosis.upper()) is not None


def consent_findings(
    held: Collection[Document],
    withdrawn: Collection[Document],
    diagnoses: Iterable[str],
    *,
    letters_pending: bool = False,
) -> tuple[ConsentFinding, ...]:
    """What is missing: `held` are the documents in force, `withdrawn` those taken back and not signed since."""
    stands = {
        ConsentFinding.RELEASE_MISSING: Document.RELEASE_OF_BENEFITS not in held,
        ConsentFinding.FINANCIAL_CONSENT_WITHDRAWN: Document.FINANCIAL_RESPONSIBILITY in withdrawn,
        ConsentFinding.PART_2_CONSENT_MISSING: Document.PART_2 not in held
        and any(protected(code) for code in diagnoses),
        ConsentFinding.CONFIDENTIAL_LETTERS_PENDING: letters_pending,
    }
    return tuple(finding for finding, is_so in stands.items() if is_so)
