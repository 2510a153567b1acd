"""From what a client said at intake to what matching may know: how much care, which hours, which wishes.

Acuity is the clinic's own rule [policy]: it widens or narrows who may take a client, it is no diagnosis and
never ranks anybody down. Cut-offs of the measures: Kroenke 2001 (PHQ-9), Spitzer 2006 (GAD-7).
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from domain.calendars import WEEKDAYS, week
from domain.match_profiles import Acuity, Wish
from domain.week_hours import NEVER, week_hours

_SEVERE_PHQ9 = 20
_POSITIVE = 10
_RECENT = "within_30_days"
_EARLIER = "longer_ago"

_WORKDAYS, _WEEKEND = WEEKDAYS[:5], WEEKDAYS[5:]
_PARTS = {
    "mornings": (_WORKDAYS, ("08:00", "12:00")),
    "afternoons": (_WORKDAYS, ("12:00", "17:00")),
    "evenings": (_WORKDAYS, ("17:00", "22:00")),
    "nights": (_WORKDAYS, ("22:00", "08:00")),
    "weekends": (_WEEKEND, ("08:00", "22:00")),
}
_NO_WISH = frozenset({"", "any"})
_WISHES = ("gender", "modality")
_GENDERS = {"female": "woman", "male": "man"}


def acuity_of(safety: Iterable[object], phq9: int | None, gad7: int | None) -> Acuity:
    """How much care a client needs: `safety` are the intake's answers, the totals of the first measures."""
    said = {answer for answer in safety if isinstance(answer, str)}
    if _RECENT in said or (phq9 or 0) >= _SEVERE_PHQ9:
        return Acuity.HIGH
    if _EARLIER in said or (phq9 or 0) >= _POSITIVE or (gad7 or 0) >= _POSITIVE:
        return Acuity.MODERATE
    return Acuity.LOW


def hours_of(parts: Iterable[str], tz: str, on: date) -> int:
    """The half-hours (`domain.week_hours`) that suit a client who named parts of the day, in their zone `tz`."""
    hours: dict[str, list[tuple[str, str]]] = {}
    for part in parts:
        days, span = _PARTS.get(part, ((), ("00:00", "00:00")))
        for day in days:
            hours.setdefault(day, []).append(span)
    return week_hours(week(tz, hours), on) if hours else NEVER


def wishes_of(preferences: Mapping[str, Any]) -> tuple[Wish, ...]:
    """Stated wishes beside the language, which is a filter of its own."""
    must = preferences.get("must") or ()
    return tuple(
        Wish(kind, str(preferences[kind]), must=kind in must)
        for kind in _WISHES
        if str(preferences.get(kind) or "") not in _NO_WISH
    )


def stated_gender(word: str) -> str:
    """A therapist's gender in the word that clients choose by."""
    return _GENDERS.get(word, word)
