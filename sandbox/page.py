"""The sandbox's first page: what came in, what went out, what may be asked for, and the forms that steer it. Numbers,
codes and suffixes only; names and documents stand on the pages of single exchanges.
"""

from __future__ import annotations

from html import escape
from itertools import islice

from fastapi.responses import HTMLResponse

from sandbox import behaviours
from sandbox.clothes import instant
from sandbox.desk import Desk
from sandbox.exchange_pages import listed
from sandbox.faults import Fault, Standing
from sandbox.html import WARNING, Cell, nothing, page, table
from sandbox.rules import Rules
from sandbox.settings import Latency
from sandbox.store import Store

_LAST = 10


def _mailbox(store: Store) -> str:
    rows = store.rows(
        "SELECT kind, SUM(due_at <= ?) AS ready, SUM(due_at > ?) AS owed"
        " FROM reports GROUP BY kind ORDER BY kind",
        store.now(),
        store.now(),
    )
    cells = [(row["kind"], row["ready"], row["owed"]) for row in rows]
    shown = table("Mailbox", ("Report", "Ready", "Still owed"), cells, frozenset({1, 2}))
    return shown or nothing("No reports yet.")


def _tallies(store: Store) -> str:
    rows = store.rows("SELECT what, suffix, answer, n FROM tallies ORDER BY what, suffix, n DESC, answer")
    cells = [(row["what"], row["suffix"] or "-", row["answer"], row["n"]) for row in rows]
    headings = ("Received", "Member suffix", "Answered", "Times")
    return table("By member suffix", headings, cells, frozenset({3})) or nothing("Nothing received yet.")


def _last(desk: Desk) -> str:
    found = listed(islice(desk.exchanges.all(), _LAST), "Last exchanges") or nothing("Nothing received yet.")
    return f'{found}<p class="more"><a href="exchanges">All exchanges that are kept</a></p>'


def _faults(standing: list[Standing]) -> str:
    rows = [_fault(entry) for entry in standing]
    if not rows:
        return nothing("No fault is set.")
    shown = table("Faults", ("Fault", "Times left", "Until (UTC)", "Taken", "Clear"), rows)
    return shown + '<form method="post" action="clear"><button>Clear all faults</button></form>'


def _fault(entry: Standing) -> tuple[object, ...]:
    name = escape(entry.fault.value)
    left = "no limit" if entry.count is None else entry.count - entry.taken
    until = "no limit" if entry.until is None else f"{instant(entry.until):%Y-%m-%d %H:%M:%S}"
    clear = (
        f'<form class="inline" method="post" action="clear"><input type="hidden" name="fault" value="{name}">'
        f'<button aria-label="Clear {name}">Clear</button></form>'
    )
    return (entry.fault.value, left, until, entry.taken, Cell(clear))


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
    return table(
        "Who can be asked for", ("Member id ends / payer id", "What it does"), behaviours.listed(rules)
    )


def overview_page(desk: Desk) -> HTMLResponse:
    """The page as HTML."""
    store, standing = desk.store, desk.faults.standing()
    return page(
        "Payer sandbox",
        "<p>A stand-in payer and clearing house. Every member, plan and amount is made up.</p>"
        f"{WARNING}<h2>Last exchanges</h2>{_last(desk)}"
        f"<h2>Mailbox</h2>{_mailbox(store)}<h2>Faults</h2>{_faults(standing)}{_fault_form()}"
        f"<h2>Time</h2>{_time_forms(store, desk.latency())}"
        f"<h2>By member suffix</h2>{_tallies(store)}"
        f"<h2>Who can be asked for</h2>{_known(desk.settings.rules)}",
    )
