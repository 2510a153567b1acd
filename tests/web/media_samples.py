"""Sample recordings, as a room shows them: to be played, being prepared, refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from web.views.media import Medium
from web.views.messages import Message
from web.views.rooms import RoomView

WAVE = tuple((13 * n * n + 29 * n) % 83 + 10 for n in range(48))


def medium(number: int, kind: str, state: str, now: datetime, **more: object) -> Medium:
    """A recording of 42 seconds, with links that live for fifteen minutes."""
    ident = UUID(int=number)
    url = f"/v1/media/{ident}?file=play" if state == "ready" else None
    found = Medium(
        str(ident),
        kind,
        state,
        duration_ms=42_000,
        waveform=WAVE,
        url=url,
        expires_at=now + timedelta(minutes=15),
    )
    return replace(found, **more)  # type: ignore[arg-type]


def room(sample: RoomView, now: datetime) -> RoomView:
    """A conversation of recordings in every state, from both sides."""
    media = (
        medium(1, "audio", "ready", now),
        medium(2, "audio", "ready", now, mine=True),
        medium(3, "video", "ready", now, width=1280, height=720),
        medium(4, "video", "processing", now, mine=True),
        medium(5, "audio", "refused", now, mine=True, refused_reason="not_playable"),
        medium(6, "audio", "refused", now),
    )
    messages = tuple(
        Message(
            str(UUID(int=100 + n)),
            n,
            now - timedelta(minutes=60 - n),
            sample.me.name if each.mine else sample.other.name,
            each.mine,
            "The part I could not say on Monday." if n == 2 else "",
            media=each,
        )
        for n, each in enumerate(media, 1)
    )
    return replace(sample, messages=messages, last_seq=len(messages), read_seq=len(messages), earlier=False)
