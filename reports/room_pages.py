"""An exported room as a page for people: read offline, printed, searched; without a script it lacks only the search.

The page is written from its top to its end as messages come. Everything that somebody typed is escaped.
"""

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from html import escape
from itertools import pairwise
from pathlib import Path
from uuid import UUID

from domain.goals import GoalTerms
from domain.opening import unopened
from domain.promises import time_of_day, zone_name
from domain.zones import zone
from records.check_ins import CheckIn
from records.goals import Goal
from records.room_exports import Contents, Exported, Quoted

SEARCH = Path(__file__).with_name("room_search.js")
_STYLE = Path(__file__).with_name("room_pages.css")
_QUOTE = 160  # characters of a message that another one answers
_KINDS = {"text": "Message", "audio": "Voice message", "video": "Video message"}
_CHECK_INS = {"asked": "Not answered yet", "missed": "Missed", "skipped": "Skipped during a pause"}


@dataclass(frozen=True, slots=True)
class RecordingFile:
    """A recording in the archive, by the paths of its files; None where there is none (yet, or any more)."""

    path: str | None
    poster: str | None = None


class RoomPage:
    """Writes `index.html`: `begin`, then `messages` as often as there are, then `end`. `reader`: whose export it is."""

    def __init__(self, contents: Contents, reader: UUID, recordings: Mapping[UUID, RecordingFile]) -> None:
        self._contents, self._reader, self._recordings = contents, reader, recordings
        self._here, self._there = zone(contents.client_zone), zone(contents.therapist_zone)
        self._day: date | None = None

    def begin(self, goals: Iterable[Goal], check_ins: Iterable[CheckIn]) -> bytes:
        """Head, what the room is, table of contents, goals and check-ins."""
        return "".join(self._beginning(list(goals), list(check_ins))).encode()

    def messages(self, messages: Iterable[Exported]) -> bytes:
        """The next messages."""
        return "".join(piece for message in messages for piece in self._one(message)).encode()

    def end(self) -> bytes:
        """What closes the page."""
        closed = "</ol></section></section>" if self._day else '<p class="none">Nobody has written here.</p>'
        return f"{closed}</main></body></html>\n".encode()

    def _beginning(self, goals: list[Goal], check_ins: list[CheckIn]) -> Iterator[str]:
        room = self._contents
        title = f"Room with {room.therapist_name}" if self._mine else f"Room of {room.client_code}"
        count = sum(month.messages for month in room.months)
        yield _HEAD.format(title=escape(title), policy=escape(_policy()), style=_style())
        yield f'<header class="top"><p class="brand">Kindroom</p><h1>{escape(title)}</h1>'
        yield f"<p>{_counted(count, 'message')} since {self._date(room.opened_at)}."
        yield f" Exported {self._moment(room.at)}.</p>"
        yield f'<p class="muted">{escape(self._zones())} {_OPEN}</p></header>'
        yield from self._table_of_contents(bool(goals), bool(check_ins))
        yield '<main id="main">'
        yield from self._goals(goals)
        yield from self._check_ins(check_ins)

    @property
    def _mine(self) -> bool:
        return self._reader == self._contents.client_id

    def _table_of_contents(self, goals: bool, check_ins: bool) -> Iterator[str]:
        yield '<nav class="contents" aria-label="Contents"><h2>Contents</h2><ul>'
        if goals:
            yield '<li><a href="#goals">Goals</a></li>'
        if check_ins:
            yield '<li><a href="#check-ins">Check-ins</a></li>'
        for month in self._contents.months:
            count = _counted(month.messages, "message")
            yield f'<li><a href="#m{month.name}">{_month(month.name)}</a> <span>{count}</span></li>'
        yield f"</ul></nav>{_SEARCH_FORM}"

    def _goals(self, goals: list[Goal]) -> Iterator[str]:
        if not goals:
            return
        yield '<section class="book" id="goals"><h2>Goals</h2>'
        for goal in goals:
            terms = goal.terms or GoalTerms(unopened("goal"))
            yield f'<article class="card"><h3>{escape(terms.statement)}</h3>'
            for name, words in (("How it is known", terms.target), ("Measure", terms.measure)):
                if words:
                    yield f"<p><b>{name}:</b> {escape(words)}</p>"
            due = f" By {_day(terms.due_on)}." if terms.due_on else ""
            yield f'<p class="muted">{_words(goal.state.lifecycle)}.{due} Since {self._date(goal.created_at)}.</p>'
            yield from self._goal_history(goal)
            yield "</article>"
        yield "</section>"

    def _goal_history(self, goal: Goal) -> Iterator[str]:
        reworded = [(was.terms, now.at) for now, was in pairwise(goal.versions) if was.terms != now.terms]
        if reworded:
            yield "<details><summary>Earlier wordings</summary><ul>"
            for was, until in reworded:
                terms = was or GoalTerms(unopened("wording"))
                words = f"{escape(terms.statement)} {escape(terms.target)}"
                yield f"<li>{words} <span>until {self._date(until)}</span></li>"
            yield "</ul></details>"

    def _check_ins(self, check_ins: list[CheckIn]) -> Iterator[str]:
        if not check_ins:
            return
        yield _CHECK_INS_HEAD
        for each in check_ins:
            words = unopened("answer") if each.words is None else each.words
            answer = _CHECK_INS.get(each.state, "") if each.value is None else f"{each.value} of 10"
            yield f"<tr><td>{self._date(each.asked_at)}</td><td>{answer}</td><td>{escape(words)}</td></tr>"
        yield "</tbody></table></section>"

    def _one(self, message: Exported) -> Iterator[str]:
        yield from self._turn_to(message.sent_at.astimezone(self._here).date())
        mine = " mine" if message.sender_id == self._contents.client_id else ""
        yield f'<li class="message{mine}" id="n{message.seq}"><p class="who">'
        yield f"<b>{escape(self._name(message.sender_id))}</b> {self._moments(message.sent_at)}</p>"
        if message.reply_to:
            yield self._quote(message.reply_to)
        if message.kind != "text":
            yield self._recording(message)
        if message.text is None:
            yield f'<p class="quote">{unopened("message")}</p>'
        if message.text:
            yield f'<p class="text">{escape(message.text)}</p>'
        marks = [
            word
            for word, holds in (("Starred", message.starred), ("Holding reply", message.holding))
            if holds
        ]
        if marks:
            yield f'<p class="marks">{" · ".join(marks)}</p>'
        if message.earlier:
            yield from self._corrections(message)
        yield "</li>"

    def _turn_to(self, day: date) -> Iterator[str]:
        """Headings of the month and the day, when they change."""
        if day == self._day:
            return
        before, self._day = self._day, day
        if before is not None:
            yield "</ol></section>"
        if before is None or (before.year, before.month) != (day.year, day.month):
            yield "</section>" if before is not None else ""
            yield f'<section class="month" id="m{day:%Y-%m}"><h2>{day:%B %Y}</h2>'
        yield f'<section class="day"><h3>{_day(day)}</h3><ol>'

    def _quote(self, quoted: Quoted) -> str:
        text = unopened("message") if quoted.text is None else quoted.text
        text = text if len(text) <= _QUOTE else f"{text[:_QUOTE].rstrip()}…"
        said, whom = escape(text) or _KINDS[quoted.kind], escape(self._name(quoted.sender_id))
        return f'<p class="quote">In reply to <a href="#n{quoted.seq}">{whom}</a>: {said}</p>'

    def _recording(self, message: Exported) -> str:
        name = _KINDS[message.kind]
        found = self._recordings.get(message.media_id) if message.media_id else None
        if found is None or found.path is None:
            return f'<p class="quote">{name}: it is not in this archive, because it was not ready when it was made.</p>'
        label = f'aria-label="{name} of {escape(self._name(message.sender_id))}"'
        source = f'controls preload="none" {label} src="{escape(found.path)}"'
        if message.kind == "audio":
            return f"<audio {source}></audio>"
        poster = f' poster="{escape(found.poster)}"' if found.poster else ""
        return f"<video {source}{poster}></video>"

    def _corrections(self, message: Exported) -> Iterator[str]:
        yield "<details><summary>Corrected</summary><ul>"
        for earlier in message.earlier:
            until = self._moment(earlier.replaced_at)
            text = unopened("text") if earlier.text is None else earlier.text
            yield f'<li><p class="text">{escape(text)}</p><span>until {until}</span></li>'
        yield "</ul></details>"

    def _name(self, account_id: UUID) -> str:
        if account_id == self._reader:
            return "You"
        writer = self._contents.writers.get(account_id)
        return writer.name if writer else "Somebody"

    def _zones(self) -> str:
        room = self._contents
        whose = "yours" if self._mine else "the client's"
        here = f"Times are {whose} ({_place(room.client_zone)})"
        if room.client_zone == room.therapist_zone:
            return f"{here}."
        return f"{here}; behind them stands the time where {room.therapist_name} is ({_place(room.therapist_zone)})."

    def _moments(self, instant: datetime) -> str:
        """`3:20 PM EST · 12:20 PM PST`: where the client is, and where the therapist is if the clocks differ."""
        here, there = instant.astimezone(self._here), instant.astimezone(self._there)
        words = f"{time_of_day(_minute(here))} {zone_name(here)}"
        if here.utcoffset() != there.utcoffset():
            day = "" if here.date() == there.date() else f"{there:%a} "
            words += f" · {day}{time_of_day(_minute(there))} {zone_name(there)}"
        return f'<time datetime="{instant.isoformat()}">{words}</time>'

    def _moment(self, instant: datetime) -> str:
        local = instant.astimezone(self._here)
        return f"{self._date(instant)}, {time_of_day(_minute(local))} {zone_name(local)}"

    def _date(self, instant: datetime) -> str:
        local = instant.astimezone(self._here)
        return f"{local:%B} {local.day}, {local.year}"


_OPEN = "These files are not sealed: keep them where only you can look."
_SEARCH_FORM = """<form class="search" hidden data-search role="search"><label for="words">Search the messages</label>
<input id="words" type="search" autocomplete="off"><p role="status" data-found></p></form>"""
_CHECK_INS_HEAD = """<section class="book" id="check-ins"><h2>Check-ins</h2>
<p class="muted">0 is as hard as it gets, 10 as well as it gets.</p><table><thead><tr><th scope="col">Asked</th>
<th scope="col">Answer</th><th scope="col">Words</th></tr></thead><tbody>"""
_HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}"><meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark"><title>{title} · Kindroom</title><style>{style}</style>
<script src="search.js" defer></script></head><body>
"""


@cache
def _style() -> str:
    return _STYLE.read_text(encoding="utf-8")


@cache
def _policy() -> str:
    """The page may show itself and its own files, and run nothing that is not one of them."""
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    own = "'self' file:"
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; script-src {own}; media-src {own}; img-src {own}"
    )


def _minute(local: datetime) -> datetime:
    return local.replace(second=0, microsecond=0)


def _month(name: str) -> str:
    return f"{date.fromisoformat(f'{name}-01'):%B %Y}"


def _day(day: date) -> str:
    return f"{day:%A, %B} {day.day}, {day.year}"


def _words(state: str) -> str:
    return state.replace("_", " ").replace("-", " ").capitalize()


def _place(zone_name: str) -> str:
    return zone_name.rpartition("/")[2].replace("_", " ")


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
