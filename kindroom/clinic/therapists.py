"""The therapists of the demo clinic. Every person, licence number and NPI is invented."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from domain.access import Duty
from domain.calendars import Calendar, round_the_clock, week

PACIFIC: Final = "America/Los_Angeles"
CENTRAL: Final = "America/Chicago"
EASTERN: Final = "America/New_York"

ALWAYS: Final = "always"
OFFICE: Final = "office"
EVENINGS: Final = "evenings"
_SHIFTS: Final[dict[str, dict[str, list[tuple[str, str]]]]] = {
    OFFICE: {day: [("09:00", "12:00"), ("13:00", "17:00")] for day in ("mon", "tue", "wed", "thu", "fri")},
    EVENINGS: {day: [("14:00", "22:00")] for day in ("mon", "tue", "wed", "thu", "sat")},
}

_TAXONOMIES: Final = {
    "LMHC": "101YM0800X",
    "LPC": "101YM0800X",
    "LCSW": "1041C0700X",
    "LICSW": "1041C0700X",
    "PhD": "103TC0700X",
    "PsyD": "103TC0700X",
    "LMFT": "106H00000X",
}


@dataclass(frozen=True, slots=True)
class Licensed:
    """A licence in a state, ending so many days after the clinic was seeded."""

    state: str
    days_left: int = 540


@dataclass(frozen=True, slots=True)
class TherapistPerson:
    """A therapist. `hours` names a weekly plan in `zone`; `payers` are codes of `clinic.payers`."""

    username: str
    name: str
    pronoun: str
    gender: str
    credential: str
    zone: str
    hours: str
    licences: tuple[Licensed, ...]
    payers: tuple[str, ...]
    specialties: tuple[str, ...]
    modalities: tuple[str, ...]
    bio: str
    languages: tuple[str, ...] = ("en",)
    styles: tuple[str, ...] = ("warm",)
    capacity: int = 30
    acuity: str = "moderate"
    accepting: bool = True
    associate: bool = False
    duties: frozenset[Duty] = frozenset()

    @property
    def taxonomy(self) -> str:
        """The NUCC code of the credential."""
        return _TAXONOMIES[self.credential]

    def calendar(self, today: date) -> Calendar:
        """Weekly hours; those who keep office hours are off on the clinic's holidays."""
        if self.hours == ALWAYS:
            return round_the_clock(self.zone)
        return week(self.zone, _SHIFTS[self.hours], holidays=_holidays(today))


def _holidays(today: date) -> list[date]:
    """New Year's Day and Christmas Day, this year and next."""
    return [date(year, *day) for year in (today.year, today.year + 1) for day in ((1, 1), (12, 25))]


def npi(number: int) -> str:
    """An invented NPI with a right check digit (Luhn over 80840 and the number)."""
    digits = f"1999{number:05}"
    doubled = (int(d) * (2 if place % 2 == 0 else 1) for place, d in enumerate(reversed("80840" + digits)))
    return f"{digits}{-sum(d - 9 if d > 9 else d for d in doubled) % 10}"


def expiry(today: date, licence: Licensed) -> date:
    """When a licence ends."""
    return today + timedelta(days=licence.days_left)


NATIONAL: Final = ("cigna", "optum", "aetna")
_BUSY: Final = 400  # whoever works round the clock takes the clients of every demonstration

THERAPISTS: Final = (
    TherapistPerson(
        "maya.lindqvist",
        "Maya Lindqvist",
        "she",
        "woman",
        "LMHC",
        PACIFIC,
        ALWAYS,
        (Licensed("WA"), Licensed("OR")),
        ("premera", *NATIONAL),
        ("anxiety", "stress", "sleep", "work"),
        ("cbt", "supportive"),
        "I like small steps that fit into an ordinary day, and I remember what worked last time.",
        capacity=_BUSY,
        duties=frozenset({Duty.ON_CALL}),
    ),
    TherapistPerson(
        "tomas.ferreira",
        "Tomás Ferreira",
        "he",
        "man",
        "LICSW",
        PACIFIC,
        OFFICE,
        (Licensed("WA"),),
        ("premera", "cigna", "aetna"),
        ("depression", "grief", "family"),
        ("psychodynamic", "supportive"),
        "We can look at where a pattern comes from, without hurry.",
        languages=("en", "es"),
        styles=("calm",),
    ),
    TherapistPerson(
        "june.okafor",
        "June Okafor",
        "they",
        "nonbinary",
        "LPC",
        PACIFIC,
        ALWAYS,
        (Licensed("OR"), Licensed("WA")),
        ("premera", *NATIONAL),
        ("anxiety", "self_esteem", "relationships", "stress"),
        ("cbt", "supportive"),
        "Write the way you speak. I will ask when I do not follow.",
        capacity=_BUSY,
        styles=("direct",),
    ),
    TherapistPerson(
        "erik.halvorsen",
        "Erik Halvorsen",
        "he",
        "man",
        "PsyD",
        PACIFIC,
        OFFICE,
        (Licensed("OR"), Licensed("CA", 25)),
        ("cigna", "optum"),
        ("trauma", "anxiety", "sleep"),
        ("cbt",),
        "Structured work with clear homework, and room to say when it does not help.",
        styles=("structured",),
        acuity="high",
    ),
    TherapistPerson(
        "priya.raman",
        "Priya Raman",
        "she",
        "woman",
        "LMFT",
        PACIFIC,
        ALWAYS,
        (Licensed("CA"),),
        (*NATIONAL, "bcbs"),
        ("relationships", "family", "stress"),
        ("supportive", "psychodynamic"),
        "Families are where I started; couples and friendships are part of it.",
        capacity=_BUSY,
    ),
    TherapistPerson(
        "daniel.cho",
        "Daniel Cho",
        "he",
        "man",
        "LCSW",
        PACIFIC,
        EVENINGS,
        (Licensed("CA"), Licensed("WA", 200)),
        ("cigna", "bcbs"),
        ("work", "stress", "anxiety"),
        ("cbt", "supportive"),
        "I work in the evenings, when many people finally have time to write.",
        styles=("direct",),
    ),
    TherapistPerson(
        "rosa.delgado",
        "Rosa Delgado",
        "she",
        "woman",
        "LPC",
        CENTRAL,
        ALWAYS,
        (Licensed("TX"),),
        (*NATIONAL, "bcbs"),
        ("anxiety", "depression", "family"),
        ("supportive", "cbt"),
        "En español o en inglés, como le salga mejor.",
        languages=("en", "es"),
        capacity=_BUSY,
    ),
    TherapistPerson(
        "caleb.whitfield",
        "Caleb Whitfield",
        "he",
        "man",
        "PhD",
        CENTRAL,
        OFFICE,
        (Licensed("TX"), Licensed("FL", 55)),
        ("cigna", "aetna", "bcbs"),
        ("sleep", "stress", "depression"),
        ("cbt",),
        "Sleep first: much else gets easier once nights do.",
        styles=("structured",),
    ),
    TherapistPerson(
        "amara.johnson",
        "Amara Johnson",
        "she",
        "woman",
        "LMHC",
        EASTERN,
        ALWAYS,
        (Licensed("FL"),),
        ("gatorcare", "bcbs", *NATIONAL),
        ("anxiety", "work", "self_esteem"),
        ("cbt", "supportive"),
        "Many of my clients study or teach. Terms and exams set our calendar.",
        capacity=_BUSY,
    ),
    TherapistPerson(
        "lucia.moreno",
        "Lucía Moreno",
        "she",
        "woman",
        "LCSW",
        EASTERN,
        OFFICE,
        (Licensed("FL"),),
        ("gatorcare", "aetna", "bcbs"),
        ("grief", "family", "trauma"),
        ("psychodynamic", "supportive"),
        "Grief has no schedule, and neither do my answers to it.",
        languages=("en", "es"),
        styles=("calm",),
        acuity="high",
    ),
    TherapistPerson(
        "hannah.weiss",
        "Hannah Weiss",
        "she",
        "woman",
        "LCSW",
        EASTERN,
        ALWAYS,
        (Licensed("NY"),),
        (*NATIONAL, "bcbs"),
        ("stress", "relationships", "work", "anxiety"),
        ("supportive", "psychodynamic"),
        "I ask plain questions and I stay for the answers.",
        capacity=_BUSY,
        duties=frozenset({Duty.ON_CALL}),
    ),
    TherapistPerson(
        "kofi.mensah",
        "Kofi Mensah",
        "he",
        "man",
        "LMHC",
        EASTERN,
        OFFICE,
        (Licensed("NY"),),
        ("cigna", "bcbs"),
        ("anxiety", "depression", "self_esteem"),
        ("cbt",),
        "I am in my supervised years and bring a lot of patience.",
        associate=True,
        capacity=12,
    ),
)

ON_LEAVE: Final = "lucia.moreno"
