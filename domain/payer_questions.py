"""The next question to a payer: from the last one and the verdict on its answer, one change at a time."""

from dataclasses import dataclass, replace

from domain.coverage import Outcome, Verdict
from domain.questions import MENTAL_HEALTH, Question, ReaskWith


@dataclass(frozen=True, slots=True)
class PayerQuestion:
    """A question and the payer (NM109 of 2100A) it goes to."""

    payer_number: str
    question: Question


ASK_AGAIN = frozenset({Outcome.RETRY, Outcome.REASK, Outcome.REDIRECT})
"""Outcomes after which the payer, or another one, is asked again without anybody's help."""

CARRIES_ON = ASK_AGAIN | {Outcome.AWAIT}
"""Outcomes after which the verification goes on."""


def following(asked: PayerQuestion, verdict: Verdict) -> PayerQuestion:
    """What to ask next. Raises ValueError when the verdict ends the asking."""
    question = asked.question
    match verdict.outcome:
        case Outcome.RETRY:
            return asked
        case Outcome.REDIRECT if verdict.payer_id:
            return PayerQuestion(
                verdict.payer_id, replace(question, service_type=MENTAL_HEALTH, redirected=True)
            )
        case Outcome.REASK if verdict.reask_with is ReaskWith.SERVICE_TYPE and verdict.service_type:
            return replace(asked, question=replace(question, service_type=verdict.service_type))
        case Outcome.REASK if verdict.reask_with:
            changed = replace(question, tried=question.tried | {verdict.reask_with})
            if verdict.reask_with is ReaskWith.AS_SUBSCRIBER:
                changed = replace(changed, as_dependent=False)
            return replace(asked, question=changed)
    raise ValueError(verdict.outcome)
