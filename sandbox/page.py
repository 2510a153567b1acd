"""The sandbox's one page: what came in, what went out. Numbers, codes and suffixes only; no names, no
documents.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from sandbox.clothes import instant
from sandbox.faults import Standing
from sandbox.store import Store

STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 60rem; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.125rem; margin-top: 2rem; }
.table { overflow-x: auto; }
table { border-collapse: collapse; min-width: 20rem; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .3rem 1.25rem .3rem 0; border-bottom: 1px solid #8886; }
td.n, th.n { text-align: right; }
.none { opacity: .7; }
"""


def _table(
    headings: Sequence[str], rows: Iterable[Sequence[object]], numbers: frozenset[int], empty: str
) -> str:
    body = "".join(
        "<tr>"
        + "".join(
            f"<td{' class=n' if place in numbers else ''}>{escape(str(cell))}</td>"
            for place, cell in enumerate(row)
        )
        + "</tr>"
        for row in rows
    )
    if not body:
        return f'<p class="none">{escape(empty)}</p>'
    head = "".join(
        f'<th scope="col"{" class=n" if place in numbers else ""}>{escape(name)}</th>'
        for place, name in enumerate(headings)
    )
    return f'<div class="table"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _mailbox(store: Store) -> str:
    rows = store.rows(
        "SELECT kind, SUM(due_at <= ?) AS ready, SUM(due_at > ?) AS owed"
        " FROM reports GROUP BY kind ORDER BY kind",
        store.now(),
        store.now(),
    )
    cells = [(row["kind"], row["ready"], row["owed"]) for row in rows]
    return _table(("Report", "Ready", "Still owed"), cells, frozenset({1, 2}), "No reports yet.")


def _tallies(store: Store) -> str:
    rows = store.rows("SELECT what, suffix, answer, n FROM tallies ORDER BY what, suffix, n DESC, answer")
    cells = [(row["what"], row["suffix"] or "-", row["answer"], row["n"]) for row in rows]
    return _table(
        ("Received", "Member suffix", "Answered", "Times"), cells, frozenset({3}), "Nothing received yet."
    )


def _last(store: Store) -> str:
    rows = store.rows("SELECT at, what, payer, suffix, answer FROM exchanges ORDER BY id DESC LIMIT 50")
    cells = [
        (
            f"{instant(row['at']):%Y-%m-%d %H:%M:%S}",
            row["what"],
            row["payer"] or "-",
            row["suffix"] or "-",
            row["answer"],
        )
        for row in rows
    ]
    headings = ("Time (UTC)", "Received", "Payer", "Member suffix", "Answered")
    return _table(headings, cells, frozenset(), "Nothing received yet.")


def _faults(standing: list[Standing]) -> str:
    cells = [
        (
            entry.fault.value,
            "no limit" if entry.count is None else entry.count - entry.taken,
            "no limit" if entry.until is None else f"{instant(entry.until):%Y-%m-%d %H:%M:%S}",
            entry.taken,
        )
        for entry in standing
    ]
    return _table(("Fault", "Times left", "Until (UTC)", "Taken"), cells, frozenset({3}), "No fault is set.")


def render(store: Store, standing: list[Standing]) -> str:
    """The page as HTML."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Payer sandbox</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="stylesheet" href="style.css"></head><body><main><h1>Payer sandbox</h1>'
        "<p>A stand-in payer and clearing house. Every member, plan and amount is made up.</p>"
        f"<h2>Mailbox</h2>{_mailbox(store)}<h2>Faults</h2>{_faults(standing)}"
        f"<h2>By member suffix</h2>{_tallies(store)}"
        f"<h2>Last exchanges</h2>{_last(store)}</main></body></html>"
    )
