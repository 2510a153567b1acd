"""Diagnoses: entered and dated by the rendering clinician, sealed under the client's billing key."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from domain.access import ReadableRoomId, WritableRoomId
from domain.errors import NotFound
from domain.ids import new_id
from domain.notes import check_codes
from encryption.keys import DataKey, KeyScope
from encryption.rooms import open_field, seal_field
from records.database import Row, Transaction
from records.opening import opening


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One ICD-10-CM code in force, None where it cannot be opened; `position` 1 is the primary one."""

    id: UUID
    code: str | None = field(repr=False)
    position: int
    author_id: UUID
    entered_at: datetime


async def listing(tx: Transaction, room: ReadableRoomId) -> list[Diagnosis]:
    """Those in force, the primary one first. The read is audited."""
    await tx.audit("read_diagnoses", room_id=room.id)
    return await _in_force(tx, room.id)


async def replace(tx: Transaction, room: WritableRoomId, codes: list[str]) -> list[Diagnosis]:
    """These and no others are in force from now; what is unchanged keeps its id and date. Raises Invalid."""
    wanted = dict(enumerate(check_codes(codes), start=1))
    standing = await _in_force(tx, room.id)
    kept = {each.position for each in standing if wanted.get(each.position) == each.code}
    ended = [each.id for each in standing if each.position not in kept]
    await tx.run("UPDATE diagnoses SET ended_at = %s WHERE id = ANY(%s)", (tx.now, ended))
    client_id = await _client_of(tx, room.id)
    key = await tx.key(KeyScope.BILLING, client_id)
    for position, code in wanted.items():
        if position not in kept:
            await _enter(tx, room, client_id, key, position, code)
    await tx.audit("enter_diagnoses", room_id=room.id, subject_id=client_id, count=len(wanted))
    return await _in_force(tx, room.id)


async def codes_of(tx: Transaction, client_id: UUID, ids: list[UUID]) -> list[str]:
    """The codes of these diagnoses, the primary one first: for a claim. Raises NotFound if one is missing."""
    rows = await tx.all("SELECT * FROM diagnoses WHERE id = ANY(%s) ORDER BY position", (ids,))
    if len(rows) != len(set(ids)) or any(row["client_id"] != client_id for row in rows):
        raise NotFound
    key = await tx.key(KeyScope.BILLING, client_id)
    return [_code(key, row) for row in rows]


async def _enter(
    tx: Transaction, room: WritableRoomId, client_id: UUID, key: DataKey, position: int, code: str
) -> None:
    diagnosis_id = new_id()
    await tx.insert(
        "diagnoses",
        id=diagnosis_id,
        room_id=room.id,
        client_id=client_id,
        author_id=room.actor.account_id,
        code_sealed=seal_field(key, client_id, "diagnoses", "code_sealed", diagnosis_id, code),
        position=position,
        entered_at=tx.now,
    )


async def _in_force(tx: Transaction, room_id: UUID) -> list[Diagnosis]:
    rows = await tx.all(
        "SELECT * FROM diagnoses WHERE room_id = %s AND ended_at IS NULL ORDER BY position", (room_id,)
    )
    if not rows:
        return []
    async with opening(tx, room_id, KeyScope.BILLING, rows[0]["client_id"]) as stored:
        return [
            Diagnosis(
                row["id"],
                stored.field("diagnoses", "code_sealed", row["id"], row["code_sealed"]),
                row["position"],
                row["author_id"],
                row["entered_at"],
            )
            for row in rows
        ]


def _code(key: DataKey, row: Row) -> str:
    return str(open_field(key, row["client_id"], "diagnoses", "code_sealed", row["id"], row["code_sealed"]))


async def _client_of(tx: Transaction, room_id: UUID) -> UUID:
    row = await tx.one("SELECT client_id FROM rooms WHERE id = %s", (room_id,))
    if row is None:
        raise NotFound
    client_id: UUID = row["client_id"]
    return client_id
