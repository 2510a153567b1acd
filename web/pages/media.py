"""Recordings on pages, with links of their reader."""

from __future__ import annotations

from datetime import UTC, datetime

from api.deps import services_of
from api.media_views import medium_out
from records import media
from web.pages.frame import Frame
from web.views.media import Medium


def medium_of(medium: media.Medium | None, frame: Frame, *, mine: bool) -> Medium | None:
    """The recording of a message as its reader sees it; None for a message without one."""
    if medium is None:
        return None
    out = medium_out(medium, frame.signed_in(), services_of(frame.request).links, datetime.now(UTC))
    return Medium(
        media_id=str(out.media_id),
        kind=out.kind,
        state=out.state,
        mine=mine,
        duration_ms=out.duration_ms,
        waveform=tuple(out.waveform),
        width=out.width,
        height=out.height,
        url=out.url,
        poster_url=out.poster_url,
        captions_url=out.captions_url,
        expires_at=out.expires_at,
        refused_reason=out.refused_reason if mine else None,
    )
