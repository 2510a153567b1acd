"""What is asked of a payer about a member, and how the next question may differ from the one before."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from domain.eligibility import OFFICE_VISIT, WHOLE_PLAN

MENTAL_HEALTH: Final = "MH"
BROADER: Final = (MENTAL_HEALTH, OFFICE_VISIT, WHOLE_PLAN)
"""Service types (EQ01) from the narrowest on: a payer that says nothing of one is asked the next."""


class ReaskWith(StrEnum):
    """How the next question differs from the one just refused."""

    FEWER_FIELDS = "fewer_fields"  # without first name and sex; member id, last name and date of birth stay
    AS_SUBSCRIBER = "as_subscriber"
    TODAYS_DATE = "todays_date"
    SERVICE_TYPE = "service_type"
    OTHER_MEMBER = "other_member"  # one whom this payer knows: is it the member, or is it we?


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked last, and what was already tried for this verification. `together`: how many service types at
    once, from `service_type` on; one, unless the payer is known to take several.
    """

    service_type: str = MENTAL_HEALTH
    as_dependent: bool = False
    tried: frozenset[ReaskWith] = frozenset()
    redirected: bool = False
    together: int = 1

    @property
    def service_types(self) -> tuple[str, ...]:
        """What one 270 asks for, the narrowest first."""
        if self.service_type not in BROADER:
            return (self.service_type,)
        first = BROADER.index(self.service_type)
        return BROADER[first : first + max(1, self.together)]

    @property
    def broader(self) -> str | None:
        """The service type to ask for where nothing was said of these; None when all were asked for."""
        last = self.service_types[-1]
        following = BROADER[BROADER.index(last) + 1 :] if last in BROADER else ()
        return following[0] if following else None

    @property
    def probes(self) -> bool:
        """Whether it is about another member, to learn whether the payer knows us."""
        return ReaskWith.OTHER_MEMBER in self.tried

    def may_still(self, change: ReaskWith) -> bool:
        """Each change is tried once; only a question about a dependent can be put as the subscriber's."""
        return change not in self.tried and (change is not ReaskWith.AS_SUBSCRIBER or self.as_dependent)
