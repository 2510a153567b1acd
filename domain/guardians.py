"""Whose consent a client under 18 needs: by age and the state they are in, as data with citation and date.

Only laws that let a minor consent alone to ordinary outpatient mental health care are listed. Where the law allows
it for a few sessions, in a crisis, or on a clinician's finding only, a guardian is asked: the wider protection never
breaks the narrower right. Counsel confirms a row before it is relied on.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import Final

ADULT: Final = 18
"""Consents alone in every state; Alabama and Nebraska, of age at 19, let people of 18 consent to this care."""

YOUNGEST: Final = 13
"""Nobody younger is served here [policy]."""

NOT_SERVED: Final = "minors_not_served"

REMIND_AFTER_DAYS: Final = (2, 5, 9)
"""Days after the first letter on which a guardian who has not answered is written to again [policy]."""

_MOST_REMINDERS: Final = 5


class Answer(StrEnum):
    """What a guardian said last."""

    CONSENTED = "consented"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


def reminders(days: object) -> tuple[int, ...]:
    """The clinic's own days of reminders, as its policy has them: at most five, each later than the one before.

    What is no such list leaves the usual ones in force.
    """
    if not isinstance(days, list) or len(days) > _MOST_REMINDERS or any(type(day) is not int for day in days):
        return REMIND_AFTER_DAYS
    if any(after <= before for before, after in pairwise((0, *days))):
        return REMIND_AFTER_DAYS
    return tuple(days)


class Pathway(StrEnum):
    """`adult` and `minor` consent alone; `guardian`: a parent or guardian must agree first."""

    ADULT = "adult"
    GUARDIAN = "guardian"
    MINOR = "minor"
    NOT_SERVED = "not_served"


@dataclass(frozen=True, slots=True)
class MinorConsent:
    """From which age people consent alone in a state, by which law, and since when that holds."""

    state: str
    from_age: int
    citation: str
    effective_from: date


def _since(year: int, month: int = 1, day: int = 1) -> date:
    return date(year, month, day)


MINOR_CONSENT: Final = (
    MinorConsent("CA", 12, "Cal. Health & Safety Code s. 124260", _since(2011)),
    MinorConsent("CO", 12, "Colo. Rev. Stat. s. 12-245-203.5", _since(2019, 10)),
    MinorConsent("DC", 13, "D.C. Code s. 7-1231.14", _since(1979, 2, 24)),
    MinorConsent("HI", 14, "Haw. Rev. Stat. s. 577-29", _since(2016, 7)),
    MinorConsent("MD", 16, "Md. Code, Health-General s. 20-104", _since(1982, 7)),
    MinorConsent("MD", 12, "Md. Code, Health-General s. 20-104", _since(2021, 10)),
    MinorConsent("MN", 16, "Minn. Stat. s. 144.3431", _since(2019, 8)),
    MinorConsent("MT", 16, "Mont. Code s. 53-21-112", _since(1979)),
    MinorConsent("NJ", 16, "N.J. Stat. s. 9:17A-4", _since(2016, 7)),
    MinorConsent("NM", 14, "N.M. Stat. s. 32A-6A-15", _since(2008)),
    MinorConsent("OR", 14, "Or. Rev. Stat. s. 109.675", _since(1985)),
    MinorConsent("PA", 14, "35 Pa. Stat. s. 10101.1", _since(2020, 9, 21)),
    MinorConsent("SC", 16, "S.C. Code s. 63-5-340", _since(2008, 6, 16)),
    MinorConsent("VA", 13, "Va. Code s. 54.1-2969(E)", _since(1979)),
    MinorConsent("VT", 13, "18 Vt. Stat. s. 8350", _since(2017, 7)),
    MinorConsent("WA", 13, "Wash. Rev. Code s. 71.34.530", _since(2005)),
)
"""Of two rows of a state the later one holds from its date on."""


def minor_consent(state: str, on: date) -> MinorConsent | None:
    """The law of a state on a day; None: none lets a minor consent alone to this care."""
    rows = [row for row in MINOR_CONSENT if row.state == state and row.effective_from <= on]
    return max(rows, key=lambda row: row.effective_from, default=None)


def pathway(age: int, state: str | None, on: date, closed: Collection[str] = ()) -> Pathway | None:
    """Whose consent is needed, by completed years and the state the client is in on a day; None while a minor's
    state is not known. `closed`: states in which the site serves no minors.
    """
    if age >= ADULT:
        return Pathway.ADULT
    if age < YOUNGEST:
        return Pathway.NOT_SERVED
    if state is None:
        return None
    if state in closed:
        return Pathway.NOT_SERVED
    law = minor_consent(state, on)
    return Pathway.MINOR if law is not None and age >= law.from_age else Pathway.GUARDIAN


@dataclass(frozen=True, slots=True)
class GuardianForm:
    """What a guardian is asked to agree to."""

    version: str
    paragraphs: tuple[str, ...]


GUARDIAN_FORM: Final = GuardianForm(
    "2026-01",
    (
        "Somebody under 18 has asked for counselling by messages and named you as their parent or guardian. Where "
        "they are, the law asks for your consent before it begins.",
        "What you agree to: a licensed therapist gives counselling in writing, by voice or by video message, and "
        "answers in agreed times, not at once. It is not for emergencies: for those there are 988 and 911.",
        "What has its risks: messages can be misread, an answer can take a working day, and devices can be seen by "
        "others. The therapist may say that other care is better, and helps to find it.",
        "What you may know: what is written stays between the young person and the therapist as far as the law of "
        "their state lets it. You are told when there is danger to life. Abuse and threats must be reported.",
        "You may take your consent back at any time, by this same link. Care then ends in an orderly way.",
    ),
)
