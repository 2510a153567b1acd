"""When a wait of a journey is due and who is told, as a clinic may set it: never so that somebody is forgotten.

Every wait calls a person of ours within ten days, whatever a policy says; who has paused is not reminded.
"""

from datetime import timedelta
from typing import Any, Final

from domain.errors import FieldError, Invalid
from domain.stages import STAFF, Party, Rung, Wait, WaitPolicy

CALLED_WITHIN: Final = timedelta(days=10)
MOST_RUNGS: Final = 8
LONGEST: Final = timedelta(days=365)


def refuse_forgetful(wait: Wait, due: timedelta | None, ladder: tuple[Rung, ...]) -> None:
    """Raise Invalid, naming `due_seconds` or `ladder`, when a timing would leave somebody waiting unseen.

    A pause alone may be without a due time; a journey that waits for nothing has no timing at all.
    """
    errors = [*_wrong_due(wait, due), *_wrong_ladder(wait, ladder)]
    if wait is Wait.NOTHING:
        errors = [FieldError("wait", "waits_for_nothing")]
    if errors:
        raise Invalid(*errors)


def _wrong_due(wait: Wait, due: timedelta | None) -> list[FieldError]:
    if due is None:
        return [] if wait is Wait.RESUMING else [FieldError("due_seconds", "required")]
    return [] if timedelta() < due <= LONGEST else [FieldError("due_seconds", "out_of_range")]


def _wrong_ladder(wait: Wait, ladder: tuple[Rung, ...]) -> list[FieldError]:
    instants = [rung.after for rung in ladder]
    wrong = {
        "too_many": len(ladder) > MOST_RUNGS,
        "out_of_range": any(not timedelta() <= after <= LONGEST for after in instants),
        "not_in_order": instants != sorted(set(instants)),
        "nobody_of_ours": not any(rung.whom in STAFF and rung.after < CALLED_WITHIN for rung in ladder),
        "not_told": any(rung.whom in (Party.PAYER, Party.NOBODY) for rung in ladder),
        "pause_is_left_in_peace": wait is Wait.RESUMING and any(rung.whom not in STAFF for rung in ladder),
    }
    return [FieldError("ladder", code) for code, stands in wrong.items() if stands]


def timing_to_json(policy: WaitPolicy) -> dict[str, Any]:
    """As a policy row has it, for `domain.stages.overridden`."""
    return {
        "due_seconds": None if policy.due is None else policy.due.total_seconds(),
        "ladder": [
            {"after_seconds": rung.after.total_seconds(), "whom": rung.whom.value} for rung in policy.ladder
        ],
    }
