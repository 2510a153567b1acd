"""Parts of files as RFC 9110 has them: what is asked for, and what an upload says of itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.ranges import NotSatisfiable, SentRange, asked, sent
from domain.errors import Invalid


@pytest.mark.parametrize(
    ("header", "span"),
    [
        (None, None),
        ("bytes=0-", (0, 1000)),
        ("bytes=0-0", (0, 1)),
        ("bytes=999-", (999, 1000)),
        ("bytes=500-99999", (500, 1000)),
        ("bytes=-300", (700, 1000)),
        ("bytes=-5000", (0, 1000)),
        ("BYTES=1-2", (1, 3)),
        ("bytes=0-1,5-6", None),  # several, another unit, nonsense: the whole file is a right answer
        ("lines=0-1", None),
        ("bytes=5-4", None),
        ("bytes=-", None),
        ("bytes=٣-", None),
    ],
)
def test_a_range_that_is_asked_for(header: str | None, span: tuple[int, int] | None) -> None:
    assert asked(header, 1000) == span


@pytest.mark.parametrize("header", ["bytes=1000-", "bytes=5000-6000", "bytes=-0"])
def test_a_range_that_is_not_there(header: str) -> None:
    with pytest.raises(NotSatisfiable):
        asked(header, 1000)


@given(st.integers(0, 2_000), st.integers(0, 2_000), st.integers(1, 1_500))
def test_what_is_answered_is_of_the_file_and_begins_where_it_was_asked(
    first: int, last: int, size: int
) -> None:
    try:
        span = asked(f"bytes={first}-{last}", size)
    except NotSatisfiable:
        assert first >= size
        return
    assert span == ((first, min(last + 1, size)) if first <= last else None)


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("bytes 0-9/*", SentRange(0, 10, None)),
        ("bytes 10-10/11", SentRange(10, 11, 11)),
        ("bytes */11", SentRange(11, 11, 11)),
        ("bytes */0", SentRange(0, 0, 0)),
    ],
)
def test_what_an_upload_says_of_its_part(header: str, part: SentRange) -> None:
    assert sent(header) == part


@pytest.mark.parametrize(
    "header",
    [
        "",
        "bytes",
        "bytes 5-4/9",
        "bytes 0-9/9",
        "bytes 0-9",
        "items 0-1/2",
        "bytes */*",
        "bytes -1-2/3",
        "bytes 0-1/2x",
    ],
)
def test_what_an_upload_cannot_say(header: str) -> None:
    with pytest.raises(Invalid, match="content_range"):
        sent(header)
