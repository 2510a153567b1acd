"""Changes of a therapist's hours: the calendar's version grows and every clock that counts it is re-projected."""

import importlib.metadata
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from psycopg.types.json import Jsonb

from domain.calendars import Calendar, calendar_from_json, calendar_to_json
from domain.errors import NotFound
from records.calendars import hold_calendars, record_version
from records.database import Row, Transaction
from records.public_holidays import expand
from records.reprojections import reproject_therapist

LOOKED_BACK: Final = timedelta(days=370)
"""Public holidays are known for the year behind, too: clocks that opened then count by them."""
LOOKED_AHEAD: Final = timedelta(days=365)
"""With less than this left of the years that are known, the next ones are added."""


async def hours(tx: Transaction, therapist_id: UUID) -> dict[str, Any]:
    """`{tz, weekly, holidays, public_holidays}` as given: the therapist's own days off, and whose public ones.

    Raises NotFound (`no_calendar`).
    """
    row = await tx.one(
        "SELECT hours, own_holidays, public_holidays FROM calendars WHERE therapist_id = %s", (therapist_id,)
    )
    if row is None:
        raise NotFound("no_calendar")
    return {**row["hours"], "holidays": row["own_holidays"], "public_holidays": row["public_holidays"]}


async def set_hours(
    tx: Transaction, therapist_id: UUID, calendar: Calendar, public: Sequence[str] = ()
) -> None:
    """Replace the weekly hours and days off; running clocks move.

    `calendar.holidays` are the therapist's own; `public` names whose public holidays are off as well
    (`["US", "US-NY"]`). Raises Invalid for one that is not known.
    """
    await hold_calendars(tx, therapist_id)
    await hold_calendars(tx, therapist_id)
    codes = list(dict.fromkeys(public))
    whole, until = _expanded(calendar, codes, tx.now.date())
    await tx.run(
        "INSERT INTO calendars (therapist_id, version, hours, public_holidays, own_holidays, holidays_until,"
        " tzdata, changed_at) VALUES (%s, 0, %s, %s, %s, %s, %s, %s)"
        " ON CONFLICT (therapist_id) DO UPDATE SET hours = excluded.hours, tzdata = excluded.tzdata,"
        " public_holidays = excluded.public_holidays, own_holidays = excluded.own_holidays,"
        " holidays_until = excluded.holidays_until",
        (
            therapist_id,
            Jsonb(calendar_to_json(whole)),
            Jsonb(codes),
            Jsonb([day.isoformat() for day in sorted(calendar.holidays)]),
            until,
            importlib.metadata.version("tzdata"),
            tx.now,
        ),
    )
    await tx.audit("set_hours", subject_id=therapist_id)
    await moved(tx, therapist_id, "hours")
    await _keep_version(tx, therapist_id)


async def running_out(tx: Transaction, limit: int) -> list[UUID]:
    """Therapists whose known public holidays end within a year, those that end first before the others."""
    rows = await tx.all(
        "SELECT therapist_id FROM calendars WHERE public_holidays <> '[]' AND holidays_until < %s"
        " ORDER BY holidays_until, therapist_id LIMIT %s",
        (tx.now.date() + LOOKED_AHEAD, limit),
    )
    return [row["therapist_id"] for row in rows]


async def extend_holidays(tx: Transaction, therapist_id: UUID) -> bool:
    """Add the public holidays of years that have come near; clocks move. Whether any were added: a repeat adds none.

    One calendar to a transaction: its rooms and those it covers are held no longer than that takes.
    """
    await hold_calendars(tx, therapist_id)
    row = await tx.one("SELECT * FROM calendars WHERE therapist_id = %s", (therapist_id,))
    if row is None or row["holidays_until"] is None or row["holidays_until"] >= tx.now.date() + LOOKED_AHEAD:
        return False
    before = calendar_from_json(row["hours"])
    own = frozenset(date.fromisoformat(day) for day in row["own_holidays"])
    whole, until = _expanded(replace(before, holidays=own), row["public_holidays"], tx.now.date())
    if until is None or until <= row["holidays_until"]:
        return False
    await tx.run(
        "UPDATE calendars SET hours = %s, holidays_until = %s WHERE therapist_id = %s",
        (Jsonb(calendar_to_json(whole)), until, therapist_id),
    )
    await moved(tx, therapist_id, "holidays")
    await _keep_version(tx, therapist_id)
    return True


async def bump(tx: Transaction, therapist_id: UUID) -> None:
    """A change of this therapist's time: a new version of their calendar, and of those whose rooms they cover.

    Held until the commit, in the order of ids: a post that reads an older version waits for this one to end.
    """
    held = await hold_calendars(tx, therapist_id)
    await tx.run(
        "UPDATE calendars SET version = version + 1, changed_at = %s WHERE therapist_id = ANY(%s)",
        (tx.now, held),
    )


async def moved(tx: Transaction, therapist_id: UUID, reason: str) -> None:
    """This therapist's hours, leave or covers are others now: every clock that counts them moves."""
    await bump(tx, therapist_id)
    await reproject_therapist(tx, therapist_id, reason)


async def _keep_version(tx: Transaction, therapist_id: UUID) -> None:
    """The hours of the new version, so that an old clock is explained by those it counted."""
    row = await tx.one(
        "SELECT version, hours, tzdata FROM calendars WHERE therapist_id = %s", (therapist_id,)
    )
    assert row is not None  # noqa: S101  written by the caller
    await record_version(tx, therapist_id, row["version"], row["hours"], row["tzdata"])


async def places(tx: Transaction, therapist_id: UUID) -> Row:
    """`capacity` and `active_rooms`: how many clients at once, and how many there are. Raises NotFound."""
    row = await tx.one("SELECT capacity, active_rooms FROM therapists WHERE id = %s", (therapist_id,))
    if row is None:
        raise NotFound
    return row


async def set_capacity(tx: Transaction, therapist_id: UUID, clients: int) -> None:
    """How many clients at once. Fewer than there are ends no care: nobody new is offered. Raises NotFound."""
    if not await tx.run("UPDATE therapists SET capacity = %s WHERE id = %s", (clients, therapist_id)):
        raise NotFound
    await tx.audit("set_capacity", subject_id=therapist_id, clients=clients)


def _expanded(calendar: Calendar, codes: Sequence[str], today: date) -> tuple[Calendar, date | None]:
    """The calendar with public holidays as plain dates, and the last day for which they are known."""
    if not codes:
        return calendar, None
    days, until = expand(codes, today - LOOKED_BACK)
    return replace(calendar, holidays=calendar.holidays | frozenset(days)), until
