"""The promise as clients read it: state, due time, both zones, and the sentence for the banner."""

from datetime import datetime, timedelta

from pydantic import BaseModel

from domain.promises import Pronoun, promise

SOON = timedelta(minutes=30)


class PromiseOut(BaseModel):
    """When an answer is due. `due_at` is the truth; the words are for the banner."""

    state: str  # none | running | soon | late | paused | on_leave_covered | no_capacity
    due_at: datetime | None
    therapist_zone: str
    client_zone: str
    policy: str | None
    words: str | None


def promise_out(
    *,
    clock_state: str | None,
    due_at: datetime | None,
    held: str | None,
    policy: str | None,
    client_zone: str,
    therapist_zone: str,
    pronoun: str,
    now: datetime,
    covered: bool = False,
) -> PromiseOut:
    """The promise of a room from its running clock (or none)."""
    state = promise_state(clock_state, due_at, held, now, covered=covered)
    return PromiseOut(
        state=state,
        due_at=due_at if state != "none" else None,
        therapist_zone=therapist_zone,
        client_zone=client_zone,
        policy=policy if state != "none" else None,
        words=promise(due_at, client_zone, therapist_zone, Pronoun(pronoun), now)
        if due_at is not None and state != "none"
        else None,
    )


def promise_state(
    clock_state: str | None, due_at: datetime | None, held: str | None, now: datetime, *, covered: bool
) -> str:
    """One word for the chip. Overdue is derived from the due time, never stored."""
    if clock_state != "running":
        return "none"
    if held is not None:
        return held
    if due_at is None or due_at <= now:
        return "late"
    if covered:
        return "on_leave_covered"
    return "soon" if due_at - now <= SOON else "running"
