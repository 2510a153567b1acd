"""What a supervisor may find when they look at a broken promise, or at an answer that was picked for a look."""

from enum import StrEnum


class BreachReason(StrEnum):
    """The cause, as a code. The breach itself is a fact and stays as it is."""

    WORKLOAD = "workload"
    ABSENCE_WITHOUT_COVER = "absence_without_cover"
    TECHNICAL = "technical"
    CLIENT_UNCLEAR = "client_unclear"
    ANSWERED_ELSEWHERE = "answered_elsewhere"
    SHORT_ANSWER_FINE = "short_answer_fine"
    SHORT_ANSWER_NOT_ENOUGH = "short_answer_not_enough"
    OTHER = "other"
