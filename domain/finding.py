"""Finding words in what was written: which texts have them, and where, without an index of words.

Case and the ways to write the same letter do not matter: both sides are folded (Unicode NFKC and full case folding,
so that "Straße" has "STRASSE" and a full-width or a decomposed letter is itself). Several words: each must be there, in
any order. Words in quotation marks: one after the other, as typed.
"""

import re
import unicodedata
from dataclasses import dataclass, field

AROUND = 60
"""Characters shown on each side of the first find."""

_QUOTE = '["\u201c\u201d\u201e\u00ab\u00bb]'
_TERM = re.compile(f"{_QUOTE}(.*?)(?:{_QUOTE}|$)|([^\\s{_QUOTE[1:]}+)", re.DOTALL)
_LETTER = re.compile("\\S[\u0300-\u036f]*|\\s")  # with its accents, however they are written


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of a text around the first find. `marks`: where the words are in it, in characters, ascending."""

    text: str = field(repr=False)
    marks: tuple[tuple[int, int], ...]


class Wanted:
    """What a person looks for. False when they typed no word at all."""

    __slots__ = ("_all", "_phrases", "_words")

    def __init__(self, typed: str) -> None:
        terms = [_fold(phrase or word).split() for phrase, word in _TERM.findall(typed)]
        self._words = tuple(dict.fromkeys(words[0] for words in terms if len(words) == 1))
        self._phrases = tuple(re.compile(_in_a_row(words)) for words in terms if len(words) > 1)
        # The longest first: where one word begins another, the longer is what is marked.
        each = sorted({_in_a_row(words) for words in terms if words}, key=len, reverse=True)
        self._all = re.compile("|".join(each)) if each else None

    def __bool__(self) -> bool:
        return self._all is not None

    def __repr__(self) -> str:
        return "Wanted(***)"

    def found_in(self, text: str) -> bool:
        """Whether the text has every word and phrase."""
        folded = _fold(text)
        return all(word in folded for word in self._words) and all(
            phrase.search(folded) for phrase in self._phrases
        )

    def snippet(self, text: str) -> Snippet:
        """The text around the first find, with every find in it marked."""
        marks = self._marks(text)
        at, until = marks[0] if marks else (0, 0)
        start, end = max(0, at - AROUND), min(len(text), until + AROUND)
        before = "…" if start else ""
        shift = len(before) - start
        shown = before + text[start:end] + ("…" if end < len(text) else "")
        return Snippet(shown, tuple((a + shift, b + shift) for a, b in marks if b <= end))

    def _marks(self, text: str) -> list[tuple[int, int]]:
        if self._all is None:
            return []
        folded, origin = _traced(text)
        return [(origin[m.start()][0], origin[m.end() - 1][1]) for m in self._all.finditer(folded)]


def _in_a_row(words: list[str]) -> str:
    return r"\s+".join(map(re.escape, words))


def _fold(text: str) -> str:
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def _traced(text: str) -> tuple[str, list[tuple[int, int]]]:
    """The folded text, and for each of its characters the stretch of the text it came from."""
    folded: list[str] = []
    origin: list[tuple[int, int]] = []
    for letter in _LETTER.finditer(text):
        piece = _fold(letter.group())
        folded.append(piece)
        origin += [letter.span()] * len(piece)
    return "".join(folded), origin
