"""Charts: lengths in proportion, gaps as gaps, the message in the title."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from web.charts import Band, Score, money_bars, score_trend, trend_words

START = datetime(2026, 8, 3, tzinfo=UTC)
BANDS = (Band(0, "minimal"), Band(5, "mild"), Band(10, "moderate"))


def scores(*values: int | None) -> tuple[Score, ...]:
    return tuple(Score(START + timedelta(days=21 * place), value) for place, value in enumerate(values))


def test_bars_are_as_long_as_their_money() -> None:
    chart = money_bars(
        "", "", [("a", Decimal("200"), ""), ("b", Decimal("50"), "late"), ("c", Decimal(0), "")]
    )
    assert [bar.length for bar in chart.bars] == [100.0, 25.0, 0.0]
    assert [bar.value for bar in chart.bars] == ["$200.00", "$50.00", "$0.00"]


def test_bars_of_nothing_are_empty_and_not_an_error() -> None:
    assert [bar.length for bar in money_bars("", "", [("a", Decimal(0), "")]).bars] == [0.0]


def test_a_missed_questionnaire_is_a_gap_and_never_a_zero() -> None:
    trend = score_trend("", "", scores(19, 17, None, 11, 8), BANDS, 27)
    assert len(trend.segments) == 2
    assert len(trend.points) == 4
    assert [gap.score.value for gap in trend.gaps] == [None]


def test_a_lower_score_is_drawn_lower() -> None:
    trend = score_trend("", "", scores(20, 5), BANDS, 27)
    assert trend.points[0].y < trend.points[1].y


def test_the_title_says_what_the_line_shows() -> None:
    assert trend_words(scores(19, 17, None, 8)) == "From 19 to 8 since August. Lower means fewer symptoms."
    assert trend_words(scores(None, None)) == "No answers yet."
    assert trend_words(scores(12, 12)) == "Still 12 since August. Lower means fewer symptoms."
