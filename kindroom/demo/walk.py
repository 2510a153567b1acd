"""The walk: what the demonstration knows so far, and its chapters in order."""

import secrets
from dataclasses import dataclass, field
from typing import Any

from kindroom.demo.house import House, Json, Visitor
from kindroom.demo.screen import Screen, Step


@dataclass(slots=True)
class Walk:
    """One client's way. Each chapter adds what the next ones need."""

    house: House
    screen: Screen
    email: str = field(default_factory=lambda: f"demo-{secrets.token_hex(4)}@clients.example", repr=False)
    password: str = field(default_factory=lambda: f"demo-{secrets.token_urlsafe(16)}", repr=False)
    people: dict[str, Visitor] = field(default_factory=dict)
    client_id: str = ""
    client_code: str = ""
    therapist_id: str = ""
    room_id: str = ""
    claim_id: str = ""
    batch_id: str = ""

    @property
    def client(self) -> Visitor:
        """The new client, signed in."""
        return self.people["client"]

    @property
    def therapist(self) -> Visitor:
        """The therapist of the demo accounts."""
        return self.people["therapist"]

    async def staff(self, role: str) -> Visitor:
        """A member of staff by role, signed in once."""
        if role not in self.people:
            self.people[role] = await self.house.staff(role)
        return self.people[role]

    async def room(self) -> Json:
        """The room as the client sees it."""
        return await self.client.get(f"/v1/rooms/{self.room_id}")

    async def show(self, step: Step, workflow_id: str) -> None:
        """Print the workflow's address once the server knows it."""
        step.workflow(await self.house.workflow(workflow_id))


def dollars(money: dict[str, Any] | None) -> str:
    """An amount as people read it."""
    return "-" if money is None else f"${money['amount']}"
