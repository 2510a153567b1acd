"""Figures and a trial with believable content, made by the code that makes the real ones."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

from domain.attainment import Tally
from domain.back_tests import Effect, RosterChange
from domain.policies import working_minutes
from domain.zones import zone
from reports.back_tests import BackTest, TherapistEffect, Trial
from reports.periods import stretch
from reports.response_report import report_of
from reports.response_times import Apart, Figures, GroupBy, Line
from web.pages.back_tests import KINDS, result_of
from web.pages.figures import view_of
from web.views.figures import FiguresView, TrialView
from web.views.shell import Choice, Form

NOW = datetime(2026, 11, 22, 10, 14, tzinfo=UTC)
PERIOD = stretch(None, None, NOW, zone("America/New_York"))
DAYS = {"from": "2026-08-31", "to": "2026-11-22"}
HOUR = 3600
TALLIES = (
    ("Dr. Mei Lin", Tally(188, 9, 1, 4, 12, 1), 1),
    ("Rafael Ortiz", Tally(121, 14, 0, 2, 6), 2),
    ("Dr. Ada Boateng", Tally(24, 1, 0, 1), None),
    ("Jonathan Featherstonehaugh-Winterbottom", Tally(0, 0, 2, 3), None),
)


def _figures(group_by: GroupBy, lines: tuple[Line, ...]) -> Figures:
    tally = sum((line.tally for line in lines), Tally())
    whole = Line("all", "All", tally, Apart(13, 27, 9, 1, 6, 4), 3 * HOUR + 1200, 21 * HOUR)
    return Figures(PERIOD, group_by, NOW, lines, whole)


BY_THERAPIST = _figures(
    GroupBy.THERAPIST,
    tuple(
        Line(name, name, tally, Apart(tally.running, tally.late), 3 * HOUR if rank else None, None, rank)
        for name, tally, rank in TALLIES
    ),
)
BY_WEEK = _figures(
    GroupBy.WEEK,
    tuple(
        # One week has no figure: the clinic was closed.
        Line(str(n), week.label, Tally() if n == 3 else Tally(20 + n, n % 4), Apart(n), 3 * HOUR, 20 * HOUR)
        for n, week in enumerate(PERIOD.weeks(NOW))
    ),
)
EMPTY = Figures(PERIOD, GroupBy.ALL, NOW, (), Line("all", "All", Tally(), Apart(), None, None))


def figures() -> FiguresView:
    """By therapist, two of them not ranked."""
    return view_of(BY_THERAPIST, report_of(BY_WEEK), Form(DAYS))


def no_figures() -> FiguresView:
    """Days in which nothing was opened, and a first day that is none."""
    wrong = Form({**DAYS, "from": "yesterday"}, errors={"from": "Give the day as year-month-day."})
    return view_of(EMPTY, report_of(EMPTY), wrong)


def trial(*, done: bool) -> TrialView:
    """The form, and the result of four hours instead of eight with one therapist away."""
    form = Form({**DAYS, "policy": "own", "minutes": "240", "who": "mei", "without_cover": "yes"})
    policies = (Choice("morning", "Morning"), Choice("own", "So many working minutes"))
    therapists = (Choice("mei", "Dr. Mei Lin"),)
    if not done:
        return TrialView(Form(DAYS, errors={"policy": "Choose a policy."}), policies, KINDS, therapists)
    lines = tuple(
        TherapistEffect(name, name, Effect(tally, Tally(tally.met // 2, tally.n), 2, 9, 3, Counter({480: 9})))
        for name, tally, _ in TALLIES
    )
    whole = Effect()
    for line in lines:
        whole.merge(line.effect)
    tried = Trial(PERIOD, working_minutes("own", 240), "next_response", {"mei": RosterChange()})
    return TrialView(form, policies, KINDS, therapists, result_of(BackTest(tried, NOW, lines, whole), form))
