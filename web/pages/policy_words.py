"""A response policy in words and as a form, and a form back into a policy."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from starlette.datastructures import FormData

from domain.calendars import clock_time
from domain.errors import FieldError, Invalid
from domain.policies import HIGHEST_RUNG, ResponsePolicy, RungName, policy_from_json
from domain.promises import exact, time_of_day
from domain.zones import resolve
from web.pages.forms import text_of
from web.views.policies import Rung, TableRow
from web.views.shell import Form

WINDOWS: Final = 4
"""Rows of a table that the form offers at least."""
_DRAWN = 640.0

_DONE = {
    RungName.NUDGE: ("act", "the therapist is reminded"),
    RungName.BREACH: ("late", "late: therapist, supervisors and the client are told"),
    RungName.COVER: ("soon", "cover is offered"),
}
_WRONG = {
    "missing": "Please fill this in.",
    "not_positive": "More than nothing, please.",
    "out_of_range": "More than nothing; at most a year, and at most 1,000 %.",
    "not_a_number": "A number, please.",
    "bad_time": "Please give a date and time.",
    "windows_do_not_meet": "Each window begins where the one before it ends, once around the clock.",
    "deadline_before_end": "An answer cannot be due before its window ends.",
    "not_ascending": "The reminder comes before 100 %, cover after it.",
    "next_working_day_before_due": "Cover comes after 100 %.",
    "in_the_past": "That has passed. Choose a time to come, or leave it empty for now.",
    "begins_then_already": "Another version begins then already.",
    "bad_name": "Small letters, digits, - and _, beginning with a letter; at most 40.",
    "unknown_policy": "Choose a policy that holds by then.",
}
_FIELDS = {"effective_from": "starts"}


def in_words(policy: ResponsePolicy) -> str:
    """`Within 3 h of working time`, or `By a table of 3 windows`."""
    if policy.allowance is None:
        return f"By a table of {len(policy.table)} windows"
    return f"Within {_duration(policy.allowance)} of working time"


def ladder_in_words(policy: ResponsePolicy) -> str:
    """`75 %, 100 %, 150 %`."""
    return ", ".join(f"{rung.percent} %" for rung in policy.ladder)


def warns_at(policy: ResponsePolicy) -> int | None:
    """At how many per cent of the time the therapist is reminded; None: never."""
    return next((rung.percent for rung in policy.ladder if rung.name is RungName.NUDGE), None)


def rows_of(policy: ResponsePolicy) -> tuple[TableRow, ...]:
    """A reply-by table as people read it."""
    return tuple(
        TableRow(
            _time(row.start),
            _time(row.end),
            _time(row.deadline),
            "the next working day" if row.next_working_day else "the same day",
        )
        for row in policy.table
    )


def rungs_of(policy: ResponsePolicy) -> tuple[Rung, ...]:
    """The ladder, placed on a line that ends at its last step."""
    top = max(rung.percent for rung in policy.ladder)
    rungs = []
    for rung in policy.ladder:
        tone, words = _DONE[rung.name]
        latest = ", by the end of the next working day at the latest" if rung.by_next_working_day else ""
        rungs.append(Rung(rung.percent, round(_DRAWN * rung.percent / top, 1), tone, words + latest))
    return tuple(rungs)


def form_of(policy: ResponsePolicy) -> Form:
    """The fields that would give this policy again."""
    values = {"kind": str(policy.kind)}
    if policy.allowance is not None:
        values["minutes"] = f"{policy.allowance / timedelta(minutes=1):g}"
    for n, row in enumerate(policy.table):
        values |= {
            f"from_{n}": clock_time(row.start),
            f"to_{n}": clock_time(row.end % (24 * 60)),
            f"by_{n}": clock_time(row.deadline % (24 * 60)),
            f"day_{n}": str(int(row.next_working_day)),
        }
    for rung in policy.ladder:
        values[str(rung.name)] = str(rung.percent)
        if rung.name is RungName.COVER and rung.by_next_working_day:
            values["capped"] = "yes"
    return Form(values)


def policy_of(form: FormData, name: str) -> ResponsePolicy:
    """The policy that a form describes. Raises Invalid."""
    kind = text_of(form, "kind", least=1)
    body: dict[str, Any] = {"kind": kind, "ladder": list(_ladder(form))}
    if kind == "reply_by":
        body["table"] = list(_table(form))
    else:
        body["minutes"] = _number(form, "minutes")
    return policy_from_json(name, body)


def starts_of(form: FormData, zone: str) -> datetime | None:
    """When it is to begin, by the reader's clock; None: now. Raises Invalid."""
    text = text_of(form, "starts")
    if not text:
        return None
    try:
        local = datetime.fromisoformat(text)
    except ValueError:
        local = None
    if local is None or local.tzinfo is not None or not 2000 <= local.year < 2200:
        raise Invalid(FieldError("starts", "bad_time"))
    return resolve(local, ZoneInfo(zone))


def wrong(errors: Iterable[FieldError]) -> dict[str, str]:
    """What is wrong, by field of the form, in words that help."""
    found: dict[str, str] = {}
    for error in errors:
        field = error.field.partition("[")[0].partition(".")[0]
        found[_FIELDS.get(field, field)] = _WRONG.get(error.code, "Please look at this once more.")
    return found


def _ladder(form: FormData) -> Iterable[dict[str, Any]]:
    for name in RungName:
        if name is RungName.BREACH:
            yield {"name": "breach", "percent": 100}
        elif text_of(form, name):
            percent = _number(form, name)
            if percent != int(percent) or not 0 < percent <= HIGHEST_RUNG:
                raise Invalid(FieldError(name, "out_of_range"))
            capped = name is RungName.COVER and form.get("capped") == "yes"
            yield {"name": str(name), "percent": int(percent), "by_next_working_day": capped}


def _table(form: FormData) -> Iterable[list[Any]]:
    n = 0
    while f"from_{n}" in form:
        start, end, deadline = (text_of(form, f"{each}_{n}") for each in ("from", "to", "by"))
        if start or end or deadline:
            yield [start, end, deadline, int(form.get(f"day_{n}") == "1")]
        n += 1


def _number(form: FormData, name: str) -> float:
    try:
        return float(text_of(form, name, least=1))
    except ValueError:
        raise Invalid(FieldError(name, "not_a_number")) from None


def _duration(length: timedelta) -> str:
    hours, rest = divmod(length, timedelta(hours=1))
    words = [f"{hours} h"] if hours else []
    return " ".join([*words, exact(rest)] if rest else words)


def _time(minutes: int) -> str:
    return time_of_day(datetime(2000, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes))
