"""The sandbox's one page: what came in, what went out, what may be asked for, and the forms that steer it.
Numbers, codes and suffixes only; no names, no documents. It works without script.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from sandbox import behaviours
from sandbox.clothes import instant
from sandbox.faults import Fault, Standing
from sandbox.rules import Rules
from sandbox.settings import Latency
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
form { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: end; margin: .75rem 0; }
form.inline { display: inline; margin: 0; }
label { display: grid; gap: .2rem; font-size: .875rem; }
input, select, button { font: inherit; padding: .3rem .5rem; min-height: 2.25rem; border-radius: .25rem;
  border: 1px solid #8889; background: Field; color: FieldText; }
input { width: 7rem; }
button { background: ButtonFace; color: ButtonText; padding: .3rem .9rem; cursor: pointer; }
:focus-visible { outline: 3px solid #06c; outline-offset: 2px; }
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
    rows = "".join(_fault(entry) for entry in standing)
    if not rows:
        return '<p class="none">No fault is set.</p>'
    heads = "".join(
        f'<th scope="col">{name}</th>' for name in ("Fault", "Times left", "Until (UTC)", "Taken", "Clear")
    )
    table = f'<div class="table"><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>'
    return table + '<form method="post" action="clear"><button>Clear all faults</button></form>'


def _fault(entry: Standing) -> str:
    name = escape(entry.fault.value)
    left = "no limit" if entry.count is None else entry.count - entry.taken
    until = "no limit" if entry.until is None else f"{instant(entry.until):%Y-%m-%d %H:%M:%S}"
    clear = (
        f'<form class="inline" method="post" action="clear"><input type="hidden" name="fault" value="{name}">'
        f'<button aria-label="Clear {name}">Clear</button></form>'
    )
    cells = "".join(f"<td>{cell}</td>" for cell in (name, left, until, entry.taken, clear))
    return f"<tr>{cells}</tr>"


def _fault_form() -> str:
    options = "".join(f"<option>{escape(fault.value)}</option>" for fault in Fault)
    return (
        '<form method="post" action="faults">'
        f'<label>Fault <select name="fault">{options}</select></label>'
        f"{_number('Times (none: no limit)', 'count', 1)}{_number('For minutes (none: no limit)', 'minutes', 1)}"
        f"{_number('Delay of slow, ms', 'delay_ms', 0)}<button>Set fault</button></form>"
    )


def _time_forms(store: Store, latency: Latency) -> str:
    return (
        f"<p>It is {instant(store.now()):%Y-%m-%d %H:%M:%S} UTC here.</p>"
        f'<form method="post" action="clock">{_number("Days", "days", 0, "1", step="any")}'
        "<button>Move time on</button></form>"
        '<form method="post" action="latency">'
        f"{_number('Median answer, ms', 'p50_ms', 0, f'{latency.p50:g}')}"
        f"{_number('95 of 100 under, ms', 'p95_ms', 0, f'{latency.p95:g}')}<button>Set latency</button></form>"
    )


def _number(label: str, name: str, least: int, value: str = "", step: str = "1") -> str:
    given = f' value="{escape(value)}" required' if value else ""
    return (
        f"<label>{escape(label)}"
        f' <input type="number" name="{name}" min="{least}" step="{step}"{given}></label>'
    )


def _known(rules: Rules) -> str:
    return _table(
        ("Member id ends / payer id", "What it does"), behaviours.listed(rules), frozenset(), "No rules."
    )


def render(store: Store, rules: Rules, standing: list[Standing], latency: Latency) -> str:
    """The page as HTML."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Payer sandbox</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="stylesheet" href="style.css"></head><body><main><h1>Payer sandbox</h1>'
        "<p>A stand-in payer and clearing house. Every member, plan and amount is made up.</p>"
        f"<h2>Mailbox</h2>{_mailbox(store)}<h2>Faults</h2>{_faults(standing)}{_fault_form()}"
        f"<h2>Time</h2>{_time_forms(store, latency)}"
        f"<h2>By member suffix</h2>{_tallies(store)}"
        f"<h2>Last exchanges</h2>{_last(store)}"
        f"<h2>Who can be asked for</h2>{_known(rules)}</main></body></html>"
    )
