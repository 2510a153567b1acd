"""Response clocks made as rows alone: promises of the past with the end that a test wants for them."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from factories import Room, actor, client, therapist
from psycopg.types.json import Jsonb

from domain.access import Role
from domain.ids import RoomId, TherapistId
from domain.policies import policy_to_json, preset
from records.database import Database, Transaction

LONG_AGO = datetime(2020, 1, 6, 15, tzinfo=UTC)


async def quiet_room(
    care: Database,
    *,
    name: str = "",
    team: str | None = None,
    always: bool = True,
    of: TherapistId | None = None,
) -> Room:
    """A room by its row alone, of a new therapist unless one is named, in which no clock ever ran."""
    async with care.transaction(at=LONG_AGO) as tx:
        therapist_id = of or await therapist(tx, always=always)
        client_id, room_id = await client(tx), RoomId(uuid4())
        await tx.insert(
            "rooms",
            id=room_id,
            client_id=client_id,
            therapist_id=therapist_id,
            state="open",
            opened_at=tx.now,
            version=0,
            last_seq=0,
            client_away=False,
            key_version=1,
        )
        if team:
            await tx.run("UPDATE therapists SET team = %s WHERE id = %s", (team, therapist_id))
        if name:
            await tx.run("UPDATE accounts SET display_name = %s WHERE id = %s", (name, therapist_id))
    return Room(room_id, actor(Role.CLIENT, client_id), actor(Role.THERAPIST, therapist_id))


async def promise(
    tx: Transaction,
    where: Room,
    opened_at: datetime,
    *,
    state: str = "met",
    after: timedelta | None = timedelta(hours=1),
    due_after: timedelta | None = timedelta(hours=8),
    kind: str = "next_response",
    policy: str = "next_response",
    held: str | None = None,
    extension: timedelta = timedelta(),
    reason: str | None = None,
) -> UUID:
    """A clock that opened then, was due so long after, and ended (`after`; None while it runs) in this state."""
    clock_id = uuid4()
    due_at = None if due_after is None else opened_at + due_after
    await tx.insert(
        "response_clocks",
        id=clock_id,
        room_id=where.id,
        therapist_id=where.therapist.account_id,
        kind=kind,
        opened_at=opened_at,
        opened_seq=1,
        client_messages=1,
        policy=Jsonb(policy_to_json(preset(policy))),
        policy_name=policy,
        calendar_version=1,
        state=state,
        held=held,
        due_at=due_at,
        extension_seconds=int(extension.total_seconds()),
        alarms={"rungs": []},
        closed_at=None if after is None else opened_at + after,
        reason=reason,
    )
    if state == "late" and due_at is not None:
        await tx.insert(
            "clock_breaches", clock_id=clock_id, room_id=where.id, breached_at=due_at, recorded_at=due_at
        )
    return clock_id


async def second_opinion(
    tx: Transaction, where: Room, asked_at: datetime, *, state: str = "met", after: timedelta | None
) -> None:
    """A consult that the room's therapist asked for then, due after four hours. The transaction is a supervisor's."""
    late = state == "late" or after is None
    await tx.insert(
        "consults",
        id=uuid4(),
        room_id=where.id,
        asked_by=where.therapist.account_id,
        asked_at=asked_at,
        question_sealed=b"",
        policy=policy_to_json(preset("consult")),
        policy_name="consult",
        calendar_version=1,
        state=state,
        due_at=asked_at + timedelta(hours=4),
        fired=["nudge", "breach"] if late else [],
        answered_at=None if after is None else asked_at + after,
    )
