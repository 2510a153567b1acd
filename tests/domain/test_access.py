"""Who may do what: the table, told a second time and from the other side, action by action."""

import dataclasses
from itertools import product
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import permissions, permits
from domain.access import (
    CLINIC,
    OWN_ACCOUNT,
    Action,
    Actor,
    Decision,
    Duty,
    People,
    ReadableRoomId,
    RelatedClient,
    RelatedRoom,
    Relation,
    Role,
    Verdict,
    can,
    readable_client,
    readable_room,
    relation_to_client,
    relation_to_room,
    require,
    visible_room,
    writable_client,
    writable_room,
)
from domain.errors import Forbidden, NotFound, PasscodeLocked
from domain.ids import AccountId, ClientId, RoomId, SessionId

A = Action
ROOM = RoomId(UUID(int=1))
CHART = ClientId(UUID(int=2))
ME, CLIENT, OTHER = (AccountId(UUID(int=n)) for n in (10, 11, 12))

# Short names of the standings, so that a line below reads as a sentence.
CLIENT_SELF = (Role.CLIENT, Relation.SELF)
THERAPIST_SELF = (Role.THERAPIST, Relation.SELF)
OWN = (Role.CLIENT, Relation.OWN)
OWN_CLOSED = (Role.CLIENT, Relation.OWN_CLOSED)
ASSIGNED = (Role.THERAPIST, Relation.ASSIGNED)
COVERING = (Role.THERAPIST, Relation.COVERING)
CONTINUING = (Role.THERAPIST, Relation.CONTINUING)
FORMER = (Role.THERAPIST, Relation.FORMER)
OFFERED = (Role.THERAPIST, Relation.OFFERED)
ON_CALL = (Role.THERAPIST, Relation.ON_CALL)
BREAK_GLASS = (Role.THERAPIST, Relation.BREAK_GLASS)
MATCHER = (Role.THERAPIST, Relation.MATCHING)
CO_SIGNER = (Role.THERAPIST, Relation.CO_SIGNING)
OVERSIGHT = (Role.SUPERVISOR, Relation.OVERSIGHT)
PURPOSE = (Role.SUPERVISOR, Relation.WITH_PURPOSE)
SUP_ON_CALL = (Role.SUPERVISOR, Relation.ON_CALL)
SUP_CO_SIGNER = (Role.SUPERVISOR, Relation.CO_SIGNING)
SUP_SEALED = (Role.SUPERVISOR, Relation.SEALED)
KEEPER = (Role.SUPERVISOR, Relation.KEEPING)
SUP_CLINIC = (Role.SUPERVISOR, Relation.CLINIC)
OFFICE = (Role.BILLING, Relation.OFFICE)
BILLING = (Role.BILLING, Relation.CLINIC)
ADMIN = (Role.ADMINISTRATOR, Relation.CLINIC)
EVERYONE = [(role, Relation.SELF) for role in Role]
CARE = [ASSIGNED, COVERING]
KEEPERS = [SUP_SEALED, KEEPER]
SUPERVISION = [OVERSIGHT, PURPOSE, SUP_ON_CALL, SUP_CO_SIGNER]
RESPONDERS = [ON_CALL, SUP_ON_CALL, BREAK_GLASS]
CLIENTS_CHART = [CLIENT_SELF, OWN]

EXPECTED: dict[Action, list[tuple[Role, Relation]]] = {
    A.HELP_NOW: EVERYONE,
    A.UNLOCK: EVERYONE,
    A.LOGOUT: EVERYONE,
    A.LOCK: EVERYONE,
    A.SET_PASSCODE: EVERYONE,
    A.READ_ME: EVERYONE,
    A.MANAGE_DEVICES: EVERYONE,
    A.READ_EVENTS: EVERYONE,
    A.READ_NOTICES: EVERYONE,
    A.CHOOSE_NOTICES: EVERYONE,
    A.READ_JOURNEY: [*CLIENTS_CHART, ASSIGNED, *SUPERVISION, *KEEPERS],
    A.PAUSE_JOURNEY: CLIENTS_CHART,
    A.LEAVE: CLIENTS_CHART,
    A.ERASE_RECORD: CLIENTS_CHART,
    A.READ_INTAKE: [*CLIENTS_CHART],
    A.READ_INTAKE_RECORD: [*CARE, PURPOSE, *RESPONDERS, KEEPER],
    A.SAVE_INTAKE: CLIENTS_CHART,
    A.SET_LOCATION: CLIENTS_CHART,
    A.CONSENT: CLIENTS_CHART,
    A.ANSWER_MEASURE: CLIENTS_CHART,
    A.READ_MEASURES: [*CLIENTS_CHART, *CARE, PURPOSE, *RESPONDERS, KEEPER],
    A.GIVE_COVERAGE: CLIENTS_CHART,
    A.READ_COVERAGE: [*CLIENTS_CHART, OFFICE],
    A.READ_MATCHES: CLIENTS_CHART,
    A.CHOOSE_MATCH: CLIENTS_CHART,
    A.SWITCH_THERAPIST: CLIENTS_CHART,
    A.EXPORT_RECORD: [*CLIENTS_CHART, OWN_CLOSED, KEEPER],
    A.LIST_ROOMS: [CLIENT_SELF, THERAPIST_SELF],
    A.READ_ROOM_HEADER: [
        OWN,
        OWN_CLOSED,
        *CARE,
        CONTINUING,
        OFFERED,
        ON_CALL,
        *SUPERVISION,
        *KEEPERS,
        BREAK_GLASS,
    ],
    A.READ_MESSAGES: [OWN, OWN_CLOSED, *CARE, CONTINUING, PURPOSE, *RESPONDERS, KEEPER],
    A.POST_MESSAGE: [OWN, *CARE, PURPOSE, *RESPONDERS],
    A.CORRECT_MESSAGE: [OWN, *CARE],
    A.SEARCH_ROOM: [OWN, OWN_CLOSED, *CARE, CONTINUING, PURPOSE, KEEPER, BREAK_GLASS],
    A.STAR: [OWN, OWN_CLOSED, *CARE],
    A.MARK_READ: [OWN, OWN_CLOSED, *CARE, PURPOSE, *RESPONDERS],
    A.SAVE_DRAFT: [OWN, *CARE, PURPOSE, *RESPONDERS],
    A.READ_ACCESS_LOG: [OWN, OWN_CLOSED, *CARE, CONTINUING, *SUPERVISION, *KEEPERS, BREAK_GLASS],
    A.OPEN_WITH_PURPOSE: [*SUPERVISION, *KEEPERS],
    A.BREAK_GLASS: [THERAPIST_SELF, (Role.SUPERVISOR, Relation.SELF)],
    A.REVIEW_ACCESS: [SUP_CLINIC],
    A.SET_ROOM_POLICY: SUPERVISION,
    A.REASSIGN: [*SUPERVISION, SUP_CLINIC],
    A.HOLD_ROOM: SUPERVISION,
    A.EXTEND_CLOCK: [OWN],
    A.CLOSE_QUESTION: [OWN],
    A.WAIVE_CLOCK: [*CARE, *SUPERVISION],
    A.ACKNOWLEDGE_CLOCK: SUPERVISION,
    A.READ_CLOCK: [*CARE, *SUPERVISION],
    A.READ_GOALS: [OWN, OWN_CLOSED, *CARE, CONTINUING, PURPOSE, KEEPER, BREAK_GLASS],
    A.SET_GOAL: [OWN, ASSIGNED],
    A.READ_CHECK_INS: [OWN, OWN_CLOSED, *CARE, CONTINUING, PURPOSE, KEEPER, BREAK_GLASS],
    A.ASK_CHECK_IN: [OWN, *CARE],
    A.ANSWER_CHECK_IN: [OWN],
    A.ASK_CONSULT: CARE,
    A.READ_CONSULTS: CARE,
    A.READ_INBOX: [THERAPIST_SELF],
    A.READ_OFFERS: [THERAPIST_SELF],
    A.ANSWER_OFFER: [OFFERED],
    A.TAKE_COVER: [OFFERED],
    A.SET_HOURS: [THERAPIST_SELF],
    A.TAKE_LEAVE: [THERAPIST_SELF],
    A.SET_CAPACITY: [THERAPIST_SELF],
    A.READ_LICENCES: [THERAPIST_SELF, SUP_CLINIC, ADMIN],
    A.READ_NOTES: [*CARE, PURPOSE, *RESPONDERS, CO_SIGNER, SUP_CO_SIGNER, KEEPER],
    A.WRITE_NOTE: [*CARE, FORMER, *RESPONDERS],
    A.SIGN_NOTE: [*CARE, FORMER, *RESPONDERS],
    A.CO_SIGN_NOTE: [CO_SIGNER, SUP_CO_SIGNER],
    A.READ_CO_SIGN_QUEUE: [],  # by duty only
    A.READ_DIAGNOSES: [*CARE, PURPOSE, KEEPER, BREAK_GLASS],
    A.ENTER_DIAGNOSIS: [ASSIGNED],
    A.ATTEST_SESSION: [ASSIGNED, FORMER],
    A.READ_BOARD: [SUP_CLINIC],
    A.READ_TIMELINE: [*SUPERVISION, *KEEPERS],
    A.READ_STUCK_JOURNEYS: [SUP_CLINIC],
    A.HELP_JOURNEY: [MATCHER, *SUPERVISION],
    A.READ_MATCH_DESK: [MATCHER, *SUPERVISION, SUP_CLINIC],
    A.PLACE_CLIENT: [MATCHER, *SUPERVISION],
    A.READ_SUITABILITY: [SUP_CLINIC],
    A.DECIDE_SUITABILITY: [MATCHER, *SUPERVISION],
    A.ANSWER_CONSULTS: [SUP_CLINIC],
    A.MANAGE_COVER: [SUP_CLINIC],
    A.MANAGE_ON_CALL: [SUP_CLINIC],
    A.MANAGE_RESPONSE_POLICIES: [SUP_CLINIC, ADMIN],
    A.READ_SUPERVISION_HEALTH: [SUP_CLINIC, ADMIN],
    A.READ_RISK_FLAGS: [*CARE, ON_CALL, *SUPERVISION, SUP_CLINIC, BREAK_GLASS],
    A.ACKNOWLEDGE_RISK: [*CARE, ON_CALL, *SUPERVISION, BREAK_GLASS],
    A.CLOSE_RISK: [*CARE, ON_CALL, *SUPERVISION],
    A.READ_SUPERVISION_REPORTS: [SUP_CLINIC],
    A.READ_CLINICAL_REPORTS: [SUP_CLINIC],
    A.READ_ELIGIBILITY_WORKLIST: [BILLING],
    A.RESOLVE_COVERAGE: [OFFICE],
    A.READ_SERVICES: [OFFICE, BILLING],
    A.BATCH_CLAIMS: [BILLING],
    A.READ_CLAIMS: [OFFICE, BILLING],
    A.POST_REMITTANCE: [BILLING],
    A.READ_REMITTANCES: [BILLING],
    A.READ_BILLING_REPORTS: [BILLING],
    A.MANAGE_PAYERS: [ADMIN],
    A.MANAGE_SPONSORS: [ADMIN],
    A.MANAGE_SCREENING: [ADMIN],
    A.MANAGE_STAFF: [ADMIN],
    A.MANAGE_RETENTION: [ADMIN],
    A.MANAGE_KEYS: [ADMIN],
    A.READ_AUDIT: [SUP_CLINIC, ADMIN],
    A.READ_SEALED_ROOMS: [],  # by duty only
}
DUTY_LISTS = {
    Duty.ON_CALL: {A.READ_RISK_FLAGS},
    Duty.CLINICAL_DIRECTOR: {A.READ_RISK_FLAGS, A.READ_CLINICAL_REPORTS, A.READ_STUCK_JOURNEYS},
    Duty.MATCHER: {A.READ_MATCH_DESK, A.READ_STUCK_JOURNEYS, A.READ_SUITABILITY},
    Duty.CO_SIGNER: {A.READ_CO_SIGN_QUEUE},
    Duty.RECORD_KEEPER: {A.READ_SEALED_ROOMS},
}
DUTY_OF = {
    Relation.ON_CALL: Duty.ON_CALL,
    Relation.MATCHING: Duty.MATCHER,
    Relation.CO_SIGNING: Duty.CO_SIGNER,
    Relation.SEALED: Duty.RECORD_KEEPER,
    Relation.KEEPING: Duty.RECORD_KEEPER,
}
# What is told in confidence. A name here must never be readable by the office or the administrator.
CONTENT = [
    A.READ_MESSAGES, A.SEARCH_ROOM, A.POST_MESSAGE, A.STAR, A.READ_NOTES, A.READ_GOALS, A.READ_CHECK_INS,
    A.READ_INTAKE_RECORD, A.READ_MEASURES, A.READ_DIAGNOSES, A.READ_RISK_FLAGS, A.EXPORT_RECORD, A.READ_TIMELINE,
    A.READ_MATCH_DESK, A.READ_CLINICAL_REPORTS,
]  # fmt: skip


def actor(role: Role, *duties: Duty, locked: bool = False, account: AccountId = ME) -> Actor:
    return Actor(account, role, frozenset(duties), SessionId(UUID(int=99)), locked)


def obj(relation: Relation) -> RelatedRoom:
    return RelatedRoom(ROOM, relation)


def expected(role: Role, relation: Relation, action: Action) -> Decision:
    if (role, relation) in EXPECTED[action]:
        return Decision(Verdict.ALLOWED)
    if relation in (Relation.SELF, Relation.CLINIC):
        return Decision(Verdict.FORBIDDEN, "other_role")
    needs_purpose = role is Role.SUPERVISOR and PURPOSE in EXPECTED[action]
    if needs_purpose and OVERSIGHT not in EXPECTED[action] and relation is not Relation.UNRELATED:
        return Decision(Verdict.FORBIDDEN, "purpose_required")
    return Decision(Verdict.NOT_FOUND)


actors = st.builds(
    actor, st.sampled_from(Role), locked=st.booleans(), account=st.sampled_from([ME, CLIENT, OTHER])
)
staff_with_any_duties = st.builds(
    lambda role, duties: actor(role, *duties), st.sampled_from(Role), st.frozensets(st.sampled_from(Duty))
)


def test_the_expected_table_tells_every_action() -> None:
    assert set(EXPECTED) == set(Action)


@pytest.mark.parametrize(("role", "relation"), list(product(Role, Relation)))
def test_every_action_is_decided_as_the_table_says(role: Role, relation: Relation) -> None:
    duties = [DUTY_OF[relation]] if relation in DUTY_OF else []
    who = actor(role, *duties)
    got = {action: can(who, action, obj(relation)) for action in Action}
    # A duty adds its lists to the clinic; the next test tells those.
    assert got == {action: expected(role, relation, action) for action in Action}


@pytest.mark.parametrize(("role", "duty"), list(product(Role, Duty)))
def test_a_duty_opens_its_lists_to_clinicians_only(role: Role, duty: Duty) -> None:
    without = {a for a in Action if can(actor(role), a, CLINIC).allowed}
    with_duty = {a for a in Action if can(actor(role, duty), a, CLINIC).allowed}
    clinician = role in (Role.THERAPIST, Role.SUPERVISOR)
    assert with_duty == (without | DUTY_LISTS[duty] if clinician else without)


@pytest.mark.parametrize("relation", DUTY_OF)
@pytest.mark.parametrize("role", Role)
def test_a_standing_by_duty_is_nothing_without_the_duty(relation: Relation, role: Role) -> None:
    assert not any(can(actor(role), action, obj(relation)).allowed for action in Action)


@given(staff_with_any_duties, st.sampled_from(Action))
def test_nobody_unrelated_is_ever_allowed_nor_told_more_than_not_found(who: Actor, action: Action) -> None:
    assert can(who, action, obj(Relation.UNRELATED)) == Decision(Verdict.NOT_FOUND)
    assert can(who, action, RelatedClient(CHART, Relation.UNRELATED)) == Decision(Verdict.NOT_FOUND)


@given(st.sampled_from(Role), st.sampled_from(Relation), st.sampled_from(Action))
def test_a_locked_device_gets_help_unlock_and_logout_only(
    role: Role, relation: Relation, action: Action
) -> None:
    decision = can(actor(role, *Duty, locked=True), action, obj(relation))
    if action in (A.HELP_NOW, A.UNLOCK, A.LOGOUT):
        assert decision == can(actor(role, *Duty), action, obj(relation))
        assert can(actor(role, locked=True), action, OWN_ACCOUNT).allowed
    else:
        assert decision.verdict is Verdict.LOCKED


@given(st.sampled_from([Role.BILLING, Role.ADMINISTRATOR]), st.frozensets(st.sampled_from(Duty)))
def test_billing_and_administrators_read_no_content_whatever_their_duties(
    role: Role, duties: frozenset[Duty]
) -> None:
    who = actor(role, *duties)
    assert not [(a, r) for a, r in product(CONTENT, Relation) if can(who, a, obj(r)).allowed]


def test_a_supervisor_reads_content_only_within_a_recorded_purpose() -> None:
    who = actor(Role.SUPERVISOR)
    before = People(client=CLIENT, therapist=OTHER)
    within = dataclasses.replace(before, with_purpose=frozenset({ME}))
    with pytest.raises(Forbidden, match="purpose_required"):
        readable_room(who, RelatedRoom(ROOM, relation_to_room(who, before)))
    permit = readable_room(who, RelatedRoom(ROOM, relation_to_room(who, within)))
    assert (permit.id, permit.relation, permit.action) == (ROOM, Relation.WITH_PURPOSE, A.READ_MESSAGES)


def test_the_purpose_of_one_supervisor_opens_nothing_to_another() -> None:
    people = People(client=CLIENT, with_purpose=frozenset({OTHER}))
    assert relation_to_room(actor(Role.SUPERVISOR), people) is Relation.OVERSIGHT


@pytest.mark.parametrize("role", [Role.CLIENT, Role.THERAPIST, Role.BILLING, Role.ADMINISTRATOR])
def test_another_client_an_unassigned_therapist_and_the_office_find_no_room(role: Role) -> None:
    who = actor(role)
    room = RelatedRoom(ROOM, relation_to_room(who, People(client=CLIENT, therapist=OTHER)))
    for mint in (visible_room, readable_room, writable_room):
        with pytest.raises(NotFound):
            mint(who, room)


def test_a_wrong_role_in_the_right_place_is_still_unrelated() -> None:
    # The account is named in every set, but as a role that has no business there.
    mine = frozenset({ME})
    people = People(ME, ME, mine, mine, mine, mine, mine, risk_open=True, unplaced=True)
    for role in (Role.BILLING, Role.ADMINISTRATOR):
        assert relation_to_room(actor(role, *Duty), people) is Relation.UNRELATED


@pytest.mark.parametrize(
    ("people", "duties", "relation"),
    [
        (People(CLIENT, therapist=ME, covering=frozenset({ME})), (), Relation.ASSIGNED),
        (People(CLIENT, therapist=OTHER, covering=frozenset({ME})), (), Relation.COVERING),
        (People(CLIENT, therapist=OTHER, former=frozenset({ME})), (), Relation.FORMER),
        (People(CLIENT, therapist=OTHER, continuing=ME, closed=True), (), Relation.CONTINUING),
        (People(CLIENT, therapist=OTHER, with_purpose=frozenset({ME})), (), Relation.BREAK_GLASS),
        (People(CLIENT, therapist=ME, with_purpose=frozenset({ME})), (), Relation.ASSIGNED),
        (People(CLIENT, offered=frozenset({ME}), former=frozenset({ME})), (), Relation.OFFERED),
        (People(CLIENT, therapist=OTHER, risk_open=True), (Duty.ON_CALL,), Relation.ON_CALL),
        (People(CLIENT, therapist=OTHER, risk_open=True), (), Relation.UNRELATED),
        (People(CLIENT, therapist=OTHER), (Duty.ON_CALL,), Relation.UNRELATED),
        (People(CLIENT, unplaced=True), (Duty.MATCHER,), Relation.MATCHING),
        (People(CLIENT, unplaced=True), (), Relation.UNRELATED),
        (People(CLIENT, co_signing=frozenset({ME})), (Duty.CO_SIGNER,), Relation.CO_SIGNING),
        (People(CLIENT, co_signing=frozenset({ME})), (), Relation.UNRELATED),
    ],
)
def test_a_therapists_standing_follows_the_facts(
    people: People, duties: tuple[Duty, ...], relation: Relation
) -> None:
    assert relation_to_room(actor(Role.THERAPIST, *duties), people) is relation


def test_after_a_switch_the_client_reads_the_old_room_but_cannot_write_in_it() -> None:
    me = actor(Role.CLIENT, account=CLIENT)
    room = RelatedRoom(ROOM, relation_to_room(me, People(client=CLIENT, closed=True)))
    assert readable_room(me, room).id == ROOM
    with pytest.raises(NotFound):
        writable_room(me, room)


def test_the_office_works_on_cover_and_finds_no_chart() -> None:
    who = actor(Role.BILLING)
    client = RelatedClient(CHART, relation_to_client(who, People(client=CLIENT)))
    assert readable_client(who, client, A.READ_COVERAGE).id == CHART
    assert writable_client(who, client, A.RESOLVE_COVERAGE).id == CHART
    with pytest.raises(NotFound):
        readable_client(who, client, A.READ_INTAKE)


def test_a_list_of_another_role_is_forbidden_not_hidden() -> None:
    with pytest.raises(Forbidden, match="other_role"):
        require(actor(Role.CLIENT), A.READ_BOARD, CLINIC)
    with pytest.raises(Forbidden, match="other_role"):
        require(actor(Role.BILLING), A.READ_INBOX, OWN_ACCOUNT)


def test_a_locked_device_mints_no_permit() -> None:
    me = actor(Role.CLIENT, locked=True, account=CLIENT)
    with pytest.raises(PasscodeLocked):
        readable_room(me, RelatedRoom(ROOM, Relation.OWN))


def test_a_permit_cannot_be_forged_nor_carried_over_to_another_room() -> None:
    me = actor(Role.CLIENT, account=CLIENT)
    permit = readable_room(me, RelatedRoom(ROOM, Relation.OWN))
    with pytest.raises(TypeError):
        ReadableRoomId(ROOM, me, A.READ_MESSAGES, Relation.OWN, object())
    with pytest.raises((TypeError, ValueError)):
        dataclasses.replace(permit, id=RoomId(UUID(int=5)))  # type: ignore[call-arg]
    with pytest.raises(dataclasses.FrozenInstanceError):
        permit.id = RoomId(UUID(int=5))  # type: ignore[misc]


def test_a_reading_permit_is_not_minted_for_a_write() -> None:
    me = actor(Role.CLIENT, account=CLIENT)
    with pytest.raises(ValueError, match="another kind"):
        readable_room(me, RelatedRoom(ROOM, Relation.OWN), A.POST_MESSAGE)
    with pytest.raises(ValueError, match="another kind"):
        visible_room(me, RelatedRoom(ROOM, Relation.OWN), A.READ_MESSAGES)


def test_no_action_has_two_kinds_of_room_permit_or_of_client_permit() -> None:
    sees, reads, writes = permits.SEES_ROOM, permits.READS_ROOM, permits.WRITES_ROOM
    assert not (sees & (reads | writes) | reads & writes)
    assert not permits.READS_CLIENT & permits.WRITES_CLIENT


def test_every_action_on_a_room_or_a_client_can_be_permitted() -> None:
    lists = (Relation.SELF, Relation.CLINIC)
    granted = {a for (_, r), actions in permissions.PERMISSIONS.items() if r not in lists for a in actions}
    kinds = (
        permits.SEES_ROOM
        | permits.READS_ROOM
        | permits.WRITES_ROOM
        | permits.READS_CLIENT
        | permits.WRITES_CLIENT
    )
    assert granted == kinds


@given(actors, st.sampled_from(Action), st.sampled_from(Relation))
def test_require_raises_exactly_when_not_allowed(who: Actor, action: Action, relation: Relation) -> None:
    decision = can(who, action, obj(relation))
    if decision.allowed:
        require(who, action, obj(relation))
        return
    with pytest.raises((NotFound, Forbidden, PasscodeLocked)) as refused:
        require(who, action, obj(relation))
    codes = {Verdict.LOCKED: "passcode_locked", Verdict.NOT_FOUND: "not_found"}
    assert refused.value.code == codes.get(decision.verdict, decision.code)


KEEPER_OF = {Duty.RECORD_KEEPER}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("duties", [frozenset(), frozenset(KEEPER_OF), frozenset(Duty)])
def test_a_sealed_room_is_there_for_record_keepers_alone(role: Role, duties: frozenset[Duty]) -> None:
    who = actor(role, *duties)
    mine = frozenset({ME})
    within = People(ME, ME, mine, mine, mine, mine, mine, sealed=True, risk_open=True, unplaced=True)
    without = dataclasses.replace(within, with_purpose=frozenset())
    keeper = role is Role.SUPERVISOR and Duty.RECORD_KEEPER in duties
    assert relation_to_room(who, within) is (Relation.KEEPING if keeper else Relation.UNRELATED)
    assert relation_to_room(who, without) is (Relation.SEALED if keeper else Relation.UNRELATED)
    erased = dataclasses.replace(within, erased=True)
    assert relation_to_room(who, erased) is Relation.UNRELATED


def test_a_record_keeper_reads_and_exports_within_a_purpose_and_never_writes() -> None:
    keeper = actor(Role.SUPERVISOR, Duty.RECORD_KEEPER)
    with pytest.raises(Forbidden, match="purpose_required"):
        readable_room(keeper, RelatedRoom(ROOM, Relation.SEALED))
    kept = RelatedRoom(ROOM, Relation.KEEPING)
    assert readable_room(keeper, kept).id == ROOM
    assert readable_room(keeper, kept, A.EXPORT_RECORD).id == ROOM
    assert not [a for a in permits.WRITES_ROOM | permits.WRITES_CLIENT if can(keeper, a, kept).allowed]


def test_an_open_risk_flag_of_a_sealed_client_stays_with_those_who_answer_for_it() -> None:
    open_risk = People(CLIENT, former=frozenset({ME}), sealed=True, risk_open=True)
    calm = dataclasses.replace(open_risk, risk_open=False)
    on_call, supervisor = actor(Role.THERAPIST, Duty.ON_CALL), actor(Role.SUPERVISOR)
    assert relation_to_client(on_call, open_risk) is Relation.ON_CALL
    assert relation_to_client(supervisor, open_risk) is Relation.OVERSIGHT
    assert relation_to_client(actor(Role.THERAPIST), open_risk) is Relation.UNRELATED
    for who in (on_call, supervisor):
        assert relation_to_client(who, calm) is Relation.UNRELATED
        assert relation_to_room(who, open_risk) is Relation.UNRELATED


@given(st.sampled_from(Relation), st.sampled_from(Action))
def test_who_asked_to_be_forgotten_keeps_the_account_help_and_the_way_back(
    relation: Relation, action: Action
) -> None:
    me = actor(Role.CLIENT, account=CLIENT)
    sealed = dataclasses.replace(me, sealed=True)
    decision = can(sealed, action, obj(relation))
    account = set(permissions.PERMISSIONS[(Role.BILLING, Relation.SELF)])
    if action in account | {A.ERASE_RECORD}:
        assert decision == can(me, action, obj(relation))
    else:
        assert decision == Decision(Verdict.NOT_FOUND)
