"""A room's promise on pages: why it is due then, and what may be done about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from web.strips import Strip
from web.views.rooms import RoomView
from web.views.shell import Choice


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time that counted towards the promise, or did not, and why."""

    start: datetime
    end: datetime
    counted: bool
    why: str
    minutes: float


@dataclass(frozen=True, slots=True)
class Move:
    """Something that moved the due time; `before` or `after` is None where there was none, being held."""

    at: datetime
    why: str
    before: datetime | None
    after: datetime | None


@dataclass(frozen=True, slots=True)
class Why:
    """A promise explained: in sentences, drawn, as a table; and what moved it. `zone` is the therapist's."""

    sentences: tuple[str, ...]
    strip: Strip | None
    stretches: tuple[Stretch, ...]
    moves: tuple[Move, ...]
    zone: str


@dataclass(frozen=True, slots=True)
class Hold:
    """The clinic's hold of a room; to the client only that it is there, and since when."""

    since: datetime
    reason: str = ""
    owner: str = ""
    review_by: datetime | None = None


@dataclass(frozen=True, slots=True)
class Holding:
    """What a supervisor may do about a room's hold. `at_risk`: none may begin now."""

    room_id: str
    hold: Hold | None
    reasons: tuple[Choice, ...]
    reviews: tuple[Choice, ...]
    at_risk: bool


@dataclass(frozen=True, slots=True)
class More:
    """More time that can be given: how many hours of working time, and when the answer would be due then."""

    hours: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class ReplyTimeView:
    """The reply time of a room. `bound`: risk was flagged, so that nothing is put off or taken away. `given` and
    `left`: how often the client gave more time, and still can.
    """

    room: RoomView
    why: Why | None
    bound: bool = False
    more: tuple[More, ...] = ()
    given: int = 0
    left: int = 0
    may_close: bool = False
    reasons: tuple[Choice, ...] = ()
    hold: Hold | None = None
    holding: Holding | None = None


@dataclass(frozen=True, slots=True)
class Fired:
    """A rung of the ladder: what was done, when its time came, and when it happened."""

    what: str
    due_at: datetime
    fired_at: datetime


@dataclass(frozen=True, slots=True)
class ClockView:
    """A clock as staff see it, running or closed. `facts`: what it is, in pairs of words."""

    clock_id: str
    room_id: str
    client_code: str
    therapist: str
    opened_at: datetime
    due_at: datetime | None
    running: bool
    facts: tuple[tuple[str, str], ...]
    why: Why
    sentence: str
    fired: tuple[Fired, ...]
    breached_at: datetime | None
    reassign_to: tuple[Choice, ...] = ()
    holding: Holding | None = None
