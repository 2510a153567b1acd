"""Words of the office for covers that wait: why, whose turn it is, and what a payer was asked."""

from __future__ import annotations

from typing import Final

from domain.coverage import Outcome, Owner
from domain.coverage_work import CoverageWork
from domain.questions import Question, ReaskWith
from domain.rejections import FAULT_OF, ClientTask, Fault

OWNERS: Final[dict[Owner, tuple[str, str]]] = {
    Owner.BILLING: ("Billing", "late"),
    Owner.CLIENT: ("The client", "soon"),
    Owner.PAYER: ("The payer", ""),
    Owner.ADMINISTRATOR: ("Administrator", "late"),
}
WORK: Final[dict[CoverageWork, str]] = {
    CoverageWork.ALARM: "Alarm",
    CoverageWork.ENDED: "Ended, with claims",
    CoverageWork.ENROLMENT: "Enrolment",
    CoverageWork.PAYER_SILENT: "Payer silent",
    CoverageWork.UNCLEAR: "Unclear answer",
    CoverageWork.CLIENT_DETAILS: "Client's details",
    CoverageWork.OTHER_COVER: "Not active",
    CoverageWork.ASKING: "Being asked",
}
REASONS: Final = {
    "asked": "Asked. No answer yet",
    "timed_out": "The payer did not answer in time",
    "down": "The payer's line is down",
    "malformed": "The payer's answer could not be read",
    "configuration_refused": "The clearing house refuses our connection",
    "practice_not_set": "The practice's own details are not entered: nobody can be asked",
    "release_needed": "The client has not released benefits to the payer",
    "question_unwritable": "A name or number that X12 cannot carry: ask by phone",
    "plan_active": "The plan is active",
    "plan_inactive": "The payer says that the plan is not active",
    "plan_ended": "The payer says that the plan has ended",
    "plan_not_begun": "The payer says that the plan has not begun",
    "mental_health_not_covered": "The plan does not cover mental health care",
    "other_payer_first": "Another payer pays first",
    "carve_out": "Mental health is with another payer, which is asked now",
    "carve_out_unclear": "Mental health is with a payer that was not named, or is not ours",
    "service_type": "Asked again in broader terms",
    "cannot_process": "The payer cannot process the question",
    "nothing_said": "The answer said nothing about mental health care",
    "confirmed_by_office": "The payer told the office that the plan is active",
    "denied_by_office": "The payer told the office that the plan is not active",
}
FAULTS: Final[dict[Fault | None, str]] = {
    Fault.OURS: "our own connection or question is refused",
    Fault.PROVIDER: "the payer does not know our practice by this number",
    Fault.DATES: "the payer refuses the date",
    Fault.PAYER: "the payer could not answer",
    Fault.PARTICIPANT: "an invalid participant: the member's number, or our set-up with this payer",
}
TASKS: Final = {
    ClientTask.MEMBER_ID: "the member number is not known to the payer",
    ClientTask.NAME: "the payer has another name",
    ClientTask.DATE_OF_BIRTH: "the payer has another date of birth",
    ClientTask.SEX_ON_FILE: "the payer has another entry for sex",
    ClientTask.RELATIONSHIP: "the plan is somebody else's",
    ClientTask.GROUP_NUMBER: "the group number is missing",
    ClientTask.OTHER_INSURANCE: "another payer pays first",
    ClientTask.RELEASE: "the release of benefits is not signed",
}
OUTCOMES: Final[dict[Outcome, str]] = {
    Outcome.ACTIVE: "Active",
    Outcome.INACTIVE: "Not active",
    Outcome.NEEDS_INFORMATION: "The client's details did not match",
    Outcome.MANUAL_REVIEW: "To a person of ours",
    Outcome.RETRY: "No answer; asked again",
    Outcome.REDIRECT: "Sent on to another payer",
    Outcome.REASK: "Asked again in another way",
    Outcome.AWAIT: "The payer answers later by itself",
    Outcome.BILLING_QUEUE: "To a person of ours",
    Outcome.ALARM: "Alarm",
}
CHANGES: Final[dict[ReaskWith, str]] = {
    ReaskWith.FEWER_FIELDS: "without first name and sex",
    ReaskWith.AS_SUBSCRIBER: "as the subscriber",
    ReaskWith.TODAYS_DATE: "for the payer's own today",
    ReaskWith.SERVICE_TYPE: "in broader terms",
    ReaskWith.OTHER_MEMBER: "about another member whom the payer knows, to see whether the fault is ours",
}
SERVICE_TYPES: Final = {"MH": "mental health", "98": "office visits", "30": "the plan as a whole"}


def why(reason: str, task: str | None) -> str:
    """The reason in the words of the office, with the payer's own code where there is one."""
    code = reason.removeprefix("aaa_")
    if code != reason:
        told = (
            TASKS[ClientTask(task)]
            if task
            else FAULTS.get(FAULT_OF.get(code), "the question was not answered")
        )
        return f"AAA {code}: {told}"
    return REASONS.get(reason, reason.replace("_", " ").capitalize())


def asked(service_type: str, together: int, as_dependent: bool, tried: list[str]) -> str:
    """What a question asked for: "Mental health, as a dependent, without first name and sex"."""
    types = Question(service_type, together=together).service_types
    words = [" and ".join(SERVICE_TYPES.get(each, f"service type {each}") for each in types)]
    words += ["as a dependent"] if as_dependent else []
    words += [CHANGES[ReaskWith(change)] for change in tried]
    text = ", ".join(words)
    return text[0].upper() + text[1:]
