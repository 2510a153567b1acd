"""What people are to the service: the role of an account, the duties added to it, how they stand to a thing."""

from enum import StrEnum


class Role(StrEnum):
    """What an account is. One account has one role."""

    CLIENT = "client"
    THERAPIST = "therapist"
    SUPERVISOR = "supervisor"
    BILLING = "billing"
    ADMINISTRATOR = "administrator"


class Duty(StrEnum):
    """What a clinician is trusted with beside the role. Granted to other staff it has no effect."""

    ON_CALL = "on_call"
    CLINICAL_DIRECTOR = "clinical_director"
    MATCHER = "matcher"
    CO_SIGNER = "co_signer"
    RECORD_KEEPER = "record_keeper"


class Relation(StrEnum):
    """How an actor stands to a room, a client, the service as a whole, or nothing at all."""

    SELF = "self"  # one's own account, lists and settings
    CLINIC = "clinic"  # lists, desks, reports and settings of the service
    OWN = "own"  # the client whose room or chart it is
    OWN_CLOSED = "own_closed"  # the client's earlier room, read-only after a switch or the end of care
    ASSIGNED = "assigned"  # the therapist in charge
    COVERING = "covering"  # the therapist who covers now
    CONTINUING = (
        "continuing"  # in charge of the room that follows this closed one, which the client lets them read
    )
    FORMER = "former"  # was in charge; finishes the paperwork, reads nothing new
    OFFERED = "offered"  # holds a live offer of this client, or of cover for this room
    ON_CALL = "on_call"  # on call while a risk flag of this client is open
    BREAK_GLASS = "break_glass"  # a therapist without a part in this care, an hour long, in an emergency
    MATCHING = "matching"  # human matcher of a client who is not placed yet
    CO_SIGNING = "co_signing"  # co-signs an associate's note
    SEALED = "sealed"  # a record keeper at a room that was sealed, no purpose recorded
    KEEPING = "keeping"  # the same within the 60 minutes of a recorded purpose: reads and exports
    OVERSIGHT = "oversight"  # any supervisor, no purpose recorded
    WITH_PURPOSE = "with_purpose"  # a supervisor within the 60 minutes of a recorded purpose
    OFFICE = "office"  # billing staff: the client's cover and services, never the room or the chart
    UNRELATED = "unrelated"
