"""Telling people outside the app that words wait for them: once, and again only when they came back in between.

What is told is that something waits: never what, where or from whom. The tables say how far somebody was told; the
words themselves are out of reach of the worker's login.
"""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import NAMESPACE_OID, UUID, uuid5

from encryption.rooms import open_field
from records.clinic import CLINIC_ID, clinic_key
from records.database import Transaction


@dataclass(frozen=True, slots=True)
class Words:
    """Words up to `seq` wait in a room for a person."""

    room_id: UUID
    account_id: UUID
    seq: int


async def waiting(tx: Transaction, since: datetime, before: datetime) -> list[Words]:
    """Whom words wait for that were written between these instants; nobody who has not read since they were told."""
    rows = await tx.all("SELECT * FROM waiting_for(%s, %s)", (since, before))
    return [Words(row["room_id"], row["account_id"], row["last_seq"]) for row in rows]


_TELL = """
INSERT INTO message_alerts AS a (room_id, account_id, told_seq, told_at)
SELECT room, who, seq, %s FROM unnest(%s::uuid[], %s::uuid[], %s::bigint[]) AS waiting (room, who, seq)
ORDER BY room, who
ON CONFLICT (room_id, account_id) DO UPDATE
SET told_seq = excluded.told_seq, told_at = excluded.told_at, settled_at = NULL
WHERE a.told_seq < excluded.told_seq
RETURNING a.account_id
"""


async def tell(tx: Transaction, waiting: list[Words]) -> list[UUID]:
    """Note that these people are told now; who they are, each once. Not whom another worker told first."""
    if not waiting:
        return []
    rooms, people, seqs = zip(*((each.room_id, each.account_id, each.seq) for each in waiting), strict=True)
    rows = await tx.all(_TELL, (tx.now, list(rooms), list(people), list(seqs)))
    return sorted({row["account_id"] for row in rows})


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail that is due: nobody read since the person was told. The address is opened, so it is kept out of repr."""

    id: UUID
    account_id: UUID
    address: str = field(repr=False)


_UNSETTLED = """
SELECT a.room_id, a.account_id, a.told_seq, p.email_sealed,
       p.role = 'client' AND p.disabled_at IS NULL AND p.email_sealed IS NOT NULL AND r.state = 'open'
       AND coalesce(s.mail, true) AND (k.at IS NULL OR k.at <= a.told_at) AS due
FROM message_alerts a
JOIN accounts p ON p.id = a.account_id
JOIN rooms r ON r.id = a.room_id
LEFT JOIN notice_settings s ON s.account_id = a.account_id
LEFT JOIN read_marks k ON k.room_id = a.room_id AND k.account_id = a.account_id
WHERE a.settled_at IS NULL AND a.told_at <= %s
ORDER BY a.told_at LIMIT %s FOR UPDATE OF a SKIP LOCKED
"""


async def letters(tx: Transaction, before: datetime, limit: int = 50) -> list[Letter]:
    """Clients who were told before this instant and have not read since: to be mailed in this transaction.

    Each telling is looked at once: whoever has read, wants no mail or is no client gets none for it.
    """
    rows = await tx.all(_UNSETTLED, (before, limit))
    if not rows:
        return []
    await tx.run(
        "UPDATE message_alerts a SET settled_at = %s FROM unnest(%s::uuid[], %s::uuid[]) AS done (room, who)"
        " WHERE a.room_id = done.room AND a.account_id = done.who",
        (tx.now, [row["room_id"] for row in rows], [row["account_id"] for row in rows]),
    )
    key = await clinic_key(tx)
    return [
        Letter(
            # The same telling is the same letter, also after a crash between sending and noting it.
            uuid5(NAMESPACE_OID, f"{row['room_id']} {row['account_id']} {row['told_seq']}"),
            row["account_id"],
            open_field(key, CLINIC_ID, "accounts", "email_sealed", row["account_id"], row["email_sealed"]),
        )
        for row in rows
        if row["due"]
    ]
