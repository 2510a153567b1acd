"""How the actor of a transaction stands to a room or a client, and the permits that follow from it.

Every refusal carries what was tried (`domain.access.Refusal`); the API records it after the rollback.
"""

from uuid import UUID

from domain.access import (
    Action,
    Actor,
    People,
    ReadableClientId,
    ReadableRoomId,
    RelatedClient,
    RelatedRoom,
    Relation,
    Role,
    VisibleRoomId,
    WritableClientId,
    WritableRoomId,
    readable_client,
    readable_room,
    relation_to_client,
    relation_to_room,
    visible_room,
    writable_client,
    writable_room,
)
from domain.errors import Unauthenticated
from domain.ids import AccountId, ClientId, RoomId
from records.database import Row, Transaction

_ROOM = """
SELECT r.client_id, r.therapist_id, r.state = 'closed' AS closed, r.state = 'sealed' AS sealed,
       r.state = 'erased' AS erased,
       ARRAY(SELECT c.therapist_id FROM covers c
             WHERE c.room_id = r.id AND c.starts_at <= %(now)s AND %(now)s < c.ends_at) AS covering,
       ARRAY(SELECT o.therapist_id FROM cover_offers o
             WHERE o.room_id = r.id AND o.state = 'open' AND %(now)s < o.ends_at) AS offered,
       ARRAY(SELECT a.account_id FROM room_access a
             WHERE a.room_id = r.id AND a.granted_at <= %(now)s AND %(now)s < a.expires_at) AS with_purpose,
       (SELECT n.therapist_id FROM room_transfers t JOIN rooms n ON n.id = t.to_room_id AND n.state = 'open'
        WHERE r.state = 'closed' AND t.from_room_id = r.id AND t.history_shared) AS continuing,
       EXISTS (SELECT 1 FROM risk_flags f WHERE f.client_id = r.client_id AND f.state <> 'closed') AS risk_open
FROM rooms r WHERE r.id = %(id)s
"""

# A client's people: the therapist of the open room, those of earlier rooms, and whoever holds an offer. After the end
# of care an open risk flag stays with the therapist of its room until it is closed.
_CLIENT = """
SELECT c.id AS client_id, c.closed_at IS NOT NULL AS closed, c.sealed_at IS NOT NULL AS sealed,
       c.erased_at IS NOT NULL AS erased,
       (SELECT r.therapist_id FROM rooms r WHERE r.client_id = c.id
        AND (r.state = 'open' OR r.state = 'closed' AND c.closed_at IS NOT NULL AND EXISTS (
            SELECT 1 FROM risk_flags f WHERE f.room_id = r.id AND f.state <> 'closed'))
        ORDER BY r.state = 'open' DESC, r.closed_at DESC LIMIT 1) AS therapist_id,
       EXISTS (SELECT 1 FROM matches m WHERE m.client_id = c.id AND m.from_room_id IS NOT NULL
               AND m.status IN ('ranking', 'choosing', 'offering', 'human')) AS switching,
       ARRAY(SELECT r.therapist_id FROM rooms r WHERE r.client_id = c.id AND r.state = 'closed') AS former,
       ARRAY(SELECT v.therapist_id FROM covers v JOIN rooms r ON r.id = v.room_id
             WHERE r.client_id = c.id AND v.starts_at <= %(now)s AND %(now)s < v.ends_at) AS covering,
       ARRAY(SELECT o.therapist_id FROM offers o WHERE o.client_id = c.id AND o.state = 'open') AS offered,
       ARRAY(SELECT a.account_id FROM room_access a JOIN rooms r ON r.id = a.room_id
             WHERE r.client_id = c.id AND a.granted_at <= %(now)s AND %(now)s < a.expires_at) AS with_purpose,
       EXISTS (SELECT 1 FROM risk_flags f WHERE f.client_id = c.id AND f.state <> 'closed') AS risk_open
FROM clients c WHERE c.id = %(id)s
"""

# The billing login may not look at covers, purposes or risk, and billing staff never stand to a room by them.
_OFFICE = frozenset({Role.BILLING, Role.ADMINISTRATOR})


async def related_room(tx: Transaction, actor: Actor, room_id: UUID) -> RelatedRoom:
    """How the actor stands to a room now. A room that is not there is UNRELATED: nobody learns the difference."""
    row = None
    if actor.role not in _OFFICE:
        row = await tx.one(_ROOM, {"id": room_id, "now": tx.now})
    relation = relation_to_room(actor, _people(row)) if row else Relation.UNRELATED
    return RelatedRoom(RoomId(room_id), relation)


async def related_client(tx: Transaction, actor: Actor, client_id: UUID) -> RelatedClient:
    """How the actor stands to a client now. A client who is not there is UNRELATED."""
    statement = "SELECT id AS client_id FROM clients WHERE id = %(id)s" if actor.role in _OFFICE else _CLIENT
    row = await tx.one(statement, {"id": client_id, "now": tx.now})
    relation = relation_to_client(actor, _people(row)) if row else Relation.UNRELATED
    return RelatedClient(ClientId(client_id), relation)


async def visible(tx: Transaction, room_id: UUID, action: Action = Action.READ_ROOM_HEADER) -> VisibleRoomId:
    """Permit to see or manage a room without its content.

    Raises NotFound (not yours, or not there), Forbidden, PasscodeLocked, Unauthenticated.
    """
    actor = signed_in_actor(tx)
    return visible_room(actor, await related_room(tx, actor, room_id), action)


async def readable(tx: Transaction, room_id: UUID, action: Action = Action.READ_MESSAGES) -> ReadableRoomId:
    """Permit to read a room's content. Raises as `visible`; Forbidden `purpose_required` for supervisors."""
    actor = signed_in_actor(tx)
    return readable_room(actor, await related_room(tx, actor, room_id), action)


async def writable(tx: Transaction, room_id: UUID, action: Action = Action.POST_MESSAGE) -> WritableRoomId:
    """Permit to write in a room. Raises as `readable`."""
    actor = signed_in_actor(tx)
    return writable_room(actor, await related_room(tx, actor, room_id), action)


async def readable_chart(tx: Transaction, client_id: UUID, action: Action) -> ReadableClientId:
    """Permit to read what `action` names of a client. Raises as `readable`."""
    actor = signed_in_actor(tx)
    return readable_client(actor, await related_client(tx, actor, client_id), action)


async def writable_chart(tx: Transaction, client_id: UUID, action: Action) -> WritableClientId:
    """Permit to change what `action` names of a client. Raises as `readable`."""
    actor = signed_in_actor(tx)
    return writable_client(actor, await related_client(tx, actor, client_id), action)


def signed_in_actor(tx: Transaction) -> Actor:
    """Who acts in this transaction. Raises Unauthenticated when the service itself does."""
    if tx.actor is None:
        raise Unauthenticated
    return tx.actor


def _people(row: Row) -> People:
    therapist = row.get("therapist_id")
    return People(
        client=AccountId(row["client_id"]),
        therapist=AccountId(therapist) if therapist else None,
        covering=_accounts(row, "covering"),
        former=_accounts(row, "former"),
        offered=_accounts(row, "offered"),
        with_purpose=_accounts(row, "with_purpose"),
        continuing=AccountId(row["continuing"]) if row.get("continuing") else None,
        closed=row.get("closed", False),
        sealed=row.get("sealed", False),
        erased=row.get("erased", False),
        risk_open=row.get("risk_open", False),
        unplaced=(therapist is None or row.get("switching", False)) and not row.get("closed", False),
    )


def _accounts(row: Row, column: str) -> frozenset[AccountId]:
    return frozenset(AccountId(who) for who in row.get(column, ()))
