"""To whom a plan writes about care when the client is insured through somebody else, and what they can do about it.

An explanation of benefits goes to the subscriber. A plan must accommodate a reasonable request to write to the client
alone where disclosure could endanger them (45 CFR 164.522(b)(1)(ii)); several states demand it without a reason. Until
the plan has agreed no claim is sent. Paying oneself sends none at all.
"""

from enum import StrEnum
from typing import Final

from domain.errors import Conflict
from domain.insured import Relationship


class Letters(StrEnum):
    """Where the plan's letters about this cover go. `ASKED`: the client asks for confidential communication."""

    SUBSCRIBER = "subscriber"
    ASKED = "asked"
    AGREED = "agreed"


WARNING: Final = (
    "This plan is somebody else's. The insurer's letters about your care, with dates and costs, go to that person "
    "unless it agrees to write to you alone. Paying yourself keeps it private."
)

WORDS: Final = {
    Letters.SUBSCRIBER: WARNING,
    Letters.ASKED: (
        "You ask the insurer to write to you alone. Until you tell us that it agreed we send it no claim. "
        "Your care goes on meanwhile."
    ),
    Letters.AGREED: "The insurer writes to you alone, as it told you. Claims are sent.",
}

REQUEST: Final = (
    "I am covered by your plan through somebody else. I ask for confidential communications: please send everything "
    "that concerns my care, explanations of benefits and bills included, to me alone, at the address or e-mail below, "
    "and not to the subscriber. Disclosing it to others could endanger me. Please confirm this in writing, and from "
    "which day you do it. (45 CFR 164.522(b))"
)


def letters_for(
    relationship: Relationship, wanted: Letters | None, before: Letters | None = None
) -> Letters | None:
    """Where letters go for a card: nobody but the client is written to on a plan of their own (None)."""
    if relationship is Relationship.SELF:
        return None
    return wanted or before or Letters.SUBSCRIBER


def choose(now: Letters | None, wanted: Letters) -> Letters:
    """Another choice. Raises Conflict `letters_are_yours` where the plan is the client's own."""
    if now is None:
        raise Conflict("letters_are_yours")
    return wanted
