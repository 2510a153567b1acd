"""Sample licences: one that ends in days, one that is over, a holder with history; a hand-over note to be written."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from web.views.licences import Change, HolderView, Licence, LicencesView, Listing
from web.views.shell import Choice, Form
from web.views.transfers import TransferView

ONE, TWO = str(UUID(int=81)), str(UUID(int=82))
PEOPLE = (Choice(ONE, "Mei Lin"), Choice(TWO, "Sam Ortiz"))


def _licence(who: Choice, state: str, ends: date, words: str, tone: str, icon: str, rooms: int) -> Licence:
    over = words == "Over"
    since = ends - timedelta(days=730)
    number = f"{state}-20417"
    return Licence(
        ONE, who.value, who.label, state, "Licence", number, since, ends, words, tone, icon, rooms, over
    )


ENDING = _licence(PEOPLE[0], "TX", date(2026, 11, 26), "5 days left", "late", "triangle-alert", 12)
LICENCES = (
    ENDING,
    _licence(PEOPLE[1], "NY", date(2027, 1, 10), "50 days left", "soon", "clock", 31),
    _licence(PEOPLE[0], "FL", date(2026, 3, 1), "Over", "", "x", 0),
)


def everybody() -> LicencesView:
    """All of the clinic."""
    return LicencesView(LICENCES, PEOPLE)


def holder(now: datetime, *, keeps: bool = True) -> HolderView:
    """One therapist's, as an administrator keeps them: a renewal was refused."""
    said = Change("Added", "TX, licence TX-20417: 2024-11-26 to 2026-11-26", "Ada Byron", now)
    return HolderView(
        therapist_id=ONE,
        name="Mei Lin",
        keeps=keeps,
        mine=not keeps,
        licences=(ENDING, LICENCES[2]),
        listings=(Listing("Premera", "premera", date(2024, 1, 1), None),),
        history=(said,),
        states=(Choice("TX", "Texas (TX)"),),
        payers=(Choice("premera", "Premera"),),
        form=Form({"expires_on": "2026-01-01"}, errors={"expires_on": "This ends before it begins."}),
        doing=f"renew {ONE}",
    )


def transfer(now: datetime) -> TransferView:
    """Still to be written."""
    day = timedelta(days=1)
    return TransferView(ONE, "K-1007", "Sam Ortiz", True, "", now - day, now + day, None, "")
