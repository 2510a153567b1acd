"""What surrounds every page: who is signed in, where they can go, whose clock times are told by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from web.times import Reader


@dataclass(frozen=True, slots=True)
class NavItem:
    """One place to go. `count` is shown when it is above zero."""

    href: str
    icon: str
    name: str
    count: int = 0


@dataclass(frozen=True, slots=True)
class Shell:
    """The frame of a page. `now` is UTC, `zone` the reader's IANA zone, `csrf` goes into every form,
    `live` opens the event stream: never on a locked device. `lock_after`: seconds until an idle page locks.
    """

    now: datetime
    zone: str
    csrf: str
    role: str | None = None
    name: str = ""
    nav: tuple[NavItem, ...] = ()
    here: str = ""
    toast: str = ""
    live: bool = False
    undo: str = ""  # the deed that the toast offers to take back
    lock_after: int = 0  # none without a passcode
    unread: int = 0  # notices, counted to a hundred

    @property
    def signed_in(self) -> bool:
        """Whether anybody is."""
        return self.role is not None

    @property
    def unread_words(self) -> str:
        """The number at the bell."""
        return str(self.unread) if self.unread < 100 else "99+"

    @property
    def reader(self) -> Reader:
        """Whose eyes times are told for."""
        return Reader(self.now, self.zone)


@dataclass(frozen=True, slots=True)
class Form:
    """What was typed before, and what was wrong with it: both by field name, errors in words that help."""

    values: Mapping[str, str] = field(default_factory=dict)
    many: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""

    def value(self, name: str) -> str:
        """The text of a field, empty when nothing was given."""
        return self.values.get(name, "")

    def has(self, name: str, choice: str) -> bool:
        """Whether a choice is taken, in a field of one or of many."""
        return self.values.get(name) == choice or choice in self.many.get(name, ())

    def error(self, name: str) -> str:
        """The words beneath a refused field, or nothing."""
        return self.errors.get(name, "")


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer a field offers."""

    value: str
    label: str
    hint: str = ""


SEALED_PLACES = (NavItem("/leaving", "log-out", "Leaving"),)
"""Where a client can go who asked to be forgotten."""


def navigation(
    role: str | None,
    *,
    room: str | None = None,
    counts: Mapping[str, int] | None = None,
    keeps_records: bool = False,
    helps_journeys: bool = False,
    matches: bool = False,
) -> tuple[NavItem, ...]:
    """Where a role can go. A client's room, and what is in it, appear once there is one (`room`: its id)."""
    number = counts or {}
    waiting = number.get("openings", 0)  # emergency openings come seldom, and then they must not be forgotten
    if role == "client":
        return _client_places(room, number)
    return {
        "therapist": (
            NavItem("/inbox", "inbox", "Inbox", number.get("inbox", 0)),
            NavItem("/offers", "user-plus", "Offers", number.get("offers", 0)),
            NavItem("/covers", "users", "Cover", number.get("covers", 0)),
            NavItem("/hours", "clock", "Hours"),
            *((NavItem("/match-desk", "user-round", "Match desk"),) if matches else ()),
            *((NavItem("/board/journeys", "list-checks", "On the way"),) if helps_journeys else ()),
        ),
        "supervisor": (
            NavItem("/board", "timer", "Board", number.get("board", 0)),
            NavItem("/flags", "flag", "Flags", number.get("flags", 0)),
            NavItem("/leaves", "users", "Time off"),
            NavItem("/figures", "hourglass", "Figures"),
            NavItem("/policies", "list-checks", "Policies"),
            NavItem("/board/health", "circle-check", "Checks"),
            *((NavItem("/openings", "shield-check", "Openings", waiting),) if waiting else ()),
            *((NavItem("/records", "lock", "Records"),) if keeps_records else ()),
        ),
        "billing": (
            NavItem("/billing", "layers", "Unbilled", number.get("unbilled", 0)),
            NavItem("/billing/batches", "package", "Batches"),
            NavItem("/billing/claims", "receipt-text", "Claims"),
            NavItem("/billing/ageing", "hourglass", "Ageing"),
            NavItem("/billing/worklist", "badge-check", "Cover", number.get("worklist", 0)),
        ),
        "administrator": (
            NavItem("/admin/payers", "shield-check", "Payers"),
            NavItem("/licences", "badge-check", "Licences"),
            NavItem("/admin/questionnaires", "pen-line", "Questions"),
            NavItem("/retention", "hourglass", "Retention"),
            NavItem("/policies", "list-checks", "Policies"),
            NavItem("/board/health", "circle-check", "Checks"),
        ),
    }.get(role or "", ())


def _client_places(room: str | None, number: Mapping[str, int]) -> tuple[NavItem, ...]:
    journey = NavItem("/journey", "list-checks", "Journey")
    if room is None:
        return (journey,)
    return (
        NavItem(f"/rooms/{room}", "message-circle", "Room", number.get("room", 0)),
        NavItem(f"/rooms/{room}/goals", "target", "Goals"),
        NavItem(f"/rooms/{room}/access", "eye", "Privacy"),
        journey,
    )
