"""What the sandbox's pages are made of: their frame, their style, a table. They work without script."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from fastapi.responses import HTMLResponse

POLICY = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self';"
    " frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif;
  background: Canvas; color: CanvasText; }
body { margin: 0 auto; max-width: 72rem; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.125rem; margin-top: 2rem; }
h1, h2, p, dd { overflow-wrap: anywhere; } td { overflow-wrap: break-word; }
a { color: LinkText; }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; list-style: none; margin: 0; padding: 0; }
nav a, p.more a { display: inline-block; padding: .35rem 0; }
.warn { border-left: 4px solid #b45309; padding: .25rem .75rem; }
.table { overflow-x: auto; }
table { border-collapse: collapse; min-width: 20rem; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .3rem 1.25rem .3rem 0; border-bottom: 1px solid #8886; vertical-align: top; }
td.n, th.n { text-align: right; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; margin: .75rem 0; }
dt { font-weight: 600; } dd { margin: 0; }
ol.x12 { font: .875rem/1.6 ui-monospace, monospace; padding-left: 3.25rem; margin: .5rem 0; }
ol.x12 li, pre { overflow-wrap: anywhere; white-space: pre-wrap; }
form { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: end; margin: .75rem 0; }
form.inline { display: inline; margin: 0; }
label { display: grid; gap: .2rem; font-size: .875rem; max-width: 100%; }
input, select, button { font: inherit; padding: .3rem .5rem; min-height: 2.25rem; border-radius: .25rem;
  border: 1px solid #8889; background: Field; color: FieldText; max-width: 100%; }
input { width: 7rem; } input.wide { width: 12rem; }
button { background: ButtonFace; color: ButtonText; padding: .3rem .9rem; cursor: pointer; }
:focus-visible { outline: 3px solid #06c; outline-offset: 2px; }
@media (prefers-color-scheme: dark) { :focus-visible { outline-color: #8cf; } }
@media (max-width: 44rem) {
  dl { grid-template-columns: 1fr; } dd { margin-bottom: .4rem; }
  .cards, .cards tbody, .cards tr, .cards td { display: block; min-width: 0; }
  .cards thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
  .cards tr { border-bottom: 1px solid #8886; padding: .5rem 0; }
  .cards td, .cards td.n { border: 0; padding: 0; text-align: left; overflow-wrap: anywhere; }
  .cards td::before { content: attr(data-name) ": "; font-weight: 600; }
}
"""


class Cell(str):
    """Text of a cell that is HTML already."""


def cell(value: object) -> str:
    """A value as HTML."""
    return value if isinstance(value, Cell) else escape(str(value))


def table(
    name: str,
    headings: Sequence[str],
    rows: Iterable[Sequence[object]],
    numbers: frozenset[int] = frozenset(),
    *,
    cards: bool = False,
) -> str:
    """A table called `name`, empty text without rows. `numbers`: the columns set to the right. `cards`: on a small
    screen each row is a list of its cells; else the table scrolls by itself, also by keyboard.
    """
    body = "".join(_row(headings, row, numbers) for row in rows)
    if not body:
        return ""
    head = "".join(
        f'<th role="columnheader" scope="col"{_side(place, numbers)}>{escape(heading)}</th>'
        for place, heading in enumerate(headings)
    )
    kind = ' class="cards"' if cards else ""
    inner = (
        f'<table role="table"{kind} aria-label="{escape(name)}">'
        f'<thead role="rowgroup"><tr role="row">{head}</tr></thead><tbody role="rowgroup">{body}</tbody></table>'
    )
    if cards:
        return inner
    return f'<div class="table" role="region" aria-label="{escape(name)}, scrolls" tabindex="0">{inner}</div>'


def _row(headings: Sequence[str], row: Sequence[object], numbers: frozenset[int]) -> str:
    cells = (
        f'<td role="cell" data-name="{escape(heading)}"{_side(place, numbers)}>{cell(value)}</td>'
        for place, (heading, value) in enumerate(zip(headings, row, strict=True))
    )
    return f'<tr role="row">{"".join(cells)}</tr>'


def _side(place: int, numbers: frozenset[int]) -> str:
    return ' class="n"' if place in numbers else ""


def nothing(words: str) -> str:
    """What stands where there is nothing yet."""
    return f"<p>{escape(words)}</p>"


def page(title: str, main: str, *, root: str = "", status: int = 200) -> HTMLResponse:
    """A whole page. `root` leads from its address to the overview's."""
    home = root or "."
    return HTMLResponse(
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<link rel="stylesheet" href="{root}style.css"></head><body><header><nav aria-label="Sandbox"><ul>'
        f'<li><a href="{home}">Overview</a></li><li><a href="{root}exchanges">Exchanges</a></li></ul></nav></header>'
        f"<main><h1>{escape(title)}</h1>{main}</main></body></html>",
        status,
        POLICY,
    )


WARNING = (
    '<p class="warn">For invented people only: the sandbox keeps what it receives and answers, in memory only, and'
    " shows it here to whoever opens the page. Claims and the reports on them are also in its data folder.</p>"
)
