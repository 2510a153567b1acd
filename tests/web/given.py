"""What every sample page shares: one fixed instant, fixed ids, the frame around a page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from web.views.shell import Shell, navigation

NOW = datetime(2026, 11, 22, 10, 14, tzinfo=UTC)
LA, NY = "America/Los_Angeles", "America/New_York"
ROOM = "0b5d5a0e-3c1e-4f7a-9a53-6a4a1d1f4c11"


def at(**delta: float) -> datetime:
    """An instant this far from the fixed now."""
    return NOW + timedelta(**delta)


def ident(number: int) -> str:
    """A fixed UUID."""
    return f"00000000-0000-4000-8000-{number:012d}"


def shell(
    role: str | None, here: str = "", zone: str = LA, room: str | None = ROOM, toast: str = ""
) -> Shell:
    """The frame as each role sees it."""
    names = {
        "client": "Maya Reyes",
        "therapist": "Dr. Mei Lin",
        "supervisor": "Ruth Ade",
        "billing": "Tom Berg",
        "administrator": "Alex Berg",
    }
    counts = {"inbox": 3, "offers": 1, "board": 2, "flags": 1, "unbilled": 4}
    nav = navigation(role, room=room, counts=counts)
    return Shell(NOW, zone, "sample-token", role, names.get(role or "", ""), nav, here, toast)


@dataclass(frozen=True)
class Page:
    """One sample: the template, what it shows, the frame around it."""

    template: str
    view: object
    shell: Shell


OUT = shell(None)
CLIENT = shell("client", "/journey", room=None)
IN_ROOM = shell("client", f"/rooms/{ROOM}")
THERAPIST = shell("therapist", zone=NY)
