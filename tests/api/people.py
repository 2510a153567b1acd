"""The API under test, and people who are signed in to it through its own routes."""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

import httpx
from factories import account_of_therapist
from fastapi import FastAPI

from api.services import Services
from domain.access import Duty, Role
from domain.ids import AccountId
from integrations.notify.fake import FakeNotifier
from records.accounts import NewAccount, add_account
from records.database import Database

PASSWORD = "quiet river stones 41"
ORIGIN = "https://kindroom.test"


@dataclass(frozen=True)
class Api:
    """The application, what it stands on, and `http`, which is not signed in."""

    app: FastAPI
    services: Services
    http: httpx.AsyncClient
    mail: FakeNotifier
    care: Database
    billing: Database
    worker: Database


@dataclass(frozen=True)
class Person:
    """Somebody signed in. `http` sends their bearer token."""

    account_id: AccountId
    role: Role
    username: str
    http: httpx.AsyncClient


class ClientAs(Protocol):
    """`await client_as(Role.X)`: a new person of this role, signed in."""

    def __call__(self, role: Role, *, duties: frozenset[Duty] = ...) -> Awaitable[Person]: ...


def http_client(app: FastAPI, token: str | None = None) -> httpx.AsyncClient:
    """A device: a client that talks to the application in this process."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=("198.51.100.7", 4242))
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers)


async def register(api: Api, email: str, password: str = PASSWORD, **changes: Any) -> httpx.Response:
    """Ask for a client's account."""
    body = {
        "email": email,
        "password": password,
        "legal_name": "Ana Maria Rivera",
        "date_of_birth": "1990-01-15",
        "time_zone": "America/Los_Angeles",
    }
    return await api.http.post("/v1/clients", json={**body, **changes})


async def sign_in(api: Api, username: str, password: str = PASSWORD, **more: str) -> httpx.Response:
    """Ask for a token."""
    form = {"username": username, "password": password, **more}
    return await api.http.post("/v1/auth/token", data=form)


async def another_device(api: Api, person: Person) -> httpx.AsyncClient:
    """The same person on one more device."""
    answer = await sign_in(api, person.username)
    return http_client(api.app, answer.json()["access_token"])


async def add_staff(
    api: Api,
    role: Role,
    username: str,
    password_hash: str,
    duties: frozenset[Duty] = frozenset(),
    totp_secret: str | None = None,
) -> UUID:
    """A member of staff, made as an administrator would. Therapists work round the clock, licensed in NY and CA."""
    name = f"{role.value.title()} Staff"
    new = NewAccount(role, username, password_hash, name, "America/New_York", username, duties, totp_secret)
    async with api.care.transaction() as tx:
        account_id = await add_account(tx, api.services.index, new)
        if role is Role.THERAPIST:
            await account_of_therapist(tx, account_id, states=("NY", "CA"))
    return account_id
