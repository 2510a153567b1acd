"""The template environment: strict, escaping everywhere, and speaking of time and money in one voice."""

from __future__ import annotations

import re
from datetime import datetime
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from web import choices, money, times
from web.assets import STATIC, static_url
from web.charts import Bars, Trend
from web.views.messages import blank
from web.views.shell import Shell

TEMPLATES = Path(__file__).resolve().parent / "templates"


@cache
def environment() -> Environment:
    """The one environment of the process. An undefined name is an error, never an empty string."""
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    env.globals.update(
        static_url=static_url,
        offered=choices,
        icon=icon,
        due=due,
        ago=ago,
        exact=exact,
        date=date,
        day_heading=day_heading,
        clock_time=clock_time,
        blank=blank,
    )
    env.filters.update(dollars=money.dollars, short_dollars=money.short_dollars, iso=times.iso)
    env.tests.update(bars=lambda chart: isinstance(chart, Bars), trend=lambda chart: isinstance(chart, Trend))
    return env


def render(template: str, view: object, shell: Shell) -> str:
    """The page as text. Templates see `view` and `shell` and nothing else."""
    return environment().get_template(template).render(view=view, shell=shell)


@cache
def icon_names() -> frozenset[str]:
    """The icons of the sprite."""
    sprite = (STATIC / "vendor/lucide/sprite.svg").read_text(encoding="utf-8")
    return frozenset(re.findall(r'<symbol id="([^"]+)"', sprite))


def icon(name: str, label: str | None = None, small: bool = False) -> Markup:
    """An icon of the sprite: decoration unless it has a label of its own."""
    if name not in icon_names():
        raise LookupError(f"no icon {name}")
    tone = "icon small" if small else "icon"
    voice = Markup(' role="img" aria-label="{}"').format(label) if label else Markup(' aria-hidden="true"')
    href = static_url("vendor/lucide/sprite.svg") + "#" + name
    return Markup('<svg class="{}"{}><use href="{}"></use></svg>').format(tone, voice, href)


def _reader(context: Context) -> times.Reader:
    shell: Shell = context["shell"]
    return shell.reader


def _time(instant: datetime, kind: str, relative: str, exact_text: str) -> Markup:
    return Markup(
        '<time datetime="{}" data-relative="{}"><span class="relative">{}</span>'
        '<span class="comma">, </span><span class="exact">{}</span></time>'
    ).format(times.iso(instant), kind, relative, exact_text)


@pass_context
def due(context: Context, instant: datetime, soon_at: datetime | None = None) -> Markup:
    """`due in 17 min, 3:20 PM EST`, ticking; the nearest element with `data-state` follows soon and late."""
    reader = _reader(context)
    element = _time(instant, "due", times.due_words(instant, reader.now), times.exact_words(instant, reader))
    if soon_at is None:
        return element
    return element.replace("<time ", Markup('<time data-soon-at="{}" ').format(times.iso(soon_at)), 1)


@pass_context
def ago(context: Context, instant: datetime) -> Markup:
    """`5 min 10 s ago, 3:20 PM EST`, ticking."""
    reader = _reader(context)
    return _time(instant, "ago", times.ago_words(instant, reader.now), times.exact_words(instant, reader))


@pass_context
def exact(context: Context, instant: datetime, zone: str | None = None) -> Markup:
    """`tomorrow, 11:00 AM PST`: no relative part, for lists of what has been."""
    words = times.exact_words(instant, _reader(context), zone)
    return Markup('<time datetime="{}">{}</time>').format(times.iso(instant), words)


@pass_context
def date(context: Context, instant: datetime) -> Markup:
    """`Nov 22, 2026`."""
    words = times.date_words(instant, _reader(context))
    return Markup('<time datetime="{}">{}</time>').format(times.iso(instant), words)


@pass_context
def clock_time(context: Context, instant: datetime) -> Markup:
    """`3:20 PM`, under a day's heading; the zone is in its title."""
    reader = _reader(context)
    local = reader.local(instant)
    full = f"{times.heading_words(instant, reader)}, {times.exact_words(instant, reader)}"
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        times.iso(instant), full, times.clock_words(local)
    )


@pass_context
def day_heading(context: Context, instant: datetime) -> str:
    """`Today`, `Yesterday`, `Saturday, November 21`."""
    return times.heading_words(instant, _reader(context))
