"""What a therapist works with beside the room."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from tests.web import access_samples, leave_samples, licence_samples
from tests.web.given import NOW, THERAPIST, Page, at, ident
from web.views import inbox, working_time

INBOX = inbox.InboxView(
    (
        inbox.Waiting(
            ident(31), "Maya R.", "MR", "late", "Message, 41 words", 2, at(minutes=-22), at(hours=-1)
        ),
        inbox.Waiting(
            ident(32), "Jon A.", "JA", "soon", "Message, 120 words", 1, at(minutes=17), at(minutes=-20)
        ),
        inbox.Waiting(
            ident(33),
            "Priya S.",
            "PS",
            "running",
            "3 messages, 214 words",
            3,
            at(hours=1, minutes=3),
            at(minutes=40),
            "R. Ortiz",
        ),
        inbox.Waiting(ident(34), "Sam O.", "SO", "no_capacity", "Message, 12 words", 1),
    ),
    (inbox.Waiting(ident(35), "Lee W.", "LW", "none", "You answered yesterday, 4:10 PM EST"),),
)
OFFERS = inbox.OffersView(
    (
        inbox.Offer(
            ident(41),
            "K-2041",
            "Oregon",
            ("Anxiety, sleep", "Writes in the evenings", "Your exercises between messages were asked for"),
            at(hours=3),
            "Premera",
            Decimal("96.00"),
        ),
    ),
    3,
)

PAGES: dict[str, Page] = {
    "transfer": Page("staff/transfer.html", licence_samples.transfer(NOW), replace(THERAPIST, here="/inbox")),
    "break-glass": Page(
        "staff/break_glass.html", access_samples.refused(), replace(THERAPIST, here="/break-glass")
    ),
    "inbox": Page("staff/inbox.html", INBOX, replace(THERAPIST, here="/inbox")),
    "inbox-empty": Page("staff/inbox.html", inbox.InboxView((), ()), replace(THERAPIST, here="/inbox")),
    "offers": Page("staff/offers.html", OFFERS, replace(THERAPIST, here="/offers")),
    "hours": Page("staff/hours.html", leave_samples.hours(), replace(THERAPIST, here="/hours")),
    "hours-refused": Page(
        "staff/hours.html",
        leave_samples.hours({"tue": "Give both a beginning and an end.", "tz": "Choose a zone of the list."}),
        replace(THERAPIST, here="/hours"),
    ),
    "leave": Page("staff/leave.html", leave_samples.leave(NOW, ident(1)), replace(THERAPIST, here="/hours")),
    "leave-story": Page(
        "staff/leave_story.html", leave_samples.story(NOW, ident(1)), replace(THERAPIST, here="/hours")
    ),
    "covers": Page(
        "staff/covers.html", leave_samples.covers(NOW, ident(1)), replace(THERAPIST, here="/covers")
    ),
    "covers-empty": Page(
        "staff/covers.html", working_time.CoversView((), (), ()), replace(THERAPIST, here="/covers")
    ),
}
