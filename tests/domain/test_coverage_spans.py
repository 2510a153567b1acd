"""A week is paid by the cover of its first day, whatever was given since; a yes is good for some weeks."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.coverage_spans import CoverageSpan, paying

FIRST, LAST = date(2026, 3, 2), date(2026, 3, 8)
WEEKS = timedelta(days=35)


def span(given: date, **details: Any) -> CoverageSpan:
    about: dict[str, Any] = {"insurance": True, "active": True, "in_doubt": False, "confirmed_on": given}
    at = datetime(given.year, given.month, given.day, 12, tzinfo=UTC)
    return CoverageSpan(**{"id": uuid4(), "given_at": at, "given_on": given, **about, **details})


def chosen(*spans: CoverageSpan) -> UUID | None:
    found = paying(spans, FIRST, LAST)
    return found.id if found else None


OLD = span(date(2026, 1, 5), replaced_on=date(2026, 3, 20))
ENDED = span(date(2026, 1, 5), active=False, active_to=date(2026, 2, 28))
IN_FORCE_UNTIL_LATER = span(date(2026, 1, 5), active=False, active_to=date(2026, 3, 31))
NEW = span(date(2026, 3, 20))
NEW_SINCE_APRIL = span(date(2026, 3, 20), active_from=date(2026, 4, 1))
WITHIN_THE_WEEK = span(date(2026, 3, 4))
OWN_PURSE = span(date(2026, 3, 4), insurance=False)
OWN_PURSE_LATER = span(date(2026, 3, 9), insurance=False)
BEING_ASKED = span(date(2026, 3, 1), active=False)
REPLACED_BEFORE = span(date(2026, 1, 5), replaced_on=date(2026, 3, 1))


@pytest.mark.parametrize(
    ("spans", "pays"),
    [
        ((OLD, NEW), OLD),
        ((OLD, WITHIN_THE_WEEK), OLD),
        ((ENDED, NEW), NEW),
        ((ENDED, NEW_SINCE_APRIL), ENDED),  # in force on neither: held, and in the worklist with its end
        ((ENDED, BEING_ASKED), ENDED),
        ((IN_FORCE_UNTIL_LATER, NEW), IN_FORCE_UNTIL_LATER),
        ((IN_FORCE_UNTIL_LATER, NEW_SINCE_APRIL), IN_FORCE_UNTIL_LATER),
        ((BEING_ASKED, OWN_PURSE), OWN_PURSE),
        ((BEING_ASKED, OWN_PURSE_LATER), BEING_ASKED),
        ((BEING_ASKED, NEW), NEW),
        ((REPLACED_BEFORE, NEW), NEW),
        ((OWN_PURSE_LATER,), None),
        ((), None),
    ],
)
def test_the_cover_of_the_first_day_pays(spans: tuple[CoverageSpan, ...], pays: CoverageSpan | None) -> None:
    assert chosen(*spans) == chosen(*reversed(spans)) == (pays.id if pays else None)


@pytest.mark.parametrize(
    ("cover", "covered"),
    [
        (OLD, True),
        (ENDED, False),
        (IN_FORCE_UNTIL_LATER, True),
        (span(date(2026, 1, 5), active=False, active_to=date(2026, 3, 5)), False),
        (span(date(2026, 1, 5), in_doubt=True), False),
        (NEW, True),
        (NEW_SINCE_APRIL, False),
        (BEING_ASKED, False),
    ],
)
def test_a_week_is_billed_only_to_a_cover_that_was_in_force_throughout(
    cover: CoverageSpan, covered: bool
) -> None:
    assert cover.covers(FIRST, LAST) is covered


@pytest.mark.parametrize(("days", "good"), [(-3, True), (0, True), (35, True), (36, False)])
def test_a_yes_is_good_for_services_that_begin_soon_after_it(days: int, good: bool) -> None:
    cover = span(FIRST - timedelta(days=90), confirmed_on=FIRST - timedelta(days=days))
    assert cover.confirmed_for(FIRST, WEEKS) is good
