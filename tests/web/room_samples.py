"""Sample rooms: replies, stars, corrections, what was found again, and rooms of somebody else."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from web.views.messages import FindView, Found, May, Message, MessageView, Month, Quote, Revision, pieces
from web.views.rooms import Lead, RoomView

ALL = May(write=True, star=True, correct=True)


def find(room_id: str) -> FindView:
    """The panel before anything was looked for."""
    months = tuple(
        Month(f"2026-{n:02}-01", f"{name} 2026") for n, name in ((11, "November"), (10, "October"))
    )
    return FindView(room_id, may_star=True, first_day="2026-10-04", last_day="2026-11-22", months=months)


def complete(room: RoomView) -> RoomView:
    """The room with everything that can be done in it, a reply, a star and a correction."""
    first, *rest, asked, last = room.messages
    quote = Quote(asked.message_id, asked.seq, asked.sender, asked.text)
    messages = (
        replace(first, starred=True),
        *rest,
        asked,
        replace(last, quote=quote, revisions=1, starred=True),
    )
    return replace(room, messages=messages, may=ALL, find=find(room.room_id))


def found(room: RoomView, now: datetime) -> FindView:
    """Two finds and a star."""
    hits = tuple(
        Found(
            str(UUID(int=n)),
            n,
            now - timedelta(days=n),
            "You" if n % 2 else room.other.name,
            pieces(text, marks),
        )
        for n, text, marks in (
            (3, "…I walked to the harbour and called my sister from there.", ((16, 23), (38, 44))),
            (8, "The harbour again, at night, and less alone than before…", ((4, 11),)),
        )
    )
    starred = tuple(message for message in room.messages if message.starred)
    return replace(find(room.room_id), q="harbour", found=hits, starred=starred)


def nothing_found(room: RoomView) -> FindView:
    """No message has the words, and nothing is starred."""
    return replace(find(room.room_id), q="lighthouse", found=(), months=())


def corrected(room: RoomView) -> MessageView:
    """One's own message with two earlier texts."""
    message: Message = replace(room.messages[-1], revisions=2)
    earlier = (
        Revision("My shoulders came dwon.", message.sent_at + timedelta(minutes=1)),
        Revision("My shoulders came down.", message.sent_at + timedelta(minutes=3)),
    )
    return MessageView(room.room_id, message, earlier, ALL)


def covering(room: RoomView) -> RoomView:
    """A colleague answers there, to one message."""
    words = "You cover for Dr. Lin. The client sees that a colleague answers."
    return replace(room, in_place=words, answering=room.messages[-1], later=True)


def shut(room: RoomView) -> RoomView:
    """A closed room, and where to go from it."""
    words = "This room is closed. You can read it at any time."
    return replace(room, shut=words, lead=Lead("/journey", "What comes next"), may=May(star=True))
