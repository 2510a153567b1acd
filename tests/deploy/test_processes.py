"""Production as docker-compose.yml shows it: two APIs, two workers, one front, and nobody notices which."""

import asyncio
import base64
import json
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio
from google.protobuf.json_format import MessageToJson
from production import OPERATOR, Production, production
from temporalio.api.common.v1 import Payloads
from temporalio.client import Client

from bench.clinic import OpenRoom, open_rooms

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A directory that PostgreSQL's user may pass: root drops to another one."""
    path = Path(tempfile.mkdtemp(prefix="kindroom-compose-"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(folder: Path) -> AsyncIterator[Production]:
    """Everything, once for this module."""
    async with production(folder) as everything:
        yield everything


async def post(client: httpx.AsyncClient, where: OpenRoom, token: str, text: str = "hello") -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": uuid4().hex}
    return await client.post(f"/v1/rooms/{where.id}/messages", json={"text": text}, headers=headers)


async def told(running: Production) -> None:
    """Wait until every note has reached Temporal."""
    async with asyncio.timeout(60):
        while await _waiting(running):  # noqa: ASYNC110  another process sets no Event of ours
            await asyncio.sleep(0.05)


async def _waiting(running: Production) -> bool:
    async with running.care.transaction() as tx:
        return await tx.one("SELECT id FROM outbox WHERE sent_at IS NULL LIMIT 1") is not None


async def test_one_room_through_both_apis_and_the_front(running: Production) -> None:
    (where,) = await open_rooms(running.care, 1)
    seqs = []
    async with running.front() as front:
        for origin in running.apis.values():
            async with httpx.AsyncClient(base_url=origin, timeout=30) as client:
                seqs.append((await post(client, where, where.client_token)).json()["seq"])
        answer = await post(front, where, where.therapist_token)
        assert answer.status_code == 201
        assert "strict-transport-security" in answer.headers
        seqs.append(answer.json()["seq"])
        read = await front.get(
            f"/v1/rooms/{where.id}/messages", headers={"Authorization": f"Bearer {where.client_token}"}
        )
    assert seqs == [1, 2, 3] == [item["seq"] for item in read.json()["items"]]


async def test_a_device_on_one_api_hears_what_is_posted_at_the_other(running: Production) -> None:
    (where,) = await open_rooms(running.care, 1)
    listening, other = running.apis.values()
    bearer = {"Authorization": f"Bearer {where.therapist_token}"}
    async with (
        httpx.AsyncClient(base_url=listening, timeout=20) as one,
        httpx.AsyncClient(base_url=other, timeout=30) as two,
        one.stream("GET", "/v1/events", headers=bearer) as stream,
    ):
        lines = stream.aiter_lines()
        while "hello" not in await anext(lines):
            pass
        posted = await post(two, where, where.client_token)
        async with asyncio.timeout(20):
            while await anext(lines) != "event: message":
                pass
            heard = json.loads((await anext(lines)).removeprefix("data: "))
    assert (heard["room_id"], heard["seq"]) == (str(where.id), posted.json()["seq"])


async def test_either_worker_carries_the_promise_to_temporal(running: Production) -> None:
    (where,) = await open_rooms(running.care, 1)
    async with httpx.AsyncClient(base_url=running.apis["api-1"], timeout=30) as client:
        await post(client, where, where.client_token)
    await told(running)
    temporal = await Client.connect(running.stack.temporal.address, namespace="kindroom")
    described = await temporal.get_workflow_handle(f"room-{where.id}").describe()
    assert described.status is not None
    assert described.status.name == "RUNNING"


async def test_an_api_may_die_and_visitors_do_not_notice(running: Production) -> None:
    (where,) = await open_rooms(running.care, 1)
    victim = running.programs["api-1"]
    assert victim.child is not None
    async with running.front() as front:
        seqs = []
        for number in range(20):
            if number == 5:
                os.kill(victim.child.pid, signal.SIGKILL)
            answer = await post(front, where, where.client_token)
            assert answer.status_code == 201
            seqs.append(answer.json()["seq"])
    assert seqs == list(range(1, 21))  # what the front tried again was not posted twice
    await victim.stop()
    await victim.start()


async def test_the_front_keeps_the_inside_to_itself(running: Production) -> None:
    async with running.front() as front:
        for path in ("/metrics", "/readyz", "/temporal-codec/decode"):
            assert (await front.get(path)).status_code == 404
        assert (await front.get("/healthz")).status_code == 200
    async with running.front("temporal.localhost") as stranger:
        assert (await stranger.get("/")).status_code == 401
        assert (await stranger.post("/codec/decode", content=b"{}")).status_code == 401


async def test_an_operator_reads_payloads_in_the_ui_without_ever_holding_the_token(
    running: Production,
) -> None:
    (where,) = await open_rooms(running.care, 1)
    async with httpx.AsyncClient(base_url=running.apis["api-1"], timeout=30) as client:
        await post(client, where, where.client_token)
    await told(running)
    temporal = await Client.connect(running.stack.temporal.address, namespace="kindroom")
    history = await temporal.get_workflow_handle(f"room-{where.id}").fetch_history()
    sealed = history.events[0].workflow_execution_started_event_attributes.input
    assert where.id.hex.encode() not in sealed.SerializeToString()
    headers = {"X-Namespace": "kindroom", "Content-Type": "application/json"}
    async with running.front("temporal.localhost", auth=OPERATOR) as operator:
        page = await operator.get("/", follow_redirects=True)
        assert page.status_code == 200
        assert "<!doctype html>" in page.text.lower()
        answer = await operator.post(
            "/codec/decode", content=MessageToJson(Payloads(payloads=sealed.payloads)), headers=headers
        )
    assert answer.status_code == 200, answer.text
    (payload,) = answer.json()["payloads"]
    assert UUID(json.loads(base64.b64decode(payload["data"]))["room_id"]) == where.id
