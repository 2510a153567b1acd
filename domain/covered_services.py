"""Whether a plan covers each of our services, with the rule that says so.

Covered, not, needs authorisation, unknown, or redirect: an emergency is never a room, it goes to 988 and 911.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.benefit_rows import choose, remaining_visits
from domain.contracts import ContractRow, Modality
from domain.coverage import Outcome, Verdict
from domain.eligibility import MENTAL_HEALTH_TYPES, EligibilityAnswer, Kind


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
    priced = _priced(contract, payer, plan, as_of)
    return tuple(_one(service, verdict, answer, priced, as_of) for service in Service)


def _priced(contract: Iterable[ContractRow], payer: str, plan: str | None, on: date) -> set[Modality]:
    return {
        row.modality
        for row in contract
        if row.payer == payer and row.plan in (None, plan) and row.in_force(on)
    }


def in_person(
    active: bool, rule: str, contract: Iterable[ContractRow], *, payer: str, plan: str | None, as_of: date
) -> tuple[CoveredService, ...]:
    """What holds by what the payer told our office in person, without an answer to read. `rule` says so."""
    priced = _priced(contract, payer, plan, as_of)

    def said(service: Service) -> tuple[ServiceAnswer, str]:
        if not active:
            return ServiceAnswer.NOT, rule
        if _MODALITY_OF[service] not in priced:
            return ServiceAnswer.NOT, "no_contract_row"
        return ServiceAnswer.COVERED, rule

    return _each(said, as_of)


def by_credits(left: int, *, ended: bool, as_of: date) -> tuple[CoveredService, ...]:
    """What a sponsor pays. `left`: sessions that count today; `ended`: others are past their authorisation."""
    if left > 0:
        return _each(lambda _: (ServiceAnswer.COVERED, "credits_left"), as_of)
    if ended:
        return _each(lambda _: (ServiceAnswer.NEEDS_AUTHORISATION, "authorisation_ended"), as_of)
    return _each(lambda _: (ServiceAnswer.NOT, "credits_used_up"), as_of)


def by_oneself(as_of: date) -> tuple[CoveredService, ...]:
    """Without a payer nothing is covered: each session is paid at our own price."""
    return _each(lambda _: (ServiceAnswer.NOT, "paid_by_you"), as_of)


def _each(said: Callable[[Service], tuple[ServiceAnswer, str]], as_of: date) -> tuple[CoveredService, ...]:
    emergency = CoveredService(Service.EMERGENCY, ServiceAnswer.REDIRECT, "call_988_or_911", as_of)
    return (*(CoveredService(service, *said(service), as_of) for service in _MODALITY_OF), emergency)


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
    at_a_distance = choose((row for row in answer.benefits if row.telehealth), in_network=True)
    if at_a_distance is not None and at_a_distance.row.kind == Kind.NOT_COVERED:
        return ServiceAnswer.NOT, "telehealth_not_covered"
    left = remaining_visits(answer, in_network=True)
    if left is not None and left.row.quantity is not None and left.row.quantity <= 0:
        return ServiceAnswer.NOT, "visits_used_up"
    if any(row.authorisation == "Y" for row in about_us):
        return ServiceAnswer.NEEDS_AUTHORISATION, "plan_wants_authorisation"
    if about_us:
        return ServiceAnswer.COVERED, "mental_health_listed"
    return ServiceAnswer.UNKNOWN, "mental_health_not_mentioned"


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
