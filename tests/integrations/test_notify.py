"""One contract for every notifier, and not a word in a notice that a stranger might not read over a shoulder."""

import asyncio
import email
import re
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.message import Message
from pathlib import Path
from uuid import UUID

import pytest

from integrations.notify.fake import FakeNotifier
from integrations.notify.port import AddressRefused, NotHandedOver, Notice, Notifier, Template
from integrations.notify.smtp import Relay, SmtpNotifier
from integrations.notify.spool import SpoolNotifier
from integrations.notify.texts import TEXTS, Letterhead, compose

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
LETTERHEAD = Letterhead(sender="Kindroom <no-reply@kindroom.test>", link="https://app.kindroom.test")
ADDRESS = "ana.rivera@example.org"
HEALTH_WORDS = re.compile(
    r"therap|health|diagnos|risk|crisis|session|care|clinic|treat|patient|client|counsel|psych|PHQ",
    re.IGNORECASE,
)


def notice(number: int = 1, template: Template = Template.MESSAGE_WAITING, address: str = ADDRESS) -> Notice:
    return Notice(UUID(int=number), UUID(int=77), address, template, UUID(int=99))


# --- a mail server of a few lines, in the test's own loop


class MailServer:
    """Speaks enough SMTP for one message after another; refuses what it is told to refuse."""

    def __init__(self) -> None:
        self.messages: dict[str, bytes] = {}
        self.recipient_reply = "250 ok"
        self.greeting = "220 test"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(f"{self.greeting}\r\n".encode())
        while line := await reader.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                writer.write(b"354 go on\r\n")
                await self._keep(reader)
                writer.write(b"250 ok\r\n")
            elif verb == b"RCPT":
                writer.write(f"{self.recipient_reply}\r\n".encode())
            elif verb == b"QUIT":
                writer.write(b"221 bye\r\n")
                break
            else:
                writer.write(b"250 ok\r\n")
        writer.close()

    async def _keep(self, reader: asyncio.StreamReader) -> None:
        lines = []
        while (line := await reader.readline()) not in {b".\r\n", b""}:
            lines.append(line)
        content = b"".join(lines)
        self.messages[str(email.message_from_bytes(content)["Message-ID"])] = content


@asynccontextmanager
async def mail_server() -> AsyncIterator[tuple[MailServer, SmtpNotifier]]:
    server = MailServer()
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    try:
        yield server, SmtpNotifier(Relay("127.0.0.1", port, tls=False, timeout_s=5), LETTERHEAD, lambda: NOW)
    finally:
        listening.close()
        await listening.wait_closed()


# --- the contract


# What came out on the other side.
Handed = Callable[[], Sequence[Message]]


@pytest.fixture(params=["fake", "spool", "smtp"])
async def port(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[tuple[Notifier, Handed]]:
    if request.param == "fake":
        fake = FakeNotifier()
        yield fake, lambda: [compose(each, LETTERHEAD, NOW) for each in fake.sent]
    elif request.param == "spool":
        folder = tmp_path / "spool"
        yield (
            SpoolNotifier(folder, LETTERHEAD, lambda: NOW),
            lambda: [email.message_from_bytes(path.read_bytes()) for path in sorted(folder.glob("*.eml"))],
        )
    else:
        async with mail_server() as (server, notifier):
            yield notifier, lambda: [email.message_from_bytes(each) for each in server.messages.values()]


async def test_a_notice_arrives_with_its_text(port: tuple[Notifier, Handed]) -> None:
    notifier, handed = port
    await notifier.send(notice())
    (message,) = handed()
    assert message["To"] == ADDRESS
    assert message["Subject"] == "You have a message in Kindroom"
    assert "https://app.kindroom.test" in str(message.get_payload())


async def test_a_notice_sent_twice_is_one_and_the_same(port: tuple[Notifier, Handed]) -> None:
    notifier, handed = port
    await notifier.send(notice(1))
    await notifier.send(notice(1))
    await notifier.send(notice(2))
    assert len({str(message["Message-ID"]) for message in handed()}) == len(handed()) == 2


@pytest.mark.parametrize(
    "address",
    ["", "nobody", "a@b@c", "a@example.org\r\nBcc: x@example.org", "a b@example.org", "@example.org"],
)
async def test_what_is_no_address_is_refused(port: tuple[Notifier, Handed], address: str) -> None:
    notifier, handed = port
    with pytest.raises(AddressRefused):
        await notifier.send(notice(address=address))
    assert len(handed()) == 0


def test_only_the_mail_relay_may_serve_production() -> None:
    assert [each.refuses_production for each in (FakeNotifier, SpoolNotifier, SmtpNotifier)] == [
        True,
        True,
        False,
    ]


# --- texts


@pytest.mark.parametrize("template", Template)
def test_no_notice_says_what_the_app_is_for(template: Template) -> None:
    message = compose(notice(template=template), LETTERHEAD, NOW)
    words = f"{message['Subject']} {message.get_content()} {message['From']} {message['Message-ID']}"
    assert not HEALTH_WORDS.search(words)
    assert "{" not in words


def test_every_template_has_a_text_and_a_page_is_told_apart() -> None:
    assert set(TEXTS) == set(Template)
    page = compose(notice(template=Template.PAGE), LETTERHEAD, NOW)
    assert "page" in page["Subject"].lower()
    assert str(UUID(int=99)) in page.get_content()


def test_only_a_confirmation_a_guardians_letter_and_a_page_show_their_reference() -> None:
    showing = {
        template
        for template in Template
        if str(UUID(int=99)) in compose(notice(template=template), LETTERHEAD, NOW).get_content()
    }
    assert showing == {Template.CONFIRM_ADDRESS, Template.GUARDIAN_ASKED, Template.PAGE}


def test_a_notice_prints_without_address_and_reference() -> None:
    printed = repr(notice())
    assert ADDRESS not in printed
    assert str(UUID(int=99)) not in printed


# --- adapters


async def test_spooled_files_are_whole_and_the_owners_alone(tmp_path: Path) -> None:
    folder = tmp_path / "spool"
    notifier = SpoolNotifier(folder, LETTERHEAD)
    await asyncio.gather(*(notifier.send(notice(number % 4)) for number in range(20)))
    files = list(folder.iterdir())
    assert sorted(path.name for path in files) == [f"{UUID(int=number)}.eml" for number in range(4)]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700


async def test_a_spool_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with pytest.raises(NotHandedOver):
        await SpoolNotifier(blocked / "spool", LETTERHEAD).send(notice())


async def test_a_relay_that_is_not_there_is_tried_again_later() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(NotHandedOver):
        await SmtpNotifier(Relay("127.0.0.1", port, tls=False, timeout_s=5), LETTERHEAD).send(notice())


@pytest.mark.parametrize(
    ("reply", "error"), [("550 no such user", AddressRefused), ("451 try later", NotHandedOver)]
)
async def test_a_relay_that_refuses_an_address_for_ever_is_told_from_one_that_cannot_now(
    reply: str, error: type[AddressRefused | NotHandedOver]
) -> None:
    async with mail_server() as (server, notifier):
        server.recipient_reply = reply
        with pytest.raises(error) as failure:
            await notifier.send(notice())
    assert ADDRESS not in f"{failure.value!r} {failure.value.__cause__!r}"


async def test_a_relay_without_tls_is_refused_where_tls_is_asked_for() -> None:
    async with mail_server() as (server, plain):
        relay = Relay("127.0.0.1", plain._relay.port, tls=True, timeout_s=5)
        with pytest.raises(NotHandedOver):
            await SmtpNotifier(relay, LETTERHEAD).send(notice())
    assert server.messages == {}
