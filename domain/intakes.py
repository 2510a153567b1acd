"""What an intake must hold before it can be submitted. Partial saves may lack anything."""

from collections.abc import Mapping
from typing import Final

ADULT: Final = 18

SAFETY_ANSWERS: Final = ("never", "within_30_days", "longer_ago")
"""How suicidal and homicidal thoughts are each answered."""

_REQUIRED = (
    "focus",
    "address",
    "phone",
    "sex_on_file",
    "prior_care",
    "medication",
    "state",
    "location",
    "emergency_contact.name",
    "emergency_contact.phone",
    "safety",
)

# "None" is an answer to these; to the others an empty text or list is not.
_MAY_BE_EMPTY = frozenset({"prior_care", "medication"})


def missing_for_submit(intake: Mapping[str, object], *, age: int | None = None) -> list[str]:
    """Fields (dotted) still missing, in the order of the form; under 18 a guardian is needed, too.

    Registration brought the legal name and the date of birth. Without a location and an emergency contact
    nobody could send help, so both are required of everyone.
    """
    required = (*_REQUIRED, "guardian") if age is not None and age < ADULT else _REQUIRED
    return [field for field in required if _is_missing(intake, field)]


def _is_missing(intake: Mapping[str, object], field: str) -> bool:
    value: object = intake
    for part in field.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    if value is None:
        return True
    if isinstance(value, str):
        value = value.strip()
    return field not in _MAY_BE_EMPTY and value in ("", [], (), {})
