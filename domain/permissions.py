"""Who may do what, as one table: role x relation -> actions. `domain.access` decides by it.

A relation says how an actor stands to the thing acted on. Nothing is allowed that is not written here.
"""

from enum import StrEnum, auto

from domain.roles import Duty, Relation, Role


class Action(StrEnum):
    """One thing that can be asked of the service."""

    # The account itself, whatever the role
    HELP_NOW = auto()
    UNLOCK = auto()
    LOGOUT = auto()
    LOCK = auto()
    SET_PASSCODE = auto()
    READ_ME = auto()
    MANAGE_DEVICES = auto()
    READ_EVENTS = auto()
    READ_NOTICES = auto()
    CHOOSE_NOTICES = auto()
    # A client's way into care
    READ_JOURNEY = auto()
    PAUSE_JOURNEY = auto()
    LEAVE = auto()
    ERASE_RECORD = auto()
    READ_INTAKE = auto()
    READ_INTAKE_RECORD = auto()
    SAVE_INTAKE = auto()
    SET_LOCATION = auto()
    CONSENT = auto()
    ANSWER_MEASURE = auto()
    READ_MEASURES = auto()
    GIVE_COVERAGE = auto()
    READ_COVERAGE = auto()
    READ_MATCHES = auto()
    CHOOSE_MATCH = auto()
    SWITCH_THERAPIST = auto()
    EXPORT_RECORD = auto()
    # A room
    LIST_ROOMS = auto()
    READ_ROOM_HEADER = auto()
    READ_MESSAGES = auto()
    POST_MESSAGE = auto()
    CORRECT_MESSAGE = auto()
    SEARCH_ROOM = auto()
    STAR = auto()
    MARK_READ = auto()
    SAVE_DRAFT = auto()
    READ_ACCESS_LOG = auto()
    OPEN_WITH_PURPOSE = auto()
    BREAK_GLASS = auto()
    REVIEW_ACCESS = auto()
    SET_ROOM_POLICY = auto()
    REASSIGN = auto()
    HOLD_ROOM = auto()
    EXTEND_CLOCK = auto()
    CLOSE_QUESTION = auto()
    WAIVE_CLOCK = auto()
    ACKNOWLEDGE_CLOCK = auto()
    READ_CLOCK = auto()
    READ_GOALS = auto()
    SET_GOAL = auto()
    READ_CHECK_INS = auto()
    ASK_CHECK_IN = auto()
    ASK_CONSULT = auto()
    READ_CONSULTS = auto()
    ANSWER_CHECK_IN = auto()
    # A therapist's work
    READ_INBOX = auto()
    READ_OFFERS = auto()
    ANSWER_OFFER = auto()
    TAKE_COVER = auto()
    SET_HOURS = auto()
    TAKE_LEAVE = auto()
    SET_CAPACITY = auto()
    READ_LICENCES = auto()
    READ_NOTES = auto()
    WRITE_NOTE = auto()
    SIGN_NOTE = auto()
    CO_SIGN_NOTE = auto()
    READ_CO_SIGN_QUEUE = auto()
    READ_DIAGNOSES = auto()
    ENTER_DIAGNOSIS = auto()
    ATTEST_SESSION = auto()
    # Supervision and risk
    READ_BOARD = auto()
    READ_TIMELINE = auto()
    READ_STUCK_JOURNEYS = auto()
    HELP_JOURNEY = auto()
    READ_MATCH_DESK = auto()
    PLACE_CLIENT = auto()
    READ_SUITABILITY = auto()
    DECIDE_SUITABILITY = auto()
    ANSWER_CONSULTS = auto()
    MANAGE_COVER = auto()
    MANAGE_ON_CALL = auto()
    MANAGE_RESPONSE_POLICIES = auto()
    READ_SUPERVISION_HEALTH = auto()
    READ_RISK_FLAGS = auto()
    ACKNOWLEDGE_RISK = auto()
    CLOSE_RISK = auto()
    READ_SUPERVISION_REPORTS = auto()
    READ_CLINICAL_REPORTS = auto()
    # The billing office
    READ_ELIGIBILITY_WORKLIST = auto()
    RESOLVE_COVERAGE = auto()
    READ_SERVICES = auto()
    BATCH_CLAIMS = auto()
    READ_CLAIMS = auto()
    POST_REMITTANCE = auto()
    READ_REMITTANCES = auto()
    READ_BILLING_REPORTS = auto()
    # Administration
    MANAGE_PAYERS = auto()
    MANAGE_SPONSORS = auto()
    MANAGE_STAFF = auto()
    MANAGE_SCREENING = auto()
    MANAGE_RETENTION = auto()
    MANAGE_KEYS = auto()
    READ_AUDIT = auto()
    READ_SEALED_ROOMS = auto()


A = Action

# Help is one tap away on a locked device, too.
WHILE_LOCKED = frozenset({A.HELP_NOW, A.UNLOCK, A.LOGOUT})

# A client who asked to be forgotten signs in to see the date, to take it back, and to get help.
_ACCOUNT = WHILE_LOCKED | {
    A.LOCK,
    A.SET_PASSCODE,
    A.READ_ME,
    A.MANAGE_DEVICES,
    A.READ_EVENTS,
    A.READ_NOTICES,
    A.CHOOSE_NOTICES,
}

WHILE_SEALED = _ACCOUNT | {A.ERASE_RECORD}

# fmt: off
_CLIENTS_OWN_CHART = frozenset({
    A.READ_JOURNEY, A.PAUSE_JOURNEY, A.LEAVE, A.ERASE_RECORD, A.READ_INTAKE, A.SAVE_INTAKE, A.SET_LOCATION, A.CONSENT,
    A.ANSWER_MEASURE, A.READ_MEASURES, A.GIVE_COVERAGE, A.READ_COVERAGE, A.READ_MATCHES,
    A.CHOOSE_MATCH, A.SWITCH_THERAPIST, A.EXPORT_RECORD,
})
_CLIENTS_CLOSED_ROOM = frozenset({
    A.READ_ROOM_HEADER, A.READ_MESSAGES, A.SEARCH_ROOM, A.STAR, A.MARK_READ, A.READ_ACCESS_LOG,
    A.READ_GOALS, A.READ_CHECK_INS, A.EXPORT_RECORD,
})
_CLIENTS_OWN_ROOM = _CLIENTS_CLOSED_ROOM | {
    A.POST_MESSAGE, A.CORRECT_MESSAGE, A.SAVE_DRAFT, A.EXTEND_CLOCK, A.CLOSE_QUESTION,
    A.SET_GOAL, A.ASK_CHECK_IN, A.ANSWER_CHECK_IN,
}
_CARE = frozenset({
    A.READ_ROOM_HEADER, A.READ_MESSAGES, A.POST_MESSAGE, A.CORRECT_MESSAGE, A.SEARCH_ROOM, A.STAR,
    A.MARK_READ, A.SAVE_DRAFT, A.READ_ACCESS_LOG, A.READ_CLOCK, A.WAIVE_CLOCK, A.READ_INTAKE_RECORD,
    A.READ_MEASURES, A.READ_GOALS, A.READ_CHECK_INS, A.ASK_CHECK_IN, A.READ_NOTES, A.WRITE_NOTE,
    A.SIGN_NOTE, A.READ_DIAGNOSES, A.READ_RISK_FLAGS, A.ACKNOWLEDGE_RISK, A.CLOSE_RISK, A.ASK_CONSULT,
    A.READ_CONSULTS,
})
_RISK_RESPONSE = frozenset({
    A.READ_ROOM_HEADER, A.READ_MESSAGES, A.POST_MESSAGE, A.SAVE_DRAFT, A.MARK_READ, A.READ_INTAKE_RECORD,
    A.READ_MEASURES, A.READ_NOTES, A.WRITE_NOTE, A.SIGN_NOTE, A.READ_RISK_FLAGS, A.ACKNOWLEDGE_RISK,
    A.CLOSE_RISK,
})
_OVERSIGHT = frozenset({
    A.READ_ROOM_HEADER, A.READ_ACCESS_LOG, A.OPEN_WITH_PURPOSE, A.SET_ROOM_POLICY, A.REASSIGN, A.HOLD_ROOM,
    A.READ_CLOCK, A.ACKNOWLEDGE_CLOCK, A.WAIVE_CLOCK, A.READ_JOURNEY, A.READ_TIMELINE, A.HELP_JOURNEY,
    A.READ_MATCH_DESK, A.PLACE_CLIENT, A.DECIDE_SUITABILITY, A.READ_RISK_FLAGS, A.ACKNOWLEDGE_RISK, A.CLOSE_RISK,
})
_CONTENT_FOR_A_PURPOSE = frozenset({
    A.READ_MESSAGES, A.SEARCH_ROOM, A.POST_MESSAGE, A.MARK_READ, A.SAVE_DRAFT, A.READ_INTAKE_RECORD,
    A.READ_MEASURES, A.READ_GOALS, A.READ_CHECK_INS, A.READ_NOTES, A.READ_DIAGNOSES,
})
_SEALED = frozenset({A.READ_ROOM_HEADER, A.READ_ACCESS_LOG, A.OPEN_WITH_PURPOSE, A.READ_JOURNEY, A.READ_TIMELINE})
_KEPT_RECORD = frozenset({
    A.READ_MESSAGES, A.SEARCH_ROOM, A.READ_INTAKE_RECORD, A.READ_MEASURES, A.READ_GOALS, A.READ_CHECK_INS, A.READ_NOTES,
    A.READ_DIAGNOSES, A.EXPORT_RECORD,
})

# Broken glass: to read what one must know, to act on risk, to write down what was done.
_EMERGENCY = frozenset({
    A.READ_ROOM_HEADER, A.READ_MESSAGES, A.SEARCH_ROOM, A.POST_MESSAGE, A.MARK_READ, A.SAVE_DRAFT,
    A.READ_ACCESS_LOG, A.READ_INTAKE_RECORD, A.READ_MEASURES, A.READ_GOALS, A.READ_CHECK_INS, A.READ_NOTES,
    A.WRITE_NOTE, A.SIGN_NOTE, A.READ_DIAGNOSES, A.READ_RISK_FLAGS, A.ACKNOWLEDGE_RISK,
})

PERMISSIONS: dict[tuple[Role, Relation], frozenset[Action]] = {
    (Role.CLIENT, Relation.SELF): _ACCOUNT | _CLIENTS_OWN_CHART | {A.LIST_ROOMS},
    (Role.CLIENT, Relation.OWN): _CLIENTS_OWN_CHART | _CLIENTS_OWN_ROOM,
    (Role.CLIENT, Relation.OWN_CLOSED): _CLIENTS_CLOSED_ROOM,

    (Role.THERAPIST, Relation.SELF): _ACCOUNT | {
        A.LIST_ROOMS, A.READ_INBOX, A.READ_OFFERS, A.SET_HOURS, A.TAKE_LEAVE, A.SET_CAPACITY, A.BREAK_GLASS,
        A.READ_LICENCES},
    (Role.THERAPIST, Relation.ASSIGNED): _CARE | {
        A.SET_GOAL, A.ENTER_DIAGNOSIS, A.ATTEST_SESSION, A.READ_JOURNEY},
    (Role.THERAPIST, Relation.COVERING): _CARE,
    (Role.THERAPIST, Relation.CONTINUING): frozenset({
        A.READ_ROOM_HEADER, A.READ_MESSAGES, A.SEARCH_ROOM, A.READ_ACCESS_LOG, A.READ_GOALS, A.READ_CHECK_INS}),
    (Role.THERAPIST, Relation.FORMER): frozenset({A.WRITE_NOTE, A.SIGN_NOTE, A.ATTEST_SESSION}),
    (Role.THERAPIST, Relation.OFFERED): frozenset({A.READ_ROOM_HEADER, A.ANSWER_OFFER, A.TAKE_COVER}),
    (Role.THERAPIST, Relation.ON_CALL): _RISK_RESPONSE,
    (Role.THERAPIST, Relation.BREAK_GLASS): _EMERGENCY,
    (Role.THERAPIST, Relation.MATCHING): frozenset({
        A.READ_MATCH_DESK, A.HELP_JOURNEY, A.PLACE_CLIENT, A.DECIDE_SUITABILITY}),
    (Role.THERAPIST, Relation.CO_SIGNING): frozenset({A.READ_NOTES, A.CO_SIGN_NOTE}),

    (Role.SUPERVISOR, Relation.SELF): _ACCOUNT | {A.BREAK_GLASS},
    (Role.SUPERVISOR, Relation.OVERSIGHT): _OVERSIGHT,
    (Role.SUPERVISOR, Relation.WITH_PURPOSE): _OVERSIGHT | _CONTENT_FOR_A_PURPOSE,
    (Role.SUPERVISOR, Relation.ON_CALL): _OVERSIGHT | _RISK_RESPONSE,
    (Role.SUPERVISOR, Relation.CO_SIGNING): _OVERSIGHT | {A.READ_NOTES, A.CO_SIGN_NOTE},
    (Role.SUPERVISOR, Relation.SEALED): _SEALED,
    (Role.SUPERVISOR, Relation.KEEPING): _SEALED | _KEPT_RECORD,
    (Role.SUPERVISOR, Relation.CLINIC): frozenset({
        A.READ_LICENCES, A.READ_BOARD, A.ANSWER_CONSULTS, A.READ_STUCK_JOURNEYS, A.READ_SUITABILITY,
        A.READ_MATCH_DESK, A.REASSIGN,
        A.MANAGE_COVER, A.MANAGE_ON_CALL, A.MANAGE_RESPONSE_POLICIES, A.READ_SUPERVISION_HEALTH, A.READ_RISK_FLAGS,
        A.READ_SUPERVISION_REPORTS, A.READ_CLINICAL_REPORTS, A.READ_AUDIT, A.REVIEW_ACCESS}),

    (Role.BILLING, Relation.SELF): _ACCOUNT,
    (Role.BILLING, Relation.OFFICE): frozenset({
        A.READ_COVERAGE, A.RESOLVE_COVERAGE, A.READ_SERVICES, A.READ_CLAIMS}),
    (Role.BILLING, Relation.CLINIC): frozenset({
        A.READ_ELIGIBILITY_WORKLIST, A.READ_SERVICES, A.BATCH_CLAIMS, A.READ_CLAIMS,
        A.POST_REMITTANCE, A.READ_REMITTANCES, A.READ_BILLING_REPORTS}),

    (Role.ADMINISTRATOR, Relation.SELF): _ACCOUNT,
    (Role.ADMINISTRATOR, Relation.CLINIC): frozenset({
        A.MANAGE_PAYERS, A.MANAGE_SPONSORS, A.MANAGE_STAFF, A.READ_LICENCES, A.MANAGE_RESPONSE_POLICIES,
        A.MANAGE_RETENTION,
        A.MANAGE_SCREENING, A.MANAGE_KEYS, A.READ_SUPERVISION_HEALTH, A.READ_AUDIT}),
}
# fmt: on

# What a duty adds to the lists of a therapist or a supervisor.
DUTY_LISTS: dict[Duty, frozenset[Action]] = {
    Duty.ON_CALL: frozenset({A.READ_RISK_FLAGS}),
    Duty.CLINICAL_DIRECTOR: frozenset({A.READ_RISK_FLAGS, A.READ_CLINICAL_REPORTS, A.READ_STUCK_JOURNEYS}),
    Duty.MATCHER: frozenset({A.READ_MATCH_DESK, A.READ_STUCK_JOURNEYS, A.READ_SUITABILITY}),
    Duty.CO_SIGNER: frozenset({A.READ_CO_SIGN_QUEUE}),
    Duty.RECORD_KEEPER: frozenset({A.READ_SEALED_ROOMS}),
}

CLINICIANS = frozenset({Role.THERAPIST, Role.SUPERVISOR})

# Relations that hold only while one of these duties does.
NEEDED_DUTY: dict[Relation, frozenset[Duty]] = {
    Relation.ON_CALL: frozenset({Duty.ON_CALL, Duty.CLINICAL_DIRECTOR}),
    Relation.MATCHING: frozenset({Duty.MATCHER}),
    Relation.CO_SIGNING: frozenset({Duty.CO_SIGNER}),
    Relation.SEALED: frozenset({Duty.RECORD_KEEPER}),
    Relation.KEEPING: frozenset({Duty.RECORD_KEEPER}),
}

PURPOSE_OPENS = _CONTENT_FOR_A_PURPOSE
"""What a supervisor may do only within a recorded purpose (answered `purpose_required` without one)."""
