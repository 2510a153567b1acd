"""Care follows a licence, day by day, and the end of one never comes as a surprise."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from domain.licences import (
    Licence,
    LicenceKind,
    LicenceStatus,
    licence_for,
    licensed_throughout,
    warning_due,
)

TEXAS = Licence("TX", date(2025, 1, 1), date(2026, 3, 1))


@pytest.mark.parametrize(
    ("on", "holds"),
    [
        (date(2024, 12, 31), False),
        (date(2025, 1, 1), True),
        (date(2026, 2, 28), True),
        (date(2026, 3, 1), False),
    ],
)
def test_a_licence_holds_from_issue_until_the_day_before_expiry(on: date, holds: bool) -> None:
    assert TEXAS.holds("TX", on) is holds


def test_a_licence_holds_in_its_own_state_only() -> None:
    assert licence_for([TEXAS], "WA", date(2025, 6, 1)) is None


@pytest.mark.parametrize("status", sorted(set(LicenceStatus) - {LicenceStatus.ACTIVE}))
def test_only_an_active_licence_holds(status: LicenceStatus) -> None:
    assert not replace(TEXAS, status=status).holds("TX", date(2025, 6, 1))


def test_an_issued_privilege_lets_care_be_given_like_a_licence() -> None:
    privilege = replace(TEXAS, state="FL", kind=LicenceKind.COMPACT_PRIVILEGE)
    assert licence_for([TEXAS, privilege], "FL", date(2025, 6, 1)) is privilege


def test_every_day_of_a_service_must_be_licensed() -> None:
    renewed = replace(TEXAS, issued_on=date(2026, 3, 1), expires_on=date(2028, 3, 1))
    late = replace(renewed, issued_on=date(2026, 3, 2))
    week = (date(2026, 2, 25), date(2026, 3, 3))
    assert licensed_throughout([TEXAS, renewed], "TX", *week)
    assert not licensed_throughout([TEXAS, late], "TX", *week)
    assert not licensed_throughout([TEXAS], "TX", *week)


@pytest.mark.parametrize(
    ("days_left", "warning"),
    [(61, None), (60, 60), (31, 60), (30, 30), (8, 30), (7, 7), (1, 7), (0, 0), (-5, 0)],
)
def test_a_warning_stands_at_sixty_thirty_and_seven_days(days_left: int, warning: int | None) -> None:
    assert warning_due(TEXAS.expires_on, TEXAS.expires_on - timedelta(days=days_left)) == warning
