"""The running stack as the demonstration meets it: signed-in people, waits with a deadline, workflows by name."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self, TypeVar
from uuid import uuid4

import httpx
from temporalio.client import Client
from temporalio.service import RPCError

T = TypeVar("T")
_POLL_SECONDS = 0.15
_REQUEST_SECONDS = 20.0
Json = dict[str, Any]


class DemoFailed(Exception):
    """A step did not come out as expected. The text says what was expected, never what was read or written."""


@dataclass(slots=True)
class Visitor:
    """One person on one device. Without a token: nobody has signed in."""

    _http: httpx.AsyncClient
    who: str
    _token: str | None = field(default=None, repr=False)

    async def get(self, path: str, **query: str) -> Json:
        """Read. Raises DemoFailed."""
        return await self.call("GET", path, 200, query=query)

    async def post(self, path: str, body: Json | None = None, status: int = 201) -> Json:
        """Create or act, under a key of its own. Raises DemoFailed."""
        return await self.call("POST", path, status, body or {})

    async def put(self, path: str, body: Json, status: int = 200) -> Json:
        """Put a value in place. Raises DemoFailed."""
        return await self.call("PUT", path, status, body)

    async def call(
        self,
        method: str,
        path: str,
        status: int,
        body: Json | None = None,
        query: dict[str, str] | None = None,
    ) -> Json:
        """One request; its JSON, or nothing for an empty answer. Raises DemoFailed."""
        answer = await self._send(method, path, body, query)
        if answer.status_code != status:
            code = _code(answer)
            raise DemoFailed(
                f"{self.who}: {method} {path} should answer {status}, not {answer.status_code} {code}".rstrip()
            )
        found: Json = answer.json() if "json" in answer.headers.get("content-type", "") else {}
        return found

    async def download(self, path: str) -> bytes:
        """The bytes of a file. Raises DemoFailed."""
        answer = await self._send("GET", path, None, None)
        if answer.status_code != 200:
            raise DemoFailed(f"{self.who}: GET {path} should answer 200, not {answer.status_code}")
        return answer.content

    async def _send(
        self, method: str, path: str, body: Json | None, query: dict[str, str] | None
    ) -> httpx.Response:
        headers = {"Idempotency-Key": str(uuid4())} if method == "POST" else {}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        try:
            return await self._http.request(method, path, json=body, params=query, headers=headers)
        except httpx.HTTPError as error:
            raise DemoFailed(f"{self.who}: {method} {path} got no answer ({type(error).__name__})") from None


def _code(answer: httpx.Response) -> str:
    """The problem's code and the names of its fields; nothing of what was sent."""
    try:
        problem = answer.json()
    except ValueError:
        return ""
    fields = ", ".join(f"{each['field']}: {each['code']}" for each in problem.get("errors") or ())
    return f"{problem.get('code', '')} {fields}".strip()


class House:
    """A running stack, from its ready file. Use as an async context manager."""

    def __init__(self, ready: Json) -> None:
        self.ready = ready
        self._http = httpx.AsyncClient(base_url=ready["api"], timeout=_REQUEST_SECONDS)
        self._temporal: Client | None = None

    @classmethod
    def of(cls, ready_file: Path) -> Self:
        """The stack that the file describes. Raises DemoFailed when there is none."""
        try:
            return cls(json.loads(ready_file.read_text()))
        except (OSError, ValueError, KeyError):
            raise DemoFailed(f"no running stack in {ready_file}: start one with `make up`") from None

    async def __aenter__(self) -> Self:
        await self._http.__aenter__()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._http.aclose()

    def visitor(self, who: str) -> Visitor:
        """Somebody who has not signed in."""
        return Visitor(self._http, who)

    async def sign_in(self, who: str, username: str, password: str) -> Visitor:
        """Somebody signed in on a new device. Raises DemoFailed."""
        form = {"username": username, "password": password, "device_name": "Demonstration"}
        try:
            answer = await self._http.post("/v1/auth/token", data=form)
        except httpx.HTTPError:
            raise DemoFailed(f"{who} should sign in, but nobody answers at {self.ready['api']}") from None
        if answer.status_code != 200:
            raise DemoFailed(f"{who} should be able to sign in, not be answered {answer.status_code}")
        return Visitor(self._http, who, answer.json()["access_token"])

    async def staff(self, role: str) -> Visitor:
        """One of the demo accounts, by its name in the ready file. Raises DemoFailed."""
        account = self.ready["accounts"].get(role)
        if account is None:
            raise DemoFailed(f"the stack should have a demo account {role}: start it with --demo")
        return await self.sign_in(role, account["username"], account["password"])

    def workflow_url(self, workflow_id: str) -> str:
        """Where the Temporal UI shows a workflow."""
        return f"{self.ready['temporal_ui']}/namespaces/{self.ready['namespace']}/workflows/{workflow_id}"

    async def workflow(self, workflow_id: str, seconds: float = 20.0) -> str:
        """Wait until the Temporal server knows the workflow; its address in the UI. Raises DemoFailed."""

        async def known() -> bool:
            try:
                if self._temporal is None:
                    self._temporal = await Client.connect(
                        self.ready["temporal"], namespace=self.ready["namespace"]
                    )
                await self._temporal.get_workflow_handle(workflow_id).describe()
            except (RPCError, RuntimeError):
                return False
            return True

        kind = workflow_id.split("-", maxsplit=1)[0]
        await until(f"a workflow {kind}-... on the Temporal server", known, seconds)
        return self.workflow_url(workflow_id)


async def until(expected: str, ask: Callable[[], Awaitable[T | None]], seconds: float) -> T:
    """Ask again and again until there is an answer. Raises DemoFailed naming what was expected after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        found = await ask()
        if found:
            return found
        if time.monotonic() > deadline:
            raise DemoFailed(f"expected within {seconds:.0f} s: {expected}")
        await asyncio.sleep(_POLL_SECONDS)
