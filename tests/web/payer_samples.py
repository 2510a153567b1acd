"""Sample payers, contracts, plans, prices and sponsors, as the office and anybody reads them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from web.pages.contracts import CLINICIANS, MODALITIES, SERVICES
from web.pages.sponsors import KINDS
from web.views import payers as views
from web.views import public_payers, sponsors
from web.views.estimate_policies import UsualLine, UsualView
from web.views.receipts import ReceiptLine, ReceiptsView
from web.views.shell import Choice, Form

_AT = datetime(2026, 11, 2, 15, 30, tzinfo=UTC)
_DAY, _NEXT = date(2026, 1, 1), date(2027, 1, 1)
NOW = views.Said("In force", "good", "check", "Ada Byrne", _AT)
TO_COME = views.Said("To come", "soon", "clock", "Ada Byrne", _AT)
TAKEN_BACK = views.Said("Taken back", "", "x", "The beginning", _AT)


def payers(ident: str) -> views.PayersView:
    """One with contracts and one without, not offered."""
    return views.PayersView(
        (
            views.Payer(ident, "Premera", "premera", "00430", 365, 4, Decimal("25.00")),
            views.Payer(ident, "Cigna", "cigna", "62308", 90, 0, None, active=False),
        )
    )


def payer(ident: str) -> views.PayerView:
    """Its history, and a change that was refused."""
    versions = (
        views.Version(_NEXT, "Cigna, number 62308, filing CI, claims within 90 days, usually $30", TO_COME),
        views.Version(_DAY, "Cigna, number 62308, filing CI, claims within 90 days, usually $25", NOW),
    )
    form = Form(
        {"name": "Cigna", "effective_from": "2026-01-01", "active": "yes"},
        errors={"effective_from": "This day is over. Choose today or a later one."},
    )
    return views.PayerView(ident, "Cigna", "cigna", form, versions)


def contracts(ident: str) -> views.ContractsView:
    """A row in force, one to come, one taken back; the end of one refused."""
    one = views.ContractLine(
        ident,
        "Messages",
        "Every plan",
        "Who does not prescribe",
        "98972",
        "21 and more",
        Decimal("75.00"),
        Decimal("45.00"),
        _DAY,
        date(2026, 12, 31),
        NOW,
        can_end=True,
    )
    back = views.ContractLine(
        ident,
        "Messages",
        "students",
        "Everybody",
        "98971 95",
        "11 to 20",
        Decimal("50.00"),
        Decimal("30.00"),
        _DAY,
        None,
        TAKEN_BACK,
        can_end=False,
    )
    return views.ContractsView(
        ident,
        "Cigna",
        (one,),
        (back,),
        (Choice("students", "Student plan"),),
        MODALITIES,
        CLINICIANS,
        Form(errors={"last_day": "This row ends earlier already."}),
        ending=ident,
    )


def plans(ident: str) -> views.PlansView:
    """A plan that is known by its group."""
    line = views.PlanLine("students", "Student plan", "group 78358", "08-16", _DAY, None, NOW)
    return views.PlansView(ident, "GatorCare", (line,), Form(errors={"code": "Please fill this in."}))


def prices() -> views.PricesView:
    """Now, and from New Year on."""
    lines = (
        views.PriceLine("Messages, for each session", Decimal("70.00"), _NEXT, TO_COME),
        views.PriceLine("Messages, for each session", Decimal("65.00"), _DAY, NOW),
    )
    return views.PricesView(lines, SERVICES, Form({"service": "messaging"}))


def estimates() -> UsualView:
    """Now and from New Year on; refused."""
    lines = (
        UsualLine(datetime(2027, 1, 1, tzinfo=UTC), 3, 25, "Who prescribes", TO_COME),
        UsualLine(_AT, 4, 25, "Who does not prescribe", NOW),
    )
    form = Form({"sessions_per_month": "0"}, errors={"sessions_per_month": "This is out of range."})
    return UsualView(lines, CLINICIANS, form, "America/New_York")


def _sponsor(ident: str) -> sponsors.SponsorLine:
    grants = "8 sessions each, for 365 days, people of the roster and their families"
    return sponsors.SponsorLine(ident, "Harbor Ferry Company", "Employer", grants, _DAY, None, ended=False)


def sponsor_list(ident: str) -> sponsors.SponsorsView:
    """One."""
    return sponsors.SponsorsView((_sponsor(ident),))


def sponsor_new() -> sponsors.NewSponsorView:
    """Refused."""
    errors = {"needs_authorisation": "An authorisation comes with a roster. Ask for one, too."}
    return sponsors.NewSponsorView(KINDS, Form({"needs_authorisation": "yes"}, errors=errors))


def _roster(ident: str, done: int) -> sponsors.RosterLine:
    return sponsors.RosterLine(
        ident, "The whole list", _AT, "Ada Byrne", _DAY, 400, done, done - 2, 2, 0, finished=done == 400
    )


def sponsor(ident: str) -> sponsors.SponsorView:
    """With figures of which some are hidden, and every form refused."""
    figures = (
        sponsors.FigureLine("Relationship", "Employee, student or member", "31", "–"),
        sponsors.FigureLine("Relationship", "Child", "Hidden (fewer than 5)", "–"),
        sponsors.FigureLine("All", "Sessions used", "–", "118"),
    )
    return sponsors.SponsorView(
        _sponsor(ident),
        (sponsors.TermsLine(_DAY, "8 sessions each, for 365 days, people of the roster", NOW),),
        (_roster(ident, 400),),
        398,
        figures,
        "Groups of fewer than 5 people are hidden.",
        {
            "terms": Form({"needs_roster": "yes"}, errors={"sessions_each": "This is out of range."}),
            "end": Form(errors={"last_day": "This day is over. Choose today or a later one."}),
            "roster": Form(errors={"file": "There are no rows in this file."}),
        },
    )


def roster(ident: str) -> sponsors.RosterView:
    """Done, with two rows refused."""
    refusals = (
        sponsors.RefusalLine(12, "date_of_birth", "Not a date such as 1990-05-17."),
        sponsors.RefusalLine(40, "The row", "More cells than the first line has."),
    )
    return sponsors.RosterView(ident, "Harbor Ferry Company", _roster(ident, 400), refusals)


_PREMERA = public_payers.PublicPayer("premera", "Premera", Decimal("10.00"), _DAY)


def public_list() -> public_payers.PublicPayersView:
    """Two insurers, one without a figure."""
    other = public_payers.PublicPayer("cigna", "Cigna", None, None)
    return public_payers.PublicPayersView((_PREMERA, other), Decimal("65.00"), date(2026, 11, 22))


def public_payer() -> public_payers.PublicPayerView:
    """Covered, not covered, redirected."""
    services = (
        public_payers.PublicService(
            "Messages with your therapist",
            "Usually covered",
            "We have a contract for it.",
            "circle-check",
            "good",
        ),
        public_payers.PublicService(
            "Live sessions by video", "Not covered here", "We have no contract.", "info"
        ),
        public_payers.PublicService(
            "A psychiatric emergency",
            "Call or text 988, or call 911",
            "A person answers at once.",
            "phone",
        ),
    )
    return public_payers.PublicPayerView(_PREMERA, services, Decimal("65.00"), date(2026, 11, 22))


def receipts() -> ReceiptsView:
    """Two weeks of a year."""
    line = ReceiptLine(
        "Psychotherapy by messages, one week",
        _DAY,
        date(2026, 1, 7),
        "Dr. Mei Lin, LCSW",
        "NPI 1999999984, licence CA LCSW-0001",
        Decimal("65.00"),
    )
    return ReceiptsView(
        2026,
        (2026, 2025, 2024),
        "Ana Rivera",
        "Harbor Therapy PC, NPI 1999999984",
        "1 Harbor Way, Seattle, WA 98101",
        "999999998",
        (line, line),
        Decimal("130.00"),
    )
