"""A room, from both sides."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from domain.promises import Pronoun
from tests.web import access_samples, clock_samples, media_samples, room_samples
from tests.web.given import IN_ROOM, LA, NOW, NY, ROOM, THERAPIST, Page, at, ident, shell
from web.charts import Band, Score, score_trend, trend_words
from web.pages.access import PURPOSES
from web.views import access, messages, plans, room_exports, rooms

LIN = rooms.Person("Dr. Lin", "ML", NY, Pronoun.SHE)
MAYA = rooms.Person("Maya R.", "MR", LA)


def _message(
    seq: int, mine: bool, text: str, when: datetime, receipt: str = "", holding: bool = False
) -> messages.Message:
    return messages.Message(
        ident(seq), seq, when, "You" if mine else "Dr. Lin", mine, text, holding=holding, receipt=receipt
    )


TALK = (
    _message(
        41,
        False,
        "Hi Maya, thanks for writing yesterday. How did the talk with your sister go?",
        at(hours=-24),
    ),
    _message(
        42, True, "Better than I feared. I used the pause we practised before I answered her.", at(hours=-23)
    ),
    _message(
        43,
        False,
        "I am between two sessions and want to answer this properly. You hear from me today.",
        at(hours=-18),
        holding=True,
    ),
    _message(
        44,
        False,
        "That pause is a real skill, and you used it under pressure. What did you notice in your body right then?",
        at(hours=-16),
    ),
    _message(
        45,
        True,
        "My shoulders came down.\n\nThen I could not sleep and wrote a long list of all I never said to her.",
        at(minutes=-8),
        receipt="sent",
    ),
)
CLIENT_ROOM = room_samples.complete(
    rooms.RoomView(
        ROOM,
        "client",
        LIN,
        MAYA,
        rooms.Promise("running", at(hours=8, minutes=46), at(hours=6)),
        TALK,
        45,
        45,
        earlier=True,
        send_key=ident(99),
    )
)
RECORD = rooms.RecordView(
    (rooms.Diagnosis("F41.1", at(days=-40)),),
    (
        rooms.Note(ident(7), "DAP", at(days=-2), at(days=-2)),
        rooms.Note(ident(8), "SOAP", at(hours=-20), None),
    ),
    rooms.MessagingSession(ident(5), at(days=-4), at(days=3), 38),
    (("SOAP", ("subjective", "objective", "assessment", "plan")), ("DAP", ("data", "assessment", "plan"))),
    in_charge=True,
    can_attest=True,
)
THERAPIST_ROOM = replace(
    CLIENT_ROOM,
    reader="therapist",
    other=MAYA,
    me=LIN,
    promise=rooms.Promise("soon", at(minutes=17), at(minutes=-30)),
    messages=tuple(
        replace(message, mine=not message.mine, sender="Maya R." if message.mine else "You", receipt="")
        for message in TALK
    ),
    read_seq=44,
    record=RECORD,
)
BANDS = (
    Band(0, "minimal"),
    Band(5, "mild"),
    Band(10, "moderate"),
    Band(15, "mod. severe"),
    Band(20, "severe"),
)
SCORES = tuple(
    Score(at(days=-21 * (5 - place)), value) for place, value in enumerate([19, 17, 13, None, 11, 8])
)
PLAN = rooms.PlanView(
    ROOM,
    LIN,
    plans.GoalsView(
        (
            plans.Goal(
                ident(11),
                "Sleep through four nights a week",
                "Now at two, measured in the weekly check-in",
                "Getting better",
                "good",
                at(days=60),
            ),
            plans.Goal(
                ident(12),
                "Say no once a week without a speech",
                "",
                "Proposed by Dr. Lin",
                "",
                None,
                can_accept=True,
            ),
        ),
        (
            plans.CheckIn(ident(21), "How was your week, all in all?", at(hours=-5), "open", at(hours=43)),
            plans.CheckIn(
                ident(22), "How was your week?", at(days=-7), "answered", None, 6, "Two good nights."
            ),
            plans.CheckIn(ident(23), "How was your week?", at(days=-14), "missed"),
        ),
        (score_trend(trend_words(SCORES), "Every three weeks", SCORES, BANDS, 27),),
        results=(plans.MeasureResult("AUDIT-C", at(days=-20), "3 of 12, below 4"),),
        can_answer=True,
        next_at=at(days=7),
    ),
)
REPLY_TIMES = clock_samples.reply_times(CLIENT_ROOM, NOW)

PAGES: dict[str, Page] = {
    "room": Page("room/room.html", CLIENT_ROOM, IN_ROOM),
    "room-late": Page(
        "room/room.html",
        replace(
            CLIENT_ROOM,
            promise=rooms.Promise(
                "late",
                at(minutes=-12),
                at(hours=-1),
                "Dr. Lin and a supervisor have been told. You hear from one of them by 11:00 AM PST.",
            ),
        ),
        IN_ROOM,
    ),
    "room-new": Page(
        "room/room.html",
        replace(
            CLIENT_ROOM, messages=(), earlier=False, promise=rooms.Promise("none"), last_seq=0, read_seq=0
        ),
        IN_ROOM,
    ),
    "room-media": Page("room/room.html", media_samples.room(CLIENT_ROOM, NOW), IN_ROOM),
    "room-shut": Page(
        "room/room.html",
        room_samples.shut(replace(CLIENT_ROOM, promise=rooms.Promise("paused"))),
        IN_ROOM,
    ),
    "room-cover": Page(
        "room/room.html",
        room_samples.covering(replace(THERAPIST_ROOM, record=None)),
        replace(THERAPIST, here="/inbox"),
    ),
    "room-find": Page("room/find.html", room_samples.found(CLIENT_ROOM, NOW), IN_ROOM),
    "room-find-nothing": Page("room/find.html", room_samples.nothing_found(CLIENT_ROOM), IN_ROOM),
    "room-message": Page("room/message.html", room_samples.corrected(CLIENT_ROOM), IN_ROOM),
    "room-therapist": Page("room/room.html", THERAPIST_ROOM, replace(THERAPIST, here="/inbox")),
    "room-change": Page("room/change.html", rooms.ChangeView(ROOM, CLIENT_ROOM.other, True), IN_ROOM),
    "room-changing": Page("room/change.html", rooms.ChangeView(ROOM, CLIENT_ROOM.other, True, NOW), IN_ROOM),
    "room-purpose": Page(
        "room/purpose.html", access.PurposeView(ROOM, PURPOSES), shell("supervisor", "/board", NY)
    ),
    "room-promise": Page("room/promise.html", CLIENT_ROOM, IN_ROOM),
    "room-goals": Page("room/goals.html", PLAN, shell("client", f"/rooms/{ROOM}/goals")),
    "room-export": Page(
        "room/export.html",
        room_exports.RoomExportView(ROOM, LIN, 412, 3, 2, 9, "about 14 MB"),
        shell("client", f"/rooms/{ROOM}/access"),
    ),
    "room-access": Page(
        "room/access.html",
        access_samples.log(ROOM, NOW),
        shell("client", f"/rooms/{ROOM}/access"),
    ),
    "reply-time": Page("room/reply_time.html", REPLY_TIMES["client"], shell("client", f"/rooms/{ROOM}")),
    "reply-time-bound": Page("room/reply_time.html", REPLY_TIMES["bound"], shell("client", f"/rooms/{ROOM}")),
    "reply-time-therapist": Page(
        "room/reply_time.html", REPLY_TIMES["therapist"], shell("therapist", "/inbox", NY)
    ),
    "reply-time-hold": Page("room/reply_time.html", REPLY_TIMES["hold"], shell("supervisor", "/board", NY)),
}
