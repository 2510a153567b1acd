"""What somebody was told, by day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from web.views.clocks import Filter


@dataclass(frozen=True, slots=True)
class Notice:
    """A neutral sentence. `href` is where one acts on it."""

    notice_id: str
    text: str
    href: str
    told_at: datetime
    unread: bool


@dataclass(frozen=True, slots=True)
class Day:
    """The notices of one day on the reader's calendar; `at` is an instant of it."""

    at: datetime
    items: tuple[Notice, ...]


@dataclass(frozen=True, slots=True)
class NoticesView:
    """A page of notices, the newest first. `newest`: all up to it may be marked, where there is one unread."""

    days: tuple[Day, ...]
    filters: tuple[Filter, ...]
    address: str
    newest: str = ""
    only_unread: bool = False
    next_href: str = ""


@dataclass(frozen=True, slots=True)
class BellView:
    """The bell alone, when it counts anew."""
