"""How an actor stands to a room or a client, from the facts of one instant."""

from dataclasses import dataclass

from domain.ids import AccountId, SessionId
from domain.permissions import CLINICIANS, NEEDED_DUTY
from domain.roles import Duty, Relation, Role


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks, by which session. `locked`: the device waits for its passcode. `sealed`: a client who asked to be
    forgotten, whose record the law still keeps.
    """

    account_id: AccountId
    role: Role
    duties: frozenset[Duty]
    session_id: SessionId
    locked: bool = False
    sealed: bool = False


@dataclass(frozen=True, slots=True)
class People:
    """Everyone with a part in a room or a client's care, at one instant. Sets hold what is in force then."""

    client: AccountId
    therapist: AccountId | None = None
    covering: frozenset[AccountId] = frozenset()
    former: frozenset[AccountId] = frozenset()
    offered: frozenset[AccountId] = frozenset()
    with_purpose: frozenset[AccountId] = frozenset()
    continuing: AccountId | None = None  # goes on with a closed room's care, and may read it
    co_signing: frozenset[AccountId] = frozenset()
    closed: bool = False
    sealed: bool = False  # kept for the law alone
    erased: bool = False  # nobody can read it any more
    risk_open: bool = False
    unplaced: bool = False


def relation_to_room(actor: Actor, people: People) -> Relation:
    """The strongest standing of the actor to a room. Billing and administrators never have one.

    A sealed room is a record keeper's alone, an erased one nobody's.
    """
    if people.erased or people.sealed:
        return _keepers_relation(actor, people)
    match actor.role:
        case Role.CLIENT if actor.account_id == people.client:
            return Relation.OWN_CLOSED if people.closed else Relation.OWN
        case Role.THERAPIST:
            return _therapists_relation(actor, people)
        case Role.SUPERVISOR:
            return _supervisors_relation(actor, people)
    return Relation.UNRELATED


def relation_to_client(actor: Actor, people: People) -> Relation:
    """The strongest standing of the actor to a client. Billing staff work on the cover: OFFICE.

    Of a sealed client an open risk flag stays with those who answer for it until a clinician closes it.
    """
    if actor.role is Role.CLIENT and actor.account_id == people.client:
        return Relation.OWN
    if actor.role is Role.BILLING:
        return Relation.OFFICE
    if people.sealed and people.risk_open and not people.erased:
        return _risk_relation(actor, people)
    return relation_to_room(actor, people)


def _risk_relation(actor: Actor, people: People) -> Relation:
    if actor.role in CLINICIANS and _responds(actor, people):
        return Relation.ON_CALL
    kept = _keepers_relation(actor, people)
    return Relation.OVERSIGHT if actor.role is Role.SUPERVISOR and kept is Relation.UNRELATED else kept


def _keepers_relation(actor: Actor, people: People) -> Relation:
    if people.erased or actor.role is not Role.SUPERVISOR or Duty.RECORD_KEEPER not in actor.duties:
        return Relation.UNRELATED
    return Relation.KEEPING if actor.account_id in people.with_purpose else Relation.SEALED


def _therapists_relation(actor: Actor, people: People) -> Relation:
    me = actor.account_id
    standings = (
        (Relation.ASSIGNED, me == people.therapist),
        (Relation.COVERING, me in people.covering),
        (Relation.ON_CALL, _responds(actor, people)),
        (Relation.CONTINUING, me == people.continuing),
        (Relation.BREAK_GLASS, me in people.with_purpose),
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
