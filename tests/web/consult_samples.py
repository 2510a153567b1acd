"""Questions to a colleague."""

from __future__ import annotations

from dataclasses import replace

from tests.web.given import NY, ROOM, Page, at, ident, shell
from web.views import clocks, consults
from web.views.shell import Form

ASKED = (
    consults.Consult(
        ident(91),
        "K-1007",
        "Dr. Mei Lin",
        at(hours=-3),
        "She writes at three every night and sleeps little. Would you ask for a visit, or wait for the check-in?",
        at(minutes=40),
        at(minutes=10),
    ),
    consults.Consult(
        ident(92), "K-1019", "R. Ortiz, LCSW", at(days=-2), "Ending early?", at(days=-1), None, True
    ),
    consults.Consult(
        ident(93),
        "K-1040",
        "H. Sato, LMFT",
        at(days=-3),
        "Which goal first?",
        at(days=-2),
        None,
        False,
        "The one she named herself.",
        "Ruth Ade",
        at(days=-2, hours=-1),
    ),
)
CONSULTS = consults.QueueView(
    ASKED[:2],
    (
        clocks.Filter("Waiting", "/board/consults?state=waiting", None, True),
        clocks.Filter("Answered", "/board/consults?state=answered", None, False),
    ),
    True,
    Form(errors={"answer": "Please write a few words."}),
    ident(92),
)

PAGES: dict[str, Page] = {
    "consults": Page("staff/consults.html", CONSULTS, shell("supervisor", "/board", NY)),
    "consults-none": Page(
        "staff/consults.html", replace(CONSULTS, items=(), waiting=False), shell("supervisor", "/board", NY)
    ),
    "room-consults": Page(
        "room/consults.html",
        consults.RoomConsultsView(ROOM, "K-1007", (ASKED[0], ASKED[2]), True, Form()),
        shell("therapist", "/inbox", NY),
    ),
    "room-consults-none": Page(
        "room/consults.html",
        consults.RoomConsultsView(
            ROOM, "K-1007", (), False, Form(errors={"question": "Please write a few words."})
        ),
        shell("therapist", "/inbox", NY),
    ),
}
