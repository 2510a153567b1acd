"""What is owed an answer: which messages open an item, join it, close it or are waived.

The rules, R1 to R6, are this service's own policy:
R1 an item opens at the first unanswered client message; later ones are only counted.
R2 a substantive message of a clinician (primary, cover, supervisor) closes it; automatic and holding ones
   do not.
R3 a pure acknowledgement is waived at once, by a closed list.
R4 a message flagged for risk opens a crisis item of its own on the wall clock, which no calendar, pause,
   waiver or discharge touches.
R5 a welcome item opens when the room opens; `first_response` holds until there is a substantive answer.
R6 the client may close their own question; "no reply needed" carries a reason; unsending cancels an item
   only where it was the sole message.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import reduce
from typing import Final, TypeAlias

from domain.answers import is_pure_acknowledgement
from domain.strict import refuse

# Minutes on the wall clock until a human has read a message flagged for risk.
CRISIS_READ_WITHIN: Final = timedelta(minutes=15)


class ItemKind(StrEnum):
    """Which promise is owed. The value names the response policy that holds by default."""

    WELCOME = "welcome"
    FIRST_RESPONSE = "first_response"
    NEXT_RESPONSE = "next_response"
    CONSULT = "consult"  # owed by supervisors to a therapist, beside what is owed to the client
    ACK_WAIVED = "ack_waived"


class ItemState(StrEnum):
    """Where an item stands."""

    OPEN = "open"
    ANSWERED = "answered"
    WAIVED = "waived"
    CANCELLED = "cancelled"


class Answerer(StrEnum):
    """In which part a clinician writes in a room."""

    PRIMARY = "primary"
    COVERAGE = "coverage"
    SUPERVISOR = "supervisor"


class NoReplyReason(StrEnum):
    """Why a clinician says that no reply is needed. Each use is audited."""

    ANSWERED_IN_SESSION = "answered_in_session"
    ANSWERED_BY_PHONE = "answered_by_phone"
    NOTHING_ASKED = "nothing_asked"
    DUPLICATE = "duplicate"
    SENT_BY_MISTAKE = "sent_by_mistake"


AUTO_ACKNOWLEDGEMENT: Final = "auto_acknowledgement"
CLIENT_CLOSED: Final = "client_closed"
UNSENT: Final = "unsent"
DISCHARGED: Final = "discharged"


@dataclass(frozen=True, slots=True)
class RoomActivated:
    """The room opened; the therapist owes a welcome."""

    at: datetime


@dataclass(frozen=True, slots=True)
class ClientMessage:
    """The client wrote. `text` is None for voice and video."""

    at: datetime
    text: str | None = None
    has_media: bool = False
    risk_flagged: bool = False


@dataclass(frozen=True, slots=True)
class ClinicianMessage:
    """A clinician, or an automatic reply in their name (`substantive` false), wrote."""

    at: datetime
    by: Answerer = Answerer.PRIMARY
    substantive: bool = True
    asked: bool = False


@dataclass(frozen=True, slots=True)
class ClientClosedQuestion:
    """The client needs no answer any more."""

    at: datetime


@dataclass(frozen=True, slots=True)
class ClinicianNoReply:
    """A clinician says that no reply is needed, and why."""

    at: datetime
    reason: NoReplyReason


@dataclass(frozen=True, slots=True)
class ClientUnsend:
    """The client took back the last message."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Discharge:
    """The client's care ended."""

    at: datetime


@dataclass(frozen=True, slots=True)
class CrisisRead:
    """A human read what was flagged."""

    at: datetime


Event: TypeAlias = (
    RoomActivated
    | ClientMessage
    | ClinicianMessage
    | ClientClosedQuestion
    | ClinicianNoReply
    | ClientUnsend
    | Discharge
    | CrisisRead
)


@dataclass(frozen=True, slots=True)
class Item:
    """Something owed an answer since `opened`."""

    kind: ItemKind
    opened: datetime
    client_messages: int = 0
    last_client_at: datetime | None = None
    risk_flagged: bool = False
    state: ItemState = ItemState.OPEN
    closed: datetime | None = None
    answered_by: Answerer | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class CrisisItem:
    """A flagged message that a human must read by `due`, wall clock."""

    opened: datetime
    due: datetime
    read_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ledger:
    """The items of one room in order of opening; at most the last one is open."""

    items: tuple[Item, ...] = ()
    crisis_items: tuple[CrisisItem, ...] = ()
    answered_before: bool = False
    # None until a clinician has written at all.
    last_clinician_asked: bool | None = None
    last_at: datetime | None = None

    @property
    def open_item(self) -> Item | None:
        """The item that waits for an answer."""
        return self.items[-1] if self.items and self.items[-1].state is ItemState.OPEN else None


def item_kind(*, room_opened: bool, answered_before: bool) -> ItemKind:
    """The kind of a new item: the welcome when the room opens, else first or next response (R5)."""
    if room_opened:
        return ItemKind.WELCOME
    return ItemKind.NEXT_RESPONSE if answered_before else ItemKind.FIRST_RESPONSE


def may_be_waived(item: Item) -> bool:
    """Whether "no reply needed" or the client's word may end the item: never where risk was flagged (R4)."""
    return item.state is ItemState.OPEN and not item.risk_flagged


def ledger(events: Iterable[Event]) -> Ledger:
    """The items that the events of one room, oldest first, lead to. Raises `Invalid` if out of order."""
    return reduce(step, events, Ledger())


def step(state: Ledger, event: Event) -> Ledger:
    """The ledger after one more event."""
    if state.last_at is not None and event.at < state.last_at:
        raise refuse("events", "not_in_order")
    state = replace(state, last_at=event.at)
    match event:
        case RoomActivated():
            after = _activated(state, event.at)
        case ClientMessage():
            after = _client_wrote(state, event)
        case ClinicianMessage():
            after = _clinician_wrote(state, event)
        case ClientClosedQuestion():
            after = _closed(state, event.at, ItemState.WAIVED, CLIENT_CLOSED)
        case ClinicianNoReply():
            after = _closed(state, event.at, ItemState.WAIVED, str(event.reason))
        case ClientUnsend():
            after = _unsent(state, event.at)
        case Discharge():
            after = _closed(state, event.at, ItemState.CANCELLED, DISCHARGED)
        case CrisisRead():
            read = (replace(item, read_at=item.read_at or event.at) for item in state.crisis_items)
            after = replace(state, crisis_items=tuple(read))
    return after


def _activated(state: Ledger, at: datetime) -> Ledger:
    if state.open_item or state.answered_before:
        return state
    return _added(state, Item(item_kind(room_opened=True, answered_before=False), at))


def _client_wrote(state: Ledger, message: ClientMessage) -> Ledger:
    if message.risk_flagged:
        crisis = CrisisItem(message.at, message.at + CRISIS_READ_WITHIN)
        state = replace(state, crisis_items=(*state.crisis_items, crisis))
    if item := state.open_item:
        counted = replace(
            item,
            client_messages=item.client_messages + 1,
            last_client_at=message.at,
            risk_flagged=item.risk_flagged or message.risk_flagged,
        )
        return _changed(state, counted)
    if is_pure_acknowledgement(
        message.text,
        has_media=message.has_media,
        risk_flagged=message.risk_flagged,
        last_clinician_asked=state.last_clinician_asked,
    ):
        waived = Item(ItemKind.ACK_WAIVED, message.at, state=ItemState.WAIVED, reason=AUTO_ACKNOWLEDGEMENT)
        return _added(state, waived)
    kind = item_kind(room_opened=False, answered_before=state.answered_before)
    return _added(state, Item(kind, message.at, 1, message.at, message.risk_flagged))


def _clinician_wrote(state: Ledger, message: ClinicianMessage) -> Ledger:
    if not message.substantive:
        # An automatic reply that asks nothing does not take back what a person asked.
        return replace(state, last_clinician_asked=True) if message.asked else state
    state = replace(state, answered_before=True, last_clinician_asked=message.asked)
    if item := state.open_item:
        answered = replace(item, state=ItemState.ANSWERED, closed=message.at, answered_by=message.by)
        return _changed(state, answered)
    return state


def _closed(state: Ledger, at: datetime, end: ItemState, reason: str) -> Ledger:
    item = state.open_item
    if item is None or not may_be_waived(item):
        return state
    return _changed(state, replace(item, state=end, closed=at, reason=reason))


def _unsent(state: Ledger, at: datetime) -> Ledger:
    item = state.open_item
    if item is None or item.client_messages != 1 or item.kind is ItemKind.WELCOME:
        return state
    return _closed(state, at, ItemState.CANCELLED, UNSENT)


def _added(state: Ledger, item: Item) -> Ledger:
    return replace(state, items=(*state.items, item))


def _changed(state: Ledger, item: Item) -> Ledger:
    return replace(state, items=(*state.items[:-1], item))
