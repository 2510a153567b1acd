"""Goals, check-ins and how it has been."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from web.charts import Trend


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal in the client's words. `tone` is good, soon, late or empty, for the chip's colour."""

    goal_id: str
    statement: str
    target: str
    status: str
    tone: str = ""
    due_at: datetime | None = None
    can_accept: bool = False


@dataclass(frozen=True, slots=True)
class CheckIn:
    """A check-in that is open, answered or missed. `prompt` is its question, `measures` name what went along."""

    check_in_id: str
    prompt: str
    asked_at: datetime
    state: str
    due_at: datetime | None = None
    answer: int | None = None
    words: str = ""
    measures: str = ""


@dataclass(frozen=True, slots=True)
class MeasureResult:
    """The newest answer to a questionnaire that has no chart. `words` are a clinician's, empty for the client."""

    name: str
    taken_at: datetime
    words: str = ""


@dataclass(frozen=True, slots=True)
class GoalsView:
    """The goals tab. `can_answer` for the client, with `to_answer`, the questionnaires that came along with a check-in
    (title and address); staff ask instead.
    """

    goals: tuple[Goal, ...]
    check_ins: tuple[CheckIn, ...]
    trends: tuple[Trend, ...] = ()
    results: tuple[MeasureResult, ...] = ()
    can_answer: bool = False
    to_answer: tuple[tuple[str, str], ...] = ()
    next_at: datetime | None = None
