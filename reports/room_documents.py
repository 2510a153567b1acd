"""An exported room as documents for programs. Their shape is told in the archive's README; a change of it counts up."""

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from domain.places import Place
from records.check_ins import CheckIn
from records.goals import Goal, GoalVersion
from records.room_exports import Contents, Exported
from reports.room_pages import RecordingFile

FORMAT: Final = "kindroom-room"
VERSION: Final = 1

README: Final = """\
A room of Kindroom, as it was on {at}.

index.html      everything, to read and to print; open it in a browser, no network is needed
search.js       the search field of index.html
messages.json   every message in its order, for programs
goals.json      goals with all their wordings, for programs
check-ins.json  check-ins with their answers, for programs
places.json     where you said you were, and from when on, for programs
media/          voice and video messages (mp4) and a picture of each video (jpg), named by day and kind

Nothing in here is sealed any more: keep it where only you can look, and think before you pass it on.

The .json files are UTF-8. Each begins with "format" ("kindroom-room") and "version" ({version}). Times are ISO 8601 in
UTC; "client_zone" and "therapist_zone" are names of the IANA time zone database.

messages.json
  room             room_id, state, opened_at, closed_at, client_zone, therapist_zone, exported_at
  people           who wrote: account_id, role (client, therapist, supervisor), name
  messages         ascending by seq, which counts from 1 without a gap:
    message_id, seq, sender_id, sender_role, kind (text, audio, video), sent_at
    text           null when it cannot be opened, also in earlier
    reply_to       the seq of the message that this one answers, or null
    holding        true: "I will get back to you", no answer yet
    starred        true: you put a star on it
    corrected_at   when it was last corrected, or null
    earlier        what it said before, oldest first: text, replaced_at
    recording      null, or file and poster: paths in this archive (null: it was not ready)

goals.json
  goals            goal_id, lifecycle, achievement, accepted_by, created_at, and versions, newest first:
    version, statement, measure, baseline, target, due_on, lifecycle, achievement, reason, author_id, at;
    statement is null when the words cannot be opened

check-ins.json
  check_ins        newest first: check_in_id, n, state (asked, answered, missed, skipped), asked_at, closes_at,
                   answered_at, value (0 as hard as it gets, 10 as well as it gets; or null), words (null when
                   the answer cannot be opened)

places.json
  places           oldest first: state (two letters), since
"""


def readme(contents: Contents) -> bytes:
    """What the archive holds, in words."""
    return README.format(at=f"{contents.at:%Y-%m-%d %H:%M} UTC", version=VERSION).encode()


class MessagesDocument:
    """Writes `messages.json`: `begin`, then `messages` as often as there are, then `end`."""

    def __init__(self, contents: Contents, recordings: Mapping[UUID, RecordingFile]) -> None:
        self._contents, self._recordings = contents, recordings
        self._first = True

    def begin(self) -> bytes:
        """The room and its people."""
        room = self._contents
        names = ("room_id", "state", "opened_at", "closed_at", "client_zone", "therapist_zone")
        head = {
            **_heading(),
            "room": {**{name: getattr(room, name) for name in names}, "exported_at": room.at},
            "people": [
                {"account_id": each.account_id, "role": each.role, "name": each.name}
                for each in room.writers.values()
            ],
        }
        return f'{_dumps(head)[:-1]}, "messages": ['.encode()

    def messages(self, messages: Iterable[Exported]) -> bytes:
        """The next messages."""
        written = []
        for message in messages:
            written.append(f"{'' if self._first else ','}\n{_dumps(self._one(message))}")
            self._first = False
        return "".join(written).encode()

    def end(self) -> bytes:
        """What closes the document."""
        return b"\n]}\n"

    def _one(self, message: Exported) -> dict[str, Any]:
        file = self._recordings.get(message.media_id) if message.media_id else None
        return {
            "message_id": message.id,
            "seq": message.seq,
            "sender_id": message.sender_id,
            "sender_role": message.sender_role,
            "kind": message.kind,
            "text": message.text,
            "sent_at": message.sent_at,
            "reply_to": message.reply_to.seq if message.reply_to else None,
            "holding": message.holding,
            "starred": message.starred,
            "corrected_at": message.corrected_at,
            "earlier": [{"text": each.text, "replaced_at": each.replaced_at} for each in message.earlier],
            "recording": None
            if message.media_id is None
            else {"file": file.path if file else None, "poster": file.poster if file else None},
        }


def goals_document(goals: Iterable[Goal]) -> bytes:
    """`goals.json`."""
    return _document(goals=[_goal(goal) for goal in goals])


def check_ins_document(check_ins: Iterable[CheckIn]) -> bytes:
    """`check-ins.json`."""
    names = ("n", "state", "asked_at", "closes_at", "answered_at", "value", "words")
    return _document(
        check_ins=[
            {"check_in_id": each.id, **{name: getattr(each, name) for name in names}} for each in check_ins
        ]
    )


def places_document(places: Iterable[Place]) -> bytes:
    """`places.json`."""
    return _document(places=[{"state": each.state, "since": each.since} for each in places])


def _goal(goal: Goal) -> dict[str, Any]:
    return {
        "goal_id": goal.id,
        "lifecycle": goal.state.lifecycle,
        "achievement": goal.state.achievement,
        "accepted_by": sorted(goal.state.accepted_by),
        "created_at": goal.created_at,
        "versions": [_version(each) for each in goal.versions],
    }


def _version(version: GoalVersion) -> dict[str, Any]:
    names = ("statement", "measure", "baseline", "target", "due_on")
    return {
        "version": version.version,
        **{name: getattr(version.terms, name, None) for name in names},
        "lifecycle": version.lifecycle,
        "achievement": version.achievement,
        "reason": version.reason,
        "author_id": version.author_id,
        "at": version.at,
    }


def _heading() -> dict[str, Any]:
    return {"format": FORMAT, "version": VERSION}


def _document(**items: Any) -> bytes:
    return (_dumps({**_heading(), **items}, indent=1) + "\n").encode()


def _dumps(value: object, indent: int | None = None) -> str:
    return json.dumps(value, default=_plain, ensure_ascii=False, indent=indent)


def _plain(value: object) -> str:
    match value:
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case UUID():
            return str(value)
    raise TypeError(f"no form for {type(value).__name__}")
