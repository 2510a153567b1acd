"""The words of every notice: short, neutral, without names, topics or health words. A glance at a locked phone tells
nobody more than that there is an app."""

from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from integrations.notify.port import AddressRefused, Notice, Template


@dataclass(frozen=True, slots=True)
class Text:
    """`{link}` and `{reference}` are filled in; nothing else is."""

    subject: str
    body: str


_SIGN_IN = "\n\n{link}\n"

TEXTS: dict[Template, Text] = {
    Template.CONFIRM_ADDRESS: Text(
        "Confirm your address",
        "Please confirm that this address is yours:\n\n{link}/confirm/{reference}\n\n"
        "If you did not ask for this, ignore it: nothing happens then.\n",
    ),
    Template.GUARDIAN_ASKED: Text(
        "Somebody named you",
        "Somebody asks for your answer as their parent or guardian. Please read what it is about:\n\n"
        "{link}/guardian/{reference}\n\nIf this is not for you, ignore it: nothing happens then.\n",
    ),
    Template.MESSAGE_WAITING: Text(
        "You have a message in Kindroom", "A message is waiting for you." + _SIGN_IN
    ),
    Template.TASK_WAITING: Text("Something waits for you in Kindroom", "A step needs you." + _SIGN_IN),
    Template.REPLY_LATE: Text(
        "News from Kindroom", "There is news about a reply you are waiting for." + _SIGN_IN
    ),
    Template.OFFER_WAITING: Text(
        "An offer waits in Kindroom", "An offer is waiting for your answer." + _SIGN_IN
    ),
    Template.STAFF_ATTENTION: Text("Kindroom: something is due", "An item on your board is due." + _SIGN_IN),
    Template.PAGE: Text(
        "Kindroom page: please open now",
        "You are on call. Please open this now and acknowledge it:\n\n{link}/on-call\n\nReference {reference}\n",
    ),
}


@dataclass(frozen=True, slots=True)
class Letterhead:
    """From whom, and where the app is. `link` is the app's address without a trailing slash."""

    sender: str
    link: str
    domain: str = "kindroom.invalid"


def compose(notice: Notice, letterhead: Letterhead, at: datetime) -> EmailMessage:
    """The notice as an RFC 5322 message. Raises `AddressRefused` for an address that is none."""
    text = TEXTS[notice.template]
    message = EmailMessage()
    message["From"] = letterhead.sender
    message["To"] = Address(addr_spec=checked_address(notice.address))
    message["Subject"] = text.subject
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{notice.notice_id}@{letterhead.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    if notice.template is Template.PAGE:
        message["X-Priority"] = "1"
    message.set_content(text.body.format(link=letterhead.link, reference=notice.reference or ""))
    return message


def checked_address(address: str) -> str:
    try:
        Address(addr_spec=address)
    except (ValueError, IndexError, MessageError):
        raise AddressRefused from None
    if any(sign in address for sign in "\r\n") or address.count("@") != 1:
        raise AddressRefused
    return address
