"""A client in care with something in every place, years ago or today; and what is left of them afterwards."""

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import psycopg
from factories import Room, account, actor, room
from office import signed_note
from psycopg.rows import dict_row

from domain.access import Action, Actor, Duty, Role, writable_room
from domain.goals import GoalTerms
from domain.guardians import Answer
from domain.suitability import Suitability
from encryption.keys import KeyScope
from encryption.rooms import seal_field
from integrations.blobs.port import Blobs
from records import (
    erasures,
    goals,
    guardian_letters,
    guardians,
    marks,
    messages,
    relations,
    risk,
    rooms,
    suitability,
)
from records.clinic import CLINIC_ID, clinic_key
from records.messages import NewMessage

if TYPE_CHECKING:
    from conftest import Databases

LONG_AGO = datetime(2012, 3, 1, 15, tzinfo=UTC)
SECRET = "The lighthouse sang to me"


async def in_care(databases: "Databases", at: datetime | None = None, blobs: Blobs | None = None) -> Room:
    """An open room with words of both, a draft, a star, a goal, a signed note, a recording, an answered flag."""
    where = await room(databases.care, at=at)
    first = None
    for n, who in enumerate((where.therapist, where.client, where.therapist)):
        door = await rooms.door(databases.care, who, where.id)
        new = NewMessage(str(uuid4()), f"{SECRET} {n}")
        posted = await messages.post(
            databases.care,
            writable_room(who, door.related),
            door.key,
            new,
            at=at + timedelta(minutes=n) if at else None,
        )
        first = first or posted.message_id
    assert first is not None
    async with databases.care.transaction(where.client, at) as tx:
        writable = await relations.writable(tx, where.id, Action.SAVE_DRAFT)
        await marks.save_draft(tx, writable, SECRET)
        await marks.star(tx, await relations.readable(tx, where.id, Action.STAR), first, on=True)
        await goals.add(tx, await relations.writable(tx, where.id, Action.SET_GOAL), GoalTerms(SECRET))
    await signed_note(databases, where)
    await _more(databases, where, at, blobs)
    if at is not None:
        await as_of(databases, where, at)
    return where


async def _more(databases: "Databases", where: Room, at: datetime | None, blobs: Blobs | None) -> None:
    client_id, medium_id = where.client.account_id, uuid4()
    async with databases.care.transaction(where.client, at) as tx:
        key = await tx.new_key(KeyScope.MEDIA, medium_id)
        await tx.insert(
            "media",
            id=medium_id,
            room_id=where.id,
            sender_id=client_id,
            kind="audio",
            state="ready",
            content_type="audio/mp4",
            received=3,
            version=1,
            created_at=tx.now,
            details_sealed=seal_field(key, medium_id, "media", "details", medium_id, "[900, [1, 2], 0, 0]"),
        )
        await tx.run(
            "UPDATE messages SET media_id = %s"
            " WHERE id = (SELECT id FROM messages WHERE room_id = %s AND sender_id = %s LIMIT 1)",
            (medium_id, where.id, client_id),
        )
        chart = await tx.key(KeyScope.CHART, client_id)
        await tx.run(
            "UPDATE clients SET intake_sealed = %s WHERE id = %s",
            (seal_field(chart, client_id, "clients", "intake_sealed", client_id, SECRET), client_id),
        )
        clinic = await clinic_key(tx)
        await tx.run(
            "UPDATE accounts SET email_sealed = %s, username_index = %s WHERE id = %s",
            (
                seal_field(clinic, CLINIC_ID, "accounts", "email_sealed", client_id, "ana@example.org"),
                b"index" + client_id.bytes,
                client_id,
            ),
        )
        await tx.insert(
            "sessions",
            id=uuid4(),
            account_id=client_id,
            token_hash=client_id.bytes,
            name_sealed=b"Ana's phone, sealed",
            created_at=tx.now,
            last_seen_at=tx.now,
            expires_at=tx.now + timedelta(days=36_500),
            passcode_tries=0,
        )
    if blobs is not None:
        await blobs.put(f"rooms/{where.id}/{medium_id}/play", b"sealed")
    await _flag(databases, where)
    await _letters(databases, where)


async def _letters(databases: "Databases", where: Room) -> None:
    """A guardian was asked and agreed; a clinician decided what care fits, with reasons."""
    client_id = where.client.account_id
    async with databases.care.transaction(where.client) as tx:
        await guardian_letters.ask(tx, client_id, "rosa@example.org", date(2010, 4, 2), "TX")
        await suitability.settle(tx, client_id, {"safety.private_channel": False})
    async with databases.worker.transaction() as tx:
        (letter,) = await guardian_letters.to_mail(tx)
        await guardian_letters.mark_mailed(tx, letter.id)
    said = guardians.Reply(Answer.CONSENTED, date(2010, 4, 2), "Rosa Rivera")
    await guardians.reply(databases.care, letter.token, said)
    supervisor = actor(Role.SUPERVISOR)
    async with databases.care.transaction(supervisor) as tx:
        permit = await relations.writable_chart(tx, client_id, Action.DECIDE_SUITABILITY)
        await suitability.decide(tx, permit, Suitability.MESSAGING, SECRET)


async def _flag(databases: "Databases", where: Room) -> None:
    """Raised with a way to reach them, and closed with a rationale."""
    async with databases.care.transaction(where.client) as tx:
        flag = await risk.ask_for_help(tx, where.client.account_id, "+1 555 0100")
    async with databases.care.transaction(where.therapist) as tx:
        await risk.acknowledge(tx, flag.id)
        await risk.close(tx, flag.id, SECRET)


async def as_of(databases: "Databases", where: Room, at: datetime) -> None:
    """Everything of this client happened then: rows whose instants the seeds cannot set, set by their owner."""
    owner = await psycopg.AsyncConnection.connect(databases.owner_dsn)
    async with owner as conn:
        await conn.execute("ALTER TABLE notes DISABLE TRIGGER signed_is_locked")
        await conn.execute("UPDATE notes SET signed_at = %s WHERE room_id = %s", (at, where.id))
        await conn.execute("ALTER TABLE notes ENABLE TRIGGER signed_is_locked")
        await conn.execute(
            "UPDATE risk_flags SET opened_at = %(at)s, acknowledged_at = %(at)s, closed_at = %(at)s"
            " WHERE client_id = %(id)s",
            {"at": at, "id": where.client.account_id},
        )


async def keeper(databases: "Databases") -> Actor:
    """A supervisor with the duty of record keeper."""
    async with databases.care.transaction() as tx:
        who = await account(tx, Role.SUPERVISOR)
        await tx.insert("duties", account_id=who, duty="record_keeper", granted_at=tx.now)
    base = actor(Role.SUPERVISOR, who)
    return Actor(base.account_id, base.role, frozenset({Duty.RECORD_KEEPER}), base.session_id)


async def administrator(databases: "Databases") -> Actor:
    """Somebody who places holds."""
    async with databases.care.transaction() as tx:
        return actor(Role.ADMINISTRATOR, await account(tx, Role.ADMINISTRATOR))


async def asked(databases: "Databases", where: Room, at: datetime | None = None) -> date | None:
    """The client asks to be forgotten; until when the law keeps the record."""
    async with databases.care.transaction(where.client, at) as tx:
        return (await erasures.ask(tx, where.client.account_id)).until


async def rows(databases: "Databases", statement: str, *params: Any) -> list[dict[str, Any]]:
    """What the owner of the schema sees."""
    owner = await psycopg.AsyncConnection.connect(databases.owner_dsn, row_factory=dict_row)
    async with owner as conn:
        return await (await conn.execute(statement, params)).fetchall()


async def sealed_left(databases: "Databases", client_id: UUID) -> dict[str, int]:
    """Sealed or naming columns that still hold something of this client, by table and column."""
    left = {}
    for name, where in PLACES.items():
        table, column = name.split(".")
        found = await rows(
            databases,
            f"SELECT count(*) AS n FROM {table} x WHERE {where} AND length({column}) > 0",
            *[client_id] * where.count("%s"),
        )
        if found[0]["n"]:
            left[name] = found[0]["n"]
    return left


_ROOM = "x.room_id IN (SELECT id FROM rooms WHERE client_id = %s)"
_CLIENT = "x.client_id = %s"
PLACES = {
    "messages.body": _ROOM,
    "messages.fingerprint": _ROOM,
    "message_revisions.body": _ROOM,
    "drafts.body": _ROOM,
    "notes.body": _ROOM,
    "goal_versions.body": _ROOM,
    "check_ins.answers": _ROOM,
    "consults.question_sealed": _ROOM,
    "consults.answer_sealed": _ROOM,
    "room_access.reason_sealed": _ROOM,
    "room_access.review_reason_sealed": _ROOM,
    "media.details_sealed": _ROOM,
    "media.captions_sealed": _ROOM,
    "breach_reviews.note_sealed": "x.clock_id IN (SELECT c.id FROM response_clocks c JOIN rooms r ON r.id = c.room_id"
    " WHERE r.client_id = %s)",
    "measure_responses.answers_sealed": _CLIENT,
    "measure_responses.result_sealed": _CLIENT,
    "intake_corrections.earlier_sealed": _CLIENT,
    "consents.signature_sealed": _CLIENT,
    "match_candidates.explanation_sealed": "x.match_id IN (SELECT id FROM matches WHERE client_id = %s)",
    "client_needs.needs_sealed": _CLIENT,
    "client_places.state": _CLIENT,
    "switch_reasons.reason_sealed": _CLIENT,
    "room_transfers.note_sealed": _CLIENT,
    "risk_flags.contact_sealed": _CLIENT,
    "risk_flags.rationale_sealed": _CLIENT,
    "suitability_decisions.rationale_sealed": _CLIENT,
    "suitability_decisions.letter_sealed": _CLIENT,
    "guardian_consents.contact_sealed": _CLIENT,
    "guardian_consents.token_sealed": _CLIENT,
    "guardian_consents.born_hash": _CLIENT,
    "guardian_consents.signature_sealed": _CLIENT,
    "legal_holds.reason_sealed": _CLIENT,
    "diagnoses.code_sealed": _CLIENT,
    "coverages.details_sealed": _CLIENT,
    "coverages.answer_sealed": _CLIENT,
    "coverages.member_index": _CLIENT,
    "eligibility_checks.raw_sealed": "x.coverage_id IN (SELECT id FROM coverages WHERE client_id = %s)",
    "claim_batches.content_sealed": "x.id IN (SELECT batch_id FROM claims WHERE client_id = %s)",
    "clearinghouse_reports.content_sealed": "x.batch_id IN (SELECT batch_id FROM claims WHERE client_id = %s)",
    "clients.profile_sealed": "x.id = %s",
    "clients.intake_sealed": "x.id = %s",
    "accounts.email_sealed": "x.id = %s",
    "accounts.totp_sealed": "x.id = %s",
    "sessions.name_sealed": "x.account_id = %s",
    "idempotency_keys.answer_sealed": "x.principal_id = %s",
    "push_subscriptions.endpoint_sealed": "x.account_id = %s",
}
