"""Identifiers: random UUIDs (version 4), one type per noun so that they cannot be swapped by mistake."""

from typing import NewType
from uuid import UUID, uuid4

AccountId = NewType("AccountId", UUID)
ClientId = NewType("ClientId", UUID)
TherapistId = NewType("TherapistId", UUID)
RoomId = NewType("RoomId", UUID)
MessageId = NewType("MessageId", UUID)
ClockId = NewType("ClockId", UUID)
CoverageId = NewType("CoverageId", UUID)
OfferId = NewType("OfferId", UUID)
GoalId = NewType("GoalId", UUID)
CheckInId = NewType("CheckInId", UUID)
NoteId = NewType("NoteId", UUID)
MessagingSessionId = NewType("MessagingSessionId", UUID)
ServiceLineId = NewType("ServiceLineId", UUID)
ClaimId = NewType("ClaimId", UUID)
ClaimBatchId = NewType("ClaimBatchId", UUID)
RiskFlagId = NewType("RiskFlagId", UUID)
SessionId = NewType("SessionId", UUID)


def new_id() -> UUID:
    """A fresh random id. Order and time cannot be read from it."""
    return uuid4()
