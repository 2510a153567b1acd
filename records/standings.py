"""Therapists as a move of rooms sees them: free places, licences, credentials, hours and leave; many in one statement.

What the client told in confidence (age, language, need of care) is judged by what is kept of it
(`records.needs`): a supervisor may not open it. None of the filters can be outweighed.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from domain import states
from domain.assignments import MoveRefusal, Needs
from domain.calendars import Calendar
from domain.covers import Days, plain_refusals, unsuited
from domain.ids import TherapistId
from domain.licences import Licence
from domain.match_filters import Refusal
from domain.match_profiles import Acuity, Credential, TherapistProfile
from domain.schedules import Schedule, Span
from records import parsed
from records.database import Row, Transaction

_STANDINGS = """
SELECT t.id, a.display_name AS name, t.capacity, t.active_rooms, t.messaging, t.languages, t.age_from, t.age_to,
       t.acuity, k.hours::text AS hours,
       (SELECT jsonb_agg(jsonb_build_array(l.state, l.active_from, l.expires_on)) FROM licences l
        WHERE l.therapist_id = t.id) AS licences,
       (SELECT jsonb_agg(jsonb_build_array(p.code, c.active_from, c.active_to)) FROM payer_credentials c
        JOIN payers p ON p.id = c.payer_id WHERE c.therapist_id = t.id) AS credentials,
       (SELECT jsonb_agg(jsonb_build_array(l.starts_at, l.ends_at)) FROM leaves l
        WHERE l.therapist_id = t.id AND l.cancelled_at IS NULL AND l.ends_at > %(since)s) AS leave
FROM therapists t JOIN accounts a ON a.id = t.id AND a.disabled_at IS NULL
LEFT JOIN calendars k ON k.therapist_id = t.id
WHERE %(only)s::uuid[] IS NULL OR t.id = ANY (%(only)s::uuid[])
ORDER BY a.display_name, t.id
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a client is and who pays, as licences and credentials are asked for it. No state: nobody is licensed.

    `apart`: whom they are never given (`kept_apart`). `needs`: None where nothing is known of them yet.
    """

    state: str | None
    payer: str | None
    apart: frozenset[UUID] = frozenset()
    needs: Needs | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """One therapist. `calendar` is None where no hours are set; `leave` as far back as was asked for."""

    therapist_id: UUID
    name: str
    profile: TherapistProfile
    calendar: Calendar | None
    leave: tuple[Span, ...]

    @property
    def places(self) -> int:
        """Free places; none below zero."""
        return max(self.profile.most_load - self.profile.load, 0)

    def refused(self, place: Place, now: datetime, *, load: int = 0) -> str | None:
        """The first thing that stands against taking over a client who is there; `load`: rooms promised meanwhile."""
        day = _today(place.state, now)
        for refusal in self._filtered(place, day):
            return refusal.value
        if self.profile.load + load >= self.profile.most_load:
            return "no_capacity"
        if self.calendar is None:
            return MoveRefusal.NO_HOURS
        if any(span.holds(now) for span in self.leave):
            return MoveRefusal.ON_LEAVE
        return None

    def suits(self, place: Place, now: datetime) -> bool:
        """Whether age, language and need of care are within what this therapist takes on, as far as they are known."""
        return not self._unsuited(place, _today(place.state, now))

    def _filtered(self, place: Place, day: date) -> tuple[Refusal, ...]:
        apart = (Refusal.BLOCKED,) if self.therapist_id in place.apart else ()
        plain = plain_refusals(place.state, place.payer, self.profile, Days(day, day))
        return (*plain, *apart, *self._unsuited(place, day))

    def _unsuited(self, place: Place, day: date) -> tuple[Refusal, ...]:
        if place.needs is None or place.state is None:
            return ()
        return unsuited(place.needs, self.profile, day)

    def schedule(self, room: Schedule) -> Schedule:
        """The room's time if this therapist answered in it: their hours and leave, the room's covers and pauses."""
        assert self.calendar is not None  # noqa: S101  `refused` was asked first
        return Schedule(self.calendar, self.leave, room.covers, room.pauses)


async def standings(
    tx: Transaction, since: datetime, only: Collection[UUID] | None = None
) -> dict[UUID, Standing]:
    """Everyone who works here (or the ones asked for), by name, with their leave that ends after `since`."""
    rows = await tx.all(_STANDINGS, {"since": since, "only": None if only is None else list(only)})
    return {row["id"]: _standing(row) for row in rows}


def _standing(row: Row) -> Standing:
    profile = TherapistProfile(
        therapist_id=TherapistId(row["id"]),
        licences=tuple(_licence(*values) for values in row["licences"] or ()),
        credentials=tuple(_credential(*values) for values in row["credentials"] or ()),
        languages=frozenset(row["languages"]),
        ages=(row["age_from"], row["age_to"]),
        acuity_scope=Acuity[row["acuity"].upper()],
        target_load=row["capacity"],
        most_load=row["capacity"],
        load=row["active_rooms"],
        messaging_on=row["messaging"],
    )
    leave = tuple(
        Span(datetime.fromisoformat(start), datetime.fromisoformat(end), "leave")
        for start, end in row["leave"] or ()
    )
    calendar = parsed.calendar(row["hours"]) if row["hours"] else None
    return Standing(row["id"], row["name"], profile, calendar, leave)


def _licence(state: str, active_from: str, expires_on: str) -> Licence:
    return Licence(state, date.fromisoformat(active_from), date.fromisoformat(expires_on))


def _credential(payer: str, active_from: str, active_to: Any) -> Credential:
    until = date.fromisoformat(active_to) if active_to else None
    return Credential(payer, date.fromisoformat(active_from), until)


def _today(state: str | None, now: datetime) -> date:
    return now.astimezone(states.state(state).zone).date() if state else now.date()
