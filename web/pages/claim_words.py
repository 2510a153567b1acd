"""States, events and reasons of the billing office in words, each with its colour: good, soon, late or none."""

from __future__ import annotations

from decimal import Decimal

from domain.claim_batches import BatchState
from domain.claim_states import ClaimEvent, ClaimState
from domain.claim_timers import Awaited
from domain.service_lines import Mender
from records.batch_answers import Answer, Moved
from web.money import dollars

CLAIMS: dict[ClaimState, tuple[str, str]] = {
    ClaimState.DRAFT: ("Draft", ""),
    ClaimState.SCRUB_FAILED: ("Stopped by an edit", "late"),
    ClaimState.READY: ("Ready", ""),
    ClaimState.BATCHED: ("In a batch", ""),
    ClaimState.SENT: ("Sent", ""),
    ClaimState.INTERCHANGE_REJECTED: ("File refused unread", "late"),
    ClaimState.GROUP_REJECTED: ("File refused", "late"),
    ClaimState.FILE_ACCEPTED: ("File accepted", ""),
    ClaimState.CH_ACCEPTED: ("With the clearing house", ""),
    ClaimState.CH_REJECTED: ("Refused by the clearing house", "late"),
    ClaimState.PAYER_ACCEPTED: ("Accepted by the payer", ""),
    ClaimState.PAYER_REJECTED: ("Refused by the payer", "late"),
    ClaimState.PENDING: ("Pending", ""),
    ClaimState.PAID: ("Paid", "good"),
    ClaimState.PARTIAL: ("Paid in part", "soon"),
    ClaimState.ZERO_PAID_PATIENT: ("All the client's share", "soon"),
    ClaimState.DENIED: ("Denied", "late"),
    ClaimState.FORWARDED: ("Forwarded to another payer", ""),
    ClaimState.APPEAL: ("Appealed", ""),
    ClaimState.CORRECTED: ("Replaced by a corrected claim", ""),
    ClaimState.VOID: ("Void", ""),
    ClaimState.PATIENT_BALANCE: ("Client's balance", "soon"),
    ClaimState.WRITTEN_OFF: ("Written off", ""),
    ClaimState.CLOSED: ("Closed", "good"),
    ClaimState.REVERSED: ("Reversed", "soon"),
}
BATCHES: dict[BatchState, tuple[str, str]] = {
    BatchState.BUILDING: ("Being built", ""),
    BatchState.READY: ("About to leave", ""),
    BatchState.REFUSED: ("Stopped by our own check", "late"),
    BatchState.SENT: ("Sent", ""),
    BatchState.SETTLED: ("Settled", "good"),
    BatchState.WITH_PERSON: ("Needs you", "soon"),
}
WAITING: dict[Awaited, str] = {
    Awaited.FILE_ACK: "the 999: whether the file was read",
    Awaited.CLAIM_ACK: "the 277CA: whether each claim was taken",
    Awaited.REMITTANCE: "the 835: the payment",
}
MENDERS: dict[Mender, str] = {
    Mender.CLINICIAN: "The clinician acts",
    Mender.CO_SIGNER: "The co-signing supervisor acts",
    Mender.CLIENT: "The client acts",
    Mender.BILLING: "Billing acts",
    Mender.ADMINISTRATOR: "An administrator acts",
    Mender.PAYER: "The payer is asked",
    Mender.NOBODY: "Cannot be billed",
}

_MOVED: dict[ClaimEvent, tuple[str, str]] = {
    ClaimEvent.INTERCHANGE_REJECTED: ("The file was refused unread.", "late"),
    ClaimEvent.GROUP_REJECTED: ("The file was refused.", "late"),
    ClaimEvent.FILE_ACCEPTED: ("The file was read and accepted.", "good"),
    ClaimEvent.CH_ACCEPTED: ("{} taken by the clearing house.", "good"),
    ClaimEvent.CH_REJECTED: ("{} refused by the clearing house.", "late"),
    ClaimEvent.PAYER_ACCEPTED: ("{} accepted by the payer.", "good"),
    ClaimEvent.PAYER_REJECTED: ("{} refused by the payer.", "late"),
    ClaimEvent.PENDED: ("{} pending.", "good"),
    ClaimEvent.PAID: ("{} paid{}.", "good"),
    ClaimEvent.PARTIALLY_PAID: ("{} paid in part{}.", "soon"),
    ClaimEvent.ZERO_PAID_PATIENT: ("{} left to the client whole.", "soon"),
    ClaimEvent.DENIED: ("{} denied.", "late"),
    ClaimEvent.FORWARDED: ("{} forwarded to another payer.", "good"),
    ClaimEvent.REVERSED: ("{} reversed{}.", "late"),
}


def answer_words(answer: Answer) -> tuple[str, str]:
    """What a report said, and its colour."""
    if answer.state == "quarantined":
        return f"Set aside ({(answer.reason or '').replace('_', ' ')}). Nothing of it was posted.", "late"
    told = [_MOVED[each.event] for each in answer.moved if each.event in _MOVED]
    if not told:
        return ("Read. It changed nothing here.", "good") if answer.state == "posted" else ("Arrived.", "")
    words = " ".join(_moved_words(each) for each in answer.moved if each.event in _MOVED)
    tones = {tone for _, tone in told}
    return words, next(tone for tone in ("late", "soon", "good") if tone in tones)


def _moved_words(moved: Moved) -> str:
    words, _ = _MOVED[moved.event]
    count = "1 claim" if moved.claims == 1 else f"{moved.claims} claims"
    return words.format(count, f", {dollars(moved.paid)}" if moved.paid is not None else "")


def cash(amount: Decimal | None) -> Decimal:
    """Dollars, nothing being none."""
    return amount if amount is not None else Decimal(0)
