"""Where a client was, by their own word, and for which days: each judged by the state they were in on that day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from domain import states
from domain.licences import Licence, licensed_throughout

_BEFORE = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Place:
    """The client said at this instant (UTC) that they are in this state (two-letter postal code)."""

    state: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Stay:
    """Days on which the client was in a state, both included, on that state's calendar."""

    state: str
    first: date
    last: date


def stays(places: Sequence[Place], first: date, last: date) -> tuple[Stay, ...]:
    """Where somebody was from `first` to `last`, both included, by what they said, oldest first.

    The day of a move belongs to both states. Of days before the first word that word is all that is known, so it
    counts for them; without any word there is no stay. Raises Invalid (`unknown_state`).
    """
    found: list[Stay] = []
    ends = [later.since for _, later in pairwise(places)]
    for n, place in enumerate(places):
        zone = states.state(place.state).zone
        begins = max(first, place.since.astimezone(zone).date()) if n else first
        until = min(last, (ends[n] - _BEFORE).astimezone(zone).date()) if n < len(ends) else last
        if begins > until:
            continue
        if found and found[-1].state == place.state:  # said again, without having left
            begins = found.pop().first
        found.append(Stay(place.state, begins, until))
    return tuple(found)


def licensed_for(licences: Iterable[Licence], where: Iterable[Stay]) -> bool:
    """Whether each day of these stays is licensed in the state of that day; False for somebody who was nowhere.

    A licence must hold where the client is at the time of service.
    """
    held, known = list(licences), list(where)
    return bool(known) and all(licensed_throughout(held, stay.state, stay.first, stay.last) for stay in known)
