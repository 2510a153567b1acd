"""Risk: what raises a flag, how urgently people are called, and who may close it.

The ladder runs by the wall clock, day and night, and ignores calendars, pauses and holds. A human decides:
nothing here says that risk is absent, closes a flag, or delays a message.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from domain.errors import FieldError, Invalid
from domain.permissions import CLINICIANS
from domain.roles import Role
from domain.screening import Item9Followup
from domain.zones import resolve


class Source(StrEnum):
    """What raised a flag."""

    HELP_NOW = "help_now"
    ITEM_9 = "item_9"
    LEXICON = "lexicon"
    CLINICIAN = "clinician"
    INTAKE = "intake"
    C_SSRS = "c_ssrs"


class Urgency(StrEnum):
    """`asking`: the client has been asked "are you safe right now?" and has five minutes."""

    PAGE_NOW = "page_now"
    SAME_DAY = "same_day"
    ASKING = "asking"


class FlagState(StrEnum):
    """Where a flag stands. `asking`: the question is out; `acknowledged`: a human has read it."""

    ASKING = "asking"
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"


class Rung(StrEnum):
    """The steps of the paging ladder, in order."""

    FIRST_PAGE = "first_page"
    SECOND_PAGE = "second_page"
    SUPERVISOR = "supervisor"
    CLINICAL_DIRECTOR = "clinical_director"


class Called(StrEnum):
    """Who a rung pages. `primary` only where there is one; `on_call` always."""

    ON_CALL = "on_call"
    PRIMARY = "primary"
    SUPERVISOR = "supervisor"
    CLINICAL_DIRECTOR = "clinical_director"


@dataclass(frozen=True, slots=True)
class Page:
    """A rung: minutes of wall-clock time after the flag was opened, and who is paged."""

    rung: Rung
    after: timedelta
    whom: tuple[Called, ...]


LADDER: Final = (
    Page(Rung.FIRST_PAGE, timedelta(), (Called.ON_CALL, Called.PRIMARY)),
    Page(Rung.SECOND_PAGE, timedelta(minutes=5), (Called.ON_CALL, Called.PRIMARY)),
    Page(Rung.SUPERVISOR, timedelta(minutes=15), (Called.SUPERVISOR,)),
    Page(Rung.CLINICAL_DIRECTOR, timedelta(minutes=30), (Called.CLINICAL_DIRECTOR,)),
)

SAFE_NOW_TIMEOUT: Final = timedelta(minutes=5)
"""How long "are you safe right now?" may stay unanswered."""

SAFE_NOW_QUESTION: Final = "Are you safe right now?"


@dataclass(frozen=True, slots=True)
class DuePage:
    """The next page to send, and when (UTC). An instant in the past: at once."""

    page: Page
    at: datetime


def next_page(opened_at: datetime, fired: Collection[Rung], *, read: bool) -> DuePage | None:
    """The earliest rung not yet fired, or None: a human has read the flag, or all have been called.

    The first page goes out whether or not someone has read the flag; after an outage the rungs that were
    missed come one by one, in order, none twice. A closed flag counts as read.
    """
    for page in LADDER:
        if page.rung in fired:
            continue
        if read and page.rung is not Rung.FIRST_PAGE:
            return None
        return DuePage(page, opened_at + page.after)
    return None


def urgency_of_item9(followup: Item9Followup) -> Urgency | None:
    """What an item-9 follow-up opens; None while there is nothing, or the item is being asked once more."""
    return {
        Item9Followup.ASK_SAFE_NOW: Urgency.ASKING,
        Item9Followup.SAME_DAY_TASK: Urgency.SAME_DAY,
    }.get(followup)


def urgency_of_safe_now(safe: bool | None) -> Urgency:
    """After "are you safe right now?": yes is a task for the same day; no, or silence (None), pages."""
    return Urgency.SAME_DAY if safe is True else Urgency.PAGE_NOW


def urgency_of_intake(safety: Mapping[str, object]) -> Urgency | None:
    """Thoughts of suicide or of harming others within 30 days, and the fear of harming somebody soon, ask the same
    question as item 9.
    """
    asked = ("suicidal_thoughts", "homicidal_thoughts")
    recent = any(safety.get(key) == "within_30_days" for key in asked)
    return Urgency.ASKING if recent or safety.get("imminent_violence") is True else None


def urgency_of_c_ssrs(risk: str | None) -> Urgency | None:
    """Columbia triage: high pages, moderate is a task for the same day, low asks whether they are safe."""
    return {"high": Urgency.PAGE_NOW, "moderate": Urgency.SAME_DAY, "low": Urgency.ASKING}.get(risk or "")


def safe_now_due(asked_at: datetime) -> datetime:
    """When silence counts as no (UTC)."""
    return asked_at + SAFE_NOW_TIMEOUT


def same_day_due(at: datetime, zone: ZoneInfo) -> datetime:
    """The end of the client's local day (UTC): the next midnight of `zone` after `at`."""
    tomorrow = at.astimezone(zone).date() + timedelta(days=1)
    return resolve(datetime.combine(tomorrow, time()), zone)


def check_closing(role: Role, rationale: str) -> None:
    """Only a clinician closes a flag, with a rationale; the record names them.

    Raises Invalid (`clinician_required`, `rationale_required`).
    """
    errors = []
    if role not in CLINICIANS:
        errors.append(FieldError("closed_by", "clinician_required"))
    if not rationale.strip():
        errors.append(FieldError("rationale", "rationale_required"))
    if errors:
        raise Invalid(*errors)


@dataclass(frozen=True, slots=True)
class HelpLine:
    """A way to reach a human at once. `call` and `text_to` are as dialled; None where there is none."""

    name: str
    about: str
    call: str | None = None
    text_to: str | None = None
    text_word: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class CrisisCard:
    """What is shown to anyone who needs help now, signed in or not."""

    title: str
    lead: str
    lines: tuple[HelpLine, ...]


CRISIS_CARD: Final = CrisisCard(
    title="Help right now",
    lead="If you or someone else may be in danger, reach a person now. Do not wait for an answer here.",
    lines=(
        HelpLine(
            name="988 Suicide & Crisis Lifeline",
            about="Free and confidential, day and night, across the United States.",
            call="988",
            text_to="988",
            url="https://988lifeline.org",
        ),
        HelpLine(name="Emergency services", about="If a life is in danger.", call="911"),
        HelpLine(
            name="Crisis Text Line",
            about="A trained counselor answers by text, day and night.",
            text_to="741741",
            text_word="HOME",
            url="https://www.crisistextline.org",
        ),
    ),
)
