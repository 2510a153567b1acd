"""Whether a plan covers each of our services, with the rule that says so.

Covered, not, needs authorisation, unknown, or redirect: an emergency is never a room, it goes to 988 and 911.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.contracts import ContractRow, Modality
from domain.coverage import Outcome, Verdict
from domain.eligibility import MENTAL_HEALTH_TYPES, VISITS, Benefit, EligibilityAnswer, Kind, Period


class Service(StrEnum):
    MESSAGING = "messaging"
    LIVE_VIDEO = "live_video"
    LIVE_AUDIO = "live_audio"
    EMERGENCY = "psychiatric_emergency"


class ServiceAnswer(StrEnum):
    COVERED = "covered"
    NOT = "not"
    NEEDS_AUTHORISATION = "needs_authorisation"
    UNKNOWN = "unknown"
    REDIRECT = "redirect"


_MODALITY_OF = {
    Service.MESSAGING: Modality.ASYNC,
    Service.LIVE_VIDEO: Modality.VIDEO,
    Service.LIVE_AUDIO: Modality.AUDIO,
}


@dataclass(frozen=True, slots=True)
class CoveredService:
    """One service's answer; `rule` is a stable code, `as_of` the day of the payer's answer."""

    service: Service
    answer: ServiceAnswer
    rule: str
    as_of: date


def covered_services(
    verdict: Verdict,
    answer: EligibilityAnswer | None,
    contract: Iterable[ContractRow],
    *,
    payer: str,
    plan: str | None,
    as_of: date,
) -> tuple[CoveredService, ...]:
    """The answer for each service. `answer` is the payer's last one, None when there is none yet."""
    priced = {
        row.modality
        for row in contract
        if row.payer == payer and row.plan in (None, plan) and row.in_force(as_of)
    }
    return tuple(_one(service, verdict, answer, priced, as_of) for service in Service)


def _one(
    service: Service,
    verdict: Verdict,
    answer: EligibilityAnswer | None,
    priced: set[Modality],
    as_of: date,
) -> CoveredService:
    if service is Service.EMERGENCY:
        return CoveredService(service, ServiceAnswer.REDIRECT, "call_988_or_911", as_of)
    if verdict.outcome is Outcome.INACTIVE:
        return CoveredService(service, ServiceAnswer.NOT, verdict.reason, as_of)
    if verdict.outcome is not Outcome.ACTIVE or answer is None:
        return CoveredService(service, ServiceAnswer.UNKNOWN, verdict.reason, as_of)
    said, rule = (
        _by_plan(answer) if _MODALITY_OF[service] in priced else (ServiceAnswer.NOT, "no_contract_row")
    )
    return CoveredService(service, said, rule, as_of)


def _by_plan(answer: EligibilityAnswer) -> tuple[ServiceAnswer, str]:
    about_us = [row for row in answer.benefits if any(row.about(each) for each in MENTAL_HEALTH_TYPES)]
    if any(_visits_used_up(row) for row in about_us):
        return ServiceAnswer.NOT, "visits_used_up"
    if any(row.authorisation == "Y" for row in about_us):
        return ServiceAnswer.NEEDS_AUTHORISATION, "plan_wants_authorisation"
    if about_us:
        return ServiceAnswer.COVERED, "mental_health_listed"
    return ServiceAnswer.UNKNOWN, "mental_health_not_mentioned"


def _visits_used_up(row: Benefit) -> bool:
    left = row.quantity if row.kind == Kind.LIMITATION and row.period == Period.REMAINING else None
    return row.quantity_kind == VISITS and left is not None and left <= 0


def public_services(
    contract: Iterable[ContractRow], *, payer: str, as_of: date
) -> tuple[CoveredService, ...]:
    """What this payer usually covers here, before anybody gave a card: what a contract prices on the day."""
    priced = {row.modality for row in contract if row.payer == payer and row.in_force(as_of)}
    return tuple(_usually(service, priced, as_of) for service in Service)


def _usually(service: Service, priced: set[Modality], as_of: date) -> CoveredService:
    if service is Service.EMERGENCY:
        return CoveredService(service, ServiceAnswer.REDIRECT, "call_988_or_911", as_of)
    if _MODALITY_OF[service] in priced:
        return CoveredService(service, ServiceAnswer.COVERED, "contract_in_force", as_of)
    return CoveredService(service, ServiceAnswer.NOT, "no_contract_row", as_of)
