"""The supervisors' board: clocks as rows, read by index, never through workflows.

Each order has an index, so that a page costs the same among a hundred rooms and among a hundred thousand; each
count ends at a cap. The statement is put together from the filters that are set, and planned for their values.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from records.board_cursors import Order, Sort, cursor_after, place_of
from records.board_filters import DUE, GAP, STATES, BoardFilter, State, of_clock, values_of, whose
from records.database import Row, Transaction

MOST_COUNTED: Final = 1_000
"""A count stops here: more is told as "1,000 and more"."""


@dataclass(frozen=True, slots=True)
class BoardPage:
    """Rows of the board, and the cursor of the next page where there is one."""

    rows: list[Row]
    next_cursor: str | None


RUNGS: Final = (None, "nudge", "breach", "cover")
"""The highest rung that fired, by `rung_level`."""

_KEYS: Final[Mapping[Sort, tuple[str, ...]]] = {
    Sort.DUE_AT: (DUE, "c.id"),
    Sort.OPENED_AT: ("c.opened_at", "c.id"),
    Sort.THERAPIST: ("ta.display_name", "ta.id", DUE, "c.id"),
    Sort.RUNG: ("c.rung_level", DUE, "c.id"),
    Sort.CLIENT_CODE: ("k.code", "c.id"),
}
_AFTER_DUE = "COALESCE(%(after_due_at)s::timestamptz, 'infinity')"
_PLACES: Final[Mapping[Sort, tuple[str, ...]]] = {
    Sort.DUE_AT: (_AFTER_DUE, "%(after_clock_id)s::uuid"),
    Sort.OPENED_AT: ("%(after_opened_at)s::timestamptz", "%(after_clock_id)s::uuid"),
    Sort.THERAPIST: (
        "(SELECT display_name FROM accounts WHERE id = %(after_therapist_id)s)",
        "%(after_therapist_id)s::uuid",
        _AFTER_DUE,
        "%(after_clock_id)s::uuid",
    ),
    Sort.RUNG: ("%(after_rung_level)s::int", _AFTER_DUE, "%(after_clock_id)s::uuid"),
    Sort.CLIENT_CODE: (
        "(SELECT code FROM clients WHERE id = %(after_client_id)s)",
        "%(after_clock_id)s::uuid",
    ),
}
_ROWS = """
WITH page AS MATERIALIZED (SELECT c.id FROM {tables} WHERE {condition} ORDER BY {keys} LIMIT {limit})
SELECT c.id AS clock_id, c.room_id, r.client_id, k.code AS client_code, c.therapist_id,
       ta.display_name AS therapist, ta.time_zone AS therapist_zone, t.team, c.kind, c.policy_name AS policy,
       c.opened_at, c.due_at, c.state, c.held, c.closed_at, c.client_messages, c.rung_level, c.acknowledged_at,
       aa.display_name AS acknowledged_by, c.breached_at,
       c.state = 'running' AND c.due_at IS NOT NULL AND c.due_at < %(now)s AS overdue, {gap} IS TRUE AS coverage_gap
FROM page JOIN response_clocks c ON c.id = page.id
JOIN rooms r ON r.id = c.room_id
JOIN clients k ON k.id = r.client_id
JOIN therapists t ON t.id = c.therapist_id
JOIN accounts ta ON ta.id = c.therapist_id
LEFT JOIN accounts aa ON aa.id = c.acknowledged_by
ORDER BY {keys}
"""


async def board(
    tx: Transaction, chosen: BoardFilter, limit: int = 100, cursor: str | None = None
) -> BoardPage:
    """A page of the board. Raises Invalid for a cursor that is not of this order."""
    order = chosen.order
    values = await values_of(tx, chosen)
    conditions = list(_conditions(chosen))
    if cursor is not None:
        place = place_of(cursor, order)
        values |= {f"after_{key}": value for key, value in place.items()}
        conditions.append(_beyond(order))
    rows = await _rows(tx, chosen, conditions, values, limit + 1)
    more = cursor_after(rows[limit - 1], order) if len(rows) > limit else None
    return BoardPage(rows[:limit], more)


async def row(tx: Transaction, clock_id: UUID) -> Row | None:
    """The row of one clock, in whatever state it is."""
    found = await rows_of(tx, [clock_id])
    return found[0] if found else None


async def rows_of(tx: Transaction, clock_ids: list[UUID]) -> list[Row]:
    """The rows of these clocks, in whatever state they are, by due time."""
    chosen = BoardFilter()
    values = {**await values_of(tx, chosen), "clocks": clock_ids}
    return await _rows(tx, chosen, ["c.id = ANY (%(clocks)s)"], values, len(clock_ids))


async def _rows(
    tx: Transaction, chosen: BoardFilter, conditions: list[str], values: dict[str, Any], limit: int
) -> list[Row]:
    direction = " DESC" if chosen.order.descending else ""
    await _plan_for_a_page(tx)
    rows = await tx.all(
        _ROWS.format(
            tables=_tables(chosen),
            condition=" AND ".join(conditions),
            keys=", ".join(key + direction for key in _KEYS[chosen.order.by]),
            limit=limit,
            gap=GAP,
        ),
        values,
    )
    return [{**each, "rung": RUNGS[each["rung_level"]]} for each in rows]


async def _plan_for_a_page(tx: Transaction) -> None:
    """For the rest of the transaction: plan for the values at hand, and for a hundred rows, not for all of them."""
    await tx.run(
        "SELECT set_config('plan_cache_mode', 'force_custom_plan', true), set_config('enable_hashjoin', 'off', true),"
        " set_config('enable_mergejoin', 'off', true), set_config('enable_seqscan', 'off', true),"
        " set_config('max_parallel_workers_per_gather', '0', true)"
    )


def _tables(chosen: BoardFilter) -> str:
    """The joined tables; what is asked of the clocks stands within them where those come first."""
    condition = " AND ".join(of_clock(chosen))
    by_name, by_code = chosen.order.by is Sort.THERAPIST, chosen.order.by is Sort.CLIENT_CODE
    if chosen.few:
        tables = [_FEW.format(clients=_CLIENTS if chosen.code else "", condition=condition)]
        tables += ["JOIN accounts ta ON ta.id = c.therapist_id"] if by_name else []
    elif by_name:
        tables = [_ONE_BY_ONE.format(condition=condition)]
    else:
        tables = ["response_clocks c"]
    if by_code or (chosen.code and not chosen.few):
        tables.append(_CLIENTS)
    return " ".join(tables)


def _conditions(chosen: BoardFilter) -> Iterator[str]:
    """What is asked of the joined tables."""
    by_name = chosen.order.by is Sort.THERAPIST
    yield from ("true",) if chosen.few or by_name else of_clock(chosen)
    if by_name:
        yield "ta.role = 'therapist'"
    if chosen.code and not chosen.few:
        yield "k.code LIKE %(code)s"


def _beyond(order: Order) -> str:
    """After a place in the order: compared as a whole row, which an index can begin at."""
    keys, places = ", ".join(_KEYS[order.by]), ", ".join(_PLACES[order.by])
    return f"({keys}) {'<' if order.descending else '>'} ({places})"


# What is rare is found first and ordered then: walking an order in search of it could take the whole board.
_FEW = "(SELECT c.* FROM response_clocks c {clients} WHERE {condition} OFFSET 0) c"
_CLIENTS = "JOIN rooms r ON r.id = c.room_id JOIN clients k ON k.id = r.client_id"
# By therapists' names: each one's clocks in turn, until the page is full.
_ONE_BY_ONE = """accounts ta CROSS JOIN LATERAL
    (SELECT * FROM response_clocks c WHERE c.therapist_id = ta.id AND {condition} OFFSET 0) c"""
_COUNT = """(SELECT count(*) FROM (SELECT 1 FROM response_clocks c WHERE {condition} LIMIT {most}) few) AS {name}"""
_COUNTS: Final[Mapping[str, str]] = {
    "running": "c.state = 'running'",
    "overdue": STATES[State.OVERDUE],
    "held": STATES[State.HELD],
    "gap": GAP,
}


async def counts(tx: Transaction, chosen: BoardFilter) -> dict[str, int]:
    """How many clocks run, are overdue, are held, stand in a coverage gap, of the therapist or team asked for.

    Each count ends at MOST_COUNTED + 1: the board asks for them at every change.
    """
    counted = ", ".join(
        _COUNT.format(name=name, most=MOST_COUNTED + 1, condition=" AND ".join([condition, *whose(chosen)]))
        for name, condition in _COUNTS.items()
    )
    await _plan_for_a_page(tx)
    row = await tx.one(f"SELECT {counted}", await values_of(tx, chosen))
    return dict(row) if row else {}
