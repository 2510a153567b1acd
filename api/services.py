"""What the routes need, chosen once by `kindroom.wiring`: databases, keys, ports, limits."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

from api.hub import Hub
from api.media_links import MediaLinks
from api.upload_lanes import UploadLanes
from encryption.blind_index import BlindIndex
from encryption.passwords import Passwords
from integrations.blobs.port import Blobs
from integrations.media.port import MediaProcessor
from integrations.notify.port import Notifier
from records.database import Database


@dataclass(frozen=True)
class Services:
    """The collaborators. Databases differ by login: a bug in a route can do no more than its login."""

    care: Database
    billing: Database
    hub: Hub
    index: BlindIndex
    passwords: Passwords
    notifier: Notifier
    blobs: Blobs
    recordings: MediaProcessor
    links: MediaLinks
    temporal_ready: Callable[[], Awaitable[bool]]
    origins: tuple[str, ...]
    cookie_secure: bool = True
    confirm_at_once: bool = False
    session_lifetime: timedelta = timedelta(hours=12)
    staff_idle: timedelta = timedelta(minutes=15)
    passcode_idle: timedelta = timedelta(minutes=2)
    push_key: str | None = None  # what browsers subscribe with; None: nothing is pushed
    push_hosts: tuple[str, ...] = ()  # the push services that a subscription may name
    lanes: UploadLanes = field(default_factory=UploadLanes)
    limits: dict[str, int] = field(default_factory=dict)
