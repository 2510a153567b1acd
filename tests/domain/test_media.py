"""Recordings: what may be announced, and what captions look like."""

import pytest

from domain.errors import Invalid
from domain.media import MediumKind, check_captions, recorded_type

AUDIO, VIDEO = MediumKind


@pytest.mark.parametrize(
    ("kind", "given", "kept"),
    [
        (AUDIO, "audio/webm;codecs=opus", "audio/webm"),
        (AUDIO, "Audio/MP4", "audio/mp4"),
        (VIDEO, "video/mp4;codecs=avc1.42E01E,mp4a.40.2", "video/mp4"),
        (VIDEO, " video/quicktime ", "video/quicktime"),
    ],
)
def test_what_browsers_and_telephones_record_is_taken(kind: MediumKind, given: str, kept: str) -> None:
    assert recorded_type(kind, given) == kept


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        (AUDIO, "video/webm"),
        (VIDEO, "audio/webm"),
        (AUDIO, "text/html"),
        (VIDEO, "image/svg+xml"),
        (VIDEO, ""),
    ],
)
def test_anything_else_is_not(kind: MediumKind, given: str) -> None:
    with pytest.raises(Invalid, match="wrong_kind"):
        recorded_type(kind, given)


@pytest.mark.parametrize(
    "text",
    [
        "WEBVTT",
        "WEBVTT - title\n\n1\n00:01.000 --> 00:02.500\nHello\n",
        "\ufeffWEBVTT\n\n00:59:01.000 --> 100:59:02.500 align:start\nHello\nagain\n",
    ],
)
def test_captions_are_webvtt(text: str) -> None:
    check_captions(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "WEBVTTX",
        "<script>",
        "1\n00:01.000 --> 00:02.000\nx",
        "WEBVTT\n\n0:1 --> 0:2\nx",
        "WEBVTT\n\n00:61.000 --> 00:62.000\nx",
        "WEBVTT\n\x00",
    ],
)
def test_what_is_not_webvtt_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="not_webvtt"):
        check_captions(text)
