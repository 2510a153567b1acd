"""Every way an exchange can fail has its own class, and no failure carries a byte of what was said."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any

import httpcore
import httpx
import pytest

from domain.coverage import TransportFailure
from integrations.clearinghouse.core import CoreAccount, CoreClearingHouse
from integrations.clearinghouse.http import Exchange, whole_interchange
from integrations.clearinghouse.port import (
    ClearingHouseError,
    ConfigurationRefused,
    Malformed,
    PayerDown,
    TimedOut,
)
from integrations.clearinghouse.raw import RawClearingHouse

ISA = (
    "ISA*00*          *00*          *ZZ*PAYER          *ZZ*KINDROOM       "
    "*261122*1030*^*00501*000000001*0*T*:~"
)
WHOLE = (ISA + "GS*HB*PAYER*KINDROOM*20261122*1030*1*X*005010X279A1~GE*0*1~IEA*1*000000001~").encode()
SECRET = b"NM1*IL*1*CANARY*ANA~"
ACCOUNT = CoreAccount(user_name="kindroom", password="s3cret", sender_id="KINDROOM", receiver_id="PAYER")

Handler = Callable[[httpx.Request], httpx.Response]
Adapter = RawClearingHouse | CoreClearingHouse


def raw(client: httpx.AsyncClient, deadline_s: float = 5) -> RawClearingHouse:
    return RawClearingHouse(Exchange(client, "http://payer.test/", deadline_s))


def core(client: httpx.AsyncClient, deadline_s: float = 5) -> CoreClearingHouse:
    return CoreClearingHouse(Exchange(client, "http://payer.test", deadline_s), ACCOUNT)


@pytest.fixture(params=[raw, core], ids=["raw", "core"])
def build(request: pytest.FixtureRequest) -> Callable[..., Adapter]:
    made: Callable[..., Adapter] = request.param
    return made


def answering(handler: Handler) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.MockTransport(handler))


def multipart(parts: dict[str, bytes], boundary: str = "b0undary") -> httpx.Response:
    lines = b"".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + content + b"\r\n"
        for name, content in parts.items()
    )
    return httpx.Response(
        200,
        content=lines + f"--{boundary}--\r\n".encode(),
        headers={"Content-Type": f"multipart/form-data; boundary={boundary}"},
    )


def core_reply(payload: bytes, error: bytes = b"Success") -> httpx.Response:
    kind = b"X12_271_Response_005010X279A1"
    return multipart({"PayloadType": kind, "ErrorCode": error, "Payload": payload})


@pytest.mark.parametrize("status", [500, 502, 503, 504, 429])
async def test_a_payer_that_cannot_serve_now_is_down(build: Callable[..., Adapter], status: int) -> None:
    async with answering(lambda _: httpx.Response(status)) as client:
        with pytest.raises(PayerDown) as failure:
            await build(client).check(WHOLE)
    assert failure.value.status == status
    assert failure.value.failure is TransportFailure.DOWN


async def test_a_payer_that_cannot_be_reached_is_down(build: Callable[..., Adapter]) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no route", request=request)

    async with answering(refuse) as client:
        with pytest.raises(PayerDown):
            await build(client).check(WHOLE)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 415, 302])
async def test_a_refused_configuration_is_not_a_payer_down(
    build: Callable[..., Adapter], status: int
) -> None:
    async with answering(lambda _: httpx.Response(status, content=SECRET)) as client:
        with pytest.raises(ConfigurationRefused) as failure:
            await build(client).check(SECRET)
    assert "CANARY" not in f"{failure.value!r} {failure.value} {failure.value.__dict__}"


async def test_an_answer_that_trickles_past_the_deadline_has_timed_out(build: Callable[..., Adapter]) -> None:
    class Trickle(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            while True:
                yield b"I"
                await asyncio.sleep(0.01)

    async with answering(lambda _: httpx.Response(200, stream=Trickle())) as client:
        with pytest.raises(TimedOut):
            await build(client, deadline_s=0.1).check(WHOLE)


async def test_a_connection_cut_in_the_answer_is_malformed(build: Callable[..., Adapter]) -> None:
    class Cut(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield b"ISA*"
            raise httpx.RemoteProtocolError("cut")

    async with answering(lambda _: httpx.Response(200, stream=Cut())) as client:
        with pytest.raises(Malformed):
            await build(client).check(WHOLE)


async def test_a_connection_closed_before_a_word_came_is_down(build: Callable[..., Adapter]) -> None:
    def closed(request: httpx.Request) -> httpx.Response:
        raise httpx.RemoteProtocolError("closed", request=request)

    async with answering(closed) as client:
        with pytest.raises(PayerDown):
            await build(client).check(WHOLE)


async def test_fifty_at_once_take_their_connections_in_turn_and_none_tries_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    served, tries = list[Any](), list[None]()
    send = httpcore.AsyncHTTPConnection.handle_async_request

    async def counted(connection: httpcore.AsyncHTTPConnection, request: httpcore.Request) -> Any:
        tries.append(None)
        return await send(connection, request)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.append(asyncio.current_task())
        with suppress(asyncio.IncompleteReadError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                await reader.readexactly(int(re.findall(rb"(?i)content-length: (\d+)", head)[0]))
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(WHOLE) + WHOLE)
        writer.close()
        await writer.wait_closed()

    monkeypatch.setattr(httpcore.AsyncHTTPConnection, "handle_async_request", counted)
    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with httpx.AsyncClient(limits=httpx.Limits(keepalive_expiry=None), trust_env=False) as client:
            house = RawClearingHouse(Exchange(client, f"http://127.0.0.1:{port}"))

            async def lane() -> list[bytes]:
                return [await house.check(WHOLE) for _ in range(3)]

            answers = await asyncio.gather(*(lane() for _ in range(50)))
        await asyncio.gather(*served)
    assert answers == [[WHOLE] * 3] * 50
    assert len(tries) == 150


async def test_who_gives_up_waiting_for_a_turn_holds_up_nobody(build: Callable[..., Adapter]) -> None:
    silent = asyncio.Event()

    async def serve(request: httpx.Request) -> httpx.Response:
        if not silent.is_set():
            silent.set()
            await asyncio.Event().wait()
        return (
            httpx.Response(200, content=WHOLE) if request.url.path == "/x12/realtime" else core_reply(WHOLE)
        )

    async with httpx.AsyncClient(transport=httpx.MockTransport(serve)) as client:
        house = build(client)
        first, second = (asyncio.create_task(house.check(WHOLE)) for _ in range(2))
        await silent.wait()
        for given_up in (second, first):
            given_up.cancel()
            with pytest.raises(asyncio.CancelledError):
                await given_up
        assert await house.check(WHOLE) == WHOLE


@pytest.mark.parametrize(
    "content",
    [b"", b"ISA*00*", ISA.encode(), WHOLE[:-25], WHOLE[:-1], b"<html>" + WHOLE, b'{"error": "no"}'],
)
def test_anything_but_a_whole_interchange_is_malformed(content: bytes) -> None:
    with pytest.raises(Malformed):
        whole_interchange(content)


@pytest.mark.parametrize(
    "content",
    [
        WHOLE,
        b"\xef\xbb\xbf" + WHOLE,
        WHOLE.replace(b"~", b"~\r\n"),
        WHOLE.replace(b"~", b"\n"),
        WHOLE.replace(b"*", b"|").replace(b":~", b">~"),
        b"  \n" + WHOLE + b"\n",
    ],
)
def test_odd_separators_and_white_space_are_still_a_whole_interchange(content: bytes) -> None:
    assert whole_interchange(content) == content


async def test_core_sends_the_rules_envelope_and_reads_its_payload() -> None:
    seen: list[bytes] = []

    def serve(request: httpx.Request) -> httpx.Response:
        assert request.url.path == "/core/realtime"
        assert request.headers["content-type"].startswith("multipart/form-data")
        seen.append(request.content)
        return core_reply(WHOLE)

    async with answering(serve) as client:
        assert await core(client).check(SECRET) == WHOLE
    for part in ("X12_270_Request_005010X279A1", "RealTime", "KINDROOM", "2.2.0", SECRET.decode()):
        assert part.encode() in seen[0]
    assert b"filename" not in seen[0]


async def test_a_core_status_question_names_its_own_payload_type() -> None:
    seen: list[bytes] = []

    def serve(request: httpx.Request) -> httpx.Response:
        seen.append(request.content)
        return core_reply(WHOLE)

    async with answering(serve) as client:
        await core(client).status(b"x")
    assert b"X12_276_Request_005010X212" in seen[0]


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (core_reply(WHOLE, b"UnAuthorized"), ConfigurationRefused),
        (core_reply(WHOLE, b"PayloadTypeIllegal"), ConfigurationRefused),
        (core_reply(WHOLE, b"Receiver"), PayerDown),
        (core_reply(WHOLE[:-9]), Malformed),
        (httpx.Response(200, content=WHOLE), Malformed),
        (multipart({"PayloadType": b"CoreEnvelopeError", "ErrorCode": b"Success"}), Malformed),
    ],
)
async def test_a_core_envelope_that_is_no_success_is_a_failure(
    reply: httpx.Response, error: type[ClearingHouseError]
) -> None:
    async with answering(lambda _: reply) as client:
        with pytest.raises(error):
            await core(client).check(WHOLE)


async def test_reports_are_read_page_by_page_and_the_cursor_survives_an_empty_page() -> None:
    pages = {
        None: {
            "items": [
                {"id": 7, "kind": "999", "created_at": "2026-03-02T15:00:00Z", "content": WHOLE.decode()}
            ],
            "next": 7,
        },
        "7": {"items": [], "next": None},
    }
    async with answering(
        lambda request: httpx.Response(200, json=pages[request.url.params.get("after")])
    ) as client:
        house = raw(client)
        first = await house.poll_reports(limit=1)
        second = await house.poll_reports(after=first.next)
    assert first.items[0].content == WHOLE
    assert first.next == second.next == "7"
    assert "ISA" not in repr(first)


@pytest.mark.parametrize(
    "body",
    [
        b"nonsense",
        b"[]",
        b"{}",
        b'{"items": [{"id": 1, "kind": "XXX", "created_at": "2026-03-02T15:00:00Z", "content": ""}]}',
        b'{"items": [{"id": 1, "kind": "999", "created_at": "2026-03-02T15:00:00", "content": ""}]}',
        b'{"items": [{"id": 1, "kind": "999", "created_at": "2026-03-02T15:00:00Z", "content": null}]}',
    ],
)
async def test_a_report_list_that_cannot_be_read_is_malformed(body: bytes) -> None:
    async with answering(lambda _: httpx.Response(200, content=body)) as client:
        with pytest.raises(Malformed):
            await raw(client).poll_reports()


async def test_a_receipt_without_an_id_is_malformed() -> None:
    async with answering(
        lambda _: httpx.Response(202, json={"received_at": "2026-03-02T15:00:00Z"})
    ) as client:
        with pytest.raises(Malformed):
            await raw(client).submit(WHOLE)


def test_an_account_prints_without_its_password() -> None:
    assert "s3cret" not in repr(ACCOUNT)
