import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import httpx
import pytest
from google.protobuf.json_format import MessageToJson, Parse
from temporalio.api.common.v1 import Payload, Payloads
from temporalio.converter import WorkflowSerializationContext

from encryption.codec import SealingCodec
from kindroom.codec_server import MAX_BODY, Decoded, codec_app

TOKEN = "t" * 43
UI = "http://localhost:8233"
PLAIN = Payload(metadata={"encoding": b"json/plain"}, data=f'"{UUID(int=5)}"'.encode())


class Keys:
    current_version = 1

    def key(self, version: int) -> bytes:
        return bytes([version]) * 32


class Server:
    """The app, what it reported to the audit, and a caller that may leave out any credential."""

    def __init__(self) -> None:
        self.codec = SealingCodec(Keys())
        self.audit: list[Decoded] = []
        self.audit_works = True
        app = codec_app(self.codec, token=TOKEN, origins=[UI], namespace="kindroom", on_decode=self._record)
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://codec")

    async def _record(self, decoded: Decoded) -> None:
        if not self.audit_works:
            raise ConnectionError("no audit")
        self.audit.append(decoded)

    async def sealed(self, workflow_id: str = "room-1", namespace: str = "kindroom") -> Payload:
        context = WorkflowSerializationContext(namespace, workflow_id)
        [payload] = await self.codec.with_context(context).encode([PLAIN])
        return payload

    async def post(
        self,
        payloads: Sequence[Payload] = (),
        path: str = "/decode",
        content: Any = None,
        **headers: str | bytes | None,
    ) -> httpx.Response:
        usual = {"origin": UI, "authorization": f"Bearer {TOKEN}", "x-namespace": "kindroom"}
        given = usual | {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.http.post(
            path,
            content=MessageToJson(Payloads(payloads=payloads)) if content is None else content,
            headers=[(name.encode(), _bytes(value)) for name, value in given.items() if value is not None],
        )


def _bytes(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value


@pytest.fixture
def server() -> Server:
    return Server()


def payloads(answer: httpx.Response) -> list[Payload]:
    return list(Parse(answer.text, Payloads()).payloads)


async def test_the_ui_reads_payloads_and_the_audit_hears_of_it_first(server: Server) -> None:
    answer = await server.post([await server.sealed("room-1"), await server.sealed("room-2")])
    assert answer.status_code == 200
    assert payloads(answer) == [PLAIN, PLAIN]
    assert server.audit == [Decoded("kindroom", frozenset({"kindroom/room-1", "kindroom/room-2"}), 2)]


async def test_what_is_encoded_here_is_sealed(server: Server) -> None:
    answer = await server.post([PLAIN], "/encode")
    assert answer.status_code == 200
    [payload] = payloads(answer)
    assert payload.metadata["encoding"] == b"binary/encrypted"
    assert await server.codec.decode([payload]) == [PLAIN]
    assert server.audit == []


async def test_nothing_is_shown_when_the_audit_fails(server: Server) -> None:
    server.audit_works = False
    with pytest.raises(ConnectionError):
        await server.post([await server.sealed()])


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        TOKEN,
        f"Basic {TOKEN}",
        f"Bearer {TOKEN}x",
        f"Bearer {TOKEN[:-1]}",
        "Bearer é".encode("latin-1"),
    ],
)
async def test_without_the_token_nothing_is_read(server: Server, authorization: str | bytes | None) -> None:
    answer = await server.post([await server.sealed()], authorization=authorization)
    assert answer.status_code == 401
    assert answer.json()["code"] == "not_signed_in"
    assert server.audit == []


@pytest.mark.parametrize("namespace", [None, "", "staging"])
async def test_another_namespace_is_refused(server: Server, namespace: str | None) -> None:
    answer = await server.post([await server.sealed()], x_namespace=namespace)
    assert answer.status_code == 403
    assert server.audit == []


async def test_a_payload_of_another_namespace_is_refused(server: Server) -> None:
    answer = await server.post([await server.sealed(namespace="staging")])
    assert (answer.status_code, answer.json()["code"]) == (403, "other_namespace")
    assert server.audit == []


@pytest.mark.parametrize(
    "origin",
    [
        "http://localhost:8234",
        "https://localhost:8233",
        "http://localhost:8233.evil.example",
        "null",
        f"{UI}/",
    ],
)
async def test_another_origin_is_refused_even_with_the_token(server: Server, origin: str) -> None:
    answer = await server.post([await server.sealed()], origin=origin)
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers
    preflight = await server.http.options("/decode", headers={"origin": origin})
    assert preflight.status_code == 403
    assert server.audit == []


async def test_the_uis_origin_may_ask_with_the_headers_it_sends(server: Server) -> None:
    answer = await server.http.options("/decode", headers={"origin": UI})
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == UI
    assert answer.headers["access-control-allow-headers"] == "content-type, x-namespace, authorization"
    assert answer.headers["access-control-allow-methods"] == "POST"
    assert answer.headers["vary"] == "Origin"


async def test_no_answer_is_kept_by_anyone(server: Server) -> None:
    answers = [
        await server.post([await server.sealed()]),
        await server.post([await server.sealed()], authorization=None),
        await server.post([PLAIN]),
        await server.post([], origin="null"),
        await server.http.options("/decode", headers={"origin": UI}),
    ]
    assert [answer.headers["cache-control"] for answer in answers] == ["no-store"] * 5


async def test_plain_and_damaged_payloads_are_refused_without_echo(server: Server) -> None:
    damaged = await server.sealed()
    damaged.data = damaged.data[:-1] + bytes([damaged.data[-1] ^ 1])
    for payload in (PLAIN, damaged):
        answer = await server.post([await server.sealed(), payload])
        assert answer.status_code == 400
        assert set(answer.json()) == {"type", "status", "code"}
    assert server.audit == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"{}",
        b"{}{}",
        b'{"payloads": 5}',
        b'{"secret": 1}',
        b"[" * 9999,
    ],
)
async def test_rubbish_is_refused_without_echo(server: Server, content: bytes) -> None:
    answer = await server.post(content=content)
    assert answer.status_code == 400
    assert json.loads(answer.text) == {"type": "about:blank", "status": 400, "code": "unreadable_request"}


async def test_too_much_is_refused(server: Server) -> None:
    assert (await server.post(content=b" " * (MAX_BODY + 1))).status_code == 413
    assert (await server.post([Payload()] * 1001)).status_code == 413


async def test_only_posts_are_served(server: Server) -> None:
    assert (await server.http.get("/decode")).status_code == 405


def test_a_short_token_is_no_token() -> None:
    async def record(_: Decoded) -> None:
        raise AssertionError

    with pytest.raises(ValueError, match="too short"):
        codec_app(SealingCodec(Keys()), token="short", origins=[UI], namespace="kindroom", on_decode=record)
