"""A person is called, by the wall clock, until one has read it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.risk import (
    CRISIS_CARD,
    LADDER,
    Called,
    Rung,
    Urgency,
    check_closing,
    next_page,
    safe_now_due,
    same_day_due,
    urgency_of_c_ssrs,
    urgency_of_intake,
    urgency_of_item9,
    urgency_of_safe_now,
)
from domain.roles import Role
from domain.screening import item9_followup
from domain.zones import zone

OPENED = datetime(2026, 12, 24, 3, 7, tzinfo=UTC)


def minutes(n: int) -> timedelta:
    return timedelta(minutes=n)


def test_unread_the_ladder_climbs_at_0_5_15_and_30_minutes() -> None:
    fired: list[Rung] = []
    climbed = []
    while due := next_page(OPENED, fired, read=False):
        climbed.append((due.at - OPENED, due.page.whom))
        fired.append(due.page.rung)
    primary_too = (Called.ON_CALL, Called.PRIMARY)
    assert climbed == [
        (minutes(0), primary_too),
        (minutes(5), primary_too),
        (minutes(15), (Called.SUPERVISOR,)),
        (minutes(30), (Called.CLINICAL_DIRECTOR,)),
    ]


@given(st.sets(st.sampled_from(Rung)))
def test_once_a_human_has_read_it_nobody_else_is_paged(fired: set[Rung]) -> None:
    due = next_page(OPENED, fired | {Rung.FIRST_PAGE}, read=True)
    assert due is None


def test_the_first_page_goes_out_even_if_someone_has_read_it() -> None:
    due = next_page(OPENED, [], read=True)
    assert due is not None
    assert (due.page.rung, due.at) == (Rung.FIRST_PAGE, OPENED)


@given(st.sets(st.sampled_from(Rung)))
def test_no_rung_fires_twice_and_the_earliest_comes_first(fired: set[Rung]) -> None:
    due = next_page(OPENED, fired, read=False)
    left = [page for page in LADDER if page.rung not in fired]
    assert (due.page if due else None) == (left[0] if left else None)


@pytest.mark.parametrize(
    ("answer", "asked_again", "urgency"),
    [
        (0, False, None),
        (1, False, Urgency.ASKING),
        (3, False, Urgency.ASKING),
        (None, False, None),
        (None, True, Urgency.SAME_DAY),
    ],
)
def test_item_nine_opens_what_it_must(answer: int | None, asked_again: bool, urgency: Urgency | None) -> None:
    assert urgency_of_item9(item9_followup(answer, asked_again=asked_again)) is urgency


@pytest.mark.parametrize(
    ("safe", "urgency"), [(True, Urgency.SAME_DAY), (False, Urgency.PAGE_NOW), (None, Urgency.PAGE_NOW)]
)
def test_not_safe_and_no_answer_page_at_once(safe: bool | None, urgency: Urgency) -> None:
    assert urgency_of_safe_now(safe) is urgency
    assert safe_now_due(OPENED) == OPENED + minutes(5)


@pytest.mark.parametrize(
    ("safety", "urgency"),
    [
        ({"suicidal_thoughts": "within_30_days", "homicidal_thoughts": "never"}, Urgency.ASKING),
        ({"suicidal_thoughts": "never", "homicidal_thoughts": "within_30_days"}, Urgency.ASKING),
        ({"suicidal_thoughts": "longer_ago", "homicidal_thoughts": "never"}, None),
        ({"suicidal_thoughts": "never", "imminent_violence": True}, Urgency.ASKING),
        ({"imminent_violence": False}, None),
        ({}, None),
    ],
)
def test_recent_thoughts_told_at_intake_ask_whether_they_are_safe(
    safety: dict[str, object], urgency: Urgency | None
) -> None:
    assert urgency_of_intake(safety) is urgency


@pytest.mark.parametrize(
    ("risk", "urgency"),
    [
        ("high", Urgency.PAGE_NOW),
        ("moderate", Urgency.SAME_DAY),
        ("low", Urgency.ASKING),
        ("none", None),
        (None, None),
    ],
)
def test_the_columbia_screen_calls_by_its_triage(risk: str | None, urgency: Urgency | None) -> None:
    assert urgency_of_c_ssrs(risk) is urgency


@pytest.mark.parametrize(
    ("tz", "at", "due"),
    [
        # 23:30 on the night before the clocks go forward, and back, in Los Angeles
        ("America/Los_Angeles", datetime(2026, 3, 8, 7, 30, tzinfo=UTC), datetime(2026, 3, 8, 8, tzinfo=UTC)),
        ("America/Los_Angeles", datetime(2026, 3, 8, 9, tzinfo=UTC), datetime(2026, 3, 9, 7, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 11, 1, 5, tzinfo=UTC), datetime(2026, 11, 2, 5, tzinfo=UTC)),
        ("Pacific/Honolulu", datetime(2026, 7, 1, 10, tzinfo=UTC), datetime(2026, 7, 2, 10, tzinfo=UTC)),
    ],
)
def test_a_same_day_task_is_due_at_the_end_of_the_clients_day(tz: str, at: datetime, due: datetime) -> None:
    assert same_day_due(at, zone(tz)) == due


@given(
    st.integers(0, 15 * 365 * 86400).map(lambda s: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=s)),
    st.sampled_from(["America/New_York", "America/Phoenix", "America/Anchorage", "America/Santiago"]),
)
def test_the_end_of_the_day_is_ahead_and_within_25_hours(at: datetime, tz: str) -> None:
    assert at < same_day_due(at, zone(tz)) <= at + timedelta(hours=25)


@pytest.mark.parametrize("role", [Role.CLIENT, Role.BILLING, Role.ADMINISTRATOR])
def test_only_a_clinician_closes_a_flag(role: Role) -> None:
    with pytest.raises(Invalid) as refused:
        check_closing(role, "Spoke with her; safe at her sister's.")
    assert [e.code for e in refused.value.errors] == ["clinician_required"]


@pytest.mark.parametrize("role", [Role.THERAPIST, Role.SUPERVISOR])
def test_a_flag_closes_with_a_rationale_only(role: Role) -> None:
    check_closing(role, "Spoke with her; safe at her sister's.")
    with pytest.raises(Invalid) as refused:
        check_closing(role, "  \n")
    assert [e.code for e in refused.value.errors] == ["rationale_required"]


def test_the_crisis_card_names_988_911_and_the_text_line() -> None:
    assert {line.call for line in CRISIS_CARD.lines} >= {"988", "911"}
    texts = {(line.text_to, line.text_word) for line in CRISIS_CARD.lines}
    assert {("988", None), ("741741", "HOME")} <= texts
