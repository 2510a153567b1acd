"""The pages of the last exchanges: the list, and each by itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from itertools import islice
from urllib.parse import urlencode

from fastapi.responses import HTMLResponse

from sandbox import html
from sandbox.clothes import instant
from sandbox.exchanges import MOST, MOST_BYTES, Exchange, Exchanges, Wanted, Wire
from sandbox.html import WARNING, Cell, page, table
from sandbox.x12 import Separators, decoded

PAGE = 50
_MOST_LINES = 2000
_MOST_TEXT = 10_000
_HEADINGS = ("Exchange", "Time (UTC)", "Transport", "From", "Trace", "Answered by", "Status", "ms")


def listed(found: Iterable[Exchange], name: str, root: str = "") -> str:
    """Exchanges as a table; empty text when there are none."""
    return table(name, _HEADINGS, (_row(each, root) for each in found), frozenset({6, 7}), cards=True)


def _row(each: Exchange, root: str) -> Sequence[object]:
    return (
        Cell(f'<a href="{root}exchanges/{each.id}">{each.id}: {escape(_title(each))}</a>'),
        f"{instant(each.at):%Y-%m-%d %H:%M:%S}",
        each.transport,
        each.shown.sender or "-",
        each.shown.trace or "-",
        "; ".join(_answered(each)) or "-",
        each.status,
        f"{each.ms:.1f}",
    )


def _title(each: Exchange) -> str:
    if not each.request.content:
        return each.kind
    return (
        f"{each.kind} \N{RIGHTWARDS ARROW} {each.reply.glance.kind}" if each.reply.glance.kind else each.kind
    )


def _answered(each: Exchange) -> list[str]:
    """Who had a part in the answer, in words: members' rules first, then faults."""
    rules = [
        (f"..{suffix} {answer}" if suffix else answer) + (f" ({times} times)" if times > 1 else "")
        for (suffix, answer), times in each.trail.answers.items()
    ]
    return rules + [f"fault {fault}" for fault in each.faults]


def list_page(ring: Exchanges, wanted: Wanted, before: int | None) -> HTMLResponse:
    """One page of the list, and the form that narrows it."""
    everything = ring.all()
    found = list(islice(ring.fitting(wanted, before), PAGE + 1))
    shown = listed(found[:PAGE], "Exchanges") or _none(everything, wanted)
    older = _older(wanted, found[PAGE - 1].id) if len(found) > PAGE else ""
    main = f"{WARNING}{_kept(len(everything), ring.dropped)}{_form(everything, wanted)}{shown}{older}"
    forget = '<form method="post" action="forget"><button>Forget all exchanges</button></form>'
    return page("Last exchanges", main + (forget if everything else ""))


def _kept(kept: int, dropped: int) -> str:
    megabytes = MOST_BYTES // (1024 * 1024)
    gone = f" {dropped} older ones were dropped." if dropped else " None was dropped."
    return f"<p>{kept} kept; at most the last {MOST}, or {megabytes} MB of them.{gone}</p>"


def _none(everything: Sequence[Exchange], wanted: Wanted) -> str:
    if everything and wanted != Wanted():
        return '<p>No exchange fits. <a href="exchanges">Show all</a></p>'
    return (
        "<p>Nothing yet. Each question, claim file and fetched report appears here as it comes; try</p>"
        "<pre>curl --data-binary @270.x12 localhost:PORT/x12/realtime</pre>"
    )


def _older(wanted: Wanted, last: int) -> str:
    chosen = {"kind": wanted.kind, "member": wanted.member, "behaviour": wanted.behaviour, "before": last}
    query = urlencode({name: value for name, value in chosen.items() if value})
    return f'<p class="more"><a href="exchanges?{escape(query)}">Older exchanges</a></p>'


def _form(everything: Sequence[Exchange], wanted: Wanted) -> str:
    kinds = {each.kind for each in everything} | {wanted.kind}
    behaviours = {name for each in everything for name in (*each.suffixes, *each.faults, *each.answers)}
    return (
        '<form method="get" action="exchanges" role="search" aria-label="Exchanges">'
        f"{_select('Kind', 'kind', kinds, wanted.kind)}"
        '<label>Member id, or its end <input class="wide" name="member" maxlength="80"'
        f' value="{escape(wanted.member)}"></label>'
        f"{_select('Answered by', 'behaviour', behaviours | {wanted.behaviour}, wanted.behaviour)}"
        "<button>Show</button></form>"
    )


def _select(label: str, name: str, values: set[str], chosen: str) -> str:
    options = "".join(
        f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>{escape(value) or "any"}</option>'
        for value in sorted(values | {""})
    )
    return f'<label>{label} <select name="{name}">{options}</select></label>'


def exchange_page(ring: Exchanges, each: Exchange) -> HTMLResponse:
    """One exchange, whole."""
    facts = {
        "Time (UTC)": f"{instant(each.at):%Y-%m-%d %H:%M:%S.%f}"[:-3],
        "Door": f"{each.door} ({each.transport})",
        "From, to": f"{each.shown.sender or '-'}, {each.shown.receiver or '-'}",
        "Trace": each.shown.trace or "-",
        "Members": ", ".join(each.shown.members) or "-",
        "Answered by": "; ".join(_answered(each)) or "-",
        "Status": each.status,
        "Time taken": f"{each.ms:.1f} ms",
    }
    rows = "".join(f"<dt>{name}</dt><dd>{escape(str(value))}</dd>" for name, value in facts.items())
    sides = _side(each.id, "request", each.request) + _side(each.id, "reply", each.reply)
    title = f"Exchange {each.id}: {_title(each)}"
    return page(title, f"{WARNING}{_beside(ring, each)}<dl>{rows}</dl>{_envelope(each)}{sides}", root="../")


def gone_page() -> HTMLResponse:
    """In the place of an exchange that is not kept."""
    words = f'<p>Only the last {MOST} are kept, in memory. <a href="../exchanges">All that are kept</a></p>'
    return page("No such exchange", words, root="../", status=404)


def _beside(ring: Exchanges, each: Exchange) -> str:
    numbers = [(f"Newer: {each.id + 1}", each.id + 1), (f"Older: {each.id - 1}", each.id - 1)]
    links = "".join(f'<li><a href="{to}">{words}</a></li>' for words, to in numbers if ring.find(to))
    return f'<nav aria-label="Beside this one"><ul>{links}</ul></nav>' if links else ""


def _envelope(each: Exchange) -> str:
    asked, told = each.request.envelope, each.reply.envelope
    names = list(dict.fromkeys([*asked, *told]))
    rows = ((name, asked.get(name, "-"), told.get(name, "-")) for name in names)
    shown = table("CORE envelope", ("Field", "Request", "Reply"), rows)
    return f"<h2>CORE envelope</h2>{shown}<p>The password is never kept.</p>" if shown else ""


def _side(number: int, name: str, wire: Wire) -> str:
    heading = f"<h2>{name.title()}</h2>"
    if not wire.content:
        return heading + html.nothing("Nothing to show.")
    link = (
        f'<p class="more"><a href="{number}/{name}.x12" download>Download the {name}, byte for byte</a></p>'
    )
    size, marks = f"{len(wire.content):,} bytes", wire.glance.separators
    if marks is None:
        text = escape(decoded(wire.content)[:_MOST_TEXT])
        return f"{heading}{link}<p>{size}, no X12 interchange.</p><pre>{text}</pre>"
    lines = wire.glance.lines
    declared = " ".join(
        (marks.element, marks.component, marks.repetition, marks.segment.strip() or "line end")
    )
    told = f"<p>{size}, {len(lines):,} segments, separators {escape(declared)}</p>"
    return heading + link + told + _lines(lines, marks)


def _lines(lines: Sequence[str], marks: Separators) -> str:
    items = "".join(_line(line, marks.element, marks.segment.strip()) for line in lines[:_MOST_LINES])
    rest = len(lines) - _MOST_LINES
    more = html.nothing(f"{rest:,} more segments are in the download.") if rest > 0 else ""
    return f'<ol class="x12">{items}</ol>{more}'


def _line(line: str, mark: str, end: str) -> str:
    name, found, rest = line.partition(mark)
    return f"<li><b>{escape(name)}</b>{escape(found + rest + end)}</li>"
