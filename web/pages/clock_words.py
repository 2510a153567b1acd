"""Words for the codes of a room's clock."""

from __future__ import annotations

from domain.response_items import NoReplyReason
from domain.room_clocks import HoldReason
from web.views.shell import Choice

NO_REPLY = {
    NoReplyReason.NOTHING_ASKED: "Nothing was asked",
    NoReplyReason.ANSWERED_IN_SESSION: "Answered in a live session",
    NoReplyReason.ANSWERED_BY_PHONE: "Answered by phone",
    NoReplyReason.DUPLICATE: "Written twice",
    NoReplyReason.SENT_BY_MISTAKE: "Sent by mistake",
}
HOLDS = {
    HoldReason.CLIENT_ASKED: "The client asked for it",
    HoldReason.CARE_ELSEWHERE: "Cared for elsewhere for a while",
    HoldReason.UNREACHABLE: "The client cannot be reached",
    HoldReason.CONSENT_QUESTION: "A question of consent",
    HoldReason.LICENCE_QUESTION: "A question of licence",
}
REVIEWS = (
    Choice("3", "In 3 days"),
    Choice("7", "In a week"),
    Choice("14", "In two weeks, the longest there is"),
)
KINDS = {
    "welcome": "Welcome",
    "first_response": "First answer",
    "next_response": "Answer",
    "consult": "Consult",
}
ENDS = {
    "met": "Answered in time",
    "late": "Answered late",
    "waived": "No answer needed",
    "cancelled": "Ended without an answer",
}
HELD = {"paused": "On hold", "no_capacity": "Held: nobody has open hours"}
SAMPLED = {"short": "A very short answer", "last_tenth": "Answered in the last tenth of the time"}
RUNGS = {
    "nudge": "Therapist reminded",
    "breach": "Therapist, supervisors and client told",
    "cover": "Cover offered",
}
OTHER_REASONS = {
    "client_closed": "The client needed no answer any more",
    "auto_acknowledgement": "Only thanks, and nothing was asked",
    "room_closed": "The room was closed",
}


def choices_of(words: dict[NoReplyReason, str] | dict[HoldReason, str]) -> tuple[Choice, ...]:
    """Codes with their words, for a form."""
    return tuple(Choice(str(key), label) for key, label in words.items())
