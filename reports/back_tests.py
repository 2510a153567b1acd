"""A trial of another policy or another roster on a period that is over: what would have been kept, and what broken."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from domain.back_tests import ASSUMPTIONS, Effect, Past, Roster, compare, median_minutes
from domain.errors import FieldError, Invalid, TooMany
from domain.policies import ResponsePolicy
from records.database import Transaction
from records.past_clocks import MOST, count_past, past_clocks
from reports.cells import percent
from reports.periods import Stretch
from reports.report import Chart, Column, Kind, Mark, Report, frame_of

NAME: Final = "back_test"
TITLE: Final = "Back-test"
FORMULA: Final = (
    "Attainment = on time / (answered + overdue and open), before as it was promised and after as it is tried."
    " Newly kept: broken before and kept after; newly broken: the other way. Allowed: from opening to the due time,"
    " elapsed."
)
MOST_AT_ONCE: Final = 2
_SEATED: Final[set[object]] = set()
COLUMNS: Final = (
    Column("name", "Therapist"),
    Column("items", "Items", Kind.COUNT, summed=True),
    Column("attainment_before", "Attainment before", Kind.SHARE),
    Column("attainment_after", "Attainment after", Kind.SHARE),
    Column("difference", "Difference in points", Kind.POINTS),
    Column("newly_kept", "Newly kept", Kind.COUNT, summed=True),
    Column("newly_broken", "Newly broken", Kind.COUNT, summed=True),
    Column("breaches_before", "Broken before", Kind.COUNT, summed=True),
    Column("breaches_after", "Broken after", Kind.COUNT, summed=True),
    Column("n_before", "n before", Kind.COUNT, summed=True),
    Column("n_after", "n after", Kind.COUNT, summed=True),
    Column("allowed_before", "Median allowed before", Kind.DURATION),
    Column("allowed_after", "Median allowed after", Kind.DURATION),
)


@dataclass(frozen=True, slots=True)
class Trial:
    """What is tried on the items that opened in the stretch: a policy (None: each item's own), for items of a kind
    (None: all), and changes of therapists by their id. Changes of nobody and no policy try nothing.
    """

    stretch: Stretch
    policy: ResponsePolicy | None = None
    kind: str | None = None
    roster: Roster = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TherapistEffect:
    """The effect on the items of one therapist."""

    key: str
    name: str
    effect: Effect


@dataclass(frozen=True, slots=True)
class BackTest:
    """A finished trial: by therapist in order of name, and in all."""

    trial: Trial
    as_of: datetime
    lines: tuple[TherapistEffect, ...]
    whole: Effect


async def back_test(tx: Transaction, trial: Trial) -> BackTest:
    """Compare every item one by one. Read in pieces; reckoned beside the event loop, so that nobody waits for it.

    Raises Invalid when nothing is tried, a therapist of the roster is unknown, or the period holds more than `MOST`
    items; NotFound (`no_calendar`); TooMany while `MOST_AT_ONCE` others are reckoned by this process.
    """
    if trial.policy is None and not trial.roster:
        raise Invalid(FieldError("policy", "nothing_tried"))
    await _check_roster(tx, trial.roster)
    start, end = trial.stretch.start, trial.stretch.end
    if await count_past(tx, start, end, trial.kind) > MOST:
        raise Invalid(FieldError("from", "too_many_items"))
    effects: dict[str, Effect] = {}
    with _seat():
        async for pasts in past_clocks(tx, start, end, trial.kind):
            await asyncio.to_thread(_add, effects, pasts, trial, tx.now)
    names = await _names(tx, list(effects))
    lines = [TherapistEffect(key, names[key], effect) for key, effect in effects.items()]
    whole = Effect()
    for line in lines:
        whole.merge(line.effect)
    ordered = sorted(lines, key=lambda line: (line.name.casefold(), line.key))
    return BackTest(trial, tx.now, tuple(ordered), whole)


def report_of(found: BackTest) -> Report:
    """The trial as a frame with columns, totals, its assumptions and a chart of before and after."""
    days = found.trial.stretch.days
    whole = _row("All", found.whole)
    return Report(
        NAME,
        TITLE,
        FORMULA,
        days,
        found.as_of.astimezone(UTC),
        COLUMNS,
        frame_of(COLUMNS, [_row(line.name, line.effect) for line in found.lines]),
        about=f"Items opened from {days.since} to {days.until}, days of {found.trial.stretch.zone.key}."
        f" {tried(found.trial)}",
        overall={name: cell for name, cell in whole.items() if name != "name"},
        notes=notes(found),
        charts=(Chart(headline(found.whole), Mark.BARS, "name", ("attainment_before", "attainment_after")),),
    )


def headline(whole: Effect) -> str:
    """What the trial shows, in a sentence."""
    before, after = whole.before.attainment, whole.after.attainment
    if before is None or after is None:
        return "Nothing was due in this period"
    return (
        f"{percent(before)} on time as it was, {percent(after)} as tried: {whole.newly_kept:,} newly kept,"
        f" {whole.newly_broken:,} newly broken"
    )


def tried(trial: Trial) -> str:
    """What is tried, in a sentence: the policy, the kind of items, how many people's time."""
    words = []
    if trial.policy is not None:
        allowance = trial.policy.allowance
        what = "a reply-by table" if allowance is None else f"{allowance.total_seconds() / 60:g} open minutes"
        words.append(f"policy {trial.policy.name} ({what})")
    if trial.roster:
        words.append(f"changed time of {len(trial.roster)} therapist{'s' if len(trial.roster) > 1 else ''}")
    items = "" if trial.kind is None else f" on items of kind {trial.kind.replace('_', ' ')}"
    return f"Tried: {', '.join(words)}{items}."


def notes(found: BackTest) -> tuple[str, ...]:
    """The assumptions; and where the projection of what was is not what the record says, how often."""
    if not found.whole.unlike_record:
        return ASSUMPTIONS
    unlike = (
        f"{found.whole.unlike_record:,} of {found.whole.items:,} items stand otherwise on record than projected anew:"
        " their time was changed after they closed. Before and after are both as projected."
    )
    return (*ASSUMPTIONS, unlike)


@contextmanager
def _seat() -> Iterator[None]:
    """One of the few places for trials: each holds, for seconds, a connection of the pool that posting needs."""
    if len(_SEATED) >= MOST_AT_ONCE:
        raise TooMany(timedelta(seconds=5))
    me = object()
    _SEATED.add(me)
    try:
        yield
    finally:
        _SEATED.discard(me)


def _add(effects: dict[str, Effect], pasts: Sequence[Past], trial: Trial, now: datetime) -> None:
    for past in pasts:
        before, after = compare(past, trial.policy, trial.roster, now)
        effects.setdefault(past.therapist, Effect()).add(past, before, after)


async def _check_roster(tx: Transaction, roster: Roster) -> None:
    wanted = [UUID(key) for key in roster]
    known = await tx.all("SELECT id FROM therapists WHERE id = ANY(%s)", (wanted,))
    unknown = set(wanted) - {row["id"] for row in known}
    if unknown:
        place = next(place for place, each in enumerate(wanted) if each in unknown)
        raise Invalid(FieldError(f"roster.{place}.therapist_id", "unknown"))


async def _names(tx: Transaction, keys: list[str]) -> dict[str, str]:
    rows = await tx.all("SELECT id, display_name FROM accounts WHERE id = ANY(%s::uuid[])", (keys,))
    return {str(row["id"]): row["display_name"] for row in rows}


def _row(name: str, effect: Effect) -> dict[str, Any]:
    before, after = effect.before, effect.after
    return {
        "name": name,
        "items": effect.items,
        "n_before": before.n,
        "n_after": after.n,
        "attainment_before": before.attainment,
        "attainment_after": after.attainment,
        "difference": None if effect.difference is None else effect.difference * 100,
        "breaches_before": before.late + before.overdue,
        "breaches_after": after.late + after.overdue,
        "newly_kept": effect.newly_kept,
        "newly_broken": effect.newly_broken,
        "allowed_before": _seconds(median_minutes(effect.allowed_before)),
        "allowed_after": _seconds(median_minutes(effect.allowed_after)),
    }


def _seconds(minutes: int | None) -> int | None:
    return None if minutes is None else minutes * 60
