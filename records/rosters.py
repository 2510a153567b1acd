"""Rosters of sponsors: kept sealed until worked off in batches, each row taken or refused; then the file is gone."""

from datetime import date
from typing import Any, Final
from uuid import UUID

from domain.errors import FieldError, Invalid, NotFound
from domain.ids import new_id
from domain.rosters import RefusedRow, RosterPerson, check_file, rows_of
from encryption.blind_index import BlindIndex
from encryption.rooms import open_field, seal_field
from records import sponsor_terms, sponsors
from records.clinic import CLINIC_ID, clinic_key
from records.database import Row, Transaction, dumps

ADD, REPLACE = "add", "replace"
BATCH: Final = 1_000
"""Rows to a transaction."""
KEPT_REFUSALS: Final = 1_000


async def send(tx: Transaction, sponsor_id: UUID, content: bytes, mode: str, effective_from: date) -> UUID:
    """A roster to be worked off. `replace`: it is the whole list, and who is not on it leaves the day before.

    Raises NotFound (`unknown_sponsor`), Invalid as `domain.rosters.check_file`, or `under_way` while another is.
    """
    await sponsor_terms.find(tx, sponsor_id, lock=True)
    total = check_file(content)
    busy = await tx.one(
        "SELECT 1 AS there FROM sponsor_rosters WHERE sponsor_id = %s AND finished_at IS NULL", (sponsor_id,)
    )
    if busy is not None:
        raise Invalid(FieldError("file", "under_way"))
    roster_id, key = new_id(), await clinic_key(tx)
    await tx.insert(
        "sponsor_rosters",
        id=roster_id,
        sponsor_id=sponsor_id,
        mode=mode,
        state="waiting",
        sent_at=tx.now,
        sent_by=tx.actor.account_id if tx.actor else None,
        effective_from=effective_from,
        content_sealed=seal_field(
            key, CLINIC_ID, "sponsor_rosters", "content_sealed", roster_id, content.decode()
        ),
        total=total,
        done=0,
        taken=0,
        refused=0,
        left_out=0,
        refusals={"rows": []},
    )
    await tx.tell("roster_sent", roster_id, 1)
    await tx.audit("send_roster", subject_id=roster_id)
    return roster_id


async def work(tx: Transaction, roster_id: UUID) -> bool:
    """Take the next batch. Whether more is left; after the end a repeat does nothing. Raises NotFound."""
    roster = await tx.one("SELECT * FROM sponsor_rosters WHERE id = %s FOR UPDATE", (roster_id,))
    if roster is None:
        raise NotFound
    if roster["finished_at"] is not None:
        return False
    key = await clinic_key(tx)
    sealed = roster["content_sealed"]
    content = open_field(key, CLINIC_ID, "sponsor_rosters", "content_sealed", roster_id, sealed).encode()
    everything = list(rows_of(content, today=roster["sent_at"].date()))
    rows = everything[roster["done"] : roster["done"] + BATCH]
    people = [row for row in rows if isinstance(row, RosterPerson)]
    refused = [row for row in rows if isinstance(row, RefusedRow)]
    await _take(tx, BlindIndex(key), roster, people)
    await _count(tx, roster, people, refused, len(rows))
    if roster["done"] + len(rows) < len(everything):
        return True
    await _finish(tx, roster, refused_any=roster["refused"] + len(refused) > 0)
    return False


_TAKE = """
INSERT INTO sponsor_members (id, sponsor_id, member_index, relationship, active_from, active_to, roster_id,
                             authorisation, authorised_sessions, authorised_until)
SELECT gen_random_uuid(), %(sponsor)s, * FROM unnest(
    %(index)s::bytea[], %(relationship)s::text[], %(from)s::date[], %(to)s::date[], %(roster)s::uuid[],
    %(number)s::text[], %(sessions)s::int[], %(until)s::date[])
ON CONFLICT (sponsor_id, member_index) DO UPDATE SET
    relationship = excluded.relationship, active_to = excluded.active_to, roster_id = excluded.roster_id,
    active_from = CASE WHEN sponsor_members.active_to < excluded.active_from THEN excluded.active_from
                       ELSE least(sponsor_members.active_from, excluded.active_from) END,
    authorisation = coalesce(excluded.authorisation, sponsor_members.authorisation),
    authorised_sessions = coalesce(excluded.authorised_sessions, sponsor_members.authorised_sessions),
    authorised_until = coalesce(excluded.authorised_until, sponsor_members.authorised_until)
"""


async def _take(tx: Transaction, index: BlindIndex, roster: Row, people: list[RosterPerson]) -> None:
    sponsor_id = roster["sponsor_id"]
    columns: dict[str, list[Any]] = {
        "index": [sponsors.member_index(index, sponsor_id, each.known_by) for each in people],
        "relationship": [each.relationship.value for each in people],
        "from": [each.active_from or roster["effective_from"] for each in people],
        "to": [each.active_to for each in people],
        "roster": [roster["id"]] * len(people),
        "number": [each.authorisation for each in people],
        "sessions": [each.sessions for each in people],
        "until": [each.authorised_until for each in people],
    }
    if people:
        await tx.run(_TAKE, {"sponsor": sponsor_id, **columns})


async def _count(
    tx: Transaction, roster: Row, people: list[RosterPerson], refused: list[RefusedRow], done: int
) -> None:
    known = roster["refusals"]["rows"]
    known += [[each.line, each.column, each.code] for each in refused[: KEPT_REFUSALS - len(known)]]
    await tx.run(
        "UPDATE sponsor_rosters SET state = 'working', done = done + %s, taken = taken + %s,"
        " refused = refused + %s, refusals = jsonb_build_object('rows', %s::jsonb) WHERE id = %s",
        (done, len(people), len(refused), dumps(known), roster["id"]),
    )


async def _finish(tx: Transaction, roster: Row, *, refused_any: bool) -> None:
    """The file goes. Nobody leaves by a list of which a row could not be read: they might stand in that row."""
    left = 0
    if roster["mode"] == REPLACE and not refused_any:
        left = await tx.run(
            "UPDATE sponsor_members SET active_to = greatest(%(day)s::date - 1, active_from)"
            " WHERE sponsor_id = %(sponsor)s AND roster_id <> %(roster)s"
            " AND (active_to IS NULL OR active_to >= %(day)s)",
            {"day": roster["effective_from"], "sponsor": roster["sponsor_id"], "roster": roster["id"]},
        )
    await tx.run(
        "UPDATE sponsor_rosters SET state = 'done', finished_at = %s, content_sealed = NULL, left_out = %s"
        " WHERE id = %s",
        (tx.now, left, roster["id"]),
    )


async def find(tx: Transaction, sponsor_id: UUID, roster_id: UUID) -> Row:
    """One roster of a sponsor, without its file. Raises NotFound."""
    row = await tx.one(f"{_FOUND} WHERE r.sponsor_id = %s AND r.id = %s", (sponsor_id, roster_id))
    if row is None:
        raise NotFound
    return row


_FOUND = """
SELECT r.id, r.sponsor_id, r.mode, r.state, r.sent_at, r.effective_from, r.total, r.done, r.taken, r.refused,
       r.left_out, r.refusals, r.finished_at, a.display_name AS sent_by_name
FROM sponsor_rosters r LEFT JOIN accounts a ON a.id = r.sent_by
"""


async def of_sponsor(tx: Transaction, sponsor_id: UUID) -> list[Row]:
    """The last fifty rosters of a sponsor without their files, the newest first."""
    return await tx.all(f"{_FOUND} WHERE r.sponsor_id = %s ORDER BY r.sent_at DESC LIMIT 50", (sponsor_id,))


async def counted(tx: Transaction, sponsor_id: UUID, on: date) -> int:
    """How many people are on a sponsor's roster on a day."""
    row = await tx.one(
        "SELECT count(*) AS n FROM sponsor_members WHERE sponsor_id = %s AND active_from <= %s"
        " AND (active_to IS NULL OR active_to >= %s)",
        (sponsor_id, on, on),
    )
    return int(row["n"]) if row else 0


async def retell(tx: Transaction) -> int:
    """Tell the workflows of rosters that are not finished again. How many."""
    rows = await tx.all("SELECT id FROM sponsor_rosters WHERE finished_at IS NULL ORDER BY sent_at")
    for row in rows:
        await tx.tell("roster_sent", row["id"], 1)
    return len(rows)
