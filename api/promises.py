"""The promise as clients read it: state, due time, both zones, and the sentence for the banner."""

from datetime import datetime, timedelta

from pydantic import BaseModel

from domain.promises import Pronoun, promise
from records.database import Row

SOON = timedelta(minutes=30)


class PromiseOut(BaseModel):
    """When an answer is due. `due_at` is the truth; the words are for the banner.

    `on_hold_since`: the clinic holds the room's reply times, whether or not an answer is owed. `consent_needed_in`: the
    state in which the client has to agree to care by messages before anybody answers.
    """

    state: str  # none | running | soon | late | paused | on_leave_covered | no_capacity
    due_at: datetime | None
    therapist_zone: str
    client_zone: str
    policy: str | None
    words: str | None
    on_hold_since: datetime | None = None
    consent_needed_in: str | None = None


def promise_of(header: Row, now: datetime) -> PromiseOut:
    """The promise of a room by its header."""
    return promise_out(
        clock_state="running" if header["clock_id"] else None,
        due_at=header["due_at"],
        held=header["held"],
        policy=header["policy_name"],
        client_zone=header["client_zone"],
        therapist_zone=header["therapist_zone"],
        pronoun=header["pronoun"],
        now=now,
        covered=covered_while_away(header),
        on_hold_since=header["on_hold_since"],
        consent_needed_in=header["unconsented_in"],
    )


def to_the_minute(at: datetime) -> datetime:
    """As people are told: the minute that has begun, so never later than it is."""
    return at.replace(second=0, microsecond=0)


def covered_while_away(header: Row) -> bool:
    """Whether the therapist is away and a colleague answers. Cover beside them changes nothing for the client."""
    return bool(header["covered"]) and bool(header["on_leave_until"] or header["unlicensed_in"])


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
    on_hold_since: datetime | None = None,
    consent_needed_in: str | None = None,
) -> PromiseOut:
    """The promise of a room from its running clock (or none)."""
    state = promise_state(clock_state, due_at, held, now, covered=covered)
    return PromiseOut(
        state=state,
        due_at=due_at if state != "none" else None,
        therapist_zone=therapist_zone,
        client_zone=client_zone,
        policy=policy if state != "none" else None,
        words=promise(to_the_minute(due_at), client_zone, therapist_zone, Pronoun(pronoun), now)
        if due_at is not None and state != "none"
        else None,
        on_hold_since=on_hold_since,
        consent_needed_in=consent_needed_in,
    )


def promise_state(
    clock_state: str | None, due_at: datetime | None, held: str | None, now: datetime, *, covered: bool
) -> str:
    """One word for the chip. Overdue is derived from the due time, never stored. `covered`: while away."""
    if clock_state != "running":
        return "none"
    if held is not None:
        return held
    if due_at is None or due_at <= now:
        return "late"
    if covered:
        return "on_leave_covered"
    return "soon" if due_at - now <= SOON else "running"
