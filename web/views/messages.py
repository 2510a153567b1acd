"""The messages of a room: as they stand in the conversation, one with its earlier texts, and found again."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from domain.opening import unopened
from web.views.media import NAMES, Medium
from web.views.shell import Form

UNOPENED = unopened("message")
"""What stands in the place of words that are damaged; `room/message.js` says the same."""


@dataclass(frozen=True, slots=True)
class Quote:
    """The message that another one answers: who wrote it, how it begins, where it is."""

    message_id: str
    seq: int
    sender: str
    words: str


@dataclass(frozen=True, slots=True)
class Message:
    """One message. `receipt` is sent or read, for one's own last message only. `revisions`: earlier texts kept.

    `damaged`: `text` says that it cannot be opened.
    """

    message_id: str
    seq: int
    sent_at: datetime
    sender: str
    mine: bool
    text: str
    holding: bool = False
    receipt: str = ""
    revisions: int = 0
    starred: bool = False
    kind: str = "text"
    quote: Quote | None = None
    media: Medium | None = None
    damaged: bool = False

    @property
    def beginning(self) -> str:
        """How it is told in one line: its first words, or what kind of recording it is."""
        return self.text[:160] or NAMES.get(self.kind, "")

    @property
    def correctable(self) -> bool:
        """Whether its writer may put other words in its place."""
        return self.mine and self.kind == "text" and not self.damaged


@dataclass(frozen=True, slots=True)
class May:
    """What the reader may do with messages there."""

    write: bool = False
    star: bool = False
    correct: bool = False


@dataclass(frozen=True, slots=True)
class Revision:
    """An earlier text."""

    text: str
    replaced_at: datetime


@dataclass(frozen=True, slots=True)
class MessageView:
    """One message on a page of its own: its earlier texts, and for its writer the form that corrects it."""

    room_id: str
    message: Message
    earlier: tuple[Revision, ...]
    may: May
    form: Form = field(default_factory=Form)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a snippet; `hit`: one of the words that were looked for."""

    text: str
    hit: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A message that was found again."""

    message_id: str
    seq: int
    sent_at: datetime
    sender: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the conversation; `at` is its first day (ISO) in the reader's zone."""

    at: str
    name: str


@dataclass(frozen=True, slots=True)
class FindView:
    """Finding things again. `found` is None until something was looked for. Dates are ISO, of the reader's zone."""

    room_id: str
    q: str = ""
    found: tuple[Found, ...] | None = None
    starred: tuple[Message, ...] = ()
    may_star: bool = False
    first_day: str = ""
    last_day: str = ""
    months: tuple[Month, ...] = ()
    problem: str = ""


def pieces(snippet: str, marks: tuple[tuple[int, int], ...]) -> tuple[Piece, ...]:
    """A snippet cut at its marks."""
    cut, at = [], 0
    for start, end in marks:
        cut += [Piece(snippet[at:start]), Piece(snippet[start:end], hit=True)]
        at = end
    return tuple(piece for piece in (*cut, Piece(snippet[at:])) if piece.text)


def blank(now: datetime) -> Message:
    """A message with every part that one can have: what the script draws from."""
    whole = Message("", 0, now, "", True, " ", holding=True, revisions=1, starred=True)
    return replace(whole, quote=Quote("", 0, "", ""))
