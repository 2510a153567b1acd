"""What a supervisor watches."""

from __future__ import annotations

from dataclasses import replace

from tests.web import (
    access_samples,
    clock_samples,
    intake_samples,
    journey_samples,
    leave_samples,
    leaving_samples,
    match_samples,
)
from tests.web.given import NOW, NY, ROOM, Page, at, ident, shell
from web import choices
from web.views import access, clocks, reviews, risk, working_time
from web.views.shell import Choice

ROWS = (
    clocks.ClockRow(
        ident(51),
        ROOM,
        "K-1007",
        "Dr. Mei Lin",
        at(hours=-5),
        "running",
        at(minutes=-22),
        at(hours=-1),
        "",
        "Therapist, supervisor and client told",
        False,
        "",
        "late",
    ),
    clocks.ClockRow(
        ident(52),
        ROOM,
        "K-1019",
        "R. Ortiz, LCSW",
        at(hours=-9),
        "running",
        at(minutes=-6, seconds=-4),
        at(hours=-1),
        "",
        "Therapist, supervisor and client told",
        True,
        "Ruth Ade",
        "late",
    ),
    clocks.ClockRow(
        ident(53),
        ROOM,
        "K-1044",
        "Dr. Mei Lin",
        at(hours=-3),
        "running",
        at(minutes=17),
        at(minutes=-20),
        "",
        "Therapist reminded",
        False,
        "",
        "soon",
    ),
    clocks.ClockRow(
        ident(54),
        ROOM,
        "K-1052",
        "Dr. Ada Boateng",
        at(hours=-2),
        "running",
        at(hours=1, minutes=3),
        at(minutes=40),
    ),
    clocks.ClockRow(
        ident(55),
        ROOM,
        "K-1060",
        "R. Ortiz, LCSW",
        at(hours=-1),
        "running",
        at(hours=6, minutes=49),
        at(hours=5),
    ),
    clocks.ClockRow(
        ident(56),
        ROOM,
        "K-1071",
        "H. Sato, LMFT",
        at(days=-1),
        "running",
        None,
        None,
        "no_capacity",
        "Supervisor told",
        True,
    ),
)
THERAPISTS = (Choice(ident(1), "Dr. Mei Lin"), Choice(ident(2), "R. Ortiz, LCSW"))
BOARD = clocks.BoardView(
    rows=ROWS,
    consults=(
        clocks.ConsultRow(
            consult_id="c1",
            client_code="K-2044",
            therapist="Mei Lin",
            asked_at=ROWS[0].opened_at,
            state="running",
            due_at=ROWS[0].due_at,
            soon_at=ROWS[0].soon_at,
            rung="Supervisors and therapist told",
            tone="late",
        ),
    ),
    filters=tuple(
        clocks.Filter(name, f"/board?state={state}", count, state == "running")
        for name, state, count in [
            ("Waiting", "running", "1,000+"),
            ("Overdue", "overdue", "2"),
            ("Held", "held", "1"),
            ("Breached", "breached", None),
        ]
    ),
    columns={
        "due_at": clocks.Column("Due", "/board?sort=-due_at", "ascending"),
        "client_code": clocks.Column("Client", "/board?sort=client_code"),
        "therapist": clocks.Column("Therapist", "/board?sort=who"),
        "opened_at": clocks.Column("Waiting since", "/board?sort=opened_at"),
        "rung": clocks.Column("Told so far", "/board?sort=rung"),
    },
    therapists=THERAPISTS,
    teams=(Choice("North", "North"), Choice("Nights", "Nights")),
    policies=(Choice("morning", "Morning"),),
    chosen=clocks.Chosen(team="North", gap="yes", kept={"state": "running", "sort": "due_at"}),
    address="/board?team=North&gap=yes",
    query="team=North&gap=yes",
    saved=(clocks.SavedView(ident(71), "North, nobody there", "/board?team=North&gap=yes", True),),
    next_href="/board?team=North&gap=yes&cursor=abc",
    undo=clocks.Undo(ident(72), 3, at(minutes=-3)),
)
MOVE = clocks.MoveView(
    stage="preview",
    clock_ids=(ident(51), ident(52)),
    rows=(
        clocks.MoveRow(
            ident(51),
            "K-1007",
            "Dr. Mei Lin",
            "Dr. Ada Boateng",
            at(minutes=-22),
            at(hours=2),
            "2 h 22 min later",
        ),
        clocks.MoveRow(
            ident(52),
            "K-1019",
            "R. Ortiz, LCSW",
            due_before=at(minutes=-6),
            refused="No licence where the client is",
        ),
    ),
    therapists=THERAPISTS,
    reasons=choices.ASSIGNMENT_REASON,
    back="/board?team=North",
    reason="illness",
    movable=1,
)
BREACHES = reviews.ReviewView(
    items=(
        reviews.Item(
            ident(51),
            "K-1007",
            "Dr. Mei Lin",
            at(hours=-2),
            "Promise broken",
            at(hours=-9),
            at(hours=-2),
        ),
        reviews.Item(
            ident(52),
            "K-1019",
            "R. Ortiz, LCSW",
            at(hours=-5),
            "A very short answer",
            at(hours=-9),
            at(hours=-2),
            at(hours=-5),
            "Short answer, and fine",
            "She had said it all on Monday.",
            "Ruth Ade",
            at(hours=-1),
        ),
    ),
    filters=(clocks.Filter("To look at", "/board/breaches?reviewed=no", None, True),),
    reasons=(reviews.Count("Too much at once", 6, 1.0),),
    therapists=(reviews.Count("Dr. Mei Lin", 4, 1.0),),
    choices=choices.BREACH_REASON,
    address="/board/breaches?reviewed=no",
)
CLOCK = clock_samples.clock(ROOM, ident(51), NOW)
FLAGS = risk.FlagsView(
    (
        risk.Flag(
            ident(61), "K-1007", "Asked for help now", at(minutes=-4), "open", "On-call paged twice", ROOM
        ),
        risk.Flag(
            ident(62),
            "K-1019",
            "Answer in a questionnaire",
            at(hours=-2),
            "acknowledged",
            "",
            ROOM,
            "Ruth Ade",
        ),
    )
)

PAGES: dict[str, Page] = {
    "suitability": Page(
        "staff/suitability.html", intake_samples.undecided(NOW), shell("supervisor", "/suitability", NY)
    ),
    "room-intake": Page(
        "room/intake.html", intake_samples.record(NOW, ROOM), shell("therapist", "/inbox", NY)
    ),
    "openings": Page(
        "staff/openings.html", access_samples.openings(ROOM, NOW, ident), shell("supervisor", "/openings", NY)
    ),
    "openings-empty": Page(
        "staff/openings.html", access.OpeningsView((), ()), shell("supervisor", "/openings", NY)
    ),
    "records": Page(
        "staff/records.html", leaving_samples.records(NOW, ident(1)), shell("supervisor", "/records", NY)
    ),
    "leaves": Page(
        "staff/leaves.html",
        working_time.AwayView(leave_samples.away(NOW, ident(1))),
        shell("supervisor", "/leaves", NY),
    ),
    "leave-cover": Page(
        "staff/leave_cover.html", leave_samples.leave_cover(NOW, ident(1)), shell("supervisor", "/leaves", NY)
    ),
    "board": Page("staff/board.html", BOARD, shell("supervisor", "/board", NY)),
    "board-undo": Page(
        "staff/board.html",
        BOARD,
        replace(shell("supervisor", "/board", NY, toast="Reassigned."), undo=ident(72)),
    ),
    "board-move": Page("staff/move.html", MOVE, shell("supervisor", "/board", NY)),
    "board-moved": Page(
        "staff/move.html", replace(MOVE, stage="done", undo=ident(72)), shell("supervisor", "/board", NY)
    ),
    "board-breaches": Page("staff/breaches.html", BREACHES, shell("supervisor", "/board", NY)),
    "board-empty": Page(
        "staff/board.html",
        replace(BOARD, rows=(), waiting_without_clock=1),
        shell("supervisor", "/board", NY),
    ),
    "clock": Page("staff/clock.html", CLOCK, shell("supervisor", "/board", NY)),
    "flags": Page("staff/flags.html", FLAGS, shell("supervisor", "/flags", NY)),
    "match-desk": Page("staff/match_desk.html", match_samples.desk(NOW), shell("supervisor", "/board", NY)),
    "match-search": Page(
        "staff/match_search.html", match_samples.search(NOW), shell("supervisor", "/board", NY)
    ),
    "waiting-list": Page(
        "staff/waiting_list.html", match_samples.waiting_list(NOW), shell("supervisor", "/board", NY)
    ),
    "stuck-journeys": Page(
        "staff/journeys.html", journey_samples.stuck(NOW, ROOM), shell("supervisor", "/board", NY)
    ),
}
