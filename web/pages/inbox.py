"""A therapist's inbox: rooms by the time an answer is due."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter, Response

from api.deps import Care
from domain.access import OWN_ACCOUNT, Action, require
from records import rooms, transfer_notes
from records.database import Row, Transaction
from web.pages.frame import InFrame
from web.pages.people import initials
from web.pages.promises import promise_of
from web.pages.refusals import PageRoute
from web.times import Reader, exact_words
from web.views.inbox import InboxView, OwedNote, Waiting

router = APIRouter(route_class=PageRoute)

_FAR = datetime.max.replace(tzinfo=UTC)


@router.get("/inbox")
async def show_inbox(frame: InFrame, tx: Care) -> Response:
    """Who waits, until when; then the rooms at rest."""
    actor = frame.signed_in()
    require(actor, Action.READ_INBOX, OWN_ACCOUNT)
    reader = frame.shell.reader
    found = [
        _waiting(row, tx, reader, own=row["therapist_id"] == actor.account_id)
        for row in await rooms.headers(tx)
        if row["state"] == "open"
        or row["therapist_id"] == actor.account_id  # not what a client let them read
    ]
    waiting = [each for each in found if each.state != "none"]
    waiting.sort(key=lambda each: each.due_at or _FAR)
    at_rest = [each for each in found if each.state == "none"]
    owed = tuple(
        OwedNote(str(row["id"]), row["client_code"], row["note_due_at"])
        for row in await transfer_notes.owed(tx)
    )
    return frame.page("staff/inbox.html", InboxView(tuple(waiting), tuple(at_rest), owed), "/inbox")


def _waiting(row: Row, tx: Transaction, reader: Reader, *, own: bool) -> Waiting:
    promise = promise_of(row, tx)
    return Waiting(
        room_id=str(row["id"]),
        name=row["client_code"],
        initials=initials(row["client_code"]),
        state=promise.state,
        about=_about(row, promise.state, reader),
        unread=row["unread"],
        due_at=promise.due_at,
        soon_at=promise.soon_at,
        cover_for="" if own else row["therapist_name"],
    )


def _about(row: Row, state: str, reader: Reader) -> str:
    if state != "none" and row["clock_opened_at"] is not None:
        count = max(row["client_messages"], 1)
        what = "A new room: write first" if row["clock_kind"] == "welcome" else _messages(count)
        return f"{what}, waiting since {exact_words(row['clock_opened_at'], reader)}"
    if row["last_sent_at"] is None:
        return "Nothing written yet"
    return f"Last message {exact_words(row['last_sent_at'], reader)}"


def _messages(count: int) -> str:
    return "1 message" if count == 1 else f"{count} messages"
