"""The states of a claim and what moves it. One function, `advance`, says every legal step.

Acknowledgements may come twice, late or in any order: each stands for how far the claim got, the furthest
wins, and at the same station a rejection wins over an acceptance, because only a rejection asks a person to
act. The caller passes only reports about the claim's present submission (matched by control number). Sources:
X12 TA1, 999, 277CA and 277 acknowledgements; CLP02 of the 835 (005010X221A1).
"""

from enum import StrEnum

from domain.errors import Conflict


class ClaimState(StrEnum):
    """Where a claim stands."""

    DRAFT = "draft"
    SCRUB_FAILED = "scrub_failed"
    READY = "ready"
    BATCHED = "batched"
    SENT = "sent"
    INTERCHANGE_REJECTED = "interchange_rejected"
    GROUP_REJECTED = "group_rejected"
    FILE_ACCEPTED = "file_accepted"
    CH_ACCEPTED = "ch_accepted"
    CH_REJECTED = "ch_rejected"
    PAYER_ACCEPTED = "payer_accepted"
    PAYER_REJECTED = "payer_rejected"
    PENDING = "pending"
    PAID = "paid"
    PARTIAL = "partial"
    ZERO_PAID_PATIENT = "zero_paid_patient"
    DENIED = "denied"
    FORWARDED = "forwarded"
    APPEAL = "appeal"
    CORRECTED = "corrected"
    VOID = "void"
    PATIENT_BALANCE = "patient_balance"
    WRITTEN_OFF = "written_off"
    CLOSED = "closed"
    REVERSED = "reversed"


class ClaimEvent(StrEnum):
    """What happened to a claim: work of ours, a report about it, money, or a decision of a person."""

    SCRUB_PASSED = "scrub_passed"
    SCRUB_FAILED = "scrub_failed"
    EDITED = "edited"
    BATCHED = "batched"
    UNBATCHED = "unbatched"
    SENT = "sent"
    INTERCHANGE_REJECTED = "interchange_rejected"  # TA1 R
    GROUP_REJECTED = "group_rejected"  # 999 AK9 or IK5: R, M, W, X
    FILE_ACCEPTED = "file_accepted"  # 999 A, E, P
    CH_ACCEPTED = "ch_accepted"  # 277CA A0, A1 of the clearing house
    CH_REJECTED = "ch_rejected"
    PAYER_ACCEPTED = "payer_accepted"  # 277CA A2
    PAYER_REJECTED = "payer_rejected"  # 277CA A3, A4, A6, A7, A8
    PENDED = "pended"  # 277 P0-P5
    PAID = "paid"
    PARTIALLY_PAID = "partially_paid"
    ZERO_PAID_PATIENT = "zero_paid_patient"
    DENIED = "denied"
    FORWARDED = "forwarded"
    REVERSED = "reversed"  # CLP02 22
    APPEALED = "appealed"
    CORRECTED = "corrected"  # a claim of frequency 7 takes its place
    VOIDED = "voided"  # frequency 8
    PATIENT_BILLED = "patient_billed"
    WRITTEN_OFF = "written_off"
    CLOSED = "closed"


class IllegalStep(Conflict):
    """The claim cannot take this step from where it stands. Nothing was changed."""

    code = "claim_step_illegal"


S, E = ClaimState, ClaimEvent

# How far a report shows the claim to have come. The order within a station puts the rejection last.
_STATIONS: tuple[tuple[ClaimEvent, ClaimState], ...] = (
    (E.SENT, S.SENT),
    (E.FILE_ACCEPTED, S.FILE_ACCEPTED),
    (E.INTERCHANGE_REJECTED, S.INTERCHANGE_REJECTED),
    (E.GROUP_REJECTED, S.GROUP_REJECTED),
    (E.CH_ACCEPTED, S.CH_ACCEPTED),
    (E.CH_REJECTED, S.CH_REJECTED),
    (E.PAYER_ACCEPTED, S.PAYER_ACCEPTED),
    (E.PAYER_REJECTED, S.PAYER_REJECTED),
    (E.PENDED, S.PENDING),
)
_REPORTED = dict(_STATIONS)
_DISTANCE = {state: distance for distance, (_, state) in enumerate(_STATIONS, start=1)} | {S.BATCHED: 0}

_ADJUDICATED: dict[ClaimEvent, ClaimState] = {
    E.PAID: S.PAID,
    E.PARTIALLY_PAID: S.PARTIAL,
    E.ZERO_PAID_PATIENT: S.ZERO_PAID_PATIENT,
    E.DENIED: S.DENIED,
    E.FORWARDED: S.FORWARDED,
}

REJECTED = frozenset(
    {S.SCRUB_FAILED, S.INTERCHANGE_REJECTED, S.GROUP_REJECTED, S.CH_REJECTED, S.PAYER_REJECTED}
)
"""Never adjudicated: to be corrected and sent again as frequency 1."""

ADJUDICATED = frozenset(_ADJUDICATED.values())
AWAITING_PAYER = frozenset({S.SENT, S.FILE_ACCEPTED, S.CH_ACCEPTED, S.PAYER_ACCEPTED, S.PENDING, S.APPEAL})
SETTLED = frozenset({S.PAID, S.VOID, S.CORRECTED, S.WRITTEN_OFF, S.CLOSED})
"""Nobody has to act on the claim, unless it is reversed."""

_FINAL = frozenset({S.CORRECTED, S.VOID, S.PATIENT_BALANCE, S.WRITTEN_OFF, S.CLOSED})
_NEVER_SENT = frozenset({S.DRAFT, S.SCRUB_FAILED, S.READY})
# A payment after these is the next word of the payer, not a contradiction.
_OPEN_TO_MONEY = frozenset(_DISTANCE) | {S.APPEAL, S.REVERSED, S.FORWARDED}

_AFTER_MONEY = ADJUDICATED | {S.REVERSED, S.APPEAL, S.PATIENT_BALANCE}
_BY_HAND: dict[ClaimEvent, tuple[frozenset[ClaimState], ClaimState]] = {
    E.SCRUB_PASSED: (frozenset({S.DRAFT, S.SCRUB_FAILED}), S.READY),
    E.SCRUB_FAILED: (frozenset({S.DRAFT, S.READY}), S.SCRUB_FAILED),
    E.EDITED: (REJECTED | {S.READY}, S.DRAFT),
    E.BATCHED: (frozenset({S.READY}), S.BATCHED),
    E.UNBATCHED: (frozenset({S.BATCHED}), S.READY),
    E.APPEALED: (frozenset({S.DENIED, S.PARTIAL, S.ZERO_PAID_PATIENT, S.PATIENT_BALANCE}), S.APPEAL),
    E.CORRECTED: (_AFTER_MONEY, S.CORRECTED),
    E.VOIDED: (_AFTER_MONEY, S.VOID),
    E.PATIENT_BILLED: (_AFTER_MONEY, S.PATIENT_BALANCE),
    E.WRITTEN_OFF: (_AFTER_MONEY | REJECTED, S.WRITTEN_OFF),
    E.CLOSED: (_AFTER_MONEY | {S.WRITTEN_OFF}, S.CLOSED),
}


def advance(state: ClaimState, event: ClaimEvent) -> ClaimState:
    """The state after the event; the same state when the event says nothing new. Raises `IllegalStep`."""
    if event in _REPORTED:
        return _after_report(state, event)
    if event in _ADJUDICATED:
        return _after_money(state, event)
    if event is E.REVERSED:
        return _unless_never_sent(state, event, S.REVERSED)
    allowed_from, target = _BY_HAND[event]
    if state is target:
        return state
    if state not in allowed_from:
        raise IllegalStep
    return target


def _after_report(state: ClaimState, event: ClaimEvent) -> ClaimState:
    target = _REPORTED[event]
    # A report may come before our own note that the file went out: BATCHED counts as under way.
    if state in _DISTANCE:
        return target if _DISTANCE[target] > _DISTANCE[state] else state
    return _unless_never_sent(state, event, state)


def _after_money(state: ClaimState, event: ClaimEvent) -> ClaimState:
    target = _ADJUDICATED[event]
    if state in _OPEN_TO_MONEY or (state is S.PARTIAL and target is S.PAID):
        return target
    if state is target or state in _FINAL:
        return state
    if state in ADJUDICATED:
        raise IllegalStep("claim_needs_reversal_first")
    return _unless_never_sent(state, event, target)


def _unless_never_sent(state: ClaimState, event: ClaimEvent, target: ClaimState) -> ClaimState:
    """A report about a claim that was never sent is somebody else's claim, or a fault of ours."""
    if state in _NEVER_SENT:
        raise IllegalStep("claim_never_sent", detail=event.value)
    return target
