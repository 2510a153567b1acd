"""What a client reads beside the promise: who was told of a late answer, who answers during a leave, another choice."""

from __future__ import annotations

from dataclasses import replace

from domain.states import state
from records import ladder, leave_views, rematches
from records.database import Row, Transaction
from web.times import Reader, exact_words
from web.views.rooms import Promise


async def with_news(promise: Promise, header: Row, reader: Reader, tx: Transaction) -> Promise:
    """The promise with news for the client of the room."""
    offered = await rematches.rematch_offered(tx, header["client_id"], header["id"])
    offered = offered or await rematches.may_object(tx, header["client_id"], header["id"])
    return replace(
        promise,
        told=await _told(promise, header, reader, tx),
        away=await _away(header, reader, tx),
        change=f"/rooms/{header['id']}/change" if offered else "",
    )


async def _told(promise: Promise, header: Row, reader: Reader, tx: Transaction) -> str:
    """Who has been told of a late answer, and what happens next and when."""
    if promise.state != "late":
        return promise.told
    news = await ladder.late_news(tx, header["clock_id"])
    if news is None:
        return ""
    them = header["therapist_name"] if news.answering == 1 else "Those who answer you"
    told = {
        (True, True): f"{them} and a supervisor have been told.",
        (True, False): f"{them} {'has' if news.answering == 1 else 'have'} been told.",
        (False, True): "A supervisor has been told.",
        (False, False): "",
    }[news.answering > 0, news.supervisors > 0]
    if news.covers_asked:
        return f"{told} Colleagues have been asked to answer you.".strip()
    if news.next_at is not None:
        return (
            f"{told} Without an answer, colleagues are asked at {exact_words(news.next_at, reader)}.".strip()
        )
    return told


async def _away(header: Row, reader: Reader, tx: Transaction) -> str:
    """The therapist's leave once the client has been told of it: who answers, and when they are back; or that their
    licence does not reach where the client is."""
    if header["unlicensed_in"]:
        place = state(header["unlicensed_in"]).name
        answers = (
            "A licensed colleague answers you meanwhile."
            if header["covered"]
            else "We are finding a licensed colleague who answers you meanwhile."
        )
        return f"{header['therapist_name']} may not write to you while you are in {place}. {answers}"
    leave = await leave_views.away(tx, header["id"])
    if leave is None:
        return ""
    back = exact_words(leave["ends_at"], reader)
    when = f"until {back}" if leave["begun"] else f"from {exact_words(leave['starts_at'], reader)} to {back}"
    verb = "is" if leave["begun"] else "will be"
    if leave["covered_by"]:
        answers = f"{leave['covered_by']} answers you meanwhile."
    else:
        answers = "We are finding a colleague who answers you meanwhile."
    return f"{leave['therapist']} {verb} away {when}. {answers}"
