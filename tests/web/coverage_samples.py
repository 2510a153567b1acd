"""Sample covers that wait, as the office's pages show them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal

from web.views import clocks, coverages
from web.views.shell import Form


def rows(now: datetime, ident: Callable[[int], str]) -> tuple[coverages.WorkRow, ...]:
    """One the payer is silent about, one in force in doubt, one that ended with claims, one being asked."""
    day, hour = timedelta(days=1), timedelta(hours=1)
    silent = coverages.WorkRow(
        ident(94), "K-1007", "Cigna", "Billing", "AAA 42: the payer could not answer", "late",
        now - 30 * hour, 11, now - 2 * hour, now - hour, open=True, late=True,
    )  # fmt: skip
    doubt = coverages.WorkRow(
        ident(95), "K-1044", "Aetna", "The client", "AAA 75: the member number is not known to the payer",
        "soon", now - 5 * hour, 1, now + 2 * day, now - 5 * hour, open=True, in_force=True,
    )  # fmt: skip
    ended = coverages.WorkRow(
        ident(97), "K-1060", "Premera", "Billing", "The payer says that the plan has ended", "late",
        now - day, 3, now + day, now - day, open=True, hanging=3,
    )  # fmt: skip
    asking = coverages.WorkRow(
        ident(96), "K-1052", "Premera", "The payer", "Asked. No answer yet", "", now - timedelta(minutes=3), 2
    )
    return silent, doubt, ended, asking


def worklist(now: datetime, ident: Callable[[int], str]) -> coverages.WorklistView:
    """The list of one kind of work, with the buttons that ask for all of a payer."""
    here = "/billing/worklist"
    owners = [("Everyone", 4), ("Billing", 2), ("The client", 1), ("The payer", 1)]
    return coverages.WorklistView(
        rows(now, ident),
        tuple(clocks.Filter(name, here, count, here=False) for name, count in owners),
        (clocks.Filter("Payer silent", f"{here}?work=payer_silent", 1, here=True),),
        f"{here}?work=payer_silent",
        "Ask the payer by phone or in its portal and enter what it said, or ask again here.",
        (coverages.AskAll("payer_silent", "cigna", "Cigna", 1),),
    )


def cover(now: datetime, ident: Callable[[int], str]) -> coverages.CoverView:
    """One that ended three weeks ago."""
    hour = timedelta(hours=1)
    asked = (
        coverages.QuestionLine(
            now - 24 * hour, "Premera", "Mental health", "Not active", "The payer says that the plan has ended",
            good=False,
        ),
        coverages.QuestionLine(
            now - 25 * hour, "Premera", "Mental health", "No answer; asked again", "The payer's line is down",
            good=False, next_at=now - 24 * hour,
        ),
        coverages.QuestionLine(now - 800 * hour, "Premera", "Mental health", "Active", "", good=True),
    )  # fmt: skip
    return coverages.CoverView(
        row=rows(now, ident)[2],
        next_step="Settle the claims and lines after the last covered day.",
        questions=asked,
        last_covered_day=date(2026, 10, 31),
        lines=1,
        claims=(coverages.Hanging("C-1001", date(2026, 11, 3), Decimal("60.00"), Decimal("45.00"), "Paid"),),
        form=Form({"member_id": "U1234567801", "group_number": "3340001"}),
    )
