"""Where a search for a therapist stands, and what its client is told comes next."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

SHOWN: Final = 3
"""How many the client chooses from: those in the first places of a ranking."""


class MatchStatus(StrEnum):
    """Where a search stands. `human`: a person of ours looks; `offering`: the chosen ones are asked in turn."""

    RANKING = "ranking"
    CHOOSING = "choosing"
    OFFERING = "offering"
    MATCHED = "matched"
    HUMAN = "human"
    WITHDRAWN = "withdrawn"


LIVE = (MatchStatus.RANKING, MatchStatus.CHOOSING, MatchStatus.OFFERING, MatchStatus.HUMAN)
"""Not decided yet."""


class OfferState(StrEnum):
    """How an offer stands. `withdrawn`: taken back by us, no miss of anybody."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class Block(StrEnum):
    """Why a therapist is kept apart from a client."""

    CONFLICT = "conflict"  # of interest
    CLIENT_ASKED = "client_asked"
    THERAPIST_ASKED = "therapist_asked"


_NEXT = {
    MatchStatus.RANKING: "We are looking for therapists who fit you.",
    MatchStatus.CHOOSING: "Choose up to three therapists, the one you like best first.",
    MatchStatus.OFFERING: "We are asking the next therapist on your list.",
    MatchStatus.MATCHED: "Your room is open. Write at any hour.",
    MatchStatus.HUMAN: "A person in our matching team is looking for a therapist for you and will write to you.",
    MatchStatus.WITHDRAWN: "This search has ended.",
}


def waits_for(status: MatchStatus) -> str:
    """Who acts next: `client`, `therapist`, `matcher`, or `nobody` while we are at work."""
    return _WAITS_FOR.get(status, "nobody")


_WAITS_FOR = {
    MatchStatus.CHOOSING: "client",
    MatchStatus.OFFERING: "therapist",
    MatchStatus.HUMAN: "matcher",
}


def next_words(status: MatchStatus, asked: str | None, then: Sequence[str], misses: int) -> str:
    """What happens next. `asked` is the name of whoever holds the open offer, `then` those still on the list."""
    if status is MatchStatus.OFFERING and asked:
        after = f"we ask {then[0]}" if then else "you choose again, or a person of our team looks for you"
        return f"{asked} has been asked. Without a yes in time {after}."
    if status is MatchStatus.CHOOSING and misses:
        return "Those you chose could not take you now. Please choose again from these, the one you like best first."
    return _NEXT[status]
