"""What an estimate takes for usual where the client's own care does not say it yet, as a clinic sets it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from domain.clinicians import ClinicianKind
from domain.errors import FieldError, Invalid

_MOST_SESSIONS: Final = 31
_MOST_MINUTES: Final = 600


@dataclass(frozen=True, slots=True)
class EstimatePolicy:
    """Sessions a month; clinical minutes of a session, which choose its price; the kind of clinician a client without a
    therapist is priced by. None of it reaches a claim: there minutes are attested. Raises Invalid.
    """

    sessions_per_month: int = 4
    typical_minutes: int = 25
    clinician_kind: ClinicianKind = ClinicianKind.NON_PRESCRIBER

    def __post_init__(self) -> None:
        most = {"sessions_per_month": _MOST_SESSIONS, "typical_minutes": _MOST_MINUTES}
        wrong = [
            FieldError(name, "out_of_range") for name in most if not 1 <= getattr(self, name) <= most[name]
        ]
        if wrong:
            raise Invalid(*wrong)


def estimate_policy_from_json(definition: Mapping[str, Any]) -> EstimatePolicy:
    """As a policy row has it; what is left out is usual. Raises Invalid."""
    given = dict(definition)
    if "clinician_kind" in given:
        given["clinician_kind"] = ClinicianKind(given["clinician_kind"])
    return EstimatePolicy(**given)


def estimate_policy_to_json(policy: EstimatePolicy) -> dict[str, Any]:
    """What `estimate_policy_from_json` reads."""
    return {
        "sessions_per_month": policy.sessions_per_month,
        "typical_minutes": policy.typical_minutes,
        "clinician_kind": policy.clinician_kind.value,
    }
