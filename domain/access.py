"""May this actor do this? One pure decision, and ids that only an allowed decision can mint.

Queries take `ReadableRoomId`, `WritableRoomId`, `VisibleRoomId`, `ReadableClientId` or `WritableClientId`
instead of a bare id, so a query without a permission does not type-check.
"""

from dataclasses import InitVar, dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from domain.errors import Forbidden, KindroomError, NotFound, PasscodeLocked
from domain.ids import ClientId, RoomId
from domain.permissions import (
    CLINICIANS,
    DUTY_LISTS,
    NEEDED_DUTY,
    PERMISSIONS,
    PURPOSE_OPENS,
    WHILE_LOCKED,
    WHILE_SEALED,
    Action,
)
from domain.permits import READS_CLIENT, READS_ROOM, SEES_ROOM, WRITES_CLIENT, WRITES_ROOM
from domain.relations import Actor, People, relation_to_client, relation_to_room
from domain.roles import Duty, Relation, Role

__all__ = [
    "CLINIC",
    "OWN_ACCOUNT",
    "Action",
    "Actor",
    "Clinic",
    "Decision",
    "Duty",
    "OwnAccount",
    "People",
    "ReadableClientId",
    "ReadableRoomId",
    "Refusal",
    "RelatedClient",
    "RelatedRoom",
    "Relation",
    "Role",
    "Verdict",
    "VisibleRoomId",
    "WritableClientId",
    "WritableRoomId",
    "can",
    "readable_client",
    "readable_room",
    "relation_to_client",
    "relation_to_room",
    "require",
    "visible_room",
    "writable_client",
    "writable_room",
]


@dataclass(frozen=True, slots=True)
class OwnAccount:
    """The actor's own account, lists and settings."""

    relation: Relation = Relation.SELF


@dataclass(frozen=True, slots=True)
class Clinic:
    """The service as a whole: lists, desks, reports, settings."""

    relation: Relation = Relation.CLINIC


@dataclass(frozen=True, slots=True)
class RelatedRoom:
    """A room and how the actor stands to it."""

    room_id: RoomId
    relation: Relation


@dataclass(frozen=True, slots=True)
class RelatedClient:
    """A client (the chart, the journey, the cover) and how the actor stands to them."""

    client_id: ClientId
    relation: Relation


Object = OwnAccount | Clinic | RelatedRoom | RelatedClient
OWN_ACCOUNT = OwnAccount()
CLINIC = Clinic()


class Verdict(StrEnum):
    """How a request ends, before anything is done."""

    ALLOWED = "allowed"
    NOT_FOUND = "not_found"
    FORBIDDEN = "forbidden"
    LOCKED = "locked"


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict; `code` names the reason of a FORBIDDEN: `other_role` or `purpose_required`."""

    verdict: Verdict
    code: str | None = None

    @property
    def allowed(self) -> bool:
        """True for ALLOWED only."""
        return self.verdict is Verdict.ALLOWED


@dataclass(frozen=True, slots=True)
class Refusal:
    """A try that was refused: who, what, on which room or client. Carried by the error, for the audit log."""

    actor: Actor
    action: Action
    verdict: Verdict
    room_id: RoomId | None = None
    client_id: ClientId | None = None


_ALLOWED = Decision(Verdict.ALLOWED)
_NOT_FOUND = Decision(Verdict.NOT_FOUND)
_LOCKED = Decision(Verdict.LOCKED)
_OTHER_ROLE = Decision(Verdict.FORBIDDEN, "other_role")
_PURPOSE_REQUIRED = Decision(Verdict.FORBIDDEN, "purpose_required")


def can(actor: Actor, action: Action, obj: Object) -> Decision:
    """Decide. Lists and settings of another role are FORBIDDEN; rooms and clients that are not one's own
    are NOT_FOUND, as if they were not there; a locked device gets help, unlock and logout only. To a client who
    asked to be forgotten all is NOT_FOUND but the account, help, and the erasure itself."""
    if actor.locked and action not in WHILE_LOCKED:
        return _LOCKED
    if actor.sealed and action not in WHILE_SEALED:
        return _NOT_FOUND
    if action in _permitted(actor, obj.relation):
        return _ALLOWED
    if obj.relation in (Relation.SELF, Relation.CLINIC):
        return _OTHER_ROLE
    supervises = actor.role is Role.SUPERVISOR and obj.relation is not Relation.UNRELATED
    return _PURPOSE_REQUIRED if supervises and action in PURPOSE_OPENS else _NOT_FOUND


def _permitted(actor: Actor, relation: Relation) -> frozenset[Action]:
    needed = NEEDED_DUTY.get(relation)
    if needed is not None and not needed & actor.duties:
        return frozenset()
    permitted = PERMISSIONS.get((actor.role, relation), frozenset())
    if relation is Relation.CLINIC and actor.role in CLINICIANS:
        permitted = permitted.union(*(DUTY_LISTS[duty] for duty in actor.duties))
    return permitted


def require(actor: Actor, action: Action, obj: Object) -> None:
    """Return if allowed; else raise NotFound, Forbidden (with its code) or PasscodeLocked, with the refusal."""
    decision = can(actor, action, obj)
    if decision.allowed:
        return
    error = _error(decision)
    error.refusal = Refusal(
        actor,
        action,
        decision.verdict,
        room_id=obj.room_id if isinstance(obj, RelatedRoom) else None,
        client_id=obj.client_id if isinstance(obj, RelatedClient) else None,
    )
    raise error


def _error(decision: Decision) -> KindroomError:
    match decision.verdict:
        case Verdict.LOCKED:
            return PasscodeLocked()
        case Verdict.FORBIDDEN:
            return Forbidden(decision.code)
        case _:
            return NotFound()


# The permit's constructor wants this very object. It is an InitVar, so dataclasses.replace() cannot carry a
# permit over to another id either.
_MINT = object()

_Id = TypeVar("_Id", RoomId, ClientId)


@dataclass(frozen=True)
class _Permit(Generic[_Id]):
    """An id, who may use it, for which action and why. Reads are audited from these fields."""

    id: _Id
    actor: Actor
    action: Action
    relation: Relation
    mint: InitVar[object]

    def __post_init__(self, mint: object) -> None:
        if mint is not _MINT:
            raise TypeError("permits are minted by domain.access only")


@dataclass(frozen=True)
class VisibleRoomId(_Permit[RoomId]):
    """A room whose header, clock, access log or flags the actor may see or manage; none of its content."""


@dataclass(frozen=True)
class ReadableRoomId(_Permit[RoomId]):
    """A room whose content the actor may read now."""


@dataclass(frozen=True)
class WritableRoomId(_Permit[RoomId]):
    """A room in which the actor may write now, by the one `action`."""


@dataclass(frozen=True)
class ReadableClientId(_Permit[ClientId]):
    """A client of whom the actor may read what `action` names."""


@dataclass(frozen=True)
class WritableClientId(_Permit[ClientId]):
    """A client for whom the actor may change what `action` names."""


def visible_room(actor: Actor, room: RelatedRoom, action: Action = Action.READ_ROOM_HEADER) -> VisibleRoomId:
    """Permit to see or manage a room without its content (actions of SEES_ROOM).

    Raises NotFound, Forbidden, PasscodeLocked; ValueError when `action` is of another kind (a bug).
    """
    _require_kind(actor, action, room, SEES_ROOM)
    return VisibleRoomId(room.room_id, actor, action, room.relation, _MINT)


def readable_room(actor: Actor, room: RelatedRoom, action: Action = Action.READ_MESSAGES) -> ReadableRoomId:
    """Permit to read a room's content (actions of READS_ROOM). Raises as `visible_room`."""
    _require_kind(actor, action, room, READS_ROOM)
    return ReadableRoomId(room.room_id, actor, action, room.relation, _MINT)


def writable_room(actor: Actor, room: RelatedRoom, action: Action = Action.POST_MESSAGE) -> WritableRoomId:
    """Permit to write in a room (actions of WRITES_ROOM). Raises as `visible_room`."""
    _require_kind(actor, action, room, WRITES_ROOM)
    return WritableRoomId(room.room_id, actor, action, room.relation, _MINT)


def readable_client(actor: Actor, client: RelatedClient, action: Action) -> ReadableClientId:
    """Permit to read what `action` (of READS_CLIENT) names of a client. Raises as `visible_room`."""
    _require_kind(actor, action, client, READS_CLIENT)
    return ReadableClientId(client.client_id, actor, action, client.relation, _MINT)


def writable_client(actor: Actor, client: RelatedClient, action: Action) -> WritableClientId:
    """Permit to change what `action` (of WRITES_CLIENT) names of a client. Raises as `visible_room`."""
    _require_kind(actor, action, client, WRITES_CLIENT)
    return WritableClientId(client.client_id, actor, action, client.relation, _MINT)


def _require_kind(actor: Actor, action: Action, obj: Object, kind: frozenset[Action]) -> None:
    if action not in kind:
        raise ValueError(f"{action} needs another kind of permit")
    require(actor, action, obj)
