"""Addresses of recordings that die: an element of a page sends no header, so the address itself says who may use it."""

import hmac
from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from urllib.parse import urlencode
from uuid import UUID

from domain.access import Actor
from domain.errors import NotFound
from domain.media import LINK_LIFETIME
from encryption.framing import framed
from encryption.keys import DataKey


class MediaLinks:
    """Makes and checks the addresses. Each is of one file, one account, one session, and one quarter of an hour."""

    def __init__(self, clinic: DataKey) -> None:
        self._key = clinic.derive("media links")

    def __repr__(self) -> str:
        return "MediaLinks(***)"

    def address(self, actor: Actor, medium_id: UUID, file: str, now: datetime) -> str:
        """Where the actor gets the file until `expires(now)`."""
        until = int(self.expires(now).timestamp())
        signed = self._signature(actor, medium_id, file, until)
        return f"/v1/media/{medium_id}?{urlencode({'file': file, 'expires': until, 'signature': signed})}"

    def expires(self, now: datetime) -> datetime:
        """When an address that is made now dies (UTC)."""
        return (now.astimezone(UTC) + LINK_LIFETIME).replace(microsecond=0)

    def check(
        self,
        actor: Actor,
        medium_id: UUID,
        file: str,
        until: int | None,
        signature: str | None,
        now: datetime,
    ) -> None:
        """Raise NotFound unless this is an address of this actor's, and alive."""
        if until is None or signature is None or now.timestamp() >= until:
            raise NotFound
        if not hmac.compare_digest(
            self._signature(actor, medium_id, file, until).encode(), signature.encode()
        ):
            raise NotFound

    def _signature(self, actor: Actor, medium_id: UUID, file: str, until: int) -> str:
        place = framed("media link", medium_id, file, actor.account_id, actor.session_id, until)
        return urlsafe_b64encode(hmac.digest(self._key, place, "sha256")).rstrip(b"=").decode()
