"""Who could answer in a room for a while: everyone who works here, through the hard filters of matching."""

from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from typing import Final
from uuid import UUID

from domain import states
from domain.clocks import HORIZON
from domain.covers import (
    CoverCandidate,
    CoverRefusal,
    Days,
    cover_refusals,
    in_order,
    plain_refusals,
    unsuited,
)
from domain.errors import Conflict, NotFound
from domain.ids import TherapistId
from domain.match_filters import Refusal
from domain.match_profiles import TherapistProfile
from domain.schedules import Schedule, Span
from domain.week_hours import overlap
from records import clients, needs, therapists
from records.calendars import therapist_schedule
from records.database import Row, Transaction
from records.seekers import payer_code, seeker_of

_INSTANT: Final = timedelta(microseconds=1)

_HELD = """
SELECT v.therapist_id, count(DISTINCT v.room_id) AS rooms FROM covers v
WHERE v.starts_at < %(end)s AND v.ends_at > %(start)s GROUP BY v.therapist_id
"""
_AWAY = """
SELECT DISTINCT therapist_id FROM leaves
WHERE cancelled_at IS NULL AND starts_at < %(end)s AND ends_at > %(start)s
"""


@dataclass(frozen=True, slots=True)
class Staff:
    """Everyone who works here over a window, their load with what they cover then, and who is away in it."""

    window: Span
    profiles: dict[TherapistId, TherapistProfile]
    away: frozenset[UUID]


async def staff_over(tx: Transaction, window: Span, only: UUID | None = None) -> Staff:
    """Who works here over the window (or the one asked for), disabled accounts left out."""
    start, end = window.interval
    over = {"start": start, "end": end}
    held = {row["therapist_id"]: row["rooms"] for row in await tx.all(_HELD, over)}
    away = frozenset(row["therapist_id"] for row in await tx.all(_AWAY, over))
    found = await therapists.profiles(tx, start.date(), only)
    loaded = {who: replace(each, load=each.load + held.get(who, 0)) for who, each in found.items()}
    return Staff(window, loaded, away)


async def candidates(tx: Transaction, room: Row, staff: Staff) -> list[CoverCandidate]:
    """Everyone, those who can be asked first, best first. `room`: client_id and therapist_id.

    Opens what the client told in confidence: for the worker and the therapist in charge.
    """
    try:
        search = await seeker_of(tx, room["client_id"])
    except Conflict:  # nobody knows where the client is: nobody is licensed there
        return in_order(_candidate(room, staff, who, (Refusal.NO_LICENCE,)) for who in staff.profiles)
    days = _days(search.seeker.state, staff.window)
    age = (await clients.profile(tx, room["client_id"])).age_on(days.last)
    return in_order(
        _candidate(room, staff, who, cover_refusals(search.seeker, age, profile, days))
        for who, profile in staff.profiles.items()
    )


async def refused_now(tx: Transaction, room: Row, therapist_id: UUID, window: Span) -> str | None:
    """Why this therapist may not cover after all, looked at again at the moment of a yes; None when they may.

    What lies sealed (age, language, need of care) is judged by what is kept of it (`records.needs`).
    """
    staff = await staff_over(tx, window, therapist_id)
    who = TherapistId(therapist_id)
    if who not in staff.profiles:
        return Refusal.NO_CAPACITY
    row = await tx.one("SELECT state FROM clients WHERE id = %s", (room["client_id"],))
    state = row["state"] if row else None
    days = _days(state, window)
    payer = await payer_code(tx, room["client_id"], days.first)
    refused = plain_refusals(state, payer, staff.profiles[who], days)
    known = (await needs.known(tx, [room])).get(room["client_id"])
    if known is not None:
        refused += tuple(
            each for day in (days.first, days.last) for each in unsuited(known, staff.profiles[who], day)
        )
    return next(iter(_candidate(room, staff, who, refused).refused), None)


async def working_time(tx: Transaction, therapist_id: UUID) -> Schedule | None:
    """When a therapist works, their own leave taken off; None without hours or without any in sight."""
    try:
        schedule = await therapist_schedule(tx, therapist_id)
    except NotFound:
        return None
    ahead = schedule.open_time(tx.now, tx.now + HORIZON)
    return schedule if next(ahead, None) is not None else None


def _candidate(room: Row, staff: Staff, who: TherapistId, refused: tuple[Refusal, ...]) -> CoverCandidate:
    profile = staff.profiles[who]
    present = staff.profiles.get(TherapistId(room["therapist_id"]))
    also = {
        CoverRefusal.SAME_THERAPIST: who == room["therapist_id"],
        CoverRefusal.ON_LEAVE: who in staff.away,
        CoverRefusal.NO_HOURS: not profile.hours,
    }
    return CoverCandidate(
        therapist_id=who,
        shared=overlap(profile.hours, present.hours) if present else timedelta(),
        load=profile.load,
        places=max(profile.most_load - profile.load, 0),
        refused=(*(each.value for each, stands in also.items() if stands), *(each.value for each in refused)),
    )


def _days(state: str | None, window: Span) -> Days:
    zone = states.state(state).zone if state else UTC
    start, end = window.interval
    last = max(end - _INSTANT, start)  # half-open: a window that ends at midnight ends the day before
    return Days(start.astimezone(zone).date(), last.astimezone(zone).date())
