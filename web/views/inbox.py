"""A therapist's day: who waits, and until when; who asks to begin."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Waiting:
    """A room in the inbox. `about` says the kind of thing that waits; `state` is running, soon, late,
    paused, no_capacity, none.
    """

    room_id: str
    name: str
    initials: str
    state: str
    about: str
    unread: int = 0
    due_at: datetime | None = None
    soon_at: datetime | None = None
    cover_for: str = ""


@dataclass(frozen=True, slots=True)
class OwedNote:
    """A hand-over note that the therapist owes for a client who went on with somebody else."""

    transfer_id: str
    client_code: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class InboxView:
    """Sorted by due time, rooms at rest last. `owed`: hand-over notes still to be written."""

    waiting: tuple[Waiting, ...]
    at_rest: tuple[Waiting, ...]
    owed: tuple[OwedNote, ...] = ()


@dataclass(frozen=True, slots=True)
class Offer:
    """A client who chose this therapist. Nothing clinical beyond what the choice needs."""

    offer_id: str
    client_code: str
    state: str
    reasons: tuple[str, ...]
    expires_at: datetime
    payer: str = ""
    rate: Decimal | None = None


@dataclass(frozen=True, slots=True)
class OffersView:
    """Live offers; `places` is the free capacity."""

    offers: tuple[Offer, ...]
    places: int
