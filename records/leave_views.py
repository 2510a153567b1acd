"""What people see of leave: supervisors who is away and what nobody covers, a therapist their own and what happened."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from records import leaves
from records.database import Row, Transaction

# What of a room's window [from now on) no cover fills, as a set of instants.
_UNCOVERED = """
(tstzmultirange(tstzrange(least(greatest(l.starts_at, %(now)s), l.ends_at), l.ends_at)) - coalesce(
    (SELECT range_agg(tstzrange(v.starts_at, v.ends_at)) FROM covers v
     WHERE v.room_id = r.id AND v.ends_at > %(now)s), '{}'::tstzmultirange))
"""
_LEAVES = f"""
SELECT l.id, l.therapist_id, a.display_name AS therapist, a.time_zone AS zone, l.starts_at, l.ends_at, l.cover_id,
       l.announced_at, l.begun_at, l.cancelled_at, l.returned_at, l.proposed_at,
       CASE WHEN l.cancelled_at IS NOT NULL THEN 'cancelled'
            WHEN l.ends_at <= %(now)s THEN 'over'
            WHEN l.starts_at <= %(now)s THEN 'away' ELSE 'ahead' END AS state,
       count(r.id) AS rooms,
       count(r.id) FILTER (WHERE l.ends_at > %(now)s AND l.cancelled_at IS NULL
                             AND NOT isempty({_UNCOVERED})) AS gaps,
       count(r.id) FILTER (WHERE EXISTS (SELECT FROM cover_offers o WHERE o.leave_id = l.id AND o.room_id = r.id
                                            AND o.state = 'open')) AS asked
FROM leaves l JOIN accounts a ON a.id = l.therapist_id
LEFT JOIN rooms r ON r.therapist_id = l.therapist_id AND r.state = 'open'
WHERE %(what)s GROUP BY l.id, a.id
"""  # noqa: S608  all ours
_AHEAD = "l.cancelled_at IS NULL AND l.ends_at > %(now)s"
_ROOMS = f"""
SELECT r.id AS room_id, c.display_name AS client_code, isempty({_UNCOVERED}) AS covered,
       coalesce((SELECT jsonb_agg(jsonb_build_object('therapist_id', v.therapist_id, 'name', a.display_name,
                    'from', v.starts_at, 'to', v.ends_at) ORDER BY v.starts_at)
                 FROM covers v JOIN accounts a ON a.id = v.therapist_id
                 WHERE v.room_id = r.id AND v.starts_at < l.ends_at AND v.ends_at > l.starts_at), '[]') AS covers,
       coalesce((SELECT jsonb_agg(jsonb_build_object('therapist_id', o.therapist_id, 'name', a.display_name,
                    'state', o.state, 'until', o.expires_at) ORDER BY o.offered_at, o.id)
                 FROM cover_offers o JOIN accounts a ON a.id = o.therapist_id
                 WHERE o.leave_id = l.id AND o.room_id = r.id AND o.state <> 'withdrawn'), '[]') AS offers,
       coalesce((SELECT jsonb_agg(jsonb_build_object('therapist_id', k.therapist_id, 'name', a.display_name,
                    'position', k.position, 'shared_minutes', k.shared_minutes, 'rejected', k.rejected,
                    'places', greatest(t.capacity - t.active_rooms, 0))
                    ORDER BY k.position NULLS LAST, a.display_name)
                 FROM cover_candidates k JOIN accounts a ON a.id = k.therapist_id
                 JOIN therapists t ON t.id = k.therapist_id
                 WHERE k.leave_id = l.id AND k.room_id = r.id AND k.therapist_id <> l.therapist_id), '[]')
           AS candidates
FROM leaves l JOIN rooms r ON r.therapist_id = l.therapist_id AND r.state = 'open'
JOIN accounts c ON c.id = r.client_id
WHERE l.id = %(leave)s ORDER BY covered, c.display_name
"""  # noqa: S608


async def ahead(tx: Transaction) -> list[Row]:
    """Everybody who is away or will be, who leaves first at the top, with how many rooms nobody covers."""
    statement = _LEAVES.replace("%(what)s", _AHEAD) + " ORDER BY l.starts_at, l.id"
    return await tx.all(statement, {"now": tx.now})


async def of_therapist(tx: Transaction, therapist_id: UUID) -> list[Row]:
    """A therapist's own leave, the latest first."""
    statement = (
        _LEAVES.replace("%(what)s", "l.therapist_id = %(who)s") + " ORDER BY l.starts_at DESC, l.id LIMIT 50"
    )
    return await tx.all(statement, {"now": tx.now, "who": therapist_id})


@dataclass(frozen=True, slots=True)
class LeaveView:
    """A leave and each of its rooms: covers, offers, what nobody covers, who was considered and why not."""

    leave: Row
    rooms: list[Row]


async def view(tx: Transaction, leave_id: UUID) -> LeaveView:
    """One leave with its rooms, those with a gap first. Raises NotFound."""
    await leaves.found(tx, leave_id)
    statement = _LEAVES.replace("%(what)s", "l.id = %(leave)s")
    asked = {"now": tx.now, "leave": leave_id}
    leave = await tx.one(statement, asked)
    assert leave is not None  # noqa: S101  found above
    over = leave["state"] in (
        "over",
        "cancelled",
    )  # its rooms may be others by now, and nothing is to be arranged
    return LeaveView(leave, [] if over else await tx.all(_ROOMS, asked))


@dataclass(frozen=True, slots=True)
class Happened:
    """What went on in a room during a leave: messages of the client, answers, and who gave them."""

    room_id: UUID
    client_code: str
    from_client: int
    answers: int
    covered_by: str


async def happened(tx: Transaction, leave: Row) -> list[Happened]:
    """Room by room what the therapist missed; counted from rooms that they may read."""
    rows = await tx.all(
        "SELECT r.id AS room_id, c.display_name AS client_code,"
        " count(m.id) FILTER (WHERE m.sender_role = 'client') AS from_client,"
        " count(m.id) FILTER (WHERE m.sender_role <> 'client' AND NOT m.holding AND NOT m.automatic) AS answers,"
        " coalesce((SELECT string_agg(DISTINCT a.display_name, ', ') FROM covers v JOIN accounts a"
        "           ON a.id = v.therapist_id WHERE v.leave_id = %(leave)s AND v.room_id = r.id), '') AS covered_by"
        " FROM rooms r JOIN accounts c ON c.id = r.client_id"
        " LEFT JOIN messages m ON m.room_id = r.id AND m.sent_at >= %(start)s AND m.sent_at < %(end)s"
        " WHERE r.therapist_id = %(who)s AND r.state = 'open' GROUP BY r.id, c.display_name"
        " ORDER BY from_client DESC, c.display_name",
        {
            "leave": leave["id"],
            "who": leave["therapist_id"],
            "start": leave["starts_at"],
            "end": leave["ends_at"],
        },
    )
    return [Happened(**row) for row in rows]


async def away(tx: Transaction, room_id: UUID) -> dict[str, Any] | None:
    """What a client knows of their therapist's leave: from when to when, and who answers. None without one in sight."""
    return await tx.one(
        "SELECT l.starts_at, l.ends_at, a.display_name AS therapist, l.starts_at <= %(now)s AS begun,"
        " (SELECT string_agg(DISTINCT va.display_name, ', ') FROM covers v JOIN accounts va ON va.id = v.therapist_id"
        "  WHERE v.room_id = r.id AND v.starts_at < l.ends_at AND v.ends_at > greatest(l.starts_at, %(now)s))"
        " AS covered_by"
        " FROM rooms r JOIN leaves l ON l.therapist_id = r.therapist_id JOIN accounts a ON a.id = l.therapist_id"
        " WHERE r.id = %(room)s AND r.state = 'open' AND l.cancelled_at IS NULL AND l.ends_at > %(now)s"
        " AND (l.announced_at IS NOT NULL OR l.begun_at IS NOT NULL) ORDER BY l.starts_at LIMIT 1",
        {"room": room_id, "now": tx.now},
    )


async def colleagues(tx: Transaction, therapist_id: UUID) -> list[Row]:
    """The other therapists of the clinic, by name: id, name."""
    return await tx.all(
        "SELECT t.id, a.display_name AS name FROM therapists t"
        " JOIN accounts a ON a.id = t.id AND a.disabled_at IS NULL WHERE t.id <> %s ORDER BY a.display_name, t.id",
        (therapist_id,),
    )
