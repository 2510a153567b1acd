"""A trial on the past as a page: the form stands in the address, so that a trial can be sent to a colleague."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Annotated, Literal
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from api.deps import Care, allowed
from api.report_files import as_file
from domain.access import Action
from domain.back_tests import Effect, RosterChange
from domain.calendars import WEEKDAYS, Calendar, week
from domain.errors import FieldError, Invalid, NotFound
from domain.policies import ResponsePolicy, working_minutes
from domain.schedules import Span
from records import board_choices, response_policies
from records.calendars import calendar_of
from records.database import Transaction
from records.policies import response_policy
from records.practice import clinic_zone
from reports.back_tests import BackTest, Trial, back_test, headline, report_of, tried
from reports.periods import Stretch, midnight
from web.charts import Bar, Bars
from web.pages.figures import chosen, day_of, table_of
from web.pages.frame import InFrame
from web.pages.refusals import PageRoute
from web.views.figures import Files, TrialResult, TrialView
from web.views.shell import Choice, Form

router = APIRouter(route_class=PageRoute, dependencies=[Depends(allowed(Action.READ_SUPERVISION_REPORTS))])

HERE = "/figures/back-test"
OWN = "own"
KINDS = (
    Choice("welcome", "Welcome"),
    Choice("first_response", "First response"),
    Choice("next_response", "Next response"),
    Choice("consult", "Consult"),
)
WRONG = {
    "nothing_tried": "Choose a policy, or a therapist and what changes for them.",
    "too_many_items": "Too many items for one trial: choose fewer days.",
    "minutes": "Give the minutes, from 1 to 10,080.",
    "unknown_policy": "There is no such policy.",
    "unknown": "Choose a therapist of the list.",
    "not_a_day": "Give the day as year-month-day.",
    "not_after_from": "It has to end after it begins.",
    "bad_time": "Give both times, as 09:00.",
    "both": "Give the first and the last day.",
}
FEW = 12


@dataclass(frozen=True)
class Asked:
    """The fields of the form, as they stand in the address."""

    since: Annotated[str, Query(alias="from", max_length=20)] = ""
    until: Annotated[str, Query(alias="to", max_length=20)] = ""
    policy: Annotated[str, Query(max_length=40)] = ""
    minutes: Annotated[str, Query(max_length=10)] = ""
    kind: Annotated[str, Query(max_length=20)] = ""
    who: Annotated[str, Query(max_length=36)] = ""
    opens: Annotated[str, Query(max_length=5)] = ""
    closes: Annotated[str, Query(max_length=5)] = ""
    leave_from: Annotated[str, Query(max_length=20)] = ""
    leave_to: Annotated[str, Query(max_length=20)] = ""
    without_cover: Annotated[str, Query(max_length=3)] = ""
    form: Annotated[Literal["", "csv", "xlsx", "html"], Query(alias="format")] = ""

    @property
    def anything(self) -> bool:
        """Whether the form was sent at all."""
        return any((self.since, self.until, self.policy, self.who))

    def values(self) -> dict[str, str]:
        """By the names of the fields."""
        return {
            "from": self.since,
            "to": self.until,
            **{
                name: getattr(self, name)
                for name in (
                    "policy",
                    "minutes",
                    "kind",
                    "who",
                    "opens",
                    "closes",
                    "leave_from",
                    "leave_to",
                    "without_cover",
                )
            },
        }


InAsked = Annotated[Asked, Depends()]


@dataclass(frozen=True)
class _Page:
    """What the form offers."""

    period: Stretch
    form: Form
    policies: tuple[Choice, ...]
    therapists: tuple[Choice, ...] = field(default_factory=tuple)

    def view(self, form: Form, result: TrialResult | None = None) -> TrialView:
        """The page with its form, and the result."""
        return TrialView(form, self.policies, KINDS, self.therapists, result)


@router.get(HERE)
async def show_back_test(frame: InFrame, tx: Care, asked: InAsked) -> Response:
    """The form; the trial and its result once something is tried; or the result as a file."""
    page = await _page(tx, asked)
    typed = Form({**asked.values(), **page.form.values}, errors=page.form.errors)
    if not asked.anything:
        return frame.page("staff/back_test.html", page.view(typed), "/figures")
    if page.form.errors:
        return frame.page("staff/back_test.html", page.view(typed), "/figures", 422)
    try:
        found = await back_test(tx, await _trial(tx, asked, page.period))
    except Invalid as refused:
        errors = {each.field: WRONG.get(each.code, "Please look at this.") for each in refused.errors}
        wrong = Form(typed.values, errors=errors)
        return frame.page("staff/back_test.html", page.view(wrong), "/figures", 422)
    await tx.audit("run_back_test")
    if asked.form:
        return as_file(report_of(found), asked.form)
    return frame.page("staff/back_test.html", page.view(typed, result_of(found, typed)), "/figures")


async def _page(tx: Transaction, asked: Asked) -> _Page:
    zone = await clinic_zone(tx)
    last_month = (tx.now.astimezone(zone).date().replace(day=1) - timedelta(days=1)).replace(day=1)
    end_of_it = tx.now.astimezone(zone).date().replace(day=1) - timedelta(days=1)
    since, until = asked.since or str(last_month), asked.until or str(end_of_it)
    period, form = chosen(since, until, tx.now, zone)
    names = [each.name for each in await response_policies.listing(tx) if each.name != "demo-seconds"]
    policies = tuple(Choice(name, name.replace("_", " ").replace("-", " ").capitalize()) for name in names)
    therapists = tuple(Choice(str(row["id"]), row["name"]) for row in await board_choices.therapists(tx))
    return _Page(period, form, (*policies, Choice(OWN, "So many working minutes")), therapists)


async def _trial(tx: Transaction, asked: Asked, period: Stretch) -> Trial:
    """What the form says. Raises Invalid by field."""
    kind = asked.kind if asked.kind in {choice.value for choice in KINDS} else None
    roster = {}
    if asked.who:
        roster[asked.who] = await _change(tx, asked, period)
    return Trial(period, await _policy(tx, asked), kind, roster)


async def _policy(tx: Transaction, asked: Asked) -> ResponsePolicy | None:
    if asked.policy == OWN:
        minutes = int(asked.minutes) if asked.minutes.isdecimal() else 0
        if not 1 <= minutes <= 7 * 24 * 60:
            raise Invalid(FieldError("minutes", "minutes"))
        return working_minutes(OWN, minutes)
    if not asked.policy:
        return None
    try:
        return await response_policy(tx, asked.policy)
    except NotFound:
        raise Invalid(FieldError("policy", "unknown_policy")) from None


async def _change(tx: Transaction, asked: Asked, period: Stretch) -> RosterChange:
    """What is tried of the one therapist. Leave is whole days of the clinic."""
    try:
        own = await calendar_of(tx, UUID(asked.who))
    except (ValueError, NotFound):
        raise Invalid(FieldError("who", "unknown")) from None
    first, last = day_of(asked.leave_from, "leave_from"), day_of(asked.leave_to, "leave_to")
    change = RosterChange(_hours(asked, own), _leave(first, last, period), asked.without_cover == "yes")
    if change == RosterChange():
        raise Invalid(FieldError("who", "nothing_tried"))
    return change


def _hours(asked: Asked, own: Calendar) -> Calendar | None:
    """The same hours from Monday to Friday, in the therapist's own zone."""
    if not asked.opens and not asked.closes:
        return None
    try:
        return week(own.tz, {day: [(asked.opens, asked.closes)] for day in WEEKDAYS[:5]})
    except Invalid:
        raise Invalid(FieldError("opens", "bad_time")) from None


def _leave(first: date | None, last: date | None, period: Stretch) -> tuple[Span, ...]:
    if first is None and last is None:
        return ()
    if first is None or last is None:
        raise Invalid(FieldError("leave_to", "both"))
    if last < first:
        raise Invalid(FieldError("leave_to", "not_after_from"))
    ends = midnight(last + timedelta(days=1), period.zone)
    return (Span(midnight(first, period.zone), ends, "leave"),)


def result_of(found: BackTest, typed: Form) -> TrialResult:
    """What the page shows of a finished trial."""
    report = report_of(found)
    return TrialResult(
        headline=headline(found.whole),
        tried=tried(found.trial),
        items=found.whole.items,
        bars=_bars(found),
        table=table_of(report),
        files=Files(*(_address(typed, form) for form in ("csv", "xlsx", "html"))),
    )


def _bars(found: BackTest) -> Bars:
    """Before and after: of all, and of the therapists for whom most items changed sides."""
    moved = [line for line in found.lines if line.effect.newly_kept + line.effect.newly_broken]
    moved.sort(key=lambda line: -(line.effect.newly_kept + line.effect.newly_broken))
    bars = [*_pair("All", found.whole)]
    for line in moved[:FEW] if len(found.lines) > 1 else ():
        bars += _pair(line.name, line.effect)
    sub = "Share answered on time" + (", and those for whom most changes" if len(bars) > 2 else "")
    return Bars(headline(found.whole), sub, tuple(bars))


def _pair(name: str, effect: Effect) -> tuple[Bar, ...]:
    sides = (("as it was", effect.before, "before"), ("as tried", effect.after, ""))
    return tuple(
        Bar(f"{name}, {words}", f"{tally.attainment:.1%}", round(tally.attainment * 100, 2), tone)
        for words, tally, tone in sides
        if tally.attainment is not None
    )


def _address(typed: Form, form: str) -> str:
    given = {name: value for name, value in typed.values.items() if value}
    return f"{HERE}?{urlencode({**given, 'format': form})}"
