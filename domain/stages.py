"""The stages of a client's way into care, what each can wait for, and the ladders that forget nobody.

Due times and rungs are our policy, replaced by effective-dated policy rows; times run by the wall clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any

from domain.errors import FieldError, Invalid


class Stage(StrEnum):
    """Where a journey stands. A pause keeps the stage."""

    REGISTERED = "registered"
    INTAKE = "intake"
    CONSENTS = "consents"
    SCREENING = "screening"
    COVERAGE = "coverage"
    MATCHING = "matching"
    OFFER = "offer"
    IN_CARE = "in_care"
    CLOSED = "closed"


class Party(StrEnum):
    """Who has to act, or is told."""

    CLIENT = "client"
    GUARDIAN = "guardian"
    PAYER = "payer"
    THERAPIST = "therapist"
    MATCHER = "matcher"
    BILLING = "billing"
    SUPERVISOR = "supervisor"
    NOBODY = "nobody"


STAFF = frozenset({Party.MATCHER, Party.BILLING, Party.SUPERVISOR})


class Wait(StrEnum):
    """The one thing a journey waits for. A stage can wait for different things in turn."""

    CONFIRMATION = "confirmation"
    INTAKE = "intake"
    SUITABILITY = "suitability"
    GUARDIAN = "guardian"
    CONSENTS = "consents"
    MEASURES = "measures"
    COVERAGE = "coverage"
    PAYER_ANSWER = "payer_answer"
    COVERAGE_DETAILS = "coverage_details"
    OTHER_COVERAGE = "other_coverage"
    COVERAGE_REVIEW = "coverage_review"
    CANDIDATES = "candidates"
    CHOICE = "choice"
    NEXT_OFFER = "next_offer"
    OFFER_ANSWER = "offer_answer"
    HUMAN_MATCH = "human_match"
    RESUMING = "resuming"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Rung:
    """Who is told how long after the wait began."""

    after: timedelta
    whom: Party


@dataclass(frozen=True, slots=True)
class WaitPolicy:
    """Who acts, in what words, by when, and who is told otherwise. `due` counts from the wait's start."""

    waiting_on: Party
    owner: str
    next_step: str
    due: timedelta | None
    ladder: tuple[Rung, ...]


def _rungs(*steps: tuple[timedelta, Party]) -> tuple[Rung, ...]:
    return tuple(Rung(after, whom) for after, whom in steps)


_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)

# The client hears twice; after a week a person of ours looks, after nine days a supervisor.
_CLIENTS_TURN = _rungs(
    (1 * _DAY, Party.CLIENT),
    (3 * _DAY, Party.CLIENT),
    (7 * _DAY, Party.MATCHER),
    (9 * _DAY, Party.SUPERVISOR),
)
_MATCHERS_TURN = _rungs((timedelta(), Party.MATCHER), (1 * _DAY, Party.CLIENT), (2 * _DAY, Party.SUPERVISOR))

POLICIES: dict[Wait, WaitPolicy] = {
    Wait.CONFIRMATION: WaitPolicy(
        Party.CLIENT,
        "You",
        "Open the link we sent to your e-mail address.",
        3 * _DAY,
        _CLIENTS_TURN,
    ),
    Wait.INTAKE: WaitPolicy(
        Party.CLIENT,
        "You",
        "Tell us about yourself. What you have filled in is saved; go on where you stopped.",
        3 * _DAY,
        _CLIENTS_TURN,
    ),
    # What was told in the intake asks for more than messages: a clinician decides, and talks with the client.
    Wait.SUITABILITY: WaitPolicy(
        Party.MATCHER,
        "Our care team",
        "From what you told us, care by messages alone may not be enough. We recommend talking to someone live "
        "or seeing someone in person. A person of our care team looks at this now and will write to you. In "
        "an emergency call 911; call or text 988 at any hour.",
        1 * _DAY,
        _rungs((timedelta(), Party.MATCHER), (1 * _DAY, Party.CLIENT), (2 * _DAY, Party.SUPERVISOR)),
    ),
    Wait.GUARDIAN: WaitPolicy(
        Party.GUARDIAN,
        "Your guardian",
        "Your parent or guardian has to agree first, by the link we sent to their e-mail address.",
        3 * _DAY,
        _CLIENTS_TURN,
    ),
    Wait.CONSENTS: WaitPolicy(
        Party.CLIENT,
        "You",
        "Read and sign the documents that explain how care here works.",
        3 * _DAY,
        _CLIENTS_TURN,
    ),
    Wait.MEASURES: WaitPolicy(
        Party.CLIENT,
        "You",
        "Answer a few short questionnaires about how you have been.",
        3 * _DAY,
        _CLIENTS_TURN,
    ),
    Wait.COVERAGE: WaitPolicy(
        Party.CLIENT,
        "You",
        "Give your insurance or sponsor, or choose to pay yourself.",
        3 * _DAY,
        _CLIENTS_TURN,
    ),
    Wait.PAYER_ANSWER: WaitPolicy(
        Party.PAYER,
        "Your insurance",
        "We are asking your insurance what it covers, and keep asking until it answers. You need not do "
        "anything.",
        24 * _HOUR,
        _rungs((2 * _HOUR, Party.CLIENT), (24 * _HOUR, Party.BILLING), (3 * _DAY, Party.SUPERVISOR)),
    ),
    Wait.COVERAGE_DETAILS: WaitPolicy(
        Party.CLIENT,
        "You",
        "Your insurance did not find you by these details. Please compare them with your card.",
        3 * _DAY,
        _CLIENTS_TURN,
    ),
    Wait.OTHER_COVERAGE: WaitPolicy(
        Party.CLIENT,
        "You",
        "This cover is not active. Give another one, or choose to pay yourself.",
        3 * _DAY,
        _CLIENTS_TURN,
    ),
    Wait.COVERAGE_REVIEW: WaitPolicy(
        Party.BILLING,
        "Our billing office",
        "A person in our billing office is clearing up your cover and will tell you the result.",
        1 * _DAY,
        _rungs((timedelta(), Party.BILLING), (1 * _DAY, Party.CLIENT), (2 * _DAY, Party.SUPERVISOR)),
    ),
    Wait.CANDIDATES: WaitPolicy(
        Party.NOBODY,
        "Our matching service",
        "We are looking for therapists who fit you.",
        1 * _HOUR,
        _rungs((1 * _HOUR, Party.MATCHER), (1 * _DAY, Party.SUPERVISOR)),
    ),
    Wait.CHOICE: WaitPolicy(
        Party.CLIENT,
        "You",
        "Choose up to three therapists, the one you like best first.",
        3 * _DAY,
        _CLIENTS_TURN,
    ),
    Wait.NEXT_OFFER: WaitPolicy(
        Party.NOBODY,
        "Our matching service",
        "We are asking the next therapist on your list.",
        1 * _HOUR,
        _rungs((1 * _HOUR, Party.MATCHER), (1 * _DAY, Party.SUPERVISOR)),
    ),
    Wait.OFFER_ANSWER: WaitPolicy(
        Party.THERAPIST,
        "The therapist you chose",
        "The therapist you chose has been asked. Without a yes in time we ask the next one on your list.",
        1 * _DAY,
        _rungs((1 * _DAY, Party.THERAPIST), (4 * _DAY, Party.MATCHER), (7 * _DAY, Party.SUPERVISOR)),
    ),
    Wait.HUMAN_MATCH: WaitPolicy(
        Party.MATCHER,
        "Our matching team",
        "A person in our matching team is looking for a therapist for you and will write to you.",
        1 * _DAY,
        _MATCHERS_TURN,
    ),
    # The client's own pause: no reminder to the client, but a person of ours keeps them in sight.
    Wait.RESUMING: WaitPolicy(
        Party.CLIENT,
        "You",
        "You have paused. Go on whenever you like; help is there at any time.",
        None,
        _rungs((9 * _DAY, Party.SUPERVISOR)),
    ),
    Wait.NOTHING: WaitPolicy(Party.NOBODY, "Nobody", "", None, ()),
}


def overridden(
    definition: Mapping[str, object], base: Mapping[Wait, WaitPolicy] = POLICIES
) -> dict[Wait, WaitPolicy]:
    """The policies with another timing for some waits, as the policy rows of the waits state it:
    `{"intake": {"due_seconds": 60, "ladder": [{"after_seconds": 30, "whom": "client"}]}}`.

    Whose turn it is and the words stay. Raises Invalid naming the wait.
    """
    policies = dict(base)
    for name, timing in definition.items():
        try:
            wait = Wait(name)
            policies[wait] = _with_timing(policies[wait], timing)
        except (ValueError, TypeError, KeyError, AttributeError):
            raise Invalid(FieldError(name if name in set(Wait) else "?", "not_a_wait_policy")) from None
    return policies


def _with_timing(policy: WaitPolicy, timing: Any) -> WaitPolicy:
    seconds = timing.get("due_seconds")
    due = policy.due if seconds is None else timedelta(seconds=seconds)
    if "ladder" not in timing:
        return replace(policy, due=due)
    steps = ((timedelta(seconds=rung["after_seconds"]), Party(rung["whom"])) for rung in timing["ladder"])
    return replace(policy, due=due, ladder=_rungs(*sorted(steps, key=lambda step: step[0])))
