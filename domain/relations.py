"""How an actor stands to a room or a client, from the facts of one instant."""

from dataclasses import dataclass

from domain.ids import AccountId, SessionId
from domain.permissions import NEEDED_DUTY, Duty, Relation, Role


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks, by which session. `locked`: the device waits for its passcode."""

    account_id: AccountId
    role: Role
    duties: frozenset[Duty]
    session_id: SessionId
    locked: bool = False


@dataclass(frozen=True, slots=True)
class People:
    """Everyone with a part in a room or a client's care, at one instant. Sets hold what is in force then."""

    client: AccountId
    therapist: AccountId | None = None
    covering: frozenset[AccountId] = frozenset()
    former: frozenset[AccountId] = frozenset()
    offered: frozenset[AccountId] = frozenset()
    with_purpose: frozenset[AccountId] = frozenset()
    co_signing: frozenset[AccountId] = frozenset()
    closed: bool = False
    risk_open: bool = False
    unplaced: bool = False


def relation_to_room(actor: Actor, people: People) -> Relation:
    """The strongest standing of the actor to a room. Billing and administrators never have one."""
    match actor.role:
        case Role.CLIENT if actor.account_id == people.client:
            return Relation.OWN_CLOSED if people.closed else Relation.OWN
        case Role.THERAPIST:
            return _therapists_relation(actor, people)
        case Role.SUPERVISOR:
            return _supervisors_relation(actor, people)
    return Relation.UNRELATED


def relation_to_client(actor: Actor, people: People) -> Relation:
    """The strongest standing of the actor to a client. Billing staff work on the cover: OFFICE."""
    if actor.role is Role.CLIENT and actor.account_id == people.client:
        return Relation.OWN
    if actor.role is Role.BILLING:
        return Relation.OFFICE
    return relation_to_room(actor, people)


def _therapists_relation(actor: Actor, people: People) -> Relation:
    me = actor.account_id
    standings = (
        (Relation.ASSIGNED, me == people.therapist),
        (Relation.COVERING, me in people.covering),
        (Relation.ON_CALL, _responds(actor, people)),
        (Relation.OFFERED, me in people.offered),
        (Relation.CO_SIGNING, me in people.co_signing and Duty.CO_SIGNER in actor.duties),
        (Relation.MATCHING, people.unplaced and Duty.MATCHER in actor.duties),
        (Relation.FORMER, me in people.former),
    )
    return next((relation for relation, holds in standings if holds), Relation.UNRELATED)


def _supervisors_relation(actor: Actor, people: People) -> Relation:
    me = actor.account_id
    standings = (
        (Relation.WITH_PURPOSE, me in people.with_purpose),
        (Relation.ON_CALL, _responds(actor, people)),
        (Relation.CO_SIGNING, me in people.co_signing and Duty.CO_SIGNER in actor.duties),
    )
    return next((relation for relation, holds in standings if holds), Relation.OVERSIGHT)


def _responds(actor: Actor, people: People) -> bool:
    return people.risk_open and bool(actor.duties & NEEDED_DUTY[Relation.ON_CALL])
