"""What a supervisor looks back on: load, figures, trials of a policy, checks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from records import loads
from tests.web import figures as trials
from tests.web.board_samples import THERAPISTS
from tests.web.given import NOW, NY, Page, at, ident, shell
from web.heat import heat_map
from web.views import clock_audits
from web.views import loads as load_views
from web.views.shell import Choice

_WEEK = NOW.replace(minute=0)
_LOAD = loads.Load(
    UUID(ident(1)),
    "Dr. Mei Lin",
    NY,
    "North",
    20,
    18,
    9,
    2,
    1,
    {0: 1, 4: 3, 30: 2, 31: 7, 100: 1},
    tuple((_WEEK + timedelta(days=day, hours=4), _WEEK + timedelta(days=day, hours=12)) for day in (0, 1, 2)),
    (loads.Absence(_WEEK + timedelta(days=4), _WEEK + timedelta(days=6), 3),),
)
LOAD = load_views.LoadView(
    gaps=(
        load_views.Gap("K-1071", "H. Sato, LMFT", f"/board/clocks/{ident(56)}", "no_capacity"),
        load_views.Gap(
            "K-1007", "Dr. Mei Lin", "", "away", at(days=4), at(days=6), due_at=at(days=4, hours=2)
        ),
    ),
    more_gaps=True,
    heat=heat_map(
        (_LOAD, replace(_LOAD, name="R. Ortiz, LCSW", absences=(), due={})), _WEEK.replace(second=0), NY
    ),
    teams=(Choice("North", "North"),),
    therapists=THERAPISTS,
    next_href="/board/load?cursor=abc",
)
_HEALTH = clock_audits.HealthView(
    tuple(
        clock_audits.Figure(name, "0", True, meaning, act)
        for name, meaning, act in [
            (
                "Waiting without a reply time",
                "Clients nobody counts time for.",
                "The next audit gives them one.",
            ),
            ("Notes set aside", "Changes that could not be told.", "They are written anew."),
        ]
    ),
    at(seconds=-20),
    False,
    0,
    tuple(clock_audits.Hour(at(hours=hour - 24), 60, 0, 0, hour * 24.0, 72.0, "") for hour in range(24)),
    "1440 audits in a day, nothing to repair",
)
_FORGOTTEN = replace(
    _HEALTH,
    figures=(replace(_HEALTH.figures[0], value="2", fine=False), _HEALTH.figures[1]),
    last_audit_at=at(minutes=-7),
    silent=True,
    hours=(
        *_HEALTH.hours[:22],
        replace(_HEALTH.hours[22], found=2, repaired=2, tone="late"),
        replace(_HEALTH.hours[23], runs=30, height=36.0, tone="soon"),
    ),
)

PAGES: dict[str, Page] = {
    "board-load": Page("staff/load.html", LOAD, shell("supervisor", "/board", NY)),
    "figures": Page("staff/figures.html", trials.figures(), shell("supervisor", "/figures", NY)),
    "figures-empty": Page("staff/figures.html", trials.no_figures(), shell("supervisor", "/figures", NY)),
    "back-test": Page("staff/back_test.html", trials.trial(done=True), shell("supervisor", "/figures", NY)),
    "back-test-form": Page(
        "staff/back_test.html", trials.trial(done=False), shell("supervisor", "/figures", NY)
    ),
    "health": Page("staff/health.html", _HEALTH, shell("supervisor", "/board/health", NY)),
    "health-silent": Page("staff/health.html", _FORGOTTEN, shell("administrator", "/board/health", NY)),
}
