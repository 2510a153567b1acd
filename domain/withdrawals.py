"""Withdrawing a consent: what stops with each document, what goes on, and the words for both.

A consent can be withdrawn at any time without a reason, and that takes back nothing that was done before: for records
of Part 2 by 42 CFR 2.31(a)(6), for disclosures to a payer by 45 CFR 164.508(b)(5).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from domain.consents import Document


class Stop(StrEnum):
    """One thing that ends at once and stays ended until the document is signed anew."""

    MESSAGES = "messages"
    CHECK_INS = "check_ins"
    MEASURES = "measures"
    MATCHING = "matching"
    PAYER_QUESTIONS = "payer_questions"
    INSURANCE_COVER = "insurance_cover"
    CLAIMS = "claims"
    NEW_COSTS = "new_costs"
    PROTECTED_CLAIMS = "protected_claims"


STOP_WORDS: Mapping[Stop, str] = MappingProxyType(
    {
        Stop.MESSAGES: "You can write nothing more in your room. What was written stays there for you to read.",
        Stop.CHECK_INS: "Regular questions about how you are end.",
        Stop.MEASURES: "No questionnaires are put to you.",
        Stop.MATCHING: "We look for no therapist, and take back what a therapist was asked for you.",
        Stop.PAYER_QUESTIONS: "We ask your insurance nothing more about you, also not what is under way now.",
        Stop.INSURANCE_COVER: "Your insurance no longer counts here. To go on you can choose to pay yourself.",
        Stop.CLAIMS: "Nothing more is sent to your insurance, also not for weeks that are past and not sent yet.",
        Stop.NEW_COSTS: "No week of your care that is not billed yet is billed.",
        Stop.PROTECTED_CLAIMS: "Claims that would show care for alcohol or drugs are not sent.",
    }
)

STOPS: Mapping[Document, tuple[Stop, ...]] = MappingProxyType(
    {
        Document.PRIVACY_NOTICE: (Stop.MEASURES, Stop.MATCHING),
        Document.TELEHEALTH: (Stop.MESSAGES, Stop.CHECK_INS, Stop.MEASURES, Stop.MATCHING),
        Document.FINANCIAL_RESPONSIBILITY: (Stop.NEW_COSTS, Stop.MATCHING),
        Document.RELEASE_OF_BENEFITS: (Stop.PAYER_QUESTIONS, Stop.INSURANCE_COVER, Stop.CLAIMS),
        Document.PART_2: (Stop.PROTECTED_CLAIMS,),
    }
)

_GOES_ON: Mapping[Document, str] = MappingProxyType(
    {
        Document.PRIVACY_NOTICE: "Our duty to keep your information safe stays the same.",
        Document.TELEHEALTH: (
            "Your therapist and a supervisor are told and can still write to you, so that nothing you asked stays "
            "unanswered. Help in an emergency is there at any hour."
        ),
        Document.FINANCIAL_RESPONSIBILITY: "What was billed before stays as it is.",
        Document.RELEASE_OF_BENEFITS: "What was sent before cannot be called back.",
        Document.PART_2: "What was disclosed before cannot be called back. Your care goes on.",
    }
)


@dataclass(frozen=True, slots=True)
class Stopped:
    """What a withdrawal stops, in codes and in sentences for the client, and what goes on."""

    document: Document
    stops: tuple[Stop, ...]
    sentences: tuple[str, ...]
    goes_on: str

    def has(self, stop: Stop) -> bool:
        """Whether this is among what stops."""
        return stop in self.stops


def stopped_by(document: Document) -> Stopped:
    """What withdrawing a document stops."""
    stops = STOPS[document]
    return Stopped(document, stops, tuple(STOP_WORDS[stop] for stop in stops), _GOES_ON[document])
