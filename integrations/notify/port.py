"""The port for notices. A notice names a template and ids: there is no field in which a health word could travel."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar, Protocol
from uuid import UUID

from domain.errors import KindroomError


class Template(StrEnum):
    """What a notice says. The texts are in `integrations.notify.texts`."""

    CONFIRM_ADDRESS = "confirm_address"
    GUARDIAN_ASKED = "guardian_asked"
    MESSAGE_WAITING = "message_waiting"
    TASK_WAITING = "task_waiting"
    REPLY_LATE = "reply_late"
    OFFER_WAITING = "offer_waiting"
    STAFF_ATTENTION = "staff_attention"
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice to one person.

    `notice_id` makes it once-only: sent again, it is the same e-mail (same Message-ID) or the same file.
    `address` is an e-mail address and kept out of `repr`. `reference` is an id that the text may show or link
    to; it opens nothing without signing in, except for CONFIRM_ADDRESS and GUARDIAN_ASKED, whose random reference is
    the proof.
    """

    notice_id: UUID
    account_id: UUID
    address: str = field(repr=False)
    template: Template
    reference: UUID | None = field(default=None, repr=False)


class Notifier(Protocol):
    """Hands notices over. Delivered twice is possible, lost without an error is not."""

    refuses_production: ClassVar[bool]

    async def send(self, notice: Notice) -> None:
        """Hand over one notice. Raises `NotHandedOver` (try again) or `AddressRefused` (do not)."""
        ...


class NotHandedOver(KindroomError):
    """The carrier cannot take it now. Nothing was sent, or it may be sent again."""

    code = "notice_not_handed_over"


class AddressRefused(KindroomError):
    """This address cannot receive anything. Trying again cannot help."""

    code = "notice_address_refused"
