"""Outcome measures come every 21 days, the alliance at weeks 3 and 8, also where a pause lay in between."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from domain.measure_cadence import AGAIN_AFTER, ALLIANCE, ALLIANCE_AFTER, due

HOME = ZoneInfo("America/Los_Angeles")
OPENED = datetime(2026, 9, 7, 16, tzinfo=UTC)  # daylight time ends in week nine
SITE = ("PHQ-9", "GAD-7", "PCL-5", "AUDIT-C", "C-SSRS", ALLIANCE)


def asked(weeks: list[int], baseline: datetime | None) -> dict[str, list[int]]:
    """The weeks with which each went along, where check-ins are asked in these."""
    last = dict.fromkeys(SITE, baseline) if baseline else {}
    went: dict[str, list[int]] = {name: [] for name in SITE}
    for week in weeks:
        now = OPENED + timedelta(weeks=week, hours=week > 8)
        for name in due(SITE, OPENED, now, HOME, {name: at for name, at in last.items() if at}):
            went[name].append(week)
            last[name] = now
    return went


def test_they_keep_their_weeks() -> None:
    went = asked(list(range(1, 14)), OPENED - timedelta(days=4))
    assert went["PHQ-9"] == went["GAD-7"] == went["PCL-5"] == [3, 6, 9, 12]
    assert went[ALLIANCE] == [3, 8]
    assert went["AUDIT-C"] == went["C-SSRS"] == []


def test_what_fell_into_a_pause_is_asked_after_it_and_once() -> None:
    assert asked([1, 2, 5, 6, 7, 8, 9], None)[ALLIANCE] == [5, 8]
    assert asked([1, 2, 10, 11, 12], None)[ALLIANCE] == [10]


def test_what_is_switched_off_is_not_asked() -> None:
    assert due(("PHQ-9",), OPENED, OPENED + timedelta(weeks=3), HOME, {}) == ("PHQ-9",)


@given(st.lists(st.integers(1, 60), unique=True, min_size=1).map(sorted))
def test_whatever_weeks_are_left_out_none_comes_too_soon_or_too_often(weeks: list[int]) -> None:
    went = asked(weeks, OPENED)
    for one, next_one in zip(went["PHQ-9"], went["PHQ-9"][1:], strict=False):
        assert timedelta(weeks=next_one - one) >= AGAIN_AFTER
    assert len(went[ALLIANCE]) <= len(ALLIANCE_AFTER)
    assert all(timedelta(weeks=week) >= ALLIANCE_AFTER[0] for week in went[ALLIANCE])
    if timedelta(weeks=weeks[-1]) >= ALLIANCE_AFTER[-1]:
        assert timedelta(weeks=went[ALLIANCE][-1]) >= ALLIANCE_AFTER[-1]
