"""A result in one line says its total, its range and its cut-off, and never that risk is absent."""

import pytest

from domain.screening import SCORED, answers_in_order, score
from domain.screening_words import result_words


@pytest.mark.parametrize(
    ("name", "answers", "words"),
    [
        ("PHQ-9", [3] * 9, "27 of 27, severe, at or above 10. Item 9 asks for a look"),
        ("GAD-7", [1] * 7, "7 of 21, mild, below 10"),
        ("PHQ-9", [None] + [0] * 8, "Not complete"),
        ("PHQ-9", [0] * 8 + [None], "Not complete. Item 9 asks for a look"),
        ("PHQ-2", [1, 1], "2 of 6, below 3"),
        ("GAD-2", [1, 2], "3 of 6, at or above 3"),
        ("PCL-5", [2] * 20, "40 of 80, at or above 31"),
        ("AUDIT-C", [1, 1, 1], "3 of 12, at or above 3"),
        ("WAI-SR", [5] * 12, "60 of 60: task 20, bond 20, goal 20"),
        ("C-SSRS", [1, 1, 0, 1, 0, 0, 0], "High risk"),
        ("C-SSRS", [0, 0, None, None, None, 0, 0], "No risk shown. It clears nobody."),
        ("C-SSRS", [0, None, None, None, None, 0, 0], "Not complete"),
    ],
)
def test_each_measure_has_its_line(name: str, answers: list[int | None], words: str) -> None:
    assert result_words(name, score(name, answers_in_order(name, answers)).figures) == words


def test_every_measure_that_can_be_asked_has_a_line() -> None:
    for name in set(SCORED) - {"WHO-5", "C-SSRS"}:
        assert result_words(name, {"total": None}) == "Not complete"
