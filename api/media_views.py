"""Recordings on the wire: in a message, and alone."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from api.media_links import MediaLinks
from domain.access import Actor
from domain.media import FileName, MediumState
from records.media import Medium


class MediumOut(BaseModel):
    """A recording. `state`: processing, ready, refused, or damaged (it cannot be opened).

    The addresses are its reader's alone and die at `expires_at`; they are there when it is ready.
    """

    media_id: UUID
    kind: str
    state: str
    refused_reason: str | None = None
    duration_ms: int | None = None
    waveform: list[int] = []
    width: int | None = None
    height: int | None = None
    url: str | None = None
    poster_url: str | None = None
    captions_url: str | None = None
    expires_at: datetime | None = None


def medium_out(medium: Medium, reader: Actor, links: MediaLinks, now: datetime) -> MediumOut:
    """The recording as this reader sees it."""
    out = MediumOut(media_id=medium.id, kind=medium.kind, state=medium.state, refused_reason=medium.refused)
    if medium.details is not None:
        out.duration_ms = medium.details.duration_ms
        out.waveform = list(medium.details.waveform)
        out.width, out.height = medium.details.width, medium.details.height
    if medium.damaged:
        out.state = "damaged"
    elif medium.state is MediumState.READY:
        out.url = links.address(reader, medium.id, FileName.PLAY, now)
        out.expires_at = links.expires(now)
        if medium.poster:
            out.poster_url = links.address(reader, medium.id, FileName.POSTER, now)
        if medium.captions:
            out.captions_url = links.address(reader, medium.id, FileName.CAPTIONS, now)
    return out
