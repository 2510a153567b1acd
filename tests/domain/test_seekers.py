"""What a client said at intake, as matching reads it."""

from datetime import date, timedelta

import pytest

from domain.errors import Invalid
from domain.match_profiles import Acuity, Wish
from domain.match_states import MatchStatus, next_words
from domain.offers import MISSES_BEFORE_A_PERSON, OFFER_WINDOW, OfferPolicy, offer_policy_from_json
from domain.seekers import acuity_of, hours_of, stated_gender, wishes_of
from domain.week_hours import HALF_HOUR, NEVER, length, overlap

WINTER, SUMMER = date(2026, 1, 14), date(2026, 7, 15)
ZONE = "America/New_York"


@pytest.mark.parametrize(
    ("safety", "phq9", "gad7", "acuity"),
    [
        (("never", "never"), 9, 9, Acuity.LOW),
        (("never", "never"), 10, 0, Acuity.MODERATE),
        (("never", "never"), None, 10, Acuity.MODERATE),
        (("longer_ago", "never"), 0, 0, Acuity.MODERATE),
        (("never", "never"), 20, 0, Acuity.HIGH),
        (("within_30_days",), None, None, Acuity.HIGH),
        ((True, ["never"], None), None, None, Acuity.LOW),
    ],
)
def test_acuity_follows_safety_and_measures(
    safety: tuple[object, ...], phq9: int | None, gad7: int | None, acuity: Acuity
) -> None:
    assert acuity_of(safety, phq9, gad7) is acuity


def test_hours_are_the_clients_own_and_move_with_the_clock() -> None:
    evenings = hours_of(["evenings"], ZONE, WINTER)
    assert length(evenings) == timedelta(hours=25)
    assert hours_of(["evenings"], ZONE, SUMMER) != evenings
    assert overlap(evenings, hours_of(["evenings"], ZONE, SUMMER)) == timedelta(hours=20)
    assert length(hours_of(["evenings", "weekends"], ZONE, WINTER)) == timedelta(hours=53)
    assert length(hours_of(["nights"], ZONE, WINTER)) == timedelta(hours=50)


def test_hours_not_said_or_not_known_are_none() -> None:
    assert hours_of([], ZONE, WINTER) == NEVER == hours_of(["whenever"], ZONE, WINTER)
    assert timedelta(minutes=30) == HALF_HOUR


def test_only_stated_wishes_count_and_the_language_is_a_filter_of_its_own() -> None:
    said = {"gender": "woman", "language": "es", "modality": "any", "must": ["gender", "modality"]}
    assert wishes_of(said) == (Wish("gender", "woman", must=True),)
    assert wishes_of({}) == ()
    assert (stated_gender("female"), stated_gender("nonbinary")) == ("woman", "nonbinary")


def test_offer_terms_are_data() -> None:
    assert offer_policy_from_json({}) == OfferPolicy(OFFER_WINDOW, MISSES_BEFORE_A_PERSON)
    assert offer_policy_from_json({"window_seconds": 30, "misses": 1}) == OfferPolicy(
        timedelta(seconds=30), 1
    )
    for wrong in ({"window_seconds": 0}, {"misses": 0}, {"misses": True}, {"window_seconds": "4h"}):
        with pytest.raises(Invalid):
            offer_policy_from_json(wrong)


def test_the_client_is_always_told_what_comes_next() -> None:
    for status in MatchStatus:
        assert next_words(status, None, [], 0).endswith(".")
    assert "we ask Dr Okafor" in next_words(MatchStatus.OFFERING, "Ms Lind", ["Dr Okafor", "Ms Roy"], 0)
    assert "you choose again" in next_words(MatchStatus.OFFERING, "Ms Lind", [], 0)
    assert "choose again" in next_words(MatchStatus.CHOOSING, None, [], 1)
