"""A scanner that cannot see proves nothing: every form is found, wherever it begins."""

import base64
import random

import pytest
from scanner import Scanner, forms

WORD = "quokka7f3a91be"


@pytest.mark.parametrize("offset", range(7))
@pytest.mark.parametrize(
    "written",
    [
        str.encode,
        lambda text: text.upper().encode(),
        lambda text: text.encode("utf-16-le"),
        lambda text: text.encode("utf-16-be"),
        lambda text: text.encode().hex().encode(),
        lambda text: text.encode().hex().upper().encode(),
        lambda text: base64.b64encode(text.encode()),
        lambda text: base64.urlsafe_b64encode(text.encode()),
    ],
)
def test_a_word_is_found_in_every_form_at_every_offset(written: object, offset: int) -> None:
    noise = random.Random(offset)
    around = "".join(noise.choices("abcdefghijklmnop ", k=offset))
    content = noise.randbytes(500) + written(f"{around}{WORD} slept badly{around}") + noise.randbytes(500)  # type: ignore[operator]
    assert Scanner(WORD).finds(content)


def test_other_words_are_not_found() -> None:
    noise = random.Random(1).randbytes(200_000)
    assert Scanner(WORD).finds(noise + b"quokka7f3a91bd" + base64.b64encode(b"another quokka")) == []


def test_no_form_is_so_short_that_chance_writes_it() -> None:
    assert all(len(form) >= 14 for form in forms(WORD).values())
