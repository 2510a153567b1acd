"""Recordings on pages: told in words without a script, with the server's own limits."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import pytest

from domain.media import MAX_BYTES, MAX_DURATION, RECORDED_TYPES, MediumKind, Refusal
from tests.web.media_samples import medium
from web.assets import STATIC
from web.templating import TEMPLATES
from web.views.media import length_words

NOW = datetime(2026, 11, 22, 10, 14, tzinfo=UTC)


@pytest.mark.parametrize(
    ("milliseconds", "words"),
    [(499, "0:00"), (500, "0:01"), (42_000, "0:42"), (725_400, "12:05"), (3_723_000, "1:02:03")],
)
def test_a_length_is_told_as_a_clock_tells_it(milliseconds: int, words: str) -> None:
    assert length_words(milliseconds) == words


def test_why_a_recording_was_refused_is_told_to_its_sender_only() -> None:
    mine = medium(1, "audio", "refused", NOW, mine=True, refused_reason="not_playable")
    theirs = medium(1, "audio", "refused", NOW)
    assert "send another file" in mine.told
    assert theirs.told == "This recording could not be played."
    assert json.loads(theirs.wire)["refused_reason"] is None


def test_a_recorder_stops_where_the_server_would_refuse() -> None:
    recorder = (TEMPLATES / "room" / "_recorder.html").read_text(encoding="utf-8")
    for kind in MediumKind:
        limit = re.search(rf'data-{kind}-seconds="(\d+)"', recorder)
        assert limit is not None
        assert int(limit[1]) == MAX_DURATION[kind].total_seconds()
    assert f'data-max-bytes="{MAX_BYTES}"' in recorder


def test_the_file_chooser_offers_what_the_server_takes() -> None:
    recorder = (TEMPLATES / "room" / "_recorder.html").read_text(encoding="utf-8")
    accept = re.search(r'accept="([^"]+)"', recorder)
    assert accept is not None
    offered = {each for each in accept[1].split(",") if "/" in each}
    assert offered <= RECORDED_TYPES[MediumKind.AUDIO] | RECORDED_TYPES[MediumKind.VIDEO]


@pytest.mark.parametrize("refusal", Refusal)
def test_every_refusal_has_words_of_its_own(refusal: Refusal) -> None:
    words = (STATIC / "js" / "media" / "words.js").read_text(encoding="utf-8")
    assert re.search(rf"^  {refusal}: \"", words, re.M)
