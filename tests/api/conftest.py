"""The API over a fresh database, with Temporal down and mail going to a list."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from people import ORIGIN, PASSWORD, Api, ClientAs, Person, add_staff, http_client, register, sign_in

from api.app import create_api
from api.hub import Hub
from api.media_links import MediaLinks
from api.services import Services
from domain.access import Duty, Role
from domain.ids import AccountId
from encryption.blind_index import BlindIndex
from encryption.passwords import Passwords
from integrations.blobs.directory import DirectoryBlobs
from integrations.media.limited import LimitedProcessor
from integrations.notify.fake import FakeNotifier
from records.clinic import clinic_key


@pytest.fixture(scope="session")
def passwords() -> Iterator[Passwords]:
    """One Argon2 pool for the whole run, of hashes that cost nothing: hundreds of people sign in."""
    pool = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    yield pool
    pool.close()


@pytest.fixture
def overrides() -> dict[str, Any]:
    """Changes to `Services`; a module or a test may bring its own."""
    return {}


@pytest.fixture
async def api(
    databases: Any,
    passwords: Passwords,
    overrides: dict[str, Any],
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> AsyncIterator[Api]:
    """The whole application. Accounts are confirmed at once unless `overrides` says otherwise."""
    async with databases.care.transaction() as tx:
        index = BlindIndex(await clinic_key(tx))
        links = MediaLinks(await clinic_key(tx))
    mail = FakeNotifier()
    collaborators = {
        "care": databases.care,
        "billing": databases.billing,
        "hub": Hub(databases.dsn_of["kindroom_care"]),
        "index": index,
        "passwords": passwords,
        "notifier": mail,
        "blobs": DirectoryBlobs(tmp_path / "blobs"),
        "recordings": LimitedProcessor(),
        "links": links,
        "temporal_ready": _no,
        "origins": (ORIGIN,),
        "confirm_at_once": True,
    }
    services = Services(**{**collaborators, **overrides})
    adds_pages = hasattr(request.module, "mount_pages")
    app = create_api(services) if adds_pages else built(services)
    async with http_client(app) as http:
        yield Api(app, services, http, mail, databases.care, databases.billing, databases.worker)


@pytest.fixture
async def client_as(api: Api, passwords: Passwords) -> AsyncIterator[ClientAs]:
    """`await client_as(Role.X)`: a new person of this role, signed in through the API."""
    devices: list[httpx.AsyncClient] = []
    stored = await passwords.hash(PASSWORD)

    async def new_person(role: Role, *, duties: frozenset[Duty] = frozenset()) -> Person:
        username = f"{role.value}{len(devices)}@example.org"
        if role is Role.CLIENT:
            assert (await register(api, username)).status_code == 202
        else:
            await add_staff(api, role, username, stored, duties)
        answer = await sign_in(api, username)
        assert answer.status_code == 200, answer.text
        http = http_client(api.app, answer.json()["access_token"])
        devices.append(http)
        me = (await http.get("/v1/me")).json()
        return Person(AccountId(UUID(me["account_id"])), role, username, http)

    yield new_person
    for device in devices:
        await device.aclose()


_apps: dict[tuple[tuple[str, ...], bool], FastAPI] = {}


def built(services: Services) -> FastAPI:
    """The application, its routes read once in a run: what it stands on is all in `services`."""
    settings = (services.origins, services.cookie_secure)
    if settings not in _apps:
        _apps[settings] = create_api(services)
    _apps[settings].state.services = services
    return _apps[settings]


async def _no() -> bool:
    return False
