"""Words are found however they were typed, and shown where they stand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.finding import AROUND, Wanted


def marked(typed: str, text: str) -> list[str]:
    snippet = Wanted(typed).snippet(text)
    return [snippet.text[start:end] for start, end in snippet.marks]


@pytest.mark.parametrize(
    ("typed", "text", "shown"),
    [
        ("STRASSE", "in der Straße", ["Straße"]),
        ("café", "at the cafe\u0301 again", ["cafe\u0301"]),
        ("cafe\u0301", "at the CAFÉ", ["CAFÉ"]),
        ("abc", "ＡＢＣ", ["ＡＢＣ"]),
        ("fi", "a \ufb01ne day", ["\ufb01"]),
        ("sleep", "I could not Sleep. Sleep!", ["Sleep", "Sleep"]),
    ],
)
def test_case_and_ways_to_write_a_letter_do_not_matter(typed: str, text: str, shown: list[str]) -> None:
    assert Wanted(typed).found_in(text)
    assert marked(typed, text) == shown


def test_each_word_must_be_there_in_any_order() -> None:
    assert Wanted("sister call").found_in("Then I called my sister")
    assert not Wanted("sister call").found_in("Then I called my brother")
    assert marked("sister call", "Then I called my sister") == ["call", "sister"]


@pytest.mark.parametrize("typed", ['"my sister"', "“my sister”", '"my sister'])
def test_words_in_quotation_marks_are_one_after_the_other(typed: str) -> None:
    assert Wanted(typed).found_in("I called My\nSister")
    assert not Wanted(typed).found_in("my older sister")
    assert marked(typed, "I called My\nSister") == ["My\nSister"]


def test_what_looks_like_a_pattern_is_only_text() -> None:
    assert not Wanted(".*").found_in("anything")
    assert marked("(a+)+", "see (a+)+ there") == ["(a+)+"]


@pytest.mark.parametrize("typed", ["", "   ", '""', '" "', "\u2003"])
def test_nothing_typed_looks_for_nothing(typed: str) -> None:
    assert not Wanted(typed)


def test_a_snippet_is_cut_around_the_first_find() -> None:
    text = "x" * 500 + " harbour " + "y" * 500
    snippet = Wanted("HARBOUR").snippet(text)
    (mark,) = snippet.marks
    assert snippet.text[slice(*mark)] == "harbour"
    assert snippet.text.startswith("…")
    assert snippet.text.endswith("…")
    assert len(snippet.text) == 2 * AROUND + len("harbour") + 2


def test_neither_words_nor_texts_are_in_a_representation() -> None:
    assert "secret" not in repr(Wanted("secret")) + repr(Wanted("secret").snippet("a secret"))


@given(st.text(max_size=60), st.text(max_size=60), st.text(min_size=1, max_size=8))
def test_a_word_that_is_typed_as_it_stands_is_found_and_marked(before: str, after: str, word: str) -> None:
    wanted = Wanted(word)
    text = f"{before} {word} {after}"
    if wanted and wanted.found_in(text):
        snippet = wanted.snippet(text)
        assert all(0 <= start < end <= len(snippet.text) for start, end in snippet.marks)
    if word.isascii() and word.isalnum():
        assert wanted.found_in(text)
        assert wanted.snippet(text).marks
