"""Whether a payer's "invalid participant" means the member or us: it is asked once about a member whom it knows.

Source: X12 AAA03 79 of the 271 (005010X279A1). The answer tells about our set-up and nothing about anybody's care.
"""

from datetime import timedelta
from typing import Final

from domain.coverage import Outcome, Verdict
from domain.eligibility import EligibilityAnswer
from domain.rejections import ClientTask

KNOWN_WITHIN: Final = timedelta(days=30)
"""How long ago the payer said yes to the other member, at most: an older yes says little about our set-up of today."""


def after_probe(answer: EligibilityAnswer | None, reason: str) -> Verdict:
    """The verdict on the first question, whose refusal was `reason`. None: no usable answer came, which is asked once.

    Who is answered is known to the payer, so the member's number was wrong; otherwise our set-up with this payer is.
    """
    if answer is not None and not answer.rejections and answer.active is not None:
        return Verdict(Outcome.NEEDS_INFORMATION, reason, task=ClientTask.MEMBER_ID)
    return Verdict(Outcome.ALARM, reason)
