"""Sample searches: one that waits for a person, everyone considered for it, a waiting list assigned at once."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from web.views import match_desk as views
from web.views.clocks import Filter
from web.views.figures import Files

DAY = timedelta(days=1)
ONE, TWO = str(UUID(int=71)), str(UUID(int=72))


def desk(now: datetime) -> views.DeskView:
    """One late, one with a therapist who is asked."""
    late = "2 did not take it. 1 could when we last looked. Of the others: 3 not licensed there, 2 no free place."
    rows = (
        views.SearchRow(ONE, "K-1007", "New York", "One of us", late, "late", now - 2 * DAY, now - DAY, 1),
        views.SearchRow(TWO, "K-1012", "", "Sam Ortiz", "An offer is out.", "", now, now + DAY, 4),
    )
    filters = (
        Filter("Everyone", "/match-desk", 2, True),
        Filter("One of us", "/match-desk?owner=matcher", 1, False),
    )
    return views.DeskView(rows, filters, (views.RunRow(ONE, now - DAY, True, 12, 11, 9),), 1, "/match-desk")


def search(now: datetime) -> views.SearchView:
    """Somebody who could, and why others cannot."""
    terms = (views.Term("What they work with", 0.5), views.Term("Free places", 0.8))
    mei = views.Person(ONE, "Mei Lin", "LCSW", ("Works with anxiety and sleep",), 0.8125, True, terms)
    sam = views.Person(TWO, "Sam Ortiz", "PsyD", ("no licence in NY", "no free place"))
    path = f"/match-desk/{ONE}"
    return views.SearchView(
        search_id=ONE,
        client_code="K-1007",
        state="New York",
        status="Waits for one of us",
        who="One of us",
        since=now - 2 * DAY,
        due_at=now - DAY,
        live=True,
        may_ask=True,
        may_look_again=True,
        candidates=(mei,),
        rejected=(sam,),
        more_rejected=0,
        filters=(Filter("All", path, 1, True), Filter("no free place", f"{path}?why=no_capacity", 1, False)),
        asked=(views.Asked("June Okafor", "did not answer in time", now - 2 * DAY),),
        address=path,
    )


def waiting_list(now: datetime) -> views.WaitingListView:
    """One to be asked, one without a place."""
    rows = (
        views.WaitingRow(ONE, "K-1007", "NY", now - 3 * DAY, 2, "Mei Lin", 0.8125, "Sam Ortiz", True, ""),
        views.WaitingRow(
            TWO, "K-1012", "TX", now - DAY, 1, "Sam Ortiz", 0.5, "", False, "Not asked: no free place"
        ),
    )
    files = Files(*(f"/waiting-lists/{ONE}?format={form}" for form in ("csv", "xlsx", "html")))
    return views.WaitingListView(ONE, now, "Ruth Ade", True, rows, 2, 1, 3, files, "Best: as many as can be.")
