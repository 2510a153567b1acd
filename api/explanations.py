"""Why an answer is due when it is: whole for staff, in plain words for the two people of the room."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from api.promises import to_the_minute
from domain.explanations import Reason, Segment, explanation_to_json
from domain.promises import Pronoun, day_and_time, promise, rough, zone_name
from domain.response_items import ItemKind
from domain.room_clocks import EXTENSIONS_OF_A_CLOCK
from domain.zones import zone
from records.database import Row
from records.explanations import ClockStory

WORDS = {
    Reason.SHIFT: "Working time",
    Reason.COVER: "Working time of a colleague",
    Reason.PAUSE: "On hold",
    Reason.LEAVE: "Time off",
    Reason.NO_LICENCE: "No licence where the client was",
    Reason.HOLIDAY: "Holiday",
    Reason.OUTSIDE_HOURS: "Outside working hours",
}
MOVED = {
    "hours": "Working hours changed",
    "holidays": "Holidays changed",
    "leave": "Time off changed",
    "cover": "Cover changed",
    "assignment": "The room went to another therapist",
    "reassigned": "The room went to another therapist",
    "undone": "A move to another therapist was taken back",
    "pause": "A pause began or ended",
    "hold": "The clinic's hold began or ended",
    "policy": "The promise itself changed",
    "terms": "The promise itself changed",
    "licence": "A licence, or where the client is, changed",
    "consent": "Whether the client has agreed to care where they are, changed",
    "handed_over": "The client went on with another therapist",
    "extension": "More time was given",
    "audit": "Checked and corrected",
}
"""What moved a due time, by the reason of its re-projection."""


class ExtensionOut(BaseModel):
    """More time that the client gave, in open time."""

    granted_at: datetime
    minutes: float


class MoveOut(BaseModel):
    """A re-projection: the due time before and after, and the code of what caused it."""

    at: datetime
    reason: str
    due_before: datetime | None
    due_after: datetime | None


class RungOut(BaseModel):
    """A rung of the ladder that fired."""

    rung: str
    due_at: datetime
    fired_at: datetime


class BreachOut(BaseModel):
    """The promise was broken. Nobody edits it."""

    breached_at: datetime
    recorded_at: datetime


class ExplanationOut(BaseModel):
    """One clock explained. `due_at` is the one on record; `segments` lead up to the one that follows from them now.

    `policy_version` and `policy_since` are null for a policy that is built in. A clock that was never owed anything
    (thanks alone) has no segments.
    """

    clock_id: UUID
    room_id: UUID
    kind: str
    state: str
    held: str | None
    policy: str
    policy_version: int | None
    policy_since: datetime | None
    policy_definition: dict[str, Any]
    calendar_version: int
    projected_under: int
    tz: str | None
    tzdata: str | None
    opened_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    answered_by: str | None
    reason: str | None
    sampled: str | None
    sentence: str
    segments: list[dict[str, Any]]
    alarms: list[dict[str, Any]]
    extension_minutes: float
    due_before_extension: datetime | None
    extensions: list[ExtensionOut]
    history: list[MoveOut]
    rungs: list[RungOut]
    breach: BreachOut | None


class StretchOut(BaseModel):
    """A stretch of time that counted, or why it did not."""

    start: datetime
    end: datetime
    counted: bool
    why: str


class PlainOut(BaseModel):
    """Why the answer is due then, for the two people of the room: sentences, and the time that counted."""

    opened_at: datetime
    due_at: datetime | None
    sentences: list[str]
    stretches: list[StretchOut]
    extensions: list[ExtensionOut]
    extensions_left: int


NOTHING_OWED = "Only thanks, and nothing was asked: no answer is owed."


def explanation_out(story: ClockStory) -> ExplanationOut:
    """The whole story on the wire."""
    clock = story.clock
    told = explanation_to_json(story.told) if story.told else {}
    return ExplanationOut(
        **{name: clock[name] for name in _OF_THE_ROW},
        clock_id=clock["id"],
        policy=clock["policy_name"],
        policy_version=story.policy_version,
        policy_since=story.policy_since,
        policy_definition=clock["policy"],
        calendar_version=story.calendar_version,
        projected_under=clock["calendar_version"],
        extension_minutes=clock["extension_seconds"] / 60,
        sentence=told.get("sentence", NOTHING_OWED),
        due_before_extension=story.told.due_before_extension if story.told else None,
        **{name: told.get(name) for name in ("tz", "tzdata")},
        **{name: told.get(name, []) for name in ("segments", "alarms")},
        extensions=extensions_out(story),
        history=[MoveOut(**move) for move in story.moves],
        rungs=[RungOut(**rung) for rung in story.rungs],
        breach=BreachOut(**story.breach) if story.breach else None,
    )


_OF_THE_ROW = (
    "room_id",
    "kind",
    "state",
    "held",
    "opened_at",
    "due_at",
    "closed_at",
    "answered_by",
    "reason",
    "sampled",
)


def plain_out(
    story: ClockStory, header: Row, reader_zone: str, now: datetime, *, by_client: bool
) -> PlainOut:
    """The same for the client or their therapist: no codes, no names but the therapist's."""
    parts = story.told.segments if story.told else ()
    return PlainOut(
        opened_at=story.clock["opened_at"],
        due_at=story.due_at,
        sentences=plain_sentences(story, header, reader_zone, now, by_client=by_client),
        stretches=[
            StretchOut(start=part.start, end=part.end, counted=part.counted, why=WORDS[part.reason])
            for part in parts
        ],
        extensions=extensions_out(story),
        extensions_left=EXTENSIONS_OF_A_CLOCK - len(story.extensions),
    )


def extensions_out(story: ClockStory) -> list[ExtensionOut]:
    """What the client granted."""
    return [
        ExtensionOut(granted_at=each["granted_at"], minutes=each["seconds"] / 60) for each in story.extensions
    ]


def plain_sentences(
    story: ClockStory, header: Row, reader_zone: str, now: datetime, *, by_client: bool
) -> list[str]:
    """What happened, what counts, what did not, and what follows. Times are the reader's."""
    if story.told is None:
        return [NOTHING_OWED]
    name = header["therapist_name"] if by_client else "You"
    said = [
        _opened(story, reader_zone, now, by_client=by_client),
        _promised(story, name, by_client=by_client),
        *_left_out(story.told.segments),
    ]
    if story.clock["extension_seconds"]:
        who = "You" if by_client else "The client"
        more = rough(timedelta(seconds=story.clock["extension_seconds"]))
        said.append(f"{who} gave more time: {more} of working time.")
    return [*said, _follows(story, header, reader_zone, now)]


def _opened(story: ClockStory, reader_zone: str, now: datetime, *, by_client: bool) -> str:
    at: datetime = story.clock["opened_at"]
    local = to_the_minute(at).astimezone(zone(reader_zone))
    when = f"{day_and_time(local, dated=abs(now - at) >= timedelta(days=6))} {zone_name(local)}"
    if story.clock["kind"] == ItemKind.WELCOME:
        return f"The room opened {when}."
    return f"{'You' if by_client else 'The client'} wrote {when}."


def _promised(story: ClockStory, name: str, *, by_client: bool) -> str:
    verb = "answers" if by_client else "answer"
    if story.policy is None or story.policy.allowance is None:
        return f"{name} {verb} by set times of the working day."
    return f"{name} {verb} within {rough(story.policy.allowance)} of working time."


def _left_out(parts: Sequence[Segment]) -> list[str]:
    """How much time did not count, and why; that a colleague's time did."""
    said = []
    skipped: dict[Reason, timedelta] = {}
    for part in parts:
        if not part.counted:
            skipped[part.reason] = skipped.get(part.reason, timedelta()) + part.duration
    if skipped:
        told = [f"{rough(spent)} {WORDS[reason].lower()}" for reason, spent in skipped.items()]
        said.append(f"Not counted: {', '.join(told)}.")
    if any(part.reason is Reason.COVER for part in parts):
        said.append("The working time of a colleague counts as well.")
    return said


def _follows(story: ClockStory, header: Row, reader_zone: str, now: datetime) -> str:
    if story.clock["held"] == "paused":
        return "The time stands still now, and goes on when the pause is over."
    if story.due_at is None:
        return "Nobody has working time for it within 60 days. A supervisor has been told."
    words = promise(
        to_the_minute(story.due_at), reader_zone, header["therapist_zone"], Pronoun(header["pronoun"]), now
    )
    verb = "was" if story.due_at <= now or story.clock["state"] != "running" else "is"
    return f"So the answer {verb} due {words}."
