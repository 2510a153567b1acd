"""Why a time is due, on pages: the facts of a clock, its strip, its table, what moved it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby

from api.explanations import MOVED, WORDS, plain_sentences
from domain.explanations import Segment
from domain.promises import rough
from records.database import Row, Transaction
from records.explanations import ClockStory
from web.pages.clock_words import ENDS, HELD, KINDS, NO_REPLY, OTHER_REASONS, SAMPLED
from web.pages.frame import Frame
from web.pages.headers import reader_of
from web.strips import Event, strip
from web.views.room_clocks import Move, Stretch, Why


def why_of(story: ClockStory, header: Row, frame: Frame, tx: Transaction) -> Why:
    """The story of a clock, in words and drawn, as its reader understands it."""
    zone, by_client = frame.shell.zone, reader_of(frame) == "client"
    told = story.told
    return Why(
        sentences=tuple(plain_sentences(story, header, zone, tx.now, by_client=by_client)),
        strip=strip(told.segments, _events(story, by_client=by_client), told.tz, _late(story, tx.now))
        if told
        else None,
        stretches=stretches_of(told.segments) if told else (),
        moves=tuple(
            Move(
                move["at"],
                MOVED.get(move["reason"], "Worked out anew"),
                move["due_before"],
                move["due_after"],
            )
            for move in story.moved
        ),
        zone=told.tz if told else header["therapist_zone"],
    )


def _events(story: ClockStory, *, by_client: bool) -> list[Event]:
    """What is marked on the strip: the opening, the reminder, the due time, the end."""
    clock = story.clock
    wrote = "You wrote" if by_client else "Written"
    found = [Event(clock["opened_at"], "Room opened" if clock["kind"] == "welcome" else wrote)]
    reminders = [rung["due_at"] for rung in story.rungs if rung["rung"] == "nudge"]
    if story.told and not reminders and clock["state"] == "running":
        reminders = [alarm.at for alarm in story.told.projection.alarms if alarm.rung == "nudge"]
    found += [Event(at, "Reminder", "soon") for at in reminders]
    if story.due_at is not None:
        found.append(Event(story.due_at, "Due", "late" if story.breach else "act"))
    if clock["closed_at"] is not None:
        words = "Answered" if clock["state"] in ("met", "late") else "Ended"
        found.append(Event(clock["closed_at"], words, "good"))
    return found


def _late(story: ClockStory, now: datetime) -> tuple[datetime, datetime] | None:
    until = story.clock["closed_at"] or now
    return (story.due_at, until) if story.due_at is not None and until > story.due_at else None


def stretches_of(segments: Sequence[Segment]) -> tuple[Stretch, ...]:
    """The table: what did not count is one row between two that did."""
    rows = []
    for counted, group in groupby(segments, key=lambda part: part.counted):
        run = list(group)
        for part in [[each] for each in run] if counted else [run]:
            why = " and ".join(dict.fromkeys(WORDS[each.reason] for each in part))
            lasts = (part[-1].end - part[0].start).total_seconds() / 60
            rows.append(Stretch(part[0].start, part[-1].end, counted, why.capitalize(), lasts))
    return tuple(rows)


def facts_of(story: ClockStory) -> tuple[tuple[str, str], ...]:
    """What the clock is, as pairs of words."""
    clock = story.clock
    state = HELD.get(clock["held"] or "", "Waiting") if clock["state"] == "running" else ENDS[clock["state"]]
    policy = clock["policy_name"].replace("_", " ").replace("-", " ").capitalize()
    version = f", version {story.policy_version}" if story.policy_version else ", built in"
    given = {**{str(key): words for key, words in NO_REPLY.items()}, **OTHER_REASONS}
    found = [
        ("Owed", KINDS[clock["kind"]]),
        ("State", state),
        ("Promise", policy + version),
        ("Calendar", f"version {story.calendar_version}"),
    ]
    if clock["reason"]:
        found.append(("Reason", given.get(clock["reason"], clock["reason"].replace("_", " "))))
    if clock["sampled"]:
        found.append(("For review", SAMPLED[clock["sampled"]]))
    if story.extensions:
        more = rough(timedelta(seconds=clock["extension_seconds"]))
        found.append(("More time", f"{more} of working time, given by the client"))
    return tuple(found)
