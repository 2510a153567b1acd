"""What goes wrong is refused whole: nothing is kept, nothing is held, nothing is echoed or logged."""

import logging
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute
from people import Api, ClientAs

from api.bodies import LARGEST_BODY
from api.deps import Billing, Care
from domain.access import Role
from domain.errors import Conflict
from records.database import Transaction
from web.app import mount_pages
from web.pages.refusals import PageRoute

CANARY = "quiet-heron-7719"


async def fault(tx: Transaction, name: str) -> None:
    """Something is written; then it fails."""
    await tx.tell("clock_changed", uuid4(), 1)
    match name:
        case "refused":
            raise Conflict
        case "constraint":
            await tx.run("INSERT INTO outbox (kind) VALUES (NULL)")
        case "data":
            await tx.one("SELECT %s::int", (CANARY,))
        case "engine":
            await tx.one("SELECT pg_terminate_backend(pg_backend_pid())")
        case _:
            raise ValueError(CANARY)


@pytest.fixture(params=["care", "billing"])
def login(request: pytest.FixtureRequest) -> str:
    """The database login of the route."""
    return str(request.param)


@pytest.fixture
def faulty(api: Api) -> Api:
    """The API with routes and a page that fail after they have written."""
    mount_pages(api.app)

    async def under_care(tx: Care, name: str) -> None:
        await fault(tx, name)

    async def under_billing(tx: Billing, name: str) -> None:
        await fault(tx, name)

    for route_class, prefix in ((APIRoute, "/v1"), (PageRoute, "/pages")):
        router = APIRouter(route_class=route_class, prefix=prefix)
        router.get("/care/{name}")(under_care)
        router.get("/billing/{name}")(under_billing)
        api.app.include_router(router)
    return api


async def left_over(api: Api) -> tuple[int, int]:
    """Notes that were kept, and transactions that are still open."""
    async with api.worker.transaction() as tx:
        notes = await tx.one("SELECT count(*) AS n FROM outbox WHERE kind = 'clock_changed'")
        open_ones = await tx.one(
            "SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database()"
            " AND xact_start IS NOT NULL AND pid <> pg_backend_pid() AND usename LIKE 'kindroom%%'"
        )
    assert notes is not None
    assert open_ones is not None
    return notes["n"], open_ones["n"]


@pytest.mark.parametrize(
    ("name", "status"),
    [("refused", 409), ("constraint", 409), ("data", 422), ("engine", 503), ("bug", 500)],
)
async def test_a_request_that_fails_keeps_and_holds_nothing(
    faulty: Api, client_as: ClientAs, login: str, name: str, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    person = await client_as(Role.BILLING)
    with caplog.at_level(logging.DEBUG):
        for prefix in ("/v1", "/pages"):
            answer = await person.http.get(f"{prefix}/{login}/{name}")
            assert answer.status_code == status
            assert await left_over(faulty) == (0, 0)
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert CANARY not in answer.text
            assert ("Retry-After" in answer.headers) == (status == 503 and prefix == "/v1")
    assert CANARY not in caplog.text
    assert ("ValueError" in caplog.text) == (name == "bug")


async def test_a_body_beyond_the_limit_is_not_read(api: Api, client_as: ClientAs) -> None:
    person = await client_as(Role.CLIENT)

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(LARGEST_BODY // 1_000_000 + 2):
            yield b" " * 1_000_000

    for content in (b" " * (LARGEST_BODY + 1), endless()):
        headers = {"content-type": "application/json"}
        answer = await person.http.put("/v1/intake", content=content, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/rooms/", 404),
        ("GET", f"/v1/{CANARY}", 404),
        ("DELETE", "/v1/rooms", 405),
        ("GET", f"/v1/rooms/{CANARY}", 422),
        ("GET", f"/v1/measures/{CANARY}%00", 404),
        ("GET", f"/v1/public/payers/{CANARY}%00", 422),
        ("GET", f"/v1/public/payers/%0d%0aX-Injected:{CANARY}", 422),
    ],
)
async def test_a_path_is_never_given_back(
    api: Api, client_as: ClientAs, method: str, path: str, status: int
) -> None:
    person = await client_as(Role.CLIENT)
    answer = await person.http.request(method, path, headers={"host": CANARY})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert CANARY not in answer.text + str(answer.headers)
