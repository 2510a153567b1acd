"""Waiting lists: all who wait for a person of ours, assigned at once when somebody asks for it.

The worker assigns, because it may look into charts; who asked sees whom it proposes, and has them asked by offers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

from domain.access import Action
from domain.errors import Conflict, NotFound
from domain.ids import TherapistId, new_id
from domain.match_profiles import Search, TherapistProfile
from encryption.errors import Unreadable
from records import match_desk, rankings, relations, therapists
from records.database import Row, Transaction
from records.events import Event, EventKind
from records.seekers import search_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from domain.matching import Candidate

MOST_ASKED: Final = 100
"""Offers to a request: each holds its client for a moment."""

_WAITING = """
SELECT m.* FROM matches m JOIN clients c ON c.id = m.client_id
WHERE m.status = 'human' AND c.paused_at IS NULL AND c.closed_at IS NULL
ORDER BY m.created_at, m.id
"""
_LINES = """
SELECT l.*, c.code AS client_code, c.state, m.status, a.display_name AS therapist, t.display_name AS in_turn
FROM waiting_list_lines l JOIN clients c ON c.id = l.client_id JOIN matches m ON m.id = l.match_id
LEFT JOIN accounts a ON a.id = l.therapist_id LEFT JOIN accounts t ON t.id = l.in_turn_id
WHERE l.run_id = %s ORDER BY l.n
"""
_RUN = """
SELECT r.*, a.display_name AS asked_by_name FROM waiting_list_runs r JOIN accounts a ON a.id = r.asked_by
"""


async def ask(tx: Transaction) -> UUID:
    """Have everyone who waits assigned at once. A run that is under way is the answer to both. Audited."""
    under_way = await tx.one(
        "SELECT id FROM waiting_list_runs WHERE state = 'asked' AND asked_at > %s ORDER BY asked_at DESC LIMIT 1",
        (tx.now - timedelta(minutes=1),),
    )
    if under_way is not None:
        found: UUID = under_way["id"]
        return found
    actor = tx.actor
    assert actor is not None  # noqa: S101  a permit was asked for
    run_id = new_id()
    await tx.insert(
        "waiting_list_runs", id=run_id, asked_by=actor.account_id, asked_at=tx.now, version=1, state="asked"
    )
    await tx.audit("assign_waiting_list", subject_id=run_id)
    await tx.tell("waiting_list_asked", run_id, 1)
    return run_id


@dataclass(frozen=True, slots=True)
class ToAssign:
    """The searches that wait, those who wait longest first, each with how long; and everyone who works here.

    `matches` and `searches` go together. `unplaceable`: of whom we do not know where they are, or what they said.
    """

    matches: list[Row]
    searches: list[Search]
    waited: list[timedelta]
    therapists: "Iterable[TherapistProfile]"
    unplaceable: list[Row]


async def to_assign(tx: Transaction, run_id: UUID) -> ToAssign | None:
    """What a run is about; None once it is done. Opens charts: the worker's alone. Raises NotFound."""
    run = await tx.one("SELECT state FROM waiting_list_runs WHERE id = %s", (run_id,))
    if run is None:
        raise NotFound
    if run["state"] != "asked":
        return None
    rows = await tx.all(_WAITING)
    found = [(row, await _search(tx, row)) for row in rows]
    return ToAssign(
        matches=[row for row, search in found if search],
        searches=[search for _, search in found if search],
        waited=[tx.now - row["created_at"] for row, search in found if search],
        therapists=(await therapists.profiles(tx, tx.now.date())).values(),
        unplaceable=[row for row, search in found if search is None],
    )


async def _search(tx: Transaction, row: Row) -> Search | None:
    """None where we do not know enough: one chart that cannot be opened must not keep everybody else waiting."""
    try:
        return await search_of(tx, row)
    except (Conflict, Unreadable):
        return None


@dataclass(frozen=True, slots=True)
class Line:
    """One client: who is theirs by the best assignment, and who in turn."""

    match: Row
    eligible: int = 0
    best: "Candidate | None" = None
    in_turn: "Candidate | None" = None


async def keep(tx: Transaction, run_id: UUID, lines: Sequence[Line], places: int, pairs: int) -> None:
    """What came of a run; kept once. Its page is told."""
    ready = await tx.run(
        "UPDATE waiting_list_runs SET state = 'ready', ready_at = %s, places = %s, pairs = %s"
        " WHERE id = %s AND state = 'asked'",
        (tx.now, places, pairs, run_id),
    )
    if not ready:
        return
    for n, line in enumerate(lines, start=1):
        await tx.insert(
            "waiting_list_lines",
            run_id=run_id,
            match_id=line.match["id"],
            client_id=line.match["client_id"],
            n=n,
            since=line.match["created_at"],
            eligible=line.eligible,
            therapist_id=line.best.therapist_id if line.best else None,
            score=line.best.score if line.best else None,
            in_turn_id=line.in_turn.therapist_id if line.in_turn else None,
            in_turn_score=line.in_turn.score if line.in_turn else None,
        )
        if line.best:  # whoever is asked is told why, like everybody else
            await rankings.keep_candidate(tx, line.match, line.best)
    tx.announce(Event(EventKind.BOARD))


@dataclass(frozen=True, slots=True)
class Run:
    """A run with its lines, each with names and how the search stands now; no lines while it is under way."""

    row: Row
    lines: list[Row]

    @property
    def placed(self) -> int:
        """How many the best assignment places."""
        return sum(1 for line in self.lines if line["therapist_id"])

    @property
    def placed_in_turn(self) -> int:
        """How many find a place one after the other."""
        return sum(1 for line in self.lines if line["in_turn_id"])


async def find(tx: Transaction, run_id: UUID) -> Run:
    """One run. Audited. Raises NotFound."""
    row = await tx.one(f"{_RUN} WHERE r.id = %s", (run_id,))
    if row is None:
        raise NotFound
    await tx.audit("read_waiting_list", subject_id=run_id)
    return Run(row, await tx.all(_LINES, (run_id,)))


async def latest(tx: Transaction, many: int = 10) -> list[Row]:
    """The last runs, the newest first, with how many were placed either way."""
    return await tx.all(
        "SELECT r.id, r.asked_at, r.state, r.ready_at, count(l.*) AS clients, count(l.therapist_id) AS placed,"
        " count(l.in_turn_id) AS in_turn FROM waiting_list_runs r LEFT JOIN waiting_list_lines l ON l.run_id = r.id"
        " GROUP BY r.id ORDER BY r.asked_at DESC LIMIT %s",
        (many,),
    )


async def ask_therapists(tx: Transaction, run_id: UUID, matches: Sequence[UUID]) -> dict[UUID, str | None]:
    """Have the therapists of these lines asked by an offer each, under the hard filters as they are now.

    For each search, why not: None where they are asked; the rest of the lines go on whatever becomes of one.
    Raises NotFound, Conflict (`too_many`).
    """
    if len(matches) > MOST_ASKED:
        raise Conflict("too_many")
    wanted = set(matches)
    lines = [line for line in (await find(tx, run_id)).lines if line["match_id"] in wanted]
    if len(lines) < len(wanted):
        raise NotFound
    lines.sort(key=lambda line: line["client_id"].int)  # one order of locks, whoever asks for whom
    return {line["match_id"]: await _ask_one(tx, line) for line in lines}


async def _ask_one(tx: Transaction, line: Row) -> str | None:
    if line["asked_at"] is not None:
        return None
    if line["therapist_id"] is None:
        return "nobody_proposed"
    refused: str | None = None
    try:
        client = await relations.writable_chart(tx, line["client_id"], Action.PLACE_CLIENT)
        await match_desk.ask(tx, client, line["match_id"], TherapistId(line["therapist_id"]))
    except Conflict as error:
        refused = error.code
    await tx.run(
        "UPDATE waiting_list_lines SET asked_at = %s, refused = %s WHERE run_id = %s AND match_id = %s",
        (None if refused else tx.now, refused, line["run_id"], line["match_id"]),
    )
    return refused


async def retell(tx: Transaction) -> int:
    """Tell the workflow of every run that is under way again. How many."""
    rows = await tx.all("SELECT id FROM waiting_list_runs WHERE state = 'asked'")
    for row in rows:
        await tx.tell("waiting_list_asked", row["id"], 1)
    return len(rows)
