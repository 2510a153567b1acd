"""A room with everything that can stand in it and around it, each by its id; and what the database holds."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import psycopg
from factories import actor
from office import open_office
from people import Api, ClientAs, Person, sign_in
from psycopg.rows import dict_row
from scenes import Scene, set_scene

from domain.access import Role
from encryption.keys import KeyScope
from encryption.rooms import seal_field
from records.database import dumps
from records.notices import notify

if TYPE_CHECKING:
    from conftest import Databases

FORGOTTEN = {"audit_events", "sessions", "throttles", "idempotency_keys"}
"""What a refused try may leave: its entry in the audit log, the device seen, the try counted."""


WIRE_NAMES = {"medium_id": "media_id"}


@dataclass(frozen=True)
class Belongings:
    """Who is who, by a name for each standing, and the ids of what is the client's."""

    people: dict[str, Person | None]
    ids: dict[str, str]


async def fill_room(api: Api, client_as: ClientAs, databases: "Databases") -> Belongings:
    """A client's room in full use, two people of care in it, one of every role outside."""
    office = await open_office(databases)
    scene = await set_scene(api, client_as)
    ids = {"room_id": str(scene.room_id), "client_id": str(scene.client.account_id)}
    ids |= await _written(api, scene)
    ids["therapist_id"] = str(scene.strangers[Role.THERAPIST].account_id)
    ids |= {"payer_id": str(office.payer_id), "payer": office.payer_code}
    async with api.care.transaction(actor(Role.CLIENT, scene.client.account_id)) as tx:
        ids |= await _arranged(tx, scene, office.payer_id)
    for name in (
        "batch_id",
        "claim_id",
        "remittance_id",
        "action_id",
        "view_id",
        "hold_id",
        "access_id",
        "run_id",
        "contract_id",
        "sponsor_id",
        "roster_id",
        "licence_id",
        "transfer_id",
    ):  # lists of the office: nobody's in person
        ids[name] = str(uuid4())
    strangers = {
        "other client"
        if role is Role.CLIENT
        else "other therapist"
        if role is Role.THERAPIST
        else role.value: who
        for role, who in scene.strangers.items()
    }
    return Belongings(
        {"client": scene.client, "therapist": scene.therapist, **strangers, "nobody": None}, ids
    )


async def _written(api: Api, scene: Scene) -> dict[str, str]:
    """By the two, through the API."""
    one, other, path = scene.client.http, scene.therapist.http, scene.path
    made = {
        "message_id": await one.post(f"{path}/messages", json={"text": "Hello."}),
        "medium_id": await one.post(f"{path}/media", json={"kind": "audio", "content_type": "audio/webm"}),
        "goal_id": await other.post(f"{path}/goals", json={"statement": "Sleep."}),
        "check_in_id": await one.post(f"{path}/check-ins"),
        "consult_id": await other.post(f"{path}/consults", json={"question": "What would you do?"}),
        "note_id": await other.post(f"{path}/notes", json={"kind": "SOAP", "sections": {"plan": "x"}}),
        "flag_id": await one.post("/v1/help-now"),
    }
    await sign_in(api, scene.client.username)
    listed = {
        "device_id": (one, "/v1/me/devices", "device_id"),
        "session_id": (one, f"{path}/messaging-sessions", "messaging_session_id"),
        "clock_id": (scene.strangers[Role.SUPERVISOR].http, "/v1/clocks", "clock_id"),
    }
    ids = {name: answer.json()[WIRE_NAMES.get(name, name)] for name, answer in made.items()}
    for name, (http, where, field) in listed.items():
        found = (await http.get(where)).json()["items"]
        ids[name] = next(each[field] for each in found if not each.get("this"))
    return ids


async def _arranged(tx: Any, scene: Scene, payer_id: UUID) -> dict[str, str]:
    """A cover that is in force, and a search with its open offer."""
    client_id, coverage_id, match_id, offer_id = scene.client.account_id, uuid4(), uuid4(), uuid4()
    ids = await _leave(tx, scene)
    key = await tx.key(KeyScope.BILLING, client_id)
    card = {"member_id": "U1234567801", "relationship": "self"}
    sealed = seal_field(key, client_id, "coverages", "details_sealed", coverage_id, dumps(card))
    await tx.insert(
        "coverages",
        id=coverage_id,
        client_id=client_id,
        kind="insurance",
        payer_id=payer_id,
        details_sealed=sealed,
        status="active",
        status_at=tx.now,
        asking=False,
        verification=1,
        version=1,
        reasons=[],
        created_at=tx.now,
    )
    await tx.insert(
        "matches",
        id=match_id,
        client_id=client_id,
        n=1,
        status="offering",
        choice=[scene.therapist.account_id],
        created_at=tx.now,
        version=1,
        misses=0,
    )
    await tx.insert(
        "offers",
        id=offer_id,
        match_id=match_id,
        client_id=client_id,
        therapist_id=scene.therapist.account_id,
        n=1,
        state="open",
        offered_at=tx.now,
        expires_at=tx.now.replace(year=2099),
    )
    await notify(tx, client_id, "step_waiting", match_id)
    told = await tx.one("SELECT id FROM notices WHERE subject_id = %s", (match_id,))
    return {
        **ids,
        "coverage_id": str(coverage_id),
        "search_id": str(match_id),
        "offer_id": str(offer_id),
        "notice_id": str(told["id"]),
    }


async def _leave(tx: Any, scene: Scene) -> dict[str, str]:
    """Time off of the room's therapist, and a cover that they are asked for."""
    leave_id, offer_id, far = uuid4(), uuid4(), tx.now.replace(year=2098)
    who = scene.therapist.account_id
    span = {"starts_at": far, "ends_at": far.replace(year=2099)}
    await tx.insert("leaves", id=leave_id, therapist_id=who, recorded_at=tx.now, **span)
    await tx.insert(
        "cover_offers",
        id=offer_id,
        room_id=scene.room_id,
        therapist_id=who,
        offered_at=tx.now,
        notice_at=tx.now,
        expires_at=far,
        state="open",
        **span,
    )
    return {"leave_id": str(leave_id), "cover_offer_id": str(offer_id)}


async def everything(databases: "Databases") -> dict[str, str]:
    """Every table's content as a fingerprint, but for what a refused try may leave."""
    owner = await psycopg.AsyncConnection.connect(databases.owner_dsn, row_factory=dict_row)
    async with owner as conn:
        found = await conn.execute(
            "SELECT format('%I.%I', schemaname, tablename) AS name, tablename FROM pg_tables"
            " WHERE schemaname IN ('public', 'keys')"
        )
        names = [row["name"] for row in await found.fetchall() if row["tablename"] not in FORGOTTEN]
        held = {}
        for name in names:
            sums = await conn.execute(
                f"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) AS sum FROM {name} t"
            )
            row = await sums.fetchone()
            assert row is not None
            held[name] = str(row["sum"])
        return held
