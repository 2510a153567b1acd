"""Sample openings of rooms: in the client's list, refused, and waiting for a second look."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from web.views.access import AccessView, BreakGlassView, Opened, Opening, OpeningsView
from web.views.shell import Form

REASON = "She wrote that she took the tablets, and nobody of her care could be reached."


def log(room_id: str, now: datetime) -> AccessView:
    """As a client reads it."""
    entries = (
        Opened(now - timedelta(minutes=8), "Dr. Mei Lin", "Therapist", "Read messages", 12),
        Opened(
            now - timedelta(days=2),
            "Ruth Ade",
            "Supervisor",
            "Opened the room",
            purpose="Review after a late reply",
            reason="You wrote on Friday and nobody had answered by Monday.",
        ),
        Opened(
            now - timedelta(days=9),
            "Omar Diaz",
            "Therapist",
            "Read messages",
            purpose="Emergency",
            reason=REASON,
            break_glass=True,
            found="Justified",
        ),
    )
    return AccessView(room_id, entries, f"/rooms/{room_id}/access?before=7")


def refused() -> BreakGlassView:
    """The form after a wrong password."""
    return BreakGlassView(
        Form({"client_code": "K-7Q2F", "reason": REASON}, errors={"password": "That was not your password."})
    )


def openings(room_id: str, now: datetime, ident: Callable[[int], str]) -> OpeningsView:
    """One overdue, one of one's own, one that somebody has looked at."""

    def opening(number: int, hours: int, own: bool = False, found: str = "") -> Opening:
        at = now - timedelta(hours=hours)
        due_at = at + timedelta(hours=24)
        return Opening(
            ident(number),
            room_id,
            f"K-7Q{number}F",
            "Omar Diaz",
            "Therapist",
            at,
            due_at,
            overdue=due_at < now and not found,
            own=own,
            reason="" if found else REASON,
            done=("Read messages, 4 times", "Wrote in it"),
            found=found,
            reviewed_by="Ruth Ade" if found else "",
            reviewed_at=now - timedelta(hours=1) if found else None,
        )

    return OpeningsView((opening(1, 30), opening(2, 3, own=True)), (opening(3, 40, found="Justified"),))
